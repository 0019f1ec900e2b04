"""What is said about settings that are wrong, and the text that a fresh settings file begins with."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from tray.messages.catalogue import N_, UNFIT, languages, listed, shortened, translated
from tray.messages.status_message import without


class About(NamedTuple):
    """What is said about a key.

    A fresh file shows the comment above the key, and the example where there is no default to show. The settings page
    shows the rest.
    """

    right: str
    comment: str = ""
    example: str | None = None
    label: str = ""
    help: str = ""
    choices: Mapping[str, str] = MappingProxyType({})  # what values are called, but states and languages


SETTINGS: dict[str, About] = {
    "client_id": About(
        N_(
            "It must be the Application (client) ID of your app registration, in quotes:"
            ' client_id = "00000000-0000-0000-0000-000000000000"'
        ),
        N_("Needed to sign in: `presence-tray setup` asks for both."),
        "00000000-0000-0000-0000-000000000000",
        label=N_("Application (client) ID"),
        help=N_("For example 00000000-0000-0000-0000-000000000000"),
    ),
    "tenant": About(
        N_(
            'It must be the ID or domain of your directory: tenant = "contoso.onmicrosoft.com" (or "organizations", if'
            " the app registration is for several organisations)"
        ),
        example="contoso.onmicrosoft.com",
        label=N_("Directory (tenant) ID or domain"),
        help=N_("For example contoso.onmicrosoft.com"),
    ),
    "cloud": About(
        N_('It must be "global", "gcc-high" or "dod".'),
        N_('"global", "gcc-high" or "dod"'),
        label=N_("Microsoft cloud"),
        choices={
            "global": N_("Worldwide"),
            "gcc-high": N_("US government, GCC High"),
            "dod": N_("US government, DoD"),
        },
    ),
    "authority": About(
        N_(
            "It must be an address that begins with https:// and names the tenant:"
            ' authority = "https://login.microsoftonline.com/contoso.onmicrosoft.com"'
        ),
        label=N_("Sign-in address"),
        help=N_("Only if your IT department gave you one. It then replaces the directory."),
    ),
    "graph_url": About(
        N_(
            'It must be an address that begins with https:// and has no path: graph_url = "https://graph.microsoft.com"'
        ),
        label=N_("Microsoft Graph address"),
        help=N_("Only if your IT department gave you one."),
    ),
    "lease_minutes": About(
        N_("It must be a whole number from 5 to 240, without quotes."),
        N_("If this computer goes offline, Teams drops your status after this many minutes (5 to 240)."),
        label=N_("If this computer goes offline, Teams drops your status after (minutes)"),
        help=N_("From 5 to 240."),
    ),
    "at_launch": About(
        N_('It must be "nothing", "last" or a status such as "available" (see `presence-tray states`).'),
        N_('The status to set at launch: "nothing", "last" or a status such as "available".'),
        label=N_("When Presence Tray starts"),
        choices={"nothing": N_("Set no status"), "last": N_("Set the last status again")},
    ),
    "end_of_day": About(
        N_('It must be a time of day in quotes, such as "17:00".'),
        N_('When your day ends, for "Keep for" in the menu.'),
        label=N_("End of your day"),
        help=N_("The last choice of “Keep for” in the menu."),
    ),
    "notifications": About(
        N_('It must be "problems" or "none".'),
        N_('"problems" or "none"'),
        label=N_("Notifications"),
        choices={"problems": N_("Only problems"), "none": N_("None")},
    ),
    "log_level": About(
        N_('It must be "debug", "info", "warning" or "error".'),
        N_('"debug", "info", "warning" or "error"'),
        label=N_("What the log records"),
        choices={
            "debug": N_("Everything"),
            "info": N_("What happens"),
            "warning": N_("Problems"),
            "error": N_("Errors only"),
        },
    ),
    "language": About(
        N_('It must be "system" or one of these languages: {languages}.'),
        N_('The language of Presence Tray: "system", or a language such as "en", "de" or "pt-BR".'),
        label=N_("Language"),
        choices={"system": N_("The language of this computer")},
    ),
    "microphone": About(
        N_('It must be "nothing" or a status such as "in-a-call" (see `presence-tray states`).'),
        N_("The status to set while a program other than Teams uses the microphone."),
        label=N_("While another program uses the microphone"),
        help=N_("A call in Zoom, for example. Teams itself never counts."),
        choices={"nothing": N_("Change nothing")},
    ),
    "microphone_ignore": About(
        N_('It must be a list of programs: microphone_ignore = ["obs", "easyeffects"]'),
        N_("Programs that don't count when they use the microphone, by name."),
        label=N_("Programs that don't count"),
        help=N_("One name a line, for example obs"),
    ),
    "when_locked": About(
        N_('It must be "keep", "release" or "away".'),
        N_('While the screen is locked: "keep" your status, "release" it, or set "away".'),
        label=N_("While the screen is locked"),
        choices={
            "keep": N_("Keep my status"),
            "release": N_("Clear my status"),
            "away": N_("Set Away"),
        },
    ),
    "follow_hours": About(
        N_("It must be true or false, without quotes."),
        N_("Whether the working hours below, in tables headed [[hours]], set a status."),
        label=N_("Set a status during working hours"),
    ),
    "hours": About(
        N_("It must be tables, each headed [[hours]]."),
        N_("Working hours, a table for each; the first that fits decides."),
        label=N_("Working hours"),
        choices={"nothing": N_("No status")},
    ),
    "messages": About(
        N_('It must be a list of texts: messages = ["Lunch", "Working from home"]'),
        N_("Status messages for the menu, each one line of at most 280 characters."),
        label=N_("Messages to choose from in the menu"),
        help=N_("One message a line, at most 280 characters each."),
    ),
    "states": About(N_('It must be a list of statuses: states = ["available", "busy"] (see `presence-tray states`)')),
    "override": About(N_("It must be true or false, without quotes.")),
    "managed": About(N_("It must be a table, [managed], with the settings that users can't change.")),
}
_HOURS = {
    "hours": N_("It must be tables, each headed [[hours]]."),
    "days": N_('It must be "mon-fri", or a list such as ["mon", "wed"]; leave it out for every day.'),
    "from": N_('It must be a time of day in quotes, such as "09:00".'),
    "to": N_('It must be a time of day in quotes, such as "17:30". One before `from` is on the next day.'),
    "state": N_('It must be "nothing" or a status such as "available" (see `presence-tray states`).'),
    "except": N_('It must be a list of dates or ranges: ["2026-12-24", "2026-12-28..2027-01-01"]'),
    "message": N_("It must be one line of at most 280 characters, in quotes."),
}


def _invalid(file: Path, path: str, value: object) -> str:
    return translated("{file}: {setting} = {value} is not valid.", file=file, setting=path, value=_written(value))


def wrong_value(file: Path, path: str, key: str, value: object) -> tuple[str, str]:
    """Say which value is wrong and what would be right."""
    title = _invalid(file, path, value)
    if key == "language":
        there_are = listed(each.replace("_", "-") for each in languages())
        return title, translated(SETTINGS[key].right, languages=there_are)
    return title, translated(SETTINGS[key].right)


def not_allowed(file: Path, path: str, state: str, allowed: Sequence[str]) -> tuple[str, str]:
    """Say which value names a status that the organisation's own list rules out."""
    return (
        _invalid(file, path, state),
        translated("It must be a status that `states` in [managed] allows: {statuses}.", statuses=listed(allowed)),
    )


