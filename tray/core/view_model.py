"""What a face shows, as values: icon, menu rows, notices and the status document."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from tray.core.record import Record, replace


class Shape(StrEnum):
    """The icon's figure: one for each state, and one for each thing that is not a state."""

    AVAILABLE = "available"
    BUSY = "busy"
    IN_A_CALL = "in-a-call"
    IN_A_CONFERENCE_CALL = "in-a-conference-call"
    DO_NOT_DISTURB = "do-not-disturb"
    PRESENTING = "presenting"
    BE_RIGHT_BACK = "be-right-back"
    AWAY = "away"
    APPEAR_OFFLINE = "appear-offline"
    IDLE = "idle"
    SIGNED_OUT = "signed-out"
    ASKING = "asking"


class Badge(StrEnum):
    """A small mark in the icon's corner."""

    NONE = "none"
    PINNED = "pinned"
    HIDDEN = "hidden"  # Teams shows something else
    TROUBLE = "trouble"


class Icon(Record):
    """Which picture to draw; `desktop/icons/` draws it."""

    shape: Shape
    badge: Badge = Badge.NONE


class RowKind(StrEnum):
    """What a menu row is."""

    TEXT = "text"  # a header line: never clickable
    SEPARATOR = "separator"
    ACTION = "action"
    RADIO = "radio"
    CHECK = "check"
    SUBMENU = "submenu"


class Row(Record):
    """One menu row; `key` is stable and unique in the whole menu, `event` is what a click posts."""

    key: str
    kind: RowKind
    label: str = ""
    enabled: bool = True
    checked: bool = False
    event: Any = None
    rows: tuple["Row", ...] = ()


def flat(rows: tuple[Row, ...]) -> Iterator[Row]:
    """Yield all rows of a menu, submenus included."""
    for row in rows:
        yield row
        yield from flat(row.rows)


class Remedy(Record):
    """What helps, as a button: its label and the event it posts."""

    label: str
    event: Any


class Notice(Record):
    """A problem or a recovery; a notice with the key of an earlier one replaces it."""

    key: str
    title: str
    message: str
    remedy: Remedy | None = None


class View(Record):
    """Everything a face shows, made from one snapshot."""

    icon: Icon
    title: str
    tooltip: str  # one line
    rows: tuple[Row, ...]
    status: Mapping[str, Any]  # the document of `status --json`, JSON values only
    errands: Mapping[str, Any] = {}  # what commands wait for, JSON values only
    headline: str = ""  # what is set, what set it and what comes after it, also in trouble

    def looks_like(self, other: "View | None") -> bool:
        """Tell whether a tray shows both alike: it shows neither status nor errands nor the headline alone."""
        unseen = {"status": other.status, "errands": other.errands, "headline": other.headline} if other else {}
        return other is not None and replace(self, **unseen) == other
