"""What the doctor says; text only."""

import platform
from collections.abc import Sequence

MARKS: dict[bool | None, str] = {True: "ok  ", False: "FAIL", None: "?   "}

SET_UP = "Run: presence-tray setup"
MAKE_WRITABLE = "Make it writable for you, or set PRESENCE_TRAY_HOME to a folder that is."
STATE = "what survives a restart can be kept"
NEWER_STATE = "The state file is of a newer Presence Tray: nothing is taken up after a restart."
UPDATE = "Update Presence Tray, or remove the file."
AUTOSTART: dict[str, str] = {
    "on": "launches at login",
    "off": "does not launch at login",
    "stale": "Launch at login points to a program that is gone.",
}
REPAIR_AUTOSTART = "Run: presence-tray autostart on"
TRAY: dict[bool | None, str] = {
    True: "something shows tray icons",
    False: "Nothing shows tray icons.",
    None: "The desktop does not say whether something shows tray icons.",
}
ADD_TRAY = "Add a status tray (on GNOME: the AppIndicator extension); the commands work without."
RUNNING = "running, no trouble"
NOT_RUNNING = "not running"
GRAPH_ANSWERS = "Microsoft Graph answers"
CLOCK_UNKNOWN = "Microsoft's clock could not be read."
SET_CLOCK = "Let the system set its clock by itself."
KEYRING = "can be read"
SIGNED_OUT = "Nobody is signed in."
SIGN_IN = "Run: presence-tray sign-in"
SIGN_IN_AGAIN = "The sign-in is no longer good."
TOKEN = "an access token was granted"  # noqa: S105  a sentence
TRY_LATER = "That could not be found out now."
GRAPH = "accepts the token and shows the presence"
TRACE = "The last of what the running app did:"


def head(version: str) -> str:
    """Say what is looked at."""
    return f"Presence Tray {version}, Python {platform.python_version()}, {platform.platform(terse=True)}"


def settings(file: str, managed: Sequence[str]) -> str:
    """Say where the settings are and which of them are not the user's."""
    return f"{file}{_decided(managed)}"


def not_set_up(managed: Sequence[str]) -> str:
    """Say that there is nobody to sign in as yet, and what is not the user's to say."""
    return f"client_id or tenant is not set{_decided(managed)}."


def _decided(managed: Sequence[str]) -> str:
    return f"; decided by your organisation: {', '.join(managed)}" if managed else ""


def folders(state: str, log: str) -> str:
    """Say where things are kept."""
    return f"state in {state}, log in {log}"


def not_writable(folder: str) -> str:
    """Say that a folder refuses us."""
    return f"{folder} cannot be written."


def not_readable(why: str) -> str:
    """Say that the state file refuses us."""
    return f"The state file cannot be read: {why}."


def clock(seconds: int) -> str:
    """Say how far off this computer's clock is."""
    if abs(seconds) < 5:  # noqa: PLR2004  the Date header has whole seconds, and took a while
        return "right"
    return f"{abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} Microsoft's"
