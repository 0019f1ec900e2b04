"""Decisions as lines for diagnosis: what happened and what was done, without a secret or a name.

The first line is the engine before the first decision, so that the decisions can be made again from the text alone
(`tests/replay.py` does).
"""

import json
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum
from typing import Any

from tray.core.effects import Effect
from tray.core.events import Event
from tray.core.model import Engine
from tray.core.record import Record, fields
from tray.core.states import Pair, State
from tray.core.view_model import Notice
from tray.messages.catalogue import in_english
from tray.paths import digest

# Fields whose texts are left out; the values of enumerations are not secret.
SECRET = frozenset({"by", "ignored", "microphone_ignore", "username", "claims", "link", "code", "title", "message"})
KEYS = {"key": "account", "account_key": "account", "text": "text"}  # told apart, never named


class Step(Record):
    """One decision, with what it was made from: enough to make it again."""

    number: int  # counted from the program's start
    now: datetime
    before: Engine
    event: Event
    effects: tuple[Effect, ...]


def opening(step: Step) -> str:
    """Write what the engine knew before a decision as one line of JSON."""
    return _dump({"n": step.number - 1, "engine": _plain(step.before, step.now)})


def line(step: Step) -> str:
    """Write a decision as one line of JSON."""
    return _dump(
        {
            "n": step.number,
            "at": step.now.isoformat(),
            "event": _plain(step.event, step.now),
            "effects": [_plain(effect, step.now) for effect in step.effects],
        }
    )


def _dump(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any, now: datetime) -> Any:
    """Turn our values into JSON's; a state is its key, a notice its key, a zone its offset now, in seconds."""
    match value:
        case State() | Notice():
            return value.key
        case Pair(availability=availability, activity=activity):
            return f"{availability}/{activity}"
        case Enum():
            return value.value
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case tzinfo():
            return (now.astimezone(value).utcoffset() or timedelta()).total_seconds()
        case tuple():
            return [_plain(each, now) for each in value]
        case frozenset():
            return sorted(value)
        case Record():
            return {"is": type(value).__name__, **_named(value, now)}
        case _:
            return in_english(value)


def _named(value: Any, now: datetime) -> dict[str, Any]:
    """Turn a value's fields into JSON's, without those that say nothing new."""
    told = {}
    for field in fields(value):
        of = getattr(value, field.name)
        if field.default == of:
            continue
        text = isinstance(of, str) and not isinstance(of, Enum)
        if text and field.name in KEYS:
            told[field.name] = _alias(KEYS[field.name], of)
        else:
            told[field.name] = _plain(_hidden(of) if field.name in SECRET else of, now)
    return told


def _hidden(of: Any) -> Any:
    """Leave a text out, or each of several."""
    if isinstance(of, tuple):
        return tuple(_hidden(each) for each in of)
    return "…" if isinstance(of, str) and not isinstance(of, Enum) else of


def _alias(kind: str, of: str) -> str:
    """Return a short name that tells accounts and texts apart; one made from a trace stays as it is."""
    if not of or of.startswith(f"{kind}-"):
        return of
    return f"{kind}-{digest(of.encode(), 6)}"
