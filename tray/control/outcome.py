"""The outcome of a pick, a stop or a pressed row, once it is known: words and an exit code for the command that asked.

The app says it, because it has everything at hand: a command that a key is bound to only prints it. Such a command
asks for a line, `0 Your status is cleared.`, because reading JSON would take most of its run time.

| outcome | is |
|---|---|
| `{"text": text, "exit_code": 0}` | done, or will be done without the user |
| `{"title": text, "message": text, "exit_code": number}` | not done |
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from tray.clock import LocalZone
from tray.control.protocol import JsonObject
from tray.control.requests import Press
from tray.core.states import BY_KEY, Pair
from tray.core.trouble import PASSING
from tray.core.values import Lease, Origin
from tray.errors import BY_TROUBLE, RefusedByGraph, TrayError, UsageError
from tray.messages import commands as words
from tray.messages import notices, presence, times
from tray.messages.catalogue import printable, whole

PICK_SECONDS = 15.0  # enough for a slow network and one retry
ENDED_SECONDS = 2.0  # the app takes a pick at once: after so long without a hold, something has ended it
STOP_SECONDS = 5.0  # a release takes three seconds at most

Status = Mapping[str, Any]
Each = Callable[[float], Iterable[Status]]  # the status now and at each change, for so many seconds


def of(request: JsonObject, answer: JsonObject, before: Status, each: Each, now: datetime) -> JsonObject:
    """Wait for the outcome of a request that was accepted; `before` is the status when it came. Some have none."""
    if locked := answer.get("locked"):
        said = words.override_locked() if locked == "override" else words.state_locked(_label(request["state"]))
        return _failed(UsageError, *said)
    match request["do"]:
        case "stop":
            return _of_a_stop(each(STOP_SECONDS), before, answer.get("state"), now)
        case "toggle" if answer["stops"]:
            return _of_a_stop(each(STOP_SECONDS), before, request["state"], now)
        case "set" | "toggle":
            return _of_a_hold(each(PICK_SECONDS), request["state"], now)
        case "press" | "keep" if answer.get("hidden"):
            return _done(words.hidden_is_changed())
        case "press" | "keep" if is_picked(before["hold"]) and answer.get("press") != Press.NOTHING:
            return _of_a_hold(each(PICK_SECONDS), None, now)
    return {}


def is_picked(hold: Status | None) -> bool:
    """Tell whether a hold of the status document is the user's."""
    return hold is not None and not Origin(hold["origin"]).is_rule


def line(outcome: JsonObject, remark: str = "") -> bytes:
    """Return an outcome as lines for `key_press.py`: exit code and text, then a remark if there is one."""
    text = outcome.get("text") or f"presence-tray: {whole(outcome['title'], outcome['message'])}"
    lines = [f"{outcome['exit_code']} {printable(text, len(text))}", remark]
    return "".join(f"{each}\n" for each in lines if each).encode(errors="replace")


def _of_a_hold(statuses: Iterable[Status], key: str | None, now: datetime) -> JsonObject:
    """Wait until a state is held, and say so, or why not; without a key, until what is held has been changed."""
    label, held = _label(key) if key else None, time.monotonic()
    for status in statuses:
        hold, trouble = status["hold"], status["trouble"]
        ours = hold is not None and key in {None, hold["state"]}
        held = time.monotonic() if hold else held
        if ours and hold["confirmed"]:
            return _done(words.is_set(_in_words(hold, now)))
        if trouble and trouble["code"] in BY_TROUBLE:
            return _failed(BY_TROUBLE[trouble["code"]], trouble["title"], trouble["message"])
        if ours and trouble and trouble["code"] in PASSING:
            return _done(_will_be(label, trouble["title"]))
        if time.monotonic() - held > ENDED_SECONDS:
            return _failed(RefusedByGraph, *(words.ended_at_once(label) if label else words.change_ended_at_once()))
    return _done(_will_be(label, words.no_answer_yet()))


def _label(key: str) -> str:
    return presence.label(BY_KEY[key])


def _will_be(label: str | None, why: str) -> str:
    return words.will_be_set(label, why) if label else words.will_be_changed(why)


def _of_a_stop(statuses: Iterable[Status], before: Status, key: str | None, now: datetime) -> JsonObject:
    """Wait until nothing of ours is on Teams, and say so, or what others may go on seeing and until when.

    Where a rule's hold was stopped, what it hid shows again. Where nothing was set, what was to be set later is not.
    """
    if before["hold"] is None and before["clearing"] is None:
        return _done(words.no_longer_set(_label(key)) if key else words.nothing_to_stop())
    left = None
    for status in statuses:
        hold, left = status["hold"], status["clearing"]
        if hold is None and left is None:
            break
        if hold and hold["confirmed"] and not _is_same(hold, before["hold"]):
            return _done(words.is_set(_in_words(hold, now)))
    return _done(notices.left([_lease(each) for each in left or ()], LocalZone()) or words.stopped())


def _is_same(hold: Status, other: Status | None) -> bool:
    return other is not None and (hold["state"], hold["since"]) == (other["state"], other["since"])


def _in_words(hold: Status, now: datetime) -> str:
    until = times.day_and_time(datetime.fromisoformat(hold["until"]), LocalZone(), now) if hold["until"] else None
    return presence.is_set(presence.label(BY_KEY[hold["state"]]), until, overrides=hold["pinned"])


def _lease(of: Status) -> Lease:
    """Return a lease as the status document names it."""
    expires_at = datetime.fromisoformat(of["expires_at"])
    return Lease(Pair(of["availability"], of["activity"]), expires_at, expires_at)


def _done(text: str) -> JsonObject:
    return {"text": text, "exit_code": 0}


def _failed(kind: type[TrayError], title: str, message: str) -> JsonObject:
    return {"title": title, "message": message, "exit_code": kind.exit_code}
