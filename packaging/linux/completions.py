"""Writes a shell's completion from the command line's own parser; must not know what the commands do."""

import argparse
import sys

import shtab

from tray.core.states import STATES
from tray.grammar import parser
from tray.words import help as words


def completion(shell: str) -> str:
    """Return the completion for bash, zsh or fish, the nine states included."""
    top = parser()
    for command in _commands(top):
        for action in command._actions:
            if action.help == words.STATE:
                action.choices = [state.key for state in STATES]
    return shtab.complete(top, shell=shell)


def _commands(top: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    (table,) = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    return list(table.choices.values())


if __name__ == "__main__":
    sys.stdout.write(completion(sys.argv[1]))
