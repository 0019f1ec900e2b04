"""The command that follows the running app: a line now and at each change."""

import argparse
from datetime import UTC, datetime

from tray.clock import LocalZone
from tray.commands.app import as_json, find, said
from tray.commands.output import say
from tray.control.client import follow
from tray.messages import status as status_words

UNWATCHED = frozenset({"refresh"})  # it changes with every renewal, and nobody sees that in Teams


def watch(args: argparse.Namespace) -> int:
    """Print the status now and at each change until the app ends; Ctrl-C is the way to stop it."""
    told: dict[str, str] = {}
    try:
        for answer in follow(find().address, {"do": "watch"}):
            if args.json:
                say(as_json(answer["status"]))
                continue
            now = {line.name: line for line in status_words.lines(said(answer), LocalZone(), datetime.now(UTC))}
            for name, line in now.items():
                if name not in UNWATCHED and told.get(name) != line.text:
                    say(status_words.choice(line.label, line.text))
            told = {name: line.text for name, line in now.items()}
    except KeyboardInterrupt:
        pass
    return 0
