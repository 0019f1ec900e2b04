"""Every sentence goes through here on its way to the user, in English or in the language of a catalogue.

How to write a sentence:
- A sentence is one whole template with named placeholders, `"{status} until {time}"`: other languages need another
  order, so nothing is put together from parts. What is counted goes through `ntranslated`.
- Text is looked up when it is said, never at import. A table holds texts marked with `N_`, and whoever reads the table
  translates what it finds.
- No code reads a sentence. What code has to tell apart are separate texts, a title and a message, or a value.
- A name or a text from outside goes through `printable` before it becomes part of one.
- What a translator cannot see stands above the text, in a comment that begins with `TRANSLATORS:`.

English loads nothing. The catalogues are `locale/LANGUAGE/LC_MESSAGES/presence-tray.po`, which the build compiles.
"""

import re
from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations  # argparse imports it as well
from pathlib import Path
from typing import Any

ENGLISH = "en"
LOCALE = Path(__file__).parent / "locale"
LONGEST = 60  # characters of what is repeated
# What cannot be in a line: control codes, what ends a line or paragraph, what turns the direction of all that follows,
# and halves of characters. What only shapes the text around it can: joiners, soft hyphens, an emoji flag's letters.
UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
CATALOGUE = Path("LC_MESSAGES", "presence-tray.mo")  # in a language's folder


class Said(str):
    """A text in the user's language that knows its English, for JSON, the log and whoever says it again."""

    __slots__ = ("english",)

    english: str


class _Spoken:
    """The language in use; only `speak` changes it."""

    language = ENGLISH
    catalogue: GNUTranslations | None = None


def N_(text: str) -> str:  # noqa: N802  the name that gettext's tools know
    """Mark a text in a table for translation."""
    return text


def translated(text: str, /, **values: object) -> str:
    """Return a text in the user's language with its placeholders filled."""
    catalogue = _Spoken.catalogue
    if catalogue is None:
        return text.format(**values) if values else text
    return _said(catalogue.gettext(text), text, values)


def ntranslated(one: str, many: str, count: int, /, **values: object) -> str:
    """Return the form of a text that fits a count, which fills the placeholder `count`."""
    catalogue, english = _Spoken.catalogue, one if count == 1 else many
    if catalogue is None:
        return english.format(count=count, **values)
    return _said(catalogue.ngettext(one, many, count), english, values | {"count": count})


def ptranslated(context: str, text: str, /, **values: object) -> str:
    """Return a text that means different things in different places; the context tells them apart."""
    catalogue = _Spoken.catalogue
    if catalogue is None:
        return text.format(**values) if values else text
    return _said(catalogue.pgettext(context, text), text, values)


def _said(translation: str, text: str, values: dict[str, object]) -> str:
    """Fill the placeholders in both languages; a translation with a wrong placeholder is not used."""
    english = text.format(**{name: in_english(value) for name, value in values.items()}) if values else text
    try:
        said = translation.format(**values) if values else translation
    except (LookupError, ValueError, AttributeError):
        said = english
    return paired(said, english)


def paired(said: str, english: str) -> str:
    """Return a text with its English; `english` itself where both are alike."""
    if said == english:
        return english
    pair = Said(said)
    pair.english = english
    return pair


def in_english(value: Any) -> Any:
    """Return a text in English; anything else as it is."""
    return value.english if isinstance(value, Said) else value


def again(text: str) -> str:
    """Say a text again that was said before, in a former language or in another process.

    One that had placeholders stays as it was.
    """
    if _Spoken.catalogue is None or not text:
        return str(in_english(text))
    translation = _Spoken.catalogue.gettext(english := in_english(text))
    return text if translation == english else _said(translation, english, {})


def whole(title: str, message: str) -> str:
    """Return a title and a message, which may be empty, as one line."""
    return translated("{problem} {remedy}", problem=title, remedy=message) if message else title


def quoted(typed: str) -> str:
    """Return what somebody typed in quotation marks, cut if it is long."""
    return repr(shortened(typed))


def shortened(text: str) -> str:
    """Return a text that is repeated in a sentence, cut if it is long."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def listed(parts: Iterable[str]) -> str:
    """Return names as a list, as the language writes one."""
    return ptranslated("between the names in a list", ", ").join(parts)


def language() -> str:
    """Return the language in use, as its folder is named: `en`, `de`, `pt_BR`."""
    return _Spoken.language


def speak(language: str, folder: Path = LOCALE) -> None:
    """Say everything in a language from now on; in English where its catalogue is missing or damaged."""
    if language == _Spoken.language:
        return
    _Spoken.catalogue = None if language == ENGLISH else _read(folder / language / CATALOGUE)
    _Spoken.language = language if _Spoken.catalogue else ENGLISH


def _read(file: Path) -> GNUTranslations | None:
    try:
        with file.open("rb") as opened:
            return GNUTranslations(opened)
    except Exception:  # noqa: BLE001  a damaged catalogue fails in many ways, and none of them is the user's problem
        return None


# TRANSLATORS: the name of your language, in itself: Deutsch, Español
_OWN_NAME = N_("English")


@cache
def own_name(language: str, folder: Path = LOCALE) -> str:
    """Return a language's name in itself, or the name of its folder where its catalogue does not say it."""
    if language == ENGLISH:
        return _OWN_NAME
    catalogue = _read(folder / language / CATALOGUE)
    name = catalogue.gettext(_OWN_NAME) if catalogue else _OWN_NAME
    return language if name == _OWN_NAME else name


def languages(folder: Path = LOCALE) -> list[str]:
    """Return the languages that there are, as their folders are named."""
    return [ENGLISH, *sorted(file.parent.parent.name for file in folder.glob(f"*/{CATALOGUE}"))]


def printable(text: str, longest: int = 300) -> str:
    """Return a text as one line, with plain spaces and without control codes; cut if too long."""
    shown = "".join(" " if letter.isspace() or UNFIT.match(letter) else letter for letter in text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"
