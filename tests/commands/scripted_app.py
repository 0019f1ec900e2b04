"""A running app that is a script: it answers on the real channel and steps through statuses as it is asked."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tray.control import outcome
from tray.control.server import serve
from tray.paths import Paths

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
IDLE: dict[str, Any] = {
    "version": 1,
    "demo": False,
    "account": {"username": "Adele", "signed_in": True},
    "hold": None,
    "message": None,
    "session": None,
    "clearing": None,
    "teams_shows": None,
    "why": None,
    "trouble": None,
}
SESSION = {
    "confirmed_at": "2025-03-03T12:00:00Z",
    "next_refresh_at": "2025-03-03T12:15:00Z",
    "expires_at": "2025-03-03T12:30:00Z",
}


def hold(state: str, held_by: str = "session", **more: Any) -> dict[str, Any]:
    """A hold, as the status document has it; one that is held by nothing is not confirmed."""
    document = {"state": state, "since": "2025-03-03T12:00:00Z", "until": None, "pinned": False, "held_by": held_by}
    return document | {"confirmed": held_by != "nothing"} | more


def trouble(code: str) -> dict[str, Any]:
    """A trouble, as the status document has it."""
    return {"code": code, "title": f"There is {code}.", "message": "Do something.", "retry_at": None}


def told(document: dict[str, Any]) -> dict[str, Any]:
    """Answer with a status document and a headline."""
    return {"ok": True, "status": document, "said": {"headline": f"The app holds {document['hold']}."}}


class ScriptedApp:
    """Answers `status` with the next of its statuses, the last one for ever, and notes all else."""

    def __init__(self, *statuses: dict[str, Any], stops: bool = False, ends: bool = False) -> None:
        self.heard: list[dict[str, Any]] = []
        self._stops = stops
        self._ends = ends  # with the last status
        self.errands: dict[str, Any] = {"sign_outs": 0, "unlocks": 0, "asking": False, "failure": None, "binned": False}
        self.failure: dict[str, str] | None = None  # why the next errand fails
        self._statuses = [IDLE | status for status in statuses]

    def answer(self, request: dict[str, Any]) -> dict[str, Any] | bytes | Iterator[dict[str, Any]]:
        """Answer a request."""
        if request["do"] == "status":
            return told(self._next()) | {"now": NOW.isoformat(), "errands": self.errands}
        if request["do"] == "watch":
            return map(told, self._statuses)
        self.heard.append({key: value for key, value in request.items() if key != "wait"})
        if counter := {"sign-out": "sign_outs", "unlock": "unlocks"}.get(request["do"]):
            self.errands |= {counter: self.errands[counter] + 1, "failure": self.failure}
        traced = {-1: ["first"], 1: ["Bearer abc"]}.get(request.get("after", -1), [])
        answer = {"ok": True, "stops": self._stops, "lines": traced, "last": request.get("after", -1) + 2}
        if request.get("wait"):
            found = outcome.of(request, answer, self._next(), self._each, NOW)
            return outcome.line(found) if request["wait"] == "line" else answer | found
        return answer

    def _next(self) -> dict[str, Any]:
        return self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]

    def _each(self, seconds: float) -> Iterator[dict[str, Any]]:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            is_last = len(self._statuses) == 1
            yield self._next()
            if self._ends and is_last:
                return
            time.sleep(0.01)

    @contextmanager
    def running(self, paths: Paths) -> Iterator["ScriptedApp"]:
        """Run at a place."""
        server = serve(paths.channel, self.answer)
        try:
            yield self
        finally:
            server.stop()
