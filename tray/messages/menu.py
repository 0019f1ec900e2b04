"""Words for the menu, the tooltip and the header lines; short labels, whole sentences in the header."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

from tray.core.values import Hold, Keep
from tray.messages.presence import at, day_and_time

APP = "Presence Tray"
BLANK = " "  # some panels leave out an item without a label
STARTING = "Starting…"
IDLE = "Nothing held"
SIGNED_OUT = "Not signed in"
NOT_SET_UP = "Not set up yet"
SIGNING_IN = "Signing in…"
IN_YOUR_BROWSER = "Go on in your browser"
RELEASING = "Giving the state back…"
ASKING = "asking Teams…"
BY_ITSELF = "Your state is set again by itself."
CHOSEN = "You chose it in Teams, so it stays."
KEPT = {
    Keep.UNTIL_STOPPED: "Until stopped",
    Keep.HALF_HOUR: "30 minutes",
    Keep.HOUR: "1 hour",
    Keep.TWO_HOURS: "2 hours",
    Keep.FOUR_HOURS: "4 hours",
}
KEEP_FOR = "Keep for"
PIN = "Override Teams"
STOP = "Stop"
CLEAR_CHOSEN = "Clear the status chosen in Teams"
ACCOUNT = "Account"
SIGN_IN = "Sign in…"
SIGN_IN_OTHER = "Sign in as somebody else…"
SIGN_IN_CODE = "Sign in with a code…"
CANCEL_SIGN_IN = "Cancel the sign-in"
SIGN_OUT = "Sign out"
UNLOCK = "Unlock keyring…"
AUTOSTART = "Launch at login"
SETTINGS = "Open settings"
LOG = "Open log"
ABOUT = "About"
LICENCE = "MIT licence"
HELP = "Help"
DEMO = "Demo"
QUIT = "Quit"
MANAGED_NAMED = 3  # settings; the doctor names them all


def end_of_day(until: datetime, zone: tzinfo) -> str:
    """Name the end of the day by its time."""
    return f"Until {at(until, zone)}"


def held(hold: Hold, zone: tzinfo, now: datetime, *, kept: bool) -> str:
    """Say what is held and until when."""
    until = f"until {day_and_time(hold.until, zone, now)}" if hold.until else "until you stop"
    pinned = ", overriding Teams" if hold.pinned else ""
    return f"{hold.state.label}, {until}{pinned}" if kept else f"{hold.state.label}: {ASKING}"


def asked_to_wait(left: timedelta) -> str:
    """Say how long Graph asked to wait."""
    return f"Teams asked us to wait, {max(1, round(left.total_seconds()))} s"


def teams_shows(what: str | None) -> str:
    """Say what Teams shows."""
    return f"Teams shows: {what or 'not known yet'}"


def go_to(link: str) -> str:
    """Say where a code is to be typed."""
    return f"On any device, go to {link}"


def type_there(code: str, left: timedelta | None) -> str:
    """Say which code to type, and how long it is good."""
    minutes = int(left.total_seconds() / 60) if left is not None else None
    good = "" if minutes is None else f" ({minutes} min left)" if minutes >= 1 else " (less than a minute left)"
    return f"and type {code}{good}"


def second_start(when: datetime, zone: tzinfo) -> str:
    """Say that a second start was turned away."""
    return f"Already running (started again at {at(when, zone)})"


def managed(keys: Sequence[str]) -> str:
    """Say which settings are not the user's, on a line that fits a menu."""
    named = (
        keys if len(keys) <= MANAGED_NAMED else [*keys[: MANAGED_NAMED - 1], f"{len(keys) - MANAGED_NAMED + 1} more"]
    )
    return f"Decided by your organisation: {', '.join(named)}"


def version(of: str) -> str:
    """Name the program and its version."""
    return f"{APP} {of}"
