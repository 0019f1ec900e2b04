"""The catalogues: complete, with the placeholders, commands and marks of the English, and no longer than there is room.

What a catalogue has to hold is collected from the code anew, as `packaging/catalogues.py` does.
"""

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC
from functools import cache
from gettext import c2py
from itertools import groupby
from pathlib import Path
from unicodedata import east_asian_width

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.messages.everything_said import LATER, NOW, every_notice
from tests.rows import for_each
from tray.core.states import STATES
from tray.desktop.pystray_face import MESSAGE_ROOM, TITLE_ROOM, TOOLTIP_ROOM
from tray.messages import menu, presence, times
from tray.messages.catalogue import speak

PROJECT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(PROJECT / "packaging"))
import catalogues  # noqa: E402  the tool beside the packages

LANGUAGES = sorted(each.name for each in (PROJECT / catalogues.LOCALE).iterdir() if each.is_dir())
# What has to stand in a translation as it stands in the English.
KEPT = re.compile(
    r"{\w*(?::[^}]*)?}"  # placeholders
    r"|%\(\w+\)[sr]|%[sr]"  # argparse's
    r"|`[^`]+`"  # commands
    r"|(?<![\w-])--?[a-z][\w-]+"  # options
    r"|https?://[\w.:/-]+"
    r"|\b[A-Z]+_[A-Z_]+\b"  # variables
    r"|</?[a-z]+(?: [^>]*)?>"  # marks of the help page
)
LIST = "between the names in a list"
MENU_ROOM = 112  # columns: 840 of the 1366 pixels of a small screen
INSTALLER_ROOM = 110  # of the two lines below the installer's list of parts
UNTRANSLATED = ("is missing", "is not translated")


@cache
def template() -> Catalog:
    return catalogues.template()


@cache
def catalogue(language: str) -> Catalog:
    with (PROJECT / catalogues.LOCALE / language / "LC_MESSAGES" / "presence-tray.po").open("rb") as source:
        return read_po(source, language, abort_invalid=True)


def kept(text: str) -> Counter[str]:
    return Counter(each.replace("&nbsp;", " ") for each in KEPT.findall(text))


