"""What is said about settings that are wrong, and the text a fresh settings file begins with."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

# What would be right, by key; each completes "It must be …".
WHAT_IS_RIGHT: dict[str, str] = {
    "client_id": 'the "Application (client) ID" of your app registration, in quotes:'
    ' "00000000-0000-0000-0000-000000000000"',
    "tenant": 'your directory\'s id or domain, in quotes: "contoso.onmicrosoft.com"'
    ' ("organizations" only for a registration that serves several tenants)',
    "cloud": '"global", "gcc-high" or "dod"',
    "authority": "an address in quotes that begins with https:// and names the tenant:"
    ' "https://login.microsoftonline.com/contoso.onmicrosoft.com"',
    "graph_url": 'an address in quotes that begins with https:// and has no path: "https://graph.microsoft.com"',
    "lease_minutes": "a whole number from 5 to 240, without quotes",
    "at_launch": '"nothing", "last" or a state, such as "available" (see `presence-tray states`)',
    "end_of_day": 'a time of the day in quotes: "17:00"',
    "notifications": '"problems" or "none"',
    "log_level": '"debug", "info", "warning" or "error"',
    "managed": "a table, [managed], with the keys that users cannot change",
}


def wrong_value(file: Path, path: str, key: str, value: object) -> tuple[str, str]:
    """Say which value is wrong and what would be right."""
    return f"{file}: {path} = {_shortened(repr(value))} is not right.", f"It must be {WHAT_IS_RIGHT[key]}."


def unknown_key(file: Path, path: str, key: str, known: Sequence[str]) -> tuple[str, str]:
    """Say which key is unknown and which was perhaps meant."""
    if not path.replace(".", "").isidentifier():  # a line break, a colour
        path = repr(path)
    if key == "managed":
        return f"{file}: {path} has no place here.", "It belongs in the machine-wide settings file."
    near = get_close_matches(key, known, n=1)
    cure = f"Did you mean {near[0]}?" if near else f"The keys are {', '.join(known)}."
    return f"{file}: {_shortened(path)} is not a setting.", cure


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004  a line's worth


def not_toml(file: Path, why: str) -> tuple[str, str]:
    """Say where the file stops being TOML."""
    return f"{file} cannot be read as TOML: {why.rstrip('.')}.", 'Write one setting on a line: key = "value".'


def not_text(file: Path) -> tuple[str, str]:
    """Say that the file's encoding is wrong."""
    return f"{file} is not UTF-8 text.", "Save it again with the encoding UTF-8."


FOR_YOU = "Make it readable for you, or remove it."
FOR_EVERYBODY = "Only an administrator can help: make it, and its folder, readable for everybody."


def not_readable(file: Path, why: str, cure: str) -> tuple[str, str]:
    """Say that the file is there and cannot be opened."""
    return f"{file} cannot be opened: {why}.", cure


def client_id_missing(file: Path) -> tuple[str, str]:
    """Say that there is nothing to sign in with yet."""
    return f"{file}: client_id or tenant is not set.", "Run `presence-tray setup`."


def not_writable(file: Path, why: str) -> tuple[str, str]:
    """Say that the file cannot be written."""
    return f"{file} cannot be written: {why}.", "Make it and its folder writable for you."


def cannot_change(file: Path, values: Mapping[str, str]) -> tuple[str, str]:
    """Say that the file is written in a way that only its author should change."""
    lines = "; ".join(f'{key} = "{value}"' for key, value in values.items())
    return f"{file} is written in a way this program does not dare to change.", f"Write there yourself: {lines}"


FRESH = """\
# Presence Tray. A line that begins with # is a comment: what it shows is the default.
# Needed to sign in: `presence-tray setup` asks for both.
# client_id = "00000000-0000-0000-0000-000000000000"
# tenant = "contoso.onmicrosoft.com"

# "global", "gcc-high" or "dod"
# cloud = "global"

# How long Teams may show your state should this computer vanish, in minutes (5 to 240).
# lease_minutes = 30

# What to hold at launch: "nothing", "last" or a state such as "available".
# at_launch = "nothing"

# What "until the end of the day" means.
# end_of_day = "17:00"

# "problems" or "none"
# notifications = "problems"

# "debug", "info", "warning" or "error"
# log_level = "info"
"""
