"""What Teams shows against what we hold: why they differ, and whose a preferred state is; judges, never acts.

Graph tells the effective presence alone, not where it comes from, so this is inference and says so where it must:
a session can only raise the presence above ours, only a choice (or a missing session) can lower it, and four
pairs come from nothing but a choice. A hand-picked state equal to ours cannot be told apart.
"""

from enum import StrEnum

from tray.core.presence import rank
from tray.core.states import STATES, Pair

ONLY_CHOSEN = frozenset(
    (pair.availability.casefold(), pair.activity.casefold())
    for pair in (
        Pair("Busy", "Busy"),
        Pair("DoNotDisturb", "DoNotDisturb"),
        Pair("BeRightBack", "BeRightBack"),
        Pair("Offline", "OffWork"),
    )
)
CHOOSABLE = frozenset(
    (state.preferred.availability.casefold(), state.preferred.activity.casefold())
    for state in STATES
    if state.preferred
)
NO_SESSION = Pair("Offline", "Offline")
FADING = frozenset({"availableinactive", "inactive"})


class Code(StrEnum):
    """Why Teams shows something else, as `status --json` names it."""

    IN_A_CALL = "teams-in-a-call"
    IN_A_MEETING = "teams-in-a-meeting"
    PRESENTING = "teams-presenting"
    OUTRANKED = "teams-outranks"
    CHOSEN = "chosen-in-teams"
    MISSING = "session-missing"
    ANOTHER_COMPUTER = "another-computer"
    NOT_YET_SHOWN = "not-yet-shown"
    CANNOT_TELL = "cannot-tell"


BY_ACTIVITY = {
    "inacall": Code.IN_A_CALL,
    "inaconferencecall": Code.IN_A_CALL,
    "inameeting": Code.IN_A_MEETING,
    "presenting": Code.PRESENTING,
}


class Standing(StrEnum):
    """Whose the preferred state is, as far as a read-back can tell."""

    FREE = "free"
    OURS = "ours"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


def _key(pair: Pair) -> tuple[str, str]:
    return pair.availability.casefold(), pair.activity.casefold()


def is_only_chosen(pair: Pair) -> bool:
    """Tell whether a pair comes from nothing but a choice."""
    return _key(pair) in ONLY_CHOSEN


def matches(ours: Pair, seen: Pair) -> bool:
    """Tell whether what is seen is ours; for Offline every activity is the same."""
    if ours.availability == "Offline":
        return seen.availability.casefold() == "offline"
    return ours.same_as(seen)


def standing(session: Pair | None, preferred: Pair | None, seen: Pair) -> Standing:
    """Tell whose the preferred state is; `session` and `preferred` are what we have on the service."""
    if preferred:
        hidden = seen.same_as(NO_SESSION)  # a preferred state shows only while a session exists
        return Standing.OURS if hidden or matches(preferred, seen) else Standing.FOREIGN
    if session and session.same_as(seen):
        return Standing.FREE
    if is_only_chosen(seen):
        return Standing.FOREIGN
    level = rank(seen.availability)
    if level is None:
        return Standing.UNKNOWN
    if session and _key(seen) in CHOOSABLE and level < (rank(session.availability) or 0):
        return Standing.FOREIGN
    return Standing.FREE


def explain(ours: Pair, seen: Pair, *, by_preferred: bool, settled: bool, restored: bool = False) -> Code | None:
    """Tell why Teams shows something else; `None` when it shows what is held.

    `settled`: the read came late enough after our last change; `restored`: our session has been set again since
    it was first found missing.
    """
    level = rank(seen.availability)
    if matches(ours, seen):
        return None
    if level is None:
        return Code.CANNOT_TELL
    if is_only_chosen(seen):
        return Code.CHOSEN
    if by_preferred and not seen.same_as(NO_SESSION):
        return Code.CHOSEN if settled else Code.NOT_YET_SHOWN
    if level >= (rank(ours.availability) or 0) and seen.activity.casefold() not in FADING:
        return BY_ACTIVITY.get(seen.activity.casefold(), Code.OUTRANKED)
    if not settled:
        return Code.NOT_YET_SHOWN
    if not restored:
        return Code.MISSING
    return Code.CHOSEN if _key(seen) in CHOOSABLE else Code.ANOTHER_COMPUTER
