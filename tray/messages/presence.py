"""Words for what Teams shows and why it may differ from what is held; must not know who asks."""

from datetime import datetime, tzinfo

from tray.core.states import Pair
from tray.core.values import Difference

_ACTIVITIES = {
    "inacall": "In a call",
    "inaconferencecall": "In a conference call",
    "inameeting": "In a meeting",
    "presenting": "Presenting",
    "focusing": "Focusing",
    "outofoffice": "Out of office",
    "inactive": "Inactive",
    "availableinactive": "Available, inactive",
    "urgentinterruptionsonly": "Do not disturb, urgent only",
    "offwork": "Appear offline",
    "presenceunknown": "Unknown",
}
_AVAILABILITIES = {
    "available": "Available",
    "availableidle": "Available, idle",
    "busy": "Busy",
    "busyidle": "Busy, idle",
    "donotdisturb": "Do not disturb",
    "berightback": "Be right back",
    "away": "Away",
    "offline": "Offline",
    "presenceunknown": "Unknown",
}

_OVERRIDE = "“Override Teams” changes that."

# What is so, and what helps; both together are one line of the menu's header.
WHY: dict[Difference, tuple[str, str]] = {
    Difference.IN_A_CALL: ("Your call in Teams comes first.", _OVERRIDE),
    Difference.IN_A_MEETING: ("Your meeting in Teams comes first.", _OVERRIDE),
    Difference.PRESENTING: ("Presenting in Teams comes first.", _OVERRIDE),
    Difference.OUTRANKED: ("Your own use of Teams comes first.", _OVERRIDE),
    Difference.CHOSEN: ("A status chosen in Teams comes first.", "Clear it to show yours."),
    Difference.MISSING: ("Teams had lost your state.", "It has been set again."),
    Difference.ANOTHER_COMPUTER: (
        "Teams does not show it; perhaps you stopped it on another computer.",
        "Pick it again.",
    ),
    Difference.NOT_YET_SHOWN: ("Teams does not show it yet.", "That can take a few minutes."),
    Difference.CANNOT_TELL: ("Teams shows something unknown to this app.", "Wait, or pick again."),
}

_NO_OVERRIDE = {
    Difference.IN_A_CALL: "Yours shows after the call.",
    Difference.IN_A_MEETING: "Yours shows after the meeting.",
    Difference.PRESENTING: "Yours shows once you stop.",
    Difference.OUTRANKED: "Wait until that changes.",
}


def why(code: Difference, *, can_pin: bool) -> str:
    """Say why Teams shows something else, and what helps."""
    sentence, remedy = WHY[code]
    return f"{sentence} {remedy if can_pin else _NO_OVERRIDE.get(code, remedy)}"


def shown(pair: Pair) -> str:
    """Name what Teams shows, as Teams would; unknown values as they came."""
    activity = _ACTIVITIES.get(pair.activity.casefold())
    return activity or _AVAILABILITIES.get(pair.availability.casefold(), pair.availability)


def at(instant: datetime, zone: tzinfo) -> str:
    """Name an instant by its local time of day."""
    return instant.astimezone(zone).strftime("%H:%M")


def day_and_time(instant: datetime, zone: tzinfo, today: datetime) -> str:
    """Name an instant as people do: `17:00`, `Tue 17:00`, `24 Dec 17:00`."""
    local, reference = instant.astimezone(zone), today.astimezone(zone)
    days = (local.date() - reference.date()).days
    if days == 0:
        return at(instant, zone)
    day = f"{local:%a}" if 0 < days < 7 else f"{local.day} {local:%b}"  # noqa: PLR2004  a week
    return f"{day} {at(instant, zone)}"


def pair(of: Pair) -> str:
    """Write a pair as the document does."""
    return f"{of.availability} / {of.activity}"
