"""Nothing English shines through where a text is to be translated: everything is said in the tests' own language."""

import argparse
import ast
import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from tests import pseudo
from tests.core.driver import OFFLINE, Drive, held, started
from tests.messages.everything_said import every_notice
from tray import cli
from tray.core.events import KeepChosen, PinToggled, SecondStarted, SignOutAsked, Stopped
from tray.core.states import STATES
from tray.core.values import AccountRead, Keep
from tray.core.view_model import flat
from tray.desktop.terminal import face
from tray.messages import catalogue, status
from tray.messages import help as help_words

FOR_PROGRAMMERS = {
    "'required' is an invalid argument for positionals",
    "mutually exclusive arguments must be optional",
    ".__call__() not defined",
    "%r is not callable",
    "can't open '%(filename)s': %(error)s",
    "cannot merge actions - two groups are named %r",
    "invalid option string %(option)r: must start with a character %(prefix_chars)r",
    "dest= is required for options like %r",
    "invalid conflict_resolution value: %r",
    "cannot have multiple subparser arguments",
    "conflicting subparser: %s",
    "conflicting subparser alias: %s",
    'argument "-" with mode %r',
    "unexpected option string: %s",
    "%(prog)s: error: %(message)s\n",
    "argument '%(argument_name)s' is deprecated",
    "option '%(option)s' is deprecated",
    "command '%(parser_name)s' is deprecated",
    "%(prog)s: warning: %(message)s\n",
}
# What stays English: names, commands and their values, keys of settings, what scripts read.
NAMES = r"Presence(?:\.\w+)?|Tray|Microsoft|Teams|adele@example\.test|" + "|".join(state.key for state in STATES)
COMMAND = re.compile(rf"{pseudo.KEPT.pattern}|{NAMES}|\b[A-Z]+\b|\b[a-z]+(?:-[a-z]+)+\b|[|\w]+\|[|\w]+|\b\d+[a-z]\b")


@pytest.fixture(autouse=True)
def spoken(tmp_path: Path) -> Iterator[None]:
    if pseudo.is_spoken():
        pytest.skip("the whole run is in the language")
    pseudo.write(tmp_path)
    catalogue.speak(pseudo.LANGUAGE, tmp_path)
    yield
    catalogue.speak("en")


def english_in(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]{2,}", COMMAND.sub("", text))


def driven() -> Iterator[Drive]:
    """Yield an engine while its user does what users do."""
    drive = Drive()
    yield drive
    drive.start(granted=False)
    yield drive
    drive.token(AccountRead(None))
    yield drive
    drive = started()
    for state in STATES:
        drive.pick(state)
        yield drive
        drive.settle_as_five()
        yield drive
    for event in (PinToggled(), KeepChosen(Keep.HOUR), SecondStarted(), Stopped(), SignOutAsked()):
        drive.post(event)
        yield drive
    drive = held()
    drive.pick(STATES[0])
    drive.answer(OFFLINE)
    yield drive
    drive.pass_time(7200)
    yield drive


def test_nothing_english_is_in_the_menu_the_tooltip_and_the_terminal() -> None:
    for drive in driven():
        view = drive.view
        shown = [row.label for row in flat(view.rows)]
        shown += [view.tooltip, *face.states(view), *face.other_keys(view)]
        shown += [f"{line.label} {line.text}" for line in face.said(view, None)]
        for text in shown:
            keys = re.sub(r"^[ *]*(\[.\] |[a-z0-9] )?", "", text)
            assert english_in(keys) == [], text


def test_nothing_english_is_in_the_status_in_words() -> None:
    for drive in driven():
        for line in [*status.lines(drive.status, UTC, drive.now), status.account(drive.status)]:
            assert english_in(f"{line.label} {line.text}") == [], line


def test_nothing_english_is_in_a_notice() -> None:
    for notice in every_notice():
        for text in (notice.title, notice.message, notice.remedy.label if notice.remedy else ""):
            assert english_in(text) == [], text


@pytest.mark.parametrize("command", [None, *cli.COMMANDS])
def test_nothing_english_is_in_the_help(command: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(argparse, "_", catalogue.translated)
    whole = cli.parser(command)
    tables = [action for action in whole._actions if isinstance(action, argparse._SubParsersAction)]
    parser = tables[0].choices[command] if command else whole
    for line in parser.format_help().splitlines():
        said = re.sub(r"^ {2,4}[a-z-]+( \([a-z]+\))?(?= |$)|{[^}]*}|\[[^]]*\]|'[^']*'", "", line)
        assert english_in(said) == [], line


def test_argparse_says_nothing_that_cannot_be_translated() -> None:
    """Its texts for programmers are not ours to translate."""
    source = ast.parse(Path(argparse.__file__).read_text("utf-8"))
    said = {
        node.args[0].value
        for node in ast.walk(source)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert said - set(help_words.ARGPARSE) <= FOR_PROGRAMMERS


def test_the_language_can_be_turned_back() -> None:
    text = "Set by your organisation: {settings}, {count} more"
    assert pseudo.marked(text) != text
    assert pseudo.english(pseudo.marked(text)) == text
    assert len(pseudo.marked("Connection")) > len("Connection")
