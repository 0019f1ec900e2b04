"""Reads the `[[hours]]` tables of the settings, as people write them."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

from tray.core.config import NOTHING
from tray.core.hours import Dates, Hours
from tray.core.states import BY_KEY, State
from tray.core.status_message import is_sendable

MIDNIGHT = "24:00"  # of the day that ends then
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

KEYS = ("days", "from", "to", "state", "except", "message")
NEEDED = ("from", "to", "state")

_DATES = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\.\.([0-9]{4}-[0-9]{2}-[0-9]{2}))?", re.ASCII)
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


class WrongHours(ValueError):  # noqa: N818  the words of the settings' errors
    """A value is not right: `path` leads to it, as in `hours[2].from`; `right` is the key of what would be right."""

    def __init__(self, path: str, value: object, right: str) -> None:
        super().__init__(f"{path} = {value!r} is not right.")
        self.path = path
        self.value = value
        self.right = right


class UnknownKey(ValueError):  # noqa: N818  the words of the settings' errors
    """A table has a key that means nothing."""

    def __init__(self, path: str, key: str) -> None:
        super().__init__(f"{path} is not a setting. The keys are {', '.join(KEYS)}.")
        self.path = path
        self.key = key


def parse(tables: object) -> tuple[Hours, ...]:
    """Read what TOML gives for `hours`; raise `WrongHours` or `UnknownKey`."""
    if not isinstance(tables, list):
        raise WrongHours("hours", tables, "hours")
    return tuple(_table(f"hours[{number}]", table) for number, table in enumerate(tables, 1))


def _table(path: str, table: object) -> Hours:
    if not isinstance(table, Mapping):
        raise WrongHours(path, table, "hours")
    for key in table:
        if key not in KEYS:
            raise UnknownKey(f"{path}.{key}", str(key))
    for key in NEEDED:
        if key not in table:
            raise WrongHours(f"{path}.{key}", None, key)
    read: dict[str, Any] = {key: _READ[key](f"{path}.{key}", value) for key, value in table.items()}
    return Hours(
        begins=read["from"],
        ends=read["to"],
        state=read["state"],
        days=read.get("days", frozenset(range(7))),
        exceptions=read.get("except", ()),
        message=read.get("message"),
    )


def _days(path: str, value: object) -> frozenset[int]:
    names = value if isinstance(value, list) and value else [value]
    found: set[int] = set()
    for name in names:
        ends = name.casefold().split("-") if isinstance(name, str) else []
        if not 1 <= len(ends) <= 2 or not all(end in DAYS for end in ends):  # noqa: PLR2004  a day, or the two ends of a range
            raise WrongHours(path, value, "days")
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        found |= {(first + number) % 7 for number in range((last - first) % 7 + 1)}
    return frozenset(found)


def _end(path: str, value: object) -> time:
    return time() if value == MIDNIGHT else _time(path, value)


def _time(path: str, value: object) -> time:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise WrongHours(path, value, path.rpartition(".")[2])
    return time(int(found[1]), int(found[2]))


def _state(path: str, value: object) -> State | None:
    if value == NOTHING:
        return None
    if not isinstance(value, str) or value not in BY_KEY:
        raise WrongHours(path, value, "state")
    return BY_KEY[value]


def _exceptions(path: str, value: object) -> tuple[Dates, ...]:
    if not isinstance(value, list):
        raise WrongHours(path, value, "except")
    return tuple(_dates(f"{path}[{number}]", each) for number, each in enumerate(value, 1))


def _dates(path: str, value: object) -> Dates:
    right = "except"
    ends = _DATES.fullmatch(value) if isinstance(value, str) else None
    try:
        first, last = (
            (date.fromisoformat(end) for end in (ends[1], ends[2] or ends[1])) if ends else (date.max, date.min)
        )
    except ValueError:
        raise WrongHours(path, value, right) from None
    if first > last:
        raise WrongHours(path, value, right)
    return Dates(first, last)


def _message(path: str, value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text or not is_sendable(text):
        raise WrongHours(path, value, "message")
    return text


_READ = {
    "days": _days,
    "from": _time,
    "to": _end,
    "state": _state,
    "except": _exceptions,
    "message": _message,
}
