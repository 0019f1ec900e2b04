"""One decision as a line for diagnosis: what happened and what was done, without a secret or a name."""

import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from tray.core.effects import Effect
from tray.core.events import Event
from tray.core.known import Engine
from tray.core.look import Notice
from tray.core.states import State

SECRET = frozenset({"username", "key", "account_key", "claims", "link", "code", "why"})


@dataclass(frozen=True, slots=True)
class Step:
    """One decision, with what it was made from: enough to make it again."""

    now: datetime
    before: Engine
    event: Event
    effects: tuple[Effect, ...]


def line(step: Step) -> str:
    """Write a decision as one line of JSON."""
    return json.dumps(
        {
            "at": step.now.isoformat(timespec="milliseconds"),
            "event": _plain(step.event),
            "effects": [_plain(effect) for effect in step.effects],
        },
        separators=(",", ":"),
    )


def _plain(value: Any) -> Any:
    """Turn our values into JSON's; a state is its key, a notice its key, a secret three dots."""
    match value:
        case State() | Notice():
            return value.key
        case Enum():
            return value.value
        case datetime():
            return value.isoformat(timespec="seconds")
        case timedelta():
            return value.total_seconds()
        case tuple():
            return [_plain(each) for each in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            named = {field.name: getattr(value, field.name) for field in fields(value)}
            kept = {name: "…" if name in SECRET else _plain(of) for name, of in named.items() if of is not None}
            return {"kind": type(value).__name__, **kept}
        case _:
            return value
