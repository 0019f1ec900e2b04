"""The list of states, in columns that line up whatever the language."""

import argparse
from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from wcwidth import wcswidth

from tests.rows import for_each
from tray.commands.states import keep_for, message_for, states
from tray.core.states import NEVER_SENT, STATES
from tray.core.values import Keep
from tray.errors import UsageError
from tray.messages import catalogue
from tray.messages import commands as words


@for_each(
    ("typed", "cure"),
    [
        ("two\nlines", "Remove the line break."),
        ("a\u2029b", "Remove the line break."),
        ("a\u202eb", "Remove the character U+202E."),
        ("a\udce9", "Remove the character U+DCE9."),
        ("\u3000", "To remove it, run: presence-tray message --clear"),
    ],
)
def test_what_keeps_a_text_from_being_a_message_is_named(typed: str, cure: str) -> None:
    with pytest.raises(UsageError) as told:
        message_for(typed)
    assert told.value.message == cure


def test_a_message_is_taken_as_a_japanese_keyboard_types_it() -> None:
    assert message_for("\u3000昼休み\u300013時まで") == "昼休み\u300013時まで"


@for_each(
    ("typed", "choice"),
    [
        *((keep.value, keep) for keep in Keep),
        *((f"until {typed}", Keep.END_OF_DAY) for typed in ("end of day", "the end of the day", "end-of-day")),
        *((typed, Keep.UNTIL_STOPPED) for typed in ("until stopped", "Until stopped")),
        ("for 1h", Keep.HOUR),
        ("for 3h", timedelta(hours=3)),
        ("until 17:00", time(17)),
    ],
)
def test_how_long_is_understood_as_the_menu_says_it(typed: str, choice: object) -> None:
    assert keep_for(typed) == choice


@pytest.fixture
def _japanese() -> Iterator[None]:
    catalogue.speak("ja")
    yield
    catalogue.speak("en")


@pytest.mark.usefixtures("_japanese")
def test_the_columns_line_up_in_japanese(capsys: pytest.CaptureFixture[str]) -> None:
    states(argparse.Namespace())
    shown, never = capsys.readouterr().out.split("\n\n")
    for table, reasons in (
        (shown, [words.states_head()[2], *(words.shows(state.preferred_use) for state in STATES)]),
        (never.partition("\n")[2], [words.why_never_sent(row.key) for row in NEVER_SENT]),
    ):
        rows = table.strip("\n").split("\n")
        begins = {wcswidth(row.removesuffix(reason)) for row, reason in zip(rows, reasons, strict=True)}
        assert len(begins) == 1
    assert not words.states_head()[2].isascii()
