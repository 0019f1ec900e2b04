"""TOML as text, in which one value is set and everything else stays as it was, comments too."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array

HEADER = re.compile(r"(?:#[^\n]*\n)+\r?\n")  # the comments that a file begins with, up to an empty line
LONE_LINE_FEED = re.compile(r"(?<!\r)\n")
TABLE = re.compile(r"[ \t]*\[")  # a table's header, or a list's line: what is read at the end decides

Table = Mapping[str, Any]


def with_value(text: str, key: str, value: Any) -> str:
    """Set a key of the top level, or remove it (`None`); raise `ValueError` where the text is not TOML."""
    try:
        return _with_line_ends_of(text, _with_value(text, key, value))
    except TOMLKitError as exc:
        raise ValueError(str(exc)) from exc


def _with_value(text: str, key: str, value: Any) -> str:
    document = tomlkit.parse(text)
    before = document.get(key)
    if isinstance(before, AoT):
        rows = value if isinstance(value, list) else []
        changed = _with_tables(text, key, before.unwrap(), rows)
        return _with_value(changed, key, value) if value == [] else changed
    if value is None:
        document.pop(key, None)
        return tomlkit.dumps(document)
    if isinstance(before, Array) and isinstance(value, list):
        return _with_items(document, text, key, value)
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return _anew(document, key, value)
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
    return f"{text[:start]}{key} = {tomlkit.item(value).as_string()}\n{text[start:]}"


# ------------------------------------------------------------------------------- lists


def _with_items(document: tomlkit.TOMLDocument, text: str, key: str, value: list[Any]) -> str:
    """Set a list; the comments beside the items that stay in their order, stay."""
    array, old = document[key], document[key].unwrap()
    changes = SequenceMatcher(None, _spelled(old), _spelled(value)).get_opcodes()
    for tag, low, high, new_low, new_high in reversed(changes):
        if tag == "equal":
            continue
        both = min(high - low, new_high - new_low)
        for number in range(high - 1, low + both - 1, -1):
            del array[number]
        for number, each in enumerate(value[new_low:new_high], low):
            if number < low + both and isinstance(each, Mapping) and isinstance(array[number], Mapping):
                _make_equal(array[number], each)
            elif number < low + both:
                array[number] = _inline(each)
            else:
                array.insert(number, _inline(each))
    return _checked(tomlkit.dumps(document), text, key, value)


def _inline(item: Any) -> Any:
    if not isinstance(item, Mapping):
        return item
    table = tomlkit.inline_table()
    table.update(item)
    return table


def _spelled(items: Sequence[Any]) -> list[str]:
    """Return items as texts: tables cannot be hashed."""
    return [repr(each) for each in items]


# ------------------------------------------------------------------------------- tables


class _Block(NamedTuple):
    """A table as text: the comments right above it, its header and its lines; and what stands behind it."""

    text: str
    behind: str


def _with_tables(text: str, key: str, old: Sequence[Table], rows: Sequence[Table]) -> str:
    """Set a list of tables; each that stays takes its comments along, each that goes its own."""
    changed = ""
    with suppress(TOMLKitError):  # a line in a table may look like a header
        head, blocks = _blocks(text, key)
        if len(blocks) == len(old):
            changed = _arranged(head, blocks, key, list(_matched(old, rows)))
    return _checked(changed, text, key, rows)


def _arranged(head: str, blocks: Sequence[_Block], key: str, matched: Sequence[tuple[int | None, Table]]) -> str:
    """Return the text with its tables as they were matched."""
    texts = [
        _written(key, row) if number is None else _edited(blocks[number].text, key, row) for number, row in matched
    ]
    gaps = [block.behind for block in blocks]
    if len(texts) > len(gaps):  # new ones come last, and what stands behind all stays there
        gaps[-1:] = [*["\n"] * (len(texts) - len(gaps)), gaps[-1]]
    elif len(texts) < len(gaps):  # of what stood behind those that go only text stays
        first = max(0, len(texts) - 1)
        gaps[first:] = ["".join(gap for gap in gaps[first:] if gap.strip()) or gaps[-1]]
    if not texts:
        return head.rstrip("\r\n") + "\n" * bool(head.strip()) + gaps[0]
    return head + "".join(map("".join, zip(texts, gaps, strict=True)))


def _blocks(text: str, key: str) -> tuple[str, list[_Block]]:
    """Return what stands before the first of a list's tables, and the tables."""
    lines = text.splitlines(keepends=True)
    header = re.compile(rf"[ \t]*\[\[[ \t]*{key}[ \t]*\]\]")
    starts = [_first_comment(lines, number) for number, line in enumerate(lines) if header.match(line)]
    if not starts:
        return text, []
    blocks = []
    for start, following in zip(starts, [*starts[1:], len(lines)], strict=True):
        number = next(at for at in range(start, len(lines)) if header.match(lines[at]))
        others = (_first_comment(lines, at) for at in range(number + 1, following) if TABLE.match(lines[at]))
        last = max(_content(lines, number, next(others, following)))
        blocks.append(_Block("".join(lines[start : last + 1]), "".join(lines[last + 1 : following])))
    return "".join(lines[: starts[0]]), blocks


