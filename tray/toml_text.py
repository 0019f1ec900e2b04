"""TOML as text, in which one value is set and everything else stays as it was."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array

HEADER = re.compile(r"(?:#[^\n]*\n)+\r?\n")  # the comments that a file begins with, up to an empty line
LONE_LINE_FEED = re.compile(r"(?<!\r)\n")

Table = Mapping[str, Any]


def with_value(text: str, key: str, value: Any) -> str:
    """Set a key of the top level, or remove it (`None`); raise `ValueError` where the text is not TOML."""
    try:
        return _with_value(text, key, value)
    except TOMLKitError as exc:
        raise ValueError(str(exc)) from exc


def _with_value(text: str, key: str, value: Any) -> str:
    document = tomlkit.parse(text)
    if value is None:
        document.pop(key, None)
        return tomlkit.dumps(document)
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        _set_tables(document, key, value)
        return _with_line_ends_of(text, tomlkit.dumps(document))
    if key not in document:
        with suppress(TOMLKitError):  # what stands commented out may be no TOML
            uncommented = tomlkit.parse(re.sub(rf"(?m)^[ \t]*#[ \t]*(?={key}[ \t]*=)", "", text, count=1))
            if key in uncommented:  # and not within a table or a text
                document = uncommented
    if key in document:
        document[key] = value
        return tomlkit.dumps(document)
    header = HEADER.match(text)
    start = header.end() if header else 0
    line = f"{key} = {tomlkit.item(value).as_string()}" + ("\r\n" if "\r\n" in text else "\n")
    return text[:start] + line + text[start:]


def _set_tables(document: tomlkit.TOMLDocument, key: str, rows: Sequence[Table]) -> None:
    """Set a list of tables; those that are there are changed in place, so that their comments stay."""
    tables = document.get(key)
    if not isinstance(tables, AoT | Array):
        document.pop(key, None)
        tables = document[key] = tomlkit.aot()
        tables = document[key]
    present = [each.unwrap() for each in tables]
    for number in range(len(present) - 1, -1, -1):
        if len(tables) > len(rows) and present[number] not in rows:
            del tables[number]
    while len(tables) > len(rows):
        del tables[-1]
    for number, row in enumerate(rows):
        if number < len(tables):
            _make_equal(tables[number], row)
        elif isinstance(tables, AoT):
            tables.append(tomlkit.item(dict(row)))
        else:
            table = tomlkit.inline_table()
            table.update(row)
            tables.append(table)


def _make_equal(table: Any, row: Table) -> None:
    for key in set(table) - set(row):
        del table[key]
    for key, value in row.items():
        if key not in table or table[key].unwrap() != value:
            table[key] = value


def _with_line_ends_of(before: str, after: str) -> str:
    """Let what is new end its lines as the rest does."""
    alike = "\r\n" in before and not LONE_LINE_FEED.search(before)
    return LONE_LINE_FEED.sub("\r\n", after) if alike else after
