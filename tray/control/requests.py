"""The requests of the control channel: each is checked, turned into an event and answered.

A request names what it wants in `"do"`. Every answer has `"ok"`; beside it stands:

| `"do"` | the request's other fields | the answer's other fields |
|---|---|---|
| `status` | | `status`: the document of `status --json`; `said`: its sentences and the headline, as |
|  | | the user reads them; `now`: the app's clock; `errands` |
| `look` | | `status`, `errands`; `icon` and `lines`: what the tray shows; `clickable`: keys of rows |
| `set` | `state`: key; `until`: instant or null; `pinned`: bool or null; `timed`: bool; `message` | `locked` |
| `toggle` | as `set`; a state that is held already is stopped | `locked`; `stops`: whether it is |
| `message` | `text`, which clears if it is empty; `until`: instant or null | |
| `keep` | `until`: another end for the present status | `hidden` |
| `press` | `row`: key; `on`: bool or null | `press`: a `Press`; `was_on`: its mark before; `why`: label; |
|  | | `locked`, `hidden`, `automatic` |
| `stop` | | `state`: key of what is set, or was to be set later |
| `quit` `looked` `sign-out` `unlock` `second-start` | | |
| `signed-in` `settings-written` | (a command has done it) | |
| `trace` | `after`: number | `lines` after it, as many as fit; `last`: the last one's number |

`locked` says what the organisation does not allow: `"state"` or `"override"`. `hidden` is true while a rule hides what
the user picked, `automatic` where a rule sets the status. `answers.py` adds:

- `watch`: a `status` now and at each change, until the app ends;
- `"wait": true` in `set`, `toggle`, `keep`, `stop` and `press`: the outcome too (`outcome.py`), once it is known;
  `"wait": "line"`: the outcome alone, as lines of text;
- `"desktop": name` in `second-start`: `elsewhere`, if the app is on another desktop, where it then stays silent.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from tray.control.protocol import refusal
from tray.core.events import (
    EndChosen,
    Event,
    LeaveAsked,
    Looked,
    MessageAsked,
    Picked,
    SecondStarted,
    SettingsWritten,
    SignOutAsked,
    Stopped,
    UnlockAsked,
    VaultChanged,
)
from tray.core.menu import HEADER
from tray.core.record import replace
from tray.core.states import BY_KEY
from tray.core.status_message import LONGEST, is_sendable
from tray.core.values import LONGEST_HOLD, LeaveReason, Message, Origin
from tray.core.view_model import View, flat
from tray.messages.catalogue import in_english

SLACK = timedelta(hours=1)  # the command looked at the clock before, and a demo's may be fast
LONGEST_TRACE = 60 * 1024  # bytes as JSON, of the 64 KiB of an answer


SENTENCES = ("why", "trouble", "mistakes")  # parts of the status that hold any
LONGEST_TEXT = 500  # characters; the longest sentences have half of it


class Press(StrEnum):
    """The result of pressing a row."""

    POSTED = "posted"
    ALREADY = "already"  # the row shows what was asked for
    NOTHING = "nothing"  # there is no such row, or it cannot be clicked now


_PLAIN: dict[str, Event] = {
    "quit": LeaveAsked(LeaveReason.QUIT),
    "second-start": SecondStarted(),
    "looked": Looked(),
    "sign-out": SignOutAsked(),
    "unlock": UnlockAsked(),
    "signed-in": VaultChanged(),
    "settings-written": SettingsWritten(),
}


def answer(
    request: dict[str, Any],
    *,
    view: Callable[[], View],
    post: Callable[[Event], None],
    trace: Callable[[int], list[str]],
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """Answer one request; a wrong one is refused and posts nothing."""
    match request.get("do"):
        case "status":
            seen = view()
            return told(seen) | {"now": now().isoformat(), "errands": _bounded(seen.errands)}
        case "look":
            shown: dict[str, Any] = _bounded(_shown(view()))
            return {"ok": True} | shown
        case "trace":
            return _traced(trace, request.get("after"))
        case "press":
            return {"ok": True} | _press(request, view(), post)
        case "stop":
            stops = _stoppable(view())
            post(Stopped())
            return {"ok": True} | stops
        case "set" | "toggle" | "message" | "keep":
            try:
                return _change(request, view(), post, now())
            except ValueError as exc:
                return refusal(str(exc))
        case str(plain) if plain in _PLAIN:
            post(_PLAIN[plain])
            return {"ok": True}
        case unknown:
            return refusal(f"there is no request {str(unknown)[:40]!r}")


def told(view: View) -> dict[str, Any]:
    """Return the status document in English, and its sentences in the user's language."""
    status = view.status
    said = {part: _bounded(status[part]) for part in SENTENCES if status.get(part)}
    said["headline"] = _bounded(view.headline)
    return {"ok": True, "status": _bounded(status, in_english), "said": said}


