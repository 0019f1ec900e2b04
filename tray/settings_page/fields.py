"""The fields of the page's forms, from the settings' types; and what a browser sends as settings' values."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import count, takewhile
from typing import Any, Literal, get_args, get_origin

from msgspec import inspect
from werkzeug.datastructures import MultiDict

from tray.core.config import NOTHING
from tray.core.hours import Hours
from tray.core.record import Record
from tray.hours_tables import DAYS, MIDNIGHT, WrongHours, parse
from tray.language import SYSTEM
from tray.messages import catalogue
from tray.settings import PARTS, RARE, TYPES, TimeOfDay


class FieldKind(StrEnum):
    """What a field looks like, and what its text becomes."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    CHOICE = "choice"
    SWITCH = "switch"
    LINES = "lines"  # a list of texts, one a line
    HOURS = "hours"


class Field(Record):
    """One setting in a form."""

    key: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    rare: bool = False  # folded away


def _field(key: str) -> Field:
    """Derive a field from its setting's type."""
    if key == "language":  # a file may name others, for translators
        return Field(key, FieldKind.CHOICE, (SYSTEM, *(each.replace("_", "-") for each in catalogue.languages())))
    kind, choices = _control(TYPES[key])
    return Field(key, kind, choices, rare=key in RARE)


def _control(annotated: Any) -> tuple[FieldKind, tuple[str, ...]]:
    """Return the kind of field for a type, and what can be chosen."""
    if annotated is TimeOfDay:
        return FieldKind.TIME, ()
    if annotated == tuple[Hours, ...]:
        return FieldKind.HOURS, ()
    if get_origin(annotated) is Literal:
        return FieldKind.CHOICE, get_args(annotated)
    match inspect.type_info(annotated):
        case inspect.Metadata(type=inspect.StrType(), extra={"choices": choices}):
            return FieldKind.CHOICE, choices
        case inspect.BoolType():
            return FieldKind.SWITCH, ()
        case inspect.IntType():
            return FieldKind.NUMBER, ()
        case inspect.VarTupleType():
            return FieldKind.LINES, ()
    return FieldKind.TEXT, ()


MOST_DIGITS = 5  # of a number; more are wrong anyway
FIELDS = {part: tuple(map(_field, keys)) for part, keys in PARTS.items()}
Form = MultiDict[str, str]  # what a browser sent


def value_of(field: Field, form: Form) -> Any:
    """Return what a browser sent for a field as its setting's value, right or wrong; `None` for no value."""
    text = form.get(field.key, "").strip()
    match field.kind:
        case FieldKind.SWITCH:
            return field.key in form.getlist("switched")
        case FieldKind.LINES:
            return [line.strip() for line in text.splitlines() if line.strip()] or None
        case FieldKind.NUMBER:
            return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else text
        case FieldKind.HOURS:
            return rows_of(form) or None
        case FieldKind.TEXT:
            return text or None
    return text


def rows_of(form: Form) -> list[dict[str, Any]]:
    """Return the rows of hours that a browser sent, as `[[hours]]` tables."""
    prefixes = takewhile(lambda prefix: f"{prefix}from" in form, (f"hours-{number}-" for number in count()))
    return [_row(form, prefix) for prefix in prefixes]


def _row(form: Form, prefix: str) -> dict[str, Any]:
    days = [day for day in DAYS if day in form.getlist(f"{prefix}days")]
    row: dict[str, Any] = {} if len(days) == len(DAYS) else {"days": spelled(days)}
    row |= {key: form.get(f"{prefix}{key}", "").strip() for key in ("from", "to", "state")}
    if dates := form.get(f"{prefix}except", "").replace(",", " ").split():
        row["except"] = dates
    if message := form.get(f"{prefix}message", "").strip():
        row["message"] = message
    return row


def spelled(days: Sequence[str]) -> str | list[str]:
    """Write days as short as the settings allow: a range, one day, or a list."""
    if not days:
        return []
    first, last = DAYS.index(days[0]), DAYS.index(days[-1])
    if len(days) > 1 and last - first + 1 == len(days):
        return f"{days[0]}-{days[-1]}"
    return days[0] if len(days) == 1 else list(days)


def as_they_were(rows: Sequence[Mapping[str, Any]], before: object) -> list[dict[str, Any]]:
    """Return rows in which what means the same as before is spelled as before."""
    old = [each for each in before if isinstance(each, Mapping)] if isinstance(before, list) else []
    return [dict(next((each for each in old if _alike(row, each)), row)) for row in rows]


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    try:
        return parse([one]) == parse([other])
    except ValueError:
        return False


def shown_rows(rows: object) -> Iterator[dict[str, Any]]:
    """Yield rows of `[[hours]]` tables as a form shows them, right or wrong."""
    if isinstance(rows, Mapping):  # [hours] in place of [[hours]]
        rows = [rows]
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, Mapping):
            continue
        try:
            days = {
                DAYS[day] for day in parse([{"from": "0:00", "to": "0:00", "state": NOTHING, **_days(row)}])[0].days
            }
        except ValueError:
            days = set()
        yield {
            "days": days,
            "from": padded(row.get("from")),
            "to": padded(row.get("to")),
            "state": str(row.get("state", "")),
            "except": ", ".join(map(str, each)) if isinstance(each := row.get("except", []), list) else str(each),
            "message": str(row.get("message", "")),
        }


def _days(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"days": row["days"]} if "days" in row else {}


def padded(text: object) -> str:
    """Write a time as browsers do."""
    if text == MIDNIGHT:
        return "00:00"
    hour, _, minutes = str(text or "").partition(":")
    return f"{hour:0>2}:{minutes}" if minutes else hour


def wrong_row(rows: Sequence[Mapping[str, Any]]) -> tuple[int, str] | None:
    """Return the first row that is wrong, from 0, and its key that is; `None` if all are right."""
    for number, row in enumerate(rows):
        try:
            parse([row])
        except WrongHours as exc:
            return number, exc.path.partition(".")[2].partition("[")[0]
        except ValueError:
            return number, ""
    return None


def parsed(rows: object) -> tuple[Hours, ...]:
    """Return rows as hours; none if they are wrong."""
    try:
        return parse(rows)
    except ValueError:
        return ()
