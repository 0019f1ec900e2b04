"""The list of states, in columns that line up whatever the language."""

import argparse
from collections.abc import Iterator

import pytest
from wcwidth import wcswidth

from tray.commands.states import states
from tray.core.states import NEVER_SENT, STATES
from tray.messages import catalogue
from tray.messages import commands as words


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