def _shown(view: View) -> dict[str, Any]:
    """Return what the settings page shows of the app."""
    return {
        "status": view.status,
        "errands": view.errands,
        "icon": view.icon.shape.value,
        "lines": [row.label for row in view.rows[: len(HEADER)]],
        "clickable": [row.key for row in flat(view.rows) if row.event is not None and row.enabled],
    }


def _change(request: dict[str, Any], view: View, post: Callable[[Event], None], now: datetime) -> dict[str, Any]:
    """Post a pick, its new end or a status message; raise `ValueError` for a wrong one."""
    if request["do"] == "keep":
        post(EndChosen(_until(request, now)))
        return {"ok": True} | _hidden(view)
    if request["do"] == "message":
        post(MessageAsked(Message(_text(request.get("text")), _until(request, now))))
        return {"ok": True}
    picked, hold = _picked(request, now), view.status["hold"]
    if locked := _locked(picked, view):
        return {"ok": True, "locked": locked}
    if request["do"] == "set":
        post(picked)
        return {"ok": True}
    post(replace(picked, toggles=True))
    return {"ok": True, "stops": hold is not None and hold["state"] == picked.state.key}


def _locked(picked: Picked, view: View) -> str | None:
    """Name what the organisation does not allow of a pick: the state, or that it overrides Teams."""
    enabled = {row.key: row.enabled for row in flat(view.rows)}
    if not enabled.get(picked.state.key, True):
        return "state"
    return "override" if picked.pinned and not view.errands.get("may_override", True) else None


def _press(request: dict[str, Any], view: View, post: Callable[[Event], None]) -> dict[str, Any]:
    row = next((row for row in flat(view.rows) if row.key == request.get("row")), None)
    on = request.get("on")
    if row is not None and row.key == "pin" and _is_automatic(view):
        return {"press": Press.NOTHING, "why": row.label, "automatic": True}  # its mark is not the user's choice
    if row is not None and on is not None and row.checked is on:
        return {"press": Press.ALREADY}
    if row is not None and row.key == "pin" and on and not view.errands.get("may_override", True):
        return {"press": Press.NOTHING, "locked": "override"}
    if row is None or row.event is None or not row.enabled:
        return {"press": Press.NOTHING, "why": row.label if row else None}
    post(row.event)
    answer = {"press": Press.POSTED, "was_on": row.checked}
    return answer | _hidden(view) if row.key.startswith("keep-") else answer


def _is_automatic(view: View) -> bool:
    """Tell whether a rule sets the status."""
    hold = view.status.get("hold")
    return hold is not None and Origin(hold["origin"]).is_rule


def _hidden(view: View) -> dict[str, Any]:
    """Tell that a rule hides what the user picked, if one does."""
    return {"hidden": True} if view.errands.get("hidden") else {}


def _stoppable(view: View) -> dict[str, Any]:
    """Name the state that a stop ends, if there is one."""
    key = view.errands.get("stoppable")
    return {"state": key} if key else {}


def _picked(request: dict[str, Any], now: datetime) -> Picked:
    key, text = request.get("state"), request.get("message")
    pinned, timed = request.get("pinned"), request.get("timed", False)
    if not isinstance(key, str) or key not in BY_KEY:
        raise ValueError(f"there is no state {str(key)[:40]!r}")
    if not (pinned is None or isinstance(pinned, bool)) or not isinstance(timed, bool):
        raise ValueError("pinned and timed are true or false")
    message = None if text is None else Message(_text(text))
    return Picked(BY_KEY[key], _until(request, now), pinned, timed, by_command=True, message=message)


def _text(text: object) -> str:
    if not isinstance(text, str) or not is_sendable(text):
        raise ValueError(f"a message is one line of at most {LONGEST} characters")
    return text


def _until(request: dict[str, Any], now: datetime) -> datetime | None:
    until = request.get("until")
    ends = None if until is None else _instant(until)
    if ends and ends > now + LONGEST_HOLD + SLACK:
        raise ValueError("until is more than a week away")
    return ends


def _instant(text: object) -> datetime:
    try:
        instant = datetime.fromisoformat(str(text))
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("until is not an instant with its zone")


def _bounded(value: Any, said: Callable[[str], str] = str) -> Any:
    """Return a part of the status that fits into an answer, however long a text in it is that came from elsewhere."""
    match value:
        case str():
            return said(value)[:LONGEST_TEXT]
        case Mapping():
            return {key: _bounded(each, said) for key, each in value.items()}
        case list() | tuple():
            return [_bounded(each, said) for each in value]
    return value


def _traced(trace: Callable[[int], list[str]], after: object) -> dict[str, Any]:
    """Return the oldest lines that fit into an answer; asking again after its last line gives the next ones."""
    if not isinstance(after, int):
        return refusal("after is not a number")
    left = LONGEST_TRACE
    kept: list[str] = []
    for line in trace(after):
        left -= len(json.dumps(line)) + 1
        if left < 0:
            break
        kept.append(line)
    return {"ok": True, "lines": kept, "last": json.loads(kept[-1])["n"] if kept else after}
