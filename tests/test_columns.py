"""Text in columns: as wide as `wcwidth` says, and never wider than the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from tests.rows import for_each
from tray.columns import cut, padded, width, wrapped

SIGNS = "aé—…“ 状態、カナ한中🌴☕👩\u200d💻❤\ufe0f🇯🇵👍🏽e\u0301"
TEXTS = st.text(SIGNS, max_size=40)


@for_each(
    ("text", "columns"),
    [
        ("", 0),
        ("Busy", 4),
        ("取り込み中", 10),
        ("カタカナ", 8),
        ("café", 4),
        ("cafe\u0301", 4),
        ("🌴 Holiday", 10),
        ("❤\ufe0f", 2),
        ("☕\ufe0f", 2),
    ],
)
def test_a_text_is_as_wide_as_a_terminal_shows_it(text: str, columns: int) -> None:
    assert width(text) == columns == wcswidth(text)


@given(TEXTS)
def test_no_text_is_wider_than_was_counted(text: str) -> None:
    assert width(text) >= wcswidth(text)


def test_columns_line_up_behind_japanese_and_emoji() -> None:
    rows = [padded(label, 8) + "|" for label in ("状態", "Teams", "☕ 休憩")]
    assert {wcswidth(row) for row in rows} == {9}


@given(TEXTS, st.integers(0, 40))
def test_a_cut_text_has_room_and_is_as_long_as_possible(text: str, columns: int) -> None:
    begun = cut(text, columns)
    assert text.startswith(begun)
    assert width(begun) <= columns
    assert begun == text or width(text[: len(begun) + 1]) > columns


@given(TEXTS, st.integers(2, 40))
def test_wrapped_text_loses_nothing_but_spaces_and_no_line_is_too_wide(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line) <= columns for line in lines)


@pytest.mark.parametrize(
    ("text", "columns", "lines"),
    [
        ("", 12, [""]),
        ("No network. Check the VPN.", 12, ["No network.", "Check the", "VPN."]),
        ("ネットワークがありません。", 12, ["ネットワーク", "がありませ", "ん。"]),  # no line begins with a full stop
        ("これは「状態」です", 8, ["これは", "「状態」", "です"]),
        ("In the lab 🌴🌴🌴", 14, ["In the lab 🌴", "🌴🌴"]),
        ("supercalifragilistic", 12, ["supercalifra", "gilistic"]),
    ],
)
def test_lines_end_where_readers_expect(text: str, columns: int, lines: list[str]) -> None:
    assert wrapped(text, columns) == lines
