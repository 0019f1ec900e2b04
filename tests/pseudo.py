"""A language for tests: each English letter has a mark, and texts are a third longer; what is not translated shows.

    TESTS_LANGUAGE=pseudo uv run pytest tests/core

The tests of menu and notices pass in it as they are, because a text that was looked up is equal to its English, too;
those of the terminal and of the settings page read what was drawn through `english`.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent
LANGUAGE = "pseudo"
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARKED = "ȧƀƈḓḗƒɠħīĵķŀḿƞǿƥɋřşŧŭṽẇẋẏẑȦƁƇḒḖƑƓĦĪĴĶĿḾȠǾƤɊŘŞŦŬṼẆẊẎẐ"
LONGER = "\N{MODIFIER LETTER TRIANGULAR COLON}"  # after each third letter
TO_MARKED, TO_PLAIN = str.maketrans(PLAIN, MARKED), str.maketrans(MARKED, PLAIN, LONGER)
# What stays as it is: placeholders and commands; what no translator touches either.
KEPT = re.compile(
    r"{[^}]*}|%\(\w+\)[sr]|%[sr]|%[HM]|`[^`]+`|https?://\S+|--[a-z-]+|\b[A-Z_]{4,}\b|\[[Yy]/[Nn]\]"
    r"|presence-tray(?: [a-z-]+)*|Presence Tray|Microsoft|Teams|\w+\.\w[\w.]*"
)


def is_spoken() -> bool:
    """Tell whether the tests run in the language."""
    return os.environ.get("TESTS_LANGUAGE") == LANGUAGE


def room(characters: int) -> int:
    """Return the room that a text of that length in English has."""
    return characters * 4 // 3 if is_spoken() else characters


def marked(text: str) -> str:
    """Return a text in the language."""
    parts, rest = [], 0
    for kept in KEPT.finditer(text):
        parts += [_marked(text[rest : kept.start()]), kept[0]]
        rest = kept.end()
    return "".join([*parts, _marked(text[rest:])])


def _marked(text: str) -> str:
    return re.sub(rf"((?:[{MARKED}][^{MARKED}\n]*?){{3}})", rf"\1{LONGER}", text.translate(TO_MARKED))


def english(text: str) -> str:
    """Return a text of the language in English."""
    return text.translate(TO_PLAIN)


@cache
def _catalogue() -> bytes:
    """Return the compiled catalogue, from the texts in the code."""
    sys.path.insert(0, str(PROJECT / "packaging"))
    import catalogues  # noqa: PLC0415  the tool beside the packages
    from babel.messages.mofile import write_mo  # noqa: PLC0415  not every lane has it

    made = catalogues.template()
    for message in made:
        if message.id:
            of = message.id
            message.string = marked(of) if isinstance(of, str) else tuple(map(marked, of))
    compiled = BytesIO()
    write_mo(compiled, made)
    return compiled.getvalue()


def write(folder: Path) -> None:
    """Write the catalogue into a folder."""
    file = folder / LANGUAGE / "LC_MESSAGES" / "presence-tray.mo"
    file.parent.mkdir(parents=True)
    file.write_bytes(_catalogue())


@contextmanager
def spoken() -> Iterator[None]:
    """Speak the language wherever the program would speak English: where nothing else is set, for instance."""
    from tray.messages import catalogue  # noqa: PLC0415  coverage has to begin first

    speak = catalogue.speak
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))

        def speak_or_stay(language: str, locale: Path = catalogue.LOCALE) -> None:
            if language == catalogue.ENGLISH:
                speak(LANGUAGE, Path(folder))
            else:
                speak(language, locale)

        catalogue.speak = speak_or_stay
        speak(LANGUAGE, Path(folder))
        try:
            yield
        finally:
            catalogue.speak = speak
            speak(catalogue.ENGLISH)


@contextmanager
def spoken_to_tests() -> Iterator[None]:
    """Speak the language to tests that are written in English: a text equals its English, too."""
    from tray.messages import catalogue  # noqa: PLC0415  coverage has to begin first

    class Known(catalogue.Said):
        """A text that equals its English, too."""

        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return isinstance(other, str) and self.english == english(str(catalogue.in_english(other)))

        def __ne__(self, other: object) -> bool:
            return not self == other

        def __hash__(self) -> int:
            return hash(self.english)

        def startswith(self, *what: Any) -> bool:
            return str.startswith(self, *what) or self.english.startswith(*what)

        def endswith(self, *what: Any) -> bool:
            return str.endswith(self, *what) or self.english.endswith(*what)

        def __contains__(self, part: Any) -> bool:
            return str.__contains__(self, part) or part in self.english

    catalogue.Said = Known  # type: ignore[misc]
    with spoken():
        yield
