"""Restarting as a new version that was installed under the running program.

The Debian package's postinst sends SIGUSR1 to whoever still runs the replaced file. The files on disk then belong to
another version, so nothing more may be imported: what is held is given back, the new program takes this process's place
and takes the hold up again.
"""

import os
import sys
from collections.abc import Sequence

from tray.core.values import Hold
from tray.desktop.opener import outside

TAKE_UP, TAKE_UP_PINNED = "--take-up", "--take-up-pinned"


def command(pick: Hold | None, arguments: Sequence[str]) -> list[str]:
    """Return what the program is started with again; a timed pick is in the state file, one without end is not."""
    plain = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "tray"]
    plain += [argument for argument in arguments if not argument.startswith(TAKE_UP)]
    if pick is None or pick.until:
        return plain
    return [*plain, f"{TAKE_UP}={pick.state.key}", *([TAKE_UP_PINNED] if pick.pinned else [])]


def start(words: Sequence[str]) -> None:
    """Become the new program; never returns, raises `OSError` where there is none."""
    environ = outside(os.environ, packaged=getattr(sys, "frozen", False))
    # https://pyinstaller.org/en/stable/common-issues-and-pitfalls.html, on restarting a program by itself
    os.execve(words[0], list(words), environ | {"PYINSTALLER_RESET_ENVIRONMENT": "1"})  # noqa: S606  itself
