"""Writes a shell's completion from the command line's own parser.

Free text is completed with the usual values. The options of `run` are completed without a command as well.
"""

import argparse
import sys

import shtab

from tray.cli import parser
from tray.core.states import STATES
from tray.core.values import Keep
from tray.messages import help as words

OFFERED = {
    words.option("state"): [state.key for state in STATES],
    words.option("keep"): [keep.value for keep in Keep],
    words.option("for"): [keep.value for keep in Keep if keep not in (Keep.UNTIL_STOPPED, Keep.END_OF_DAY)],
}


def completion(shell: str) -> str:
    """Return the completion for bash, zsh or fish."""
    top = parser()
    commands = _commands(top)
    for command in commands.values():
        for action in command._actions:
            action.choices = OFFERED.get(action.help or "", action.choices)
    for action in commands["run"]._actions:
        if not isinstance(action, argparse._HelpAction):
            top._add_action(action)
    return shtab.complete(top, shell=shell)


def _commands(top: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (table,) = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(table.choices)


if __name__ == "__main__":
    sys.stdout.write(completion(sys.argv[1]))
