"""Each line of the help fits the terminal, in every language."""

import argparse
import re
from collections.abc import Iterator

import pytest
from wcwidth import wcswidth

from tray import cli
from tray.messages import catalogue

MARGIN = 2  # columns that argparse leaves free


@pytest.fixture(params=catalogue.languages())
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    catalogue.speak(request.param)
    monkeypatch.setattr(argparse, "_", catalogue.translated)
    yield request.param
    catalogue.speak("en")


def shown(command: str | None) -> str:
    whole = cli.parser(command)
    tables = [action for action in whole._actions if isinstance(action, argparse._SubParsersAction)]
    return (tables[0].choices[command] if command else whole).format_help()


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(language: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for command in (None, *cli.COMMANDS):
        for line in shown(command).splitlines():
            one_word = " " not in line.strip() or re.fullmatch(r" +\[[^]]*\]", line)  # of which argparse parts none
            assert wcswidth(line) <= columns - MARGIN or one_word, (language, line)


def test_what_is_wrapped_stands_below_its_beginning(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    first, *more = shown("set").split("\n\n")[0].splitlines()
    begins = wcswidth(first.partition("[-h]")[0])
    assert {len(line) - len(line.lstrip()) for line in more} == {begins}, language


def test_a_description_keeps_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    help_ = shown(None)
    assert "you clear it.\nWithout a command" in help_
    assert "\n  PRESENCE_TRAY_HOME=DIR   store settings" in help_
