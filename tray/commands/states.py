"""The command that lists the states: what can be set and how it is held, and what cannot; text from tables."""

import argparse

from tray.commands.output import say
from tray.core.states import NEVER_SENT, STATES
from tray.messages import commands as words
from tray.messages.presence import pair


def states(_args: argparse.Namespace) -> int:
    """List the nine, and the states that only Teams itself sets."""
    rows = [words.states_head()]
    rows += [(state.key, pair(state.pair), words.shows(state.preferred_use)) for state in STATES]
    _table(rows)
    say(f"\n{words.states_never_sent()}")
    _table([(row.key, row.pair, words.why_never_sent(row.key)) for row in NEVER_SENT])
    return 0


def _table(rows: list[tuple[str, str, str]]) -> None:
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for key, shown, how in rows:
        say(f"{key:<{first}}  {shown:<{second}}  {how}")
