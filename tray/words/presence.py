"""Words for what Teams shows and why it may differ from what is held; must not know who asks."""

from datetime import datetime, tzinfo

from tray.core.states import Pair
from tray.core.truth import Code

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

WHY: dict[Code, tuple[str, str]] = {
    Code.IN_A_CALL: (
        "Teams sees you in a call, which ranks above what you hold.",
        "It ends with the call; Override Teams wins at once.",
    ),
    Code.IN_A_MEETING: (
        "Teams sees you in a meeting, which ranks above what you hold.",
        "It ends with the meeting; Override Teams wins at once.",
    ),
    Code.PRESENTING: (
        "Teams sees you presenting, which ranks above what you hold.",
        "It ends with the presentation; Override Teams wins at once.",
    ),
    Code.OUTRANKED: (
        "Another Teams session ranks above what you hold.",
        "Override Teams wins at once.",
    ),
    Code.CHOSEN: (
        "A status was chosen in Teams, and that beats every app.",
        "Clear the status chosen in Teams to show yours.",
    ),
    Code.MISSING: ("Teams had lost your state.", "It has been set again."),
    Code.ANOTHER_COMPUTER: (
        "Teams does not show your state, though it accepted it.",
        "Perhaps another computer of yours holds or stopped a state: stop it there, or pick again here.",
    ),
    Code.NOT_YET_SHOWN: ("Teams has not shown it yet.", "Wait: it can take a few minutes."),
    Code.CANNOT_TELL: ("Teams shows something this app does not know.", "Wait, or pick again."),
}

_NO_OVERRIDE = {
    Code.IN_A_CALL: "It ends with the call.",
    Code.IN_A_MEETING: "It ends with the meeting.",
    Code.PRESENTING: "It ends with the presentation.",
    Code.OUTRANKED: "Wait until that session ends.",
}


def why(code: Code, *, can_pin: bool) -> str:
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


def pair(of: Pair) -> str:
    """Write a pair as the document does."""
    return f"{of.availability} / {of.activity}"
