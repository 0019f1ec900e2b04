"""The command line's two voices; must not know what is said."""

import sys


def say(text: str) -> None:
    """Print a result, at once: who reads it over a pipe may have to act on it."""
    print(text, flush=True)  # noqa: T201  the one place


def warn(text: str) -> None:
    """Print what is no result: an error, a remark."""
    print(text, file=sys.stderr)  # noqa: T201  the other place
