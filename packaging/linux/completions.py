"""Writes a shell's completion from the command line's own parser.

Free text is completed with the usual values. The options of `run` are completed without a command as well, and a status
is a command, after which `for` and `until` may stand.
"""

import argparse
import sys

import shtab

from tray.cli import COMMANDS, parser
from tray.commands.typed import TAKES_A_STATE, TIMES
from tray.core.states import STATES
from tray.core.values import Keep
from tray.messages import help as words
from tray.messages.presence import label

DURATIONS = [keep.value for keep in Keep if keep not in (Keep.UNTIL_STOPPED, Keep.END_OF_DAY)]
OFFERED = {
    words.option("state"): [state.key for state in STATES],
    words.option("keep"): [keep.value for keep in Keep],
    words.option("for"): DURATIONS,
    words.option("message-for"): DURATIONS,
}


def completion(shell: str) -> str:
    """Return the completion for bash, zsh or fish."""
    top = parser()
    table = _table(top)
    for state in STATES:
        _add_state(table, state.key, label(state))
    for name in TAKES_A_STATE:
        _add_times(table.choices[name])
    for command in table.choices.values():
        for action in command._actions:
            action.choices = OFFERED.get(action.help or "", action.choices)
    for action in table.choices["run"]._actions:
        if not isinstance(action, argparse._HelpAction):
            top._add_action(action)
    return shtab.complete(top, shell=shell)


def _table(top: argparse.ArgumentParser) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    (table,) = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    return table


def _add_state(table: "argparse._SubParsersAction[argparse.ArgumentParser]", key: str, says: str) -> None:
    """Let a status stand where a command could, with what `set` takes after one."""
    added = table.add_parser(key, help=says)
    _add_times(added)
    for option in COMMANDS["set"].options[1:]:
        option(added)


def _add_times(command: argparse.ArgumentParser) -> None:
    """Let a time follow a status in words, with `for` or `until`."""
    command.add_argument("when", nargs="?", choices=[word for word in TIMES if word.isalpha()])


if __name__ == "__main__":
    sys.stdout.write(completion(sys.argv[1]))
