"""What `doctor` says: each check, and how to fix what is wrong."""

import errno
import platform
from collections.abc import Sequence

from tray.messages.catalogue import N_, listed, translated

_MARKS: dict[bool | None, str] = {True: N_("ok"), False: N_("FAIL"), None: N_("?")}
_NAMES = {
    "settings": N_("settings"),
    "folders": N_("folders"),
    "state": N_("saved data"),
    "app": N_("app"),
    "microphone": N_("microphone"),
    "screen-lock": N_("screen lock"),
    "autostart": N_("launch at login"),
    "tray": N_("tray"),
    "network": N_("network"),
    "clock": N_("clock"),
    "keyring": N_("keyring"),
    "sign-in": N_("sign-in"),
    "Graph": N_("Graph"),
}
_LAUNCH = {
    "on": N_("launches at login"),
    "off": N_("doesn't launch at login"),
    "stale": N_("Launch at login points to a program that no longer exists."),
}
_TRAY = {
    "there": N_("this desktop shows tray icons"),
    "absent": N_("This desktop shows no tray icons."),
    "silent": N_("Another program has taken the place of the tray and doesn't answer."),
    "unknown": N_("This desktop doesn't say whether it shows tray icons."),
}
FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})  # the disk, or the user's share of it
RIGHT_WITHIN = 5  # seconds: the Date header has whole seconds, and the answer took a while


def marks() -> dict[bool | None, str]:
    """Say what can come of a check."""
    return {ok: translated(mark) for ok, mark in _MARKS.items()}


def names() -> dict[str, str]:
    """Name the checks."""
    return {name: translated(text) for name, text in _NAMES.items()}


def head(version: str) -> str:
    """Name what is checked: the program and what it runs on."""
    return translated(
        "Presence Tray {version}, Python {python}, {system}",
        version=version,
        python=platform.python_version(),
        system=platform.platform(terse=True),
    )


def settings(file: str, managed: Sequence[str]) -> str:
    """Say where the settings are and which of them the organisation sets."""
    if managed:
        return translated("{file}; set by your organisation: {keys}", file=file, keys=listed(managed))
    return file


def file_is_right(file: str) -> str:
    """Say that a file has no mistake."""
    return translated("{file} has no mistake", file=file)


def not_set_up(managed: Sequence[str]) -> str:
    """Say that setup is missing, and which settings the organisation sets."""
    if managed:
        return translated("client_id or tenant is not set; set by your organisation: {keys}.", keys=listed(managed))
    return translated("client_id or tenant is not set.")


def not_checked() -> str:
    """Say that a check has to wait for right settings."""
    return translated("not checked: fix the settings first")


def set_up() -> str:
    """Say how to set up."""
    return translated("Run: presence-tray setup")


def folders(state: str, log: str) -> str:
    """Say where things are stored."""
    return translated("saved data in {folder}, log in {file}", folder=state, file=log)


def not_writable(folder: str, why: str) -> str:
    """Say that a folder cannot be written."""
    return translated("{folder} can't be written to: {why}.", folder=folder, why=why)


def make_writable(error: int | None) -> str:
    """Say how to make room for files, by the number of the system's error."""
    if error in FULL:
        return translated("Delete files that you don't need.")
    return translated("Make sure that you can write there, or set PRESENCE_TRAY_HOME to a folder of your own.")


def state_is_fine() -> str:
    """Say that a status with an end time survives a restart."""
    return translated("your status can be saved across restarts")


def not_saved(why: str) -> str:
    """Say that the state file cannot be written."""
    return translated("Your status can't be saved, so it isn't set again after a restart: {why}.", why=why)


def not_readable(why: str) -> str:
    """Say that the state file cannot be read."""
    return translated("The saved data can't be read: {why}.", why=why)


def newer_state() -> str:
    """Say that a newer version wrote the state file."""
    return translated("The saved data is from a newer Presence Tray, so no status is set again after a restart.")


def update() -> str:
    """Say what to do about a newer version's state file."""
    return translated("Update Presence Tray, or delete the file.")


def launch(how: str) -> str:
    """Say whether the program launches at login."""
    return translated(_LAUNCH[how])


def repair_launch() -> str:
    """Say how to repair launch at login."""
    return translated("Run: presence-tray autostart on")


def tray(host: str) -> str:
    """Say whether something shows tray icons."""
    return translated(_TRAY[host])


def mend_tray(host: str) -> str:
    """Say what shows tray icons."""
    if host == "silent":
        return translated(
            "The icon appears once the tray answers. If it doesn't, log out and in again. The commands work without it."
        )
    return translated(
        "Add a status tray to your panel. On GNOME, install the AppIndicator extension. The commands work without it."
    )


def running() -> str:
    """Say that the app runs well."""
    return translated("running, no problem")


def not_running() -> str:
    """Say that the app does not run."""
    return translated("not running")


def only_demo_runs() -> str:
    """Say that the app does not run, and that the demo does."""
    return translated("not running (only the demo is, which needs none of this)")


def graph_answers() -> str:
    """Say that Microsoft Graph can be reached."""
    return translated("Microsoft Graph answers")


def proxy_script() -> str:
    """Say that the system finds its proxy by a script, and what to do."""
    return translated("This computer finds its proxy with a PAC script, which can't be used. Set HTTPS_PROXY instead.")


def asked_to_wait(seconds: int) -> str:
    """Say that Graph has asked for a pause, which is kept."""
    return translated(
        "Microsoft asked Presence Tray to wait {seconds} s, so Microsoft Graph wasn't checked.", seconds=seconds
    )


def wait() -> str:
    """Say what to do while Graph is not to be asked."""
    return translated("Try again after that time.")


def clock(seconds: int) -> str:
    """Say how far off this computer's clock is."""
    if abs(seconds) < RIGHT_WITHIN:
        return translated("this computer's clock is right")
    if seconds > 0:
        return translated("This computer's clock is {seconds} s fast.", seconds=seconds)
    return translated("This computer's clock is {seconds} s slow.", seconds=-seconds)


def clock_unknown() -> str:
    """Say that there is nothing to compare the clock with."""
    return translated("This computer's clock could not be compared with Microsoft's.")


def set_clock() -> str:
    """Say how to set the clock right."""
    return translated("Turn on automatic date and time in the system's settings.")


def keyring() -> str:
    """Say that the keyring is fine."""
    return translated("the keyring can be read")


def signed_out() -> str:
    """Say that nobody is signed in."""
    return translated("You're not signed in.")


def sign_in() -> str:
    """Say how to sign in."""
    return translated("Run: presence-tray sign-in")


def token() -> str:
    """Say that the sign-in works."""
    return translated("your sign-in works")


def unknown() -> str:
    """Say that a check came to nothing."""
    return translated("This could not be checked. Try again later.")


def graph() -> str:
    """Say that Graph accepts the sign-in."""
    return translated("Microsoft Graph accepts your sign-in and shows your status")


def refused(title: str, status: int) -> str:
    """Say what Graph's refusal means, with its number for whoever looks it up."""
    return translated("{problem} (HTTP {number})", problem=title, number=status)


def trace() -> str:
    """Introduce the trace."""
    return translated("What the running app did last:")
