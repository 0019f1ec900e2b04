"""Brings the English texts into the catalogues, and compiles the catalogues and the help pages.

    uv run python packaging/catalogues.py            after a change of English texts
    uv run python packaging/catalogues.py LANGUAGE   begins another language

It keeps what is translated; the tests name what is missing. The build of the wheel compiles.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT = Path(__file__).resolve().parent.parent
LOCALE = Path("tray", "messages", "locale")
HELP = Path("tray", "desktop", "help", "index.html")
# The functions of messages/catalogue.py, and which of their arguments are texts.
KEYWORDS = {"N_": None, "translated": None, "ntranslated": (1, 2), "ptranslated": ((1, "c"), 2)}
# What is translated as a whole in the help page.
BLOCK = re.compile(r"(<(title|h2|h3|p|li|th|td|a)(?: [^>]*)?>)(.*?)(</\2>)", re.DOTALL)
LABEL = re.compile(r'(aria-label=")()([^"]+)(")')


def template() -> Catalog:
    """Return every English text, in the order of the files."""
    made = Catalog(charset="utf-8")
    for folder in ("tray/messages", "packaging"):
        found = extract_from_dir(PROJECT / folder, [("**.py", "python")], {}, KEYWORDS, ("TRANSLATORS:",))
        for file, line, text, comments, context in sorted(found, key=lambda each: (each[0], each[1])):
            made.add(text, locations=[(f"{folder}/{file}", line)], auto_comments=comments, context=context)
    for number, text in enumerate(blocks((PROJECT / HELP).read_text("utf-8"))):
        made.add(text, locations=[(HELP.as_posix(), number)])
    return made


def blocks(page: str) -> Iterator[str]:
    """Yield the texts of the help page."""
    for pattern in (LABEL, BLOCK):
        for block in pattern.finditer(page):
            yield " ".join(block[3].split())


def translated_page(page: str, language: str, translate: Callable[[str], str]) -> str:
    """Return the help page in another language."""
    for pattern in (LABEL, BLOCK):
        page = pattern.sub(lambda block: block[1] + translate(" ".join(block[3].split())) + block[4], page)
    return page.replace('<html lang="en">', f'<html lang="{language.replace("_", "-")}">')


def update(source: Path, texts: Catalog, language: str) -> None:
    """Bring the English texts into a catalogue."""
    catalogue = Catalog(language)
    if source.exists():
        with source.open("rb") as opened:
            catalogue = read_po(opened, language, abort_invalid=True)
    catalogue.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    source.parent.mkdir(parents=True, exist_ok=True)
    with source.open("wb") as opened:
        write_po(opened, catalogue, width=100, include_lineno=False, sort_by_file=True, ignore_obsolete=True)


def compile_all(project: Path) -> None:
    """Write each compiled catalogue beside its source, and each help page beside the English one."""
    page = (project / HELP).read_text("utf-8")
    for source in sorted((project / LOCALE).glob("*/LC_MESSAGES/*.po")):
        language = source.parent.parent.name
        with source.open("rb") as opened, source.with_suffix(".mo").open("wb") as compiled:
            catalogue = read_po(opened, language, abort_invalid=True)
            write_mo(compiled, without_help(catalogue))

        def translate(text: str, catalogue: Catalog = catalogue) -> str:
            found = catalogue.get(text)
            return str(found.string or text) if found else text

        made = (project / HELP).with_name(f"index.{language}.html")
        made.write_text(translated_page(page, language, translate), "utf-8")


def without_help(whole: Catalog) -> Catalog:
    """Return a catalogue without the texts of the help page, which the program never looks up."""
    made = Catalog(whole.locale, charset="utf-8")
    made.mime_headers = whole.mime_headers
    for message in whole:
        if message.id and any(file != HELP.as_posix() for file, _line in message.locations):
            made[message.id] = message
    return made


def main() -> None:
    """Bring every catalogue up to date."""
    texts = template()
    languages = sys.argv[1:] or [each.name for each in sorted((PROJECT / LOCALE).iterdir())]
    for language in languages:
        update(PROJECT / LOCALE / language / "LC_MESSAGES" / "presence-tray.po", texts, language)
    compile_all(PROJECT)


if __name__ == "__main__":
    main()
