"""The help in lines that fit the terminal, where Japanese characters take two columns.

argparse counts characters. What is overridden here are its formatter's methods that wrap a text, which it has kept as
they are since Python 2.7; a test looks at each line.
"""

import argparse
from collections.abc import Iterable

from tray.columns import width, wrapped
from tray.messages.catalogue import translated

STAND_IN = "\x00"  # a character of one column


class HelpFormatter(argparse.HelpFormatter):
    """argparse's formatter, whose descriptions keep their lines."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrapped(" ".join(text.split()), width)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(line for each in text.splitlines() for line in _in_lines(indent + each, width))

    def _format_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None,
    ) -> str:
        """Let the lines of the usage stand below its first, however wide the word before it is."""
        prefix = translated("usage: ") if prefix is None else prefix
        room = STAND_IN * width(prefix)
        return super()._format_usage(usage, actions, groups, room).replace(room, prefix, 1)


def _in_lines(line: str, columns: int) -> list[str]:
    """Wrap a line below its own beginning."""
    indent = line[: len(line) - len(line.lstrip())]
    return [indent + each for each in wrapped(line.lstrip(), columns - len(indent))]
