"""Which language to speak: the one in the settings, else the first of the system's that there is a catalogue for.

How times are written, with 24 hours or with twelve, is the system's alone: people choose it apart from the language.
"""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from tray import files
from tray.messages import catalogue, times
from tray.messages.catalogue import ENGLISH
from tray.paths import Paths

SYSTEM = "system"  # the setting that leaves it to the system
NAMED = re.compile(r"(?m)^[ \t]*[\"']?language[\"']?[ \t]*=")
NONE = frozenset({"C", "POSIX"})  # locales without a language
TWELVE = re.compile("%[-_0^#]?[Ilrp]")  # in the C library's formats of a time
CORE_FOUNDATION = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"

if sys.platform in {"win32", "darwin"}:
    import ctypes

    from tray import preferred_languages
else:
    import _locale  # what `locale` wraps, which takes 1.1 ms to import


def speak(setting: str, environment: Mapping[str, str] = os.environ) -> None:
    """Speak the language of the settings, or the system's, from now on."""
    wanted = of_system(environment) if setting == SYSTEM else [setting]
    if all(base(tag) == ENGLISH for tag in wanted[:1]):  # what is most often so costs nothing
        catalogue.speak(ENGLISH)
    else:
        catalogue.speak(best(wanted, catalogue.languages()))
    times.write(twelve_hours=has_twelve_hours(environment))


def of_settings(paths: Paths) -> str:
    """Return the setting alone, fast; whoever reads all settings says what is wrong with them."""
    machine, user = (_table(file) for file in (paths.machine_settings_file, paths.settings_file))
    managed = machine.get("managed")
    tables = (managed if isinstance(managed, dict) else {}, user, machine)
    return next((value for each in tables if isinstance(value := each.get("language"), str)), SYSTEM)


def _table(file: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError, RecursionError):
        written = files.read_text(file)
        if NAMED.search(written):
            import tomllib  # noqa: PLC0415  most commands do without

            return tomllib.loads(written)
    return {}


def is_known(setting: str) -> bool:
    """Tell whether there is a language, also for another country, that a setting can name; or the system's."""
    return setting == SYSTEM or base(setting) in map(base, catalogue.languages())


def best(wanted: Iterable[str], there_are: list[str]) -> str:
    """Return the first language that there is, that of another country included; English if there is none."""
    for tag in wanted:
        name = re.split(r"[.@]", tag)[0].replace("-", "_").casefold()
        if found := [each for each in there_are if each.casefold() == name or base(each) == base(tag)]:
            return min(found, key=lambda each: each.casefold() != name)
    return ENGLISH


def base(tag: str) -> str:
    """Return a tag's language without country, script and encoding; a locale without a language is English."""
    return ENGLISH if tag in NONE else re.split(r"[_.@-]", tag)[0].casefold()


def of_system(environment: Mapping[str, str]) -> list[str]:
    """Return the languages that the user wants, in the user's order."""
    locale = _named(environment, "LC_MESSAGES")
    if locale.partition(".")[0] in NONE:
        return [ENGLISH]
    if listed := environment.get("LANGUAGE"):
        return listed.split(":")
    if sys.platform == "win32":
        return preferred_languages.of_windows(ctypes.windll.kernel32)
    if sys.platform == "darwin":
        return preferred_languages.of_macos(ctypes.CDLL(CORE_FOUNDATION))
    return [locale] if locale else []


def has_twelve_hours(environment: Mapping[str, str]) -> bool:
    """Tell whether the user's system writes times with twelve hours; a locale without a language does not."""
    locale = _named(environment, "LC_TIME")
    if locale.partition(".")[0] in NONE:
        return False
    if sys.platform == "win32":
        return preferred_languages.twelve_hours_on_windows(ctypes.windll.kernel32)
    if sys.platform == "darwin":
        return preferred_languages.twelve_hours_on_macos(ctypes.CDLL(CORE_FOUNDATION))
    return bool(locale) and _has_twelve_hours(locale)


@cache
def _has_twelve_hours(locale: str) -> bool:
    """Tell whether the C library writes times with twelve hours in a locale; one that it has not is as `C`."""
    before = _locale.setlocale(_locale.LC_TIME)
    try:
        _locale.setlocale(_locale.LC_TIME, locale)
        return TWELVE.search(_locale.nl_langinfo(_locale.T_FMT)) is not None
    except _locale.Error:  # type: ignore[attr-defined]  # typeshed has it in `locale` alone
        return False
    finally:
        _locale.setlocale(_locale.LC_TIME, before)


def _named(environment: Mapping[str, str], category: str) -> str:
    return next(filter(None, map(environment.get, ("LC_ALL", category, "LANG"))), "")