def wrong_hours(file: Path, path: str, value: object, right: str) -> tuple[str, str]:
    """Say which value of working hours is wrong and what would be right."""
    if value is None:
        return translated("{file}: {setting} is missing.", file=file, setting=path), translated(_HOURS[right])
    return _invalid(file, path, value), _right_message(value) if right == "message" else translated(_HOURS[right])


def wrong_message(file: Path, path: str, value: object) -> tuple[str, str]:
    """Say which text is no status message."""
    return _invalid(file, path, value), _right_message(value)


def _right_message(wrong: object) -> str:
    found = UNFIT.search(wrong.strip()) if isinstance(wrong, str) else None
    return without(found[0]) if found else translated(_HOURS["message"])


def unknown_key(file: Path, path: str, near: str | None, known: Sequence[str]) -> tuple[str, str]:
    """Say which key is unknown and which was perhaps meant."""
    title = translated("{file}: there is no setting {setting}.", file=file, setting=shortened(path))
    if near:
        return title, translated("Did you mean {setting}?", setting=near)
    return title, translated("The settings are {settings}.", settings=listed(known))


def only_managed(file: Path, key: str) -> tuple[str, str]:
    """Say where a key that limits users belongs."""
    return (
        translated("{file}: {setting} doesn't work here.", file=file, setting=key),
        translated("It belongs in [managed], in the settings file for all users of this computer."),
    )