def _first_comment(lines: Sequence[str], number: int) -> int:
    """Return the first of the comments right above a line."""
    while number and lines[number - 1].lstrip().startswith("#"):
        number -= 1
    return number


def _content(lines: Sequence[str], first: int, end: int) -> Iterator[int]:
    """Yield the lines that are neither empty nor a comment."""
    return (at for at in range(first, end) if lines[at].strip() and not lines[at].lstrip().startswith("#"))


def _matched(old: Sequence[Table], rows: Sequence[Table]) -> Iterator[tuple[int | None, Table]]:
    """Yield each row with the table that becomes it: the one most like it that no other row is more like."""
    found: dict[int, int] = {}
    likeness = {(row, at): _likeness(rows[row], old[at]) for row in range(len(rows)) for at in range(len(old))}
    for number, at in sorted(likeness, key=lambda pair: (-likeness[pair], pair)):
        if number not in found and at not in found.values():
            found[number] = at
    for number, row in enumerate(rows):
        yield found.get(number), row


def _likeness(row: Table, table: Table) -> float:
    """Return how much of two tables is the same; one that is the same as a whole comes before all others."""
    return float("inf") if row == table else len([key for key in row if key in table and row[key] == table[key]])


def _edited(block: str, key: str, row: Table) -> str:
    """Return a table's text with the values of a row."""
    document = tomlkit.parse(block)
    _make_equal(document[key][0], row)
    return tomlkit.dumps(document)


def _make_equal(table: Any, row: Table) -> None:
    for name in set(table) - set(row):
        del table[name]
    for name, value in row.items():
        if name not in table or table[name].unwrap() != value:
            table[name] = value


def _written(key: str, row: Table) -> str:
    return tomlkit.dumps({key: [dict(row)]})


def _checked(changed: str, text: str, key: str, value: Any) -> str:
    """Return a changed text if it says what it should, else what tomlkit makes of it, which may drop comments."""
    with suppress(ValueError):
        found = tomllib.loads(changed)
        if found.get(key, []) == value and {**found, key: 0} == {**tomllib.loads(text), key: 0}:
            return changed
    return _anew(tomlkit.parse(text), key, value)


def _anew(document: tomlkit.TOMLDocument, key: str, value: Sequence[Any]) -> str:
    """Write a list in the place of whatever stood there; an empty one is left out."""
    document.pop(key, None)
    if value and isinstance(value[0], Mapping):
        document[key] = tomlkit.aot()
        for row in value:
            document[key].append(tomlkit.item(dict(row)))
    elif value:
        document[key] = value
    return tomlkit.dumps(document)


def _with_line_ends_of(before: str, after: str) -> str:
    """Let what is new end its lines as the rest does."""
    alike = "\r\n" in before and not LONE_LINE_FEED.search(before)
    return LONE_LINE_FEED.sub("\r\n", after) if alike else after
