"""The statuses as Teams calls them, until when they stay, and why Teams may show another one."""

from tray.core.states import Pair, State
from tray.core.values import Difference, Origin
from tray.messages.catalogue import N_, translated

_ACTIVITIES = {
    "inacall": N_("In a call"),
    "inaconferencecall": N_("In a conference call"),
    "inameeting": N_("In a meeting"),
    "presenting": N_("Presenting"),
    "focusing": N_("Focusing"),
    "outofoffice": N_("Out of office"),
    "inactive": N_("Inactive"),
    "availableinactive": N_("Available, inactive"),
    "urgentinterruptionsonly": N_("Do not disturb, urgent only"),
    "offwork": N_("Appear offline"),
    "presenceunknown": N_("Status unknown"),
}
_AVAILABILITIES = {
    "available": N_("Available"),
    "availableidle": N_("Available, idle"),
    "busy": N_("Busy"),
    "busyidle": N_("Busy, idle"),
    "donotdisturb": N_("Do not disturb"),
    "berightback": N_("Be right back"),
    "away": N_("Away"),
    "offline": N_("Offline"),
    "inacall": N_("In a call"),
    "inameeting": N_("In a meeting"),
    "presenting": N_("Presenting"),
    "focusing": N_("Focusing"),
    "presenceunknown": N_("Status unknown"),
}

# Why Teams shows another status, and what helps: each is one line of the menu's header.
_WHY: dict[Difference, str] = {
    Difference.IN_A_CALL: N_("Teams shows your call instead. To show yours, choose More › Override Teams."),
    Difference.IN_A_MEETING: N_("Teams shows your meeting instead. To show yours, choose More › Override Teams."),
    Difference.PRESENTING: N_("Teams shows that you're presenting. To show yours, choose More › Override Teams."),
    Difference.OUTRANKED: N_("Teams shows what you're doing there. To show yours, choose More › Override Teams."),
    Difference.CHOSEN: N_("You set a status in Teams, so Teams shows that one. Clear it to show yours."),
    Difference.MISSING: N_("Teams lost your status. It has been set again."),
    Difference.ANOTHER_COMPUTER: N_("Teams doesn't show it. Did you clear it on another computer? Set it again."),
    Difference.NOT_YET_SHOWN: N_("Teams doesn't show it yet. This can take a few minutes."),
    Difference.CANNOT_TELL: N_("Teams shows a status this app doesn't know. Wait, or set yours again."),
}
# The same for a status that cannot override Teams.
_WHY_WITHOUT_OVERRIDE: dict[Difference, str] = {
    Difference.IN_A_CALL: N_("Teams shows your call instead. Yours shows after the call."),
    Difference.IN_A_MEETING: N_("Teams shows your meeting instead. Yours shows after the meeting."),
    Difference.PRESENTING: N_("Teams shows that you're presenting. Yours shows when you stop presenting."),
    Difference.OUTRANKED: N_("Teams shows what you're doing there. Yours shows when that ends."),
}


def why(code: Difference, *, override_would_help: bool) -> str:
    """Say why Teams shows another status, and what helps."""
    if override_would_help:
        return translated(_WHY[code])
    return translated(_WHY_WITHOUT_OVERRIDE.get(code, _WHY[code]))


def label(state: State) -> str:
    """Name a state that can be set, as Teams does."""
    return shown(state.pair)


def shown(pair: Pair) -> str:
    """Name what Teams shows, as Teams does; values that are not known stay as they came."""
    known = _ACTIVITIES.get(pair.activity.casefold()) or _AVAILABILITIES.get(pair.availability.casefold())
    return translated(known) if known else pair.availability


def is_set(status: str, until: str | None, *, overrides: bool) -> str:
    """Say which status is set and until when, and whether it overrides Teams."""
    if until:
        text = translated("{status} until {time}", status=status, time=until)
    else:
        text = translated("{status} (no end time)", status=status)
    return translated("{status}, overriding Teams", status=text) if overrides else text


def set_by(origin: Origin, status: str, until: str | None, *, by: str = "", overrides: bool = False) -> str:
    """Say which status is set, until when, and which rule set it; `by` is the program that uses the microphone."""
    match origin:
        case Origin.MICROPHONE if by:
            return translated("{status}: {program} uses the microphone", status=status, program=by)
        case Origin.MICROPHONE:
            return translated("{status}: the microphone is in use", status=status)
        case Origin.SCREEN_LOCK:
            return translated("{status}: the screen is locked", status=status)
        case Origin.HOURS:
            return translated("{status} until {time}: working hours", status=status, time=until)
    return is_set(status, until, overrides=overrides)


def then(text: str, coming: State | None) -> str:
    """Add what shows afterwards."""
    if coming is None:
        return translated("{status}, then no status", status=text)
    return translated("{status}, then {next}", status=text, next=label(coming))


def not_set_yet(status: str) -> str:
    """Say that Teams has not taken a status."""
    return translated("{status}, not set in Teams yet", status=status)


def pair(of: Pair) -> str:
    """Write a pair as Graph's documentation does."""
    return f"{of.availability} / {of.activity}"
