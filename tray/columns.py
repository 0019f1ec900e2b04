"""Text in the columns of a terminal, where Japanese characters and emoji take two columns and accents none.

The standard library knows enough for that, and commands start sooner: on a busy machine `unicodedata` took 0.4 ms and
`wcwidth` more than 65 ms (`python -X importtime -c "import unicodedata, wcwidth"`). Where terminals differ (flags,
joined emoji, signs with a variation selector) the wider answer counts, so that no line goes over the edge. Characters
of ambiguous width take one column, as terminals have it unless they are told otherwise.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise
from unicodedata import category, east_asian_width

EMOJI_STYLE = "\ufe0f"  # turns the sign before it into an emoji, which is wide
NO_WIDTH = {"Mn", "Me", "Cf"}  # accents and joiners
NEVER_FIRST = NO_WIDTH | {"Pe", "Pf", "Po", "Lm", "Sk"}  # in a line: what closes, lengthens or colours what precedes
NEVER_LAST = {"Ps", "Pi", "Cf"}  # what opens or joins
SMALL_KANA = set("ぁぃぅぇぉっゃゅょァィゥェォッャュョ")  # belong to the character before
FLAG_LETTERS = range(0x1F1E6, 0x1F200)


def width(text: str) -> int:
    """Return how many columns a text takes."""
    return len(text) if text.isascii() else sum(_widths(text))


def padded(text: str, columns: int) -> str:
    """Return a text with spaces up to a width."""
    return text + " " * (columns - width(text))


def cut(text: str, columns: int) -> str:
    """Return as much of the beginning of a text as has room."""
    return text[: bisect_right(list(accumulate(_widths(text))), columns)]


def wrapped(text: str, columns: int) -> list[str]:
    """Return a text in lines, broken at spaces and between wide characters; a word that is too long is cut."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line.strip() and width(line) + width(piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while width(line.rstrip()) > columns:
            begun = cut(line, columns) or line[0]
            lines.append(begun)
            line = line[len(begun) :]
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _widths(text: str) -> Iterator[int]:
    """Yield what each character adds to the width of a text."""
    before = 0
    for letter in text:
        if letter == EMOJI_STYLE:
            added = 1 if before == 1 else 0
        elif category(letter) in NO_WIDTH:
            added = 0
        else:
            added = 2 if _is_wide(letter) else 1
        before = added or before
        yield added


def _is_wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF" or ord(letter) in FLAG_LETTERS


def _pieces(text: str) -> Iterator[str]:
    """Yield the parts of a text between which a line may end; the spaces after a word belong to it."""
    piece = text[:1]
    for last, letter in pairwise(text):
        if _may_part(last, letter):
            yield piece
            piece = ""
        piece += letter
    yield piece


def _may_part(last: str, letter: str) -> bool:
    if last == " " or letter == " ":
        return letter != " "
    if letter in SMALL_KANA or category(letter) in NEVER_FIRST or category(last) in NEVER_LAST:
        return False
    return _is_wide(last) or _is_wide(letter)