def edges(text: str) -> tuple[str, str]:
    """Return the white space at both ends, on which prompts and argparse's texts rely."""
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def english(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def faults(of: Catalog) -> Iterator[str]:
    """Yield what is wrong with a catalogue."""
    for wanted in template():
        if not wanted.id:
            continue
        message = of.get(wanted.id, wanted.context)
        if message is None:
            yield f"is missing: {wanted.id}"
        elif message.fuzzy:
            yield f"is a guess: {wanted.id}"
        elif isinstance(wanted.id, tuple) and len(forms(message)) != of.num_plurals:
            yield f"has not {of.num_plurals} forms: {wanted.id}"
        else:
            yield from unlike(message)


def unlike(message: Message) -> Iterator[str]:
    """Yield how a translation differs from the English where it must not."""
    of = english(message)[-1]
    for translation in forms(message):
        if not translation.strip():
            yield f"is not translated: {of}"
        elif kept(translation) != kept(of) and kept(translation) != kept(english(message)[0]):
            yield f"differs in {kept(translation) - kept(of) or kept(of) - kept(translation)}: {translation}"
        elif message.context != LIST and edges(translation) != edges(of):
            yield f"begins or ends in another space: {translation!r}"
        elif translation.count("\n\n") != of.count("\n\n"):
            yield f"has other paragraphs: {translation!r}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_no_fault(language: str) -> None:
    assert [each for each in faults(catalogue(language)) if not each.startswith(UNTRANSLATED)] == []


@pytest.mark.skipif("TESTS_REQUIRE_EVERYTHING" not in os.environ, reason="asked by .ci/run: translators come later")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete(language: str) -> None:
    assert [each for each in faults(catalogue(language)) if each.startswith(UNTRANSLATED)] == []


PUNCTUATION = {  # of each language, what is wrong in it
    "de": r"“[^“„]*”|\.\.\.",
    "es": r"«|\.\.\.|^[^¿]*\w\?",
    "fr": r"“| [:;?!»]|« |\w[?!]|\.\.\.",
    "ja": r"“|\.\.\.|[ぁ-んァ-ヶ一-龠][,.]",
    "pt_BR": r"«|\.\.\.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_punctuation_is_the_languages(language: str) -> None:
    for message in catalogue(language):
        for text in forms(message):
            assert not re.search(PUNCTUATION.get(language, r"\.\.\."), text), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_states_that_no_window_of_teams_confirms_are_marked(language: str) -> None:
    marked = {message.id for message in catalogue(language) if "unconfirmed" in " ".join(message.user_comments)}
    told = (PROJECT / "CONTRIBUTING.md").read_text("utf-8").partition("The comment `unconfirmed`")[2].partition("(`")[0]
    names = {name for state in marked if isinstance(state, str) for name in [f"*{state}*"]}
    assert {name for name in names if name not in " ".join(told.split())} == set()
    conference = catalogue(language).get("In a conference call")
    assert "In a conference call" in marked or not (conference and conference.string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_as_many_forms_as_its_language(language: str) -> None:
    of = catalogue(language)
    assert as_grouped(of.plural_expr) == as_grouped(Catalog(language).plural_expr)
    assert len(as_grouped(of.plural_expr)) == of.num_plurals


def as_grouped(expression: str) -> set[tuple[int, ...]]:
    """Return which numbers up to two hundred share a form: of a million, some languages have another."""
    form = c2py(expression)
    numbers = sorted(range(201), key=form)
    return {tuple(group) for _, group in groupby(numbers, key=form)}


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("{status} until {time}", "{status} bis"),
        ("{status} until {time}", "{status} bis {Zeit}"),
        ("{status} until {time}", ""),
        ("Sign in now? [Y/n] ", "Jetzt anmelden? [Y/n]"),
        ("usage: ", "Aufruf:"),
        ("not allowed with argument %s", "nicht zusammen mit dem Argument"),
        ("To sign in, run: presence-tray sign-in", None),
        ("See `{program} --help`.", "Siehe `{program} --hilfe`."),
    ],
)
def test_a_broken_or_missing_entry_is_a_fault(text: str, broken: str | None) -> None:
    of = deepcopy(catalogue("de"))
    if broken is None:
        of.delete(text)
    else:
        of[text].string = broken
    fault = [each for each in faults(of) if each not in set(faults(catalogue("de")))]
    assert len(fault) == 1


def test_a_guess_is_a_fault() -> None:
    of = deepcopy(catalogue("de"))
    of["Busy"].flags.add("fuzzy")
    assert "is a guess: Busy" in list(faults(of))


def columns(text: str) -> int:
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_the_menu_is_wider_than_a_small_screen(language: str) -> None:
    shown = ("tray/messages/menu.py", "tray/messages/presence.py")
    for message in catalogue(language):
        if any(file in shown for file, _line in message.locations):
            assert all(columns(text) <= MENU_ROOM for text in forms(message)), message.string


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_installers_words_fit_below_its_list(language: str) -> None:
    for message in catalogue(language):
        if message.locations == [("packaging/words.py", None)] and message.id.startswith(("Clears", "Removes", "St")):
            assert all(columns(text) <= INSTALLER_ROOM for text in forms(message)), message.string


@for_each("twelve_hours", [False, True])
@for_each("language", LANGUAGES)
def test_notices_and_tooltip_fit_into_windows_structure(language: str, *, twelve_hours: bool) -> None:
    speak(language)
    times.write(twelve_hours=twelve_hours)
    try:
        for notice in every_notice():
            assert units(notice.title) <= TITLE_ROOM, notice.title
            assert units(notice.message) <= MESSAGE_ROOM, notice.message
        for status in (presence.label(state) for state in STATES):
            line = presence.is_set(status, times.day_and_time(LATER, UTC, NOW), overrides=True)
            assert units(line) <= TOOLTIP_ROOM, line
            assert units(menu.tooltip(status, menu.row("clear-chosen"))) <= TOOLTIP_ROOM
    finally:
        times.write(twelve_hours=False)
        speak("en")