def no_such_file(file: Path) -> tuple[str, str]:
    """Say that there is nothing to check."""
    return translated("{file} doesn't exist.", file=file), translated("Give the path of a settings file.")


def misplaced_table(file: Path) -> tuple[str, str]:
    """Say that users cannot decide what is managed."""
    return (
        translated("{file}: [managed] doesn't work here.", file=file),
        translated("It belongs in the settings file for all users of this computer."),
    )


def _written(value: object) -> str:
    """Write a value as a settings file does, cut if it is long."""
    match value:
        case bool():
            return str(value).lower()
        case date() | time():  # what TOML takes for one, without quotation marks
            return value.isoformat()
    return shortened(repr(value))


def not_toml(file: Path, why: str) -> tuple[str, str]:
    """Say where the file stops being TOML."""
    return (
        translated("{file} is not valid TOML: {why}.", file=file, why=why.rstrip(".")),
        translated('Write one setting per line: key = "value"'),
    )


def not_text(file: Path) -> tuple[str, str]:
    """Say that the file's encoding is wrong."""
    return translated("{file} is not UTF-8 text.", file=file), translated("Save it again as UTF-8.")


def make_readable() -> str:
    """Say what to do about a file of the user's own."""
    return translated("Make sure that you can read it, or delete it.")


def make_readable_for_all() -> str:
    """Say what to do about the file for all users."""
    return translated("Ask your IT department to make it and its folder readable for everyone.")


def not_readable(file: Path, why: str, cure: str) -> tuple[str, str]:
    """Say that the file is there and cannot be opened."""
    return translated("{file} can't be opened: {why}.", file=file, why=why), cure


def client_id_missing(file: Path) -> tuple[str, str]:
    """Say that setup is missing."""
    return (
        translated("Presence Tray isn't set up: client_id or tenant is missing in {file}.", file=file),
        translated("Run `presence-tray setup`."),
    )


def not_writable(file: Path, why: str) -> tuple[str, str]:
    """Say that the file cannot be written."""
    return (
        translated("{file} can't be written: {why}.", file=file, why=why),
        translated("Make sure that you can write to it and to its folder."),
    )


def bad_cert_file() -> tuple[str, str]:
    """Say that the file of extra certificates cannot be read."""
    return (
        translated("SSL_CERT_FILE names a file that can't be read."),
        translated("Correct or unset it, then start Presence Tray again."),
    )


def bad_proxy(source: str) -> tuple[str, str]:
    """Say which variable names a proxy that is no address."""
    return (
        translated("{variable} names a proxy that can't be used.", variable=source),
        translated("Correct or unset it, for example http://proxy.example.com:8080, then start Presence Tray again."),
    )


def socks_proxy(source: str) -> tuple[str, str]:
    """Say that the only proxy is one that speaks SOCKS."""
    return (
        translated("{variable} names a SOCKS proxy, which can't be used.", variable=source),
        translated("Set HTTPS_PROXY to an HTTP proxy, then start Presence Tray again."),
    )


def system_proxy() -> str:
    """Name the proxy of the system's settings, in the place of a variable."""
    return translated("The system's settings")


def head() -> str:
    """Return how a fresh settings file begins."""
    return translated("Presence Tray. Lines that begin with # are comments; those with a setting show its default.")


def comment(key: str) -> str:
    """Return what a fresh settings file says above a key."""
    said = SETTINGS[key].comment
    return translated(said) if said else ""
