"""Printing: results to stdout, everything else to stderr."""

import io
import sys
from contextlib import suppress

from tray.control.protocol import JsonObject
from tray.errors import TrayError
from tray.messages import APP_NAME
from tray.messages import commands as words
from tray.messages.catalogue import printable, whole

if sys.platform == "win32":
    import ctypes

    ICON_WARNING, ON_TOP = 0x30, 0x1_0000  # MB_ICONWARNING, MB_SETFOREGROUND


def prepare() -> None:
    """Let a console that cannot show a character show "?" in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """Print a result and flush it, because a program at the other end of a pipe may wait for it.

    Raise `TrayError` where it cannot be written.
    """
    try:
        print(_clean(text), flush=True)  # noqa: T201  stdout is for results
    except BrokenPipeError:
        raise
    except OSError as exc:  # the disk is full
        raise TrayError(*words.not_printed(exc.strerror or str(exc))) from exc


def warn(text: str) -> None:
    """Print an error or a remark, if it can be written; without a console on Windows, show it in a window."""
    if sys.platform == "win32" and sys.stderr is None:
        ctypes.windll.user32.MessageBoxW(None, text, APP_NAME, ICON_WARNING | ON_TOP)
    else:
        with suppress(OSError):  # a full disk, or nobody reads: what else is done, and the exit code, stay right
            print(_clean(text), file=sys.stderr)  # noqa: T201  stderr is for the rest


def tell(outcome: JsonObject) -> int:
    """Print the outcome that the app tells, and return its exit code."""
    if "text" in outcome:
        say(outcome["text"])
    else:
        warn(f"presence-tray: {whole(outcome['title'], outcome['message'])}")
    return int(outcome["exit_code"])


def _clean(text: str) -> str:
    """Return a text whose parts cannot command the terminal, wherever they come from."""
    return text if text.isprintable() else "\n".join(printable(line, len(line)) for line in text.split("\n"))
