"""Processes of our own: the parts of the program beside the app, and the newer version that takes its place.

A frozen program starts itself, an interpreter starts one of our modules.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tray.core.record import Record
from tray.core.values import Hold
from tray.runtime_folder import NAME

TAKE_UP, TAKE_UP_PINNED = "--take-up", "--take-up-pinned"
CHECKOUT = Path(__file__).parent.parent  # the folder that holds the package


class Part(Record):
    """A part of the program that runs in a process of its own."""

    argument: str  # the hidden first argument of a frozen program
    module: str

    def command(self) -> list[str]:
        """Return the command that starts the part.

        Of the two frozen programs on Windows it is the one for consoles, which has streams and shows no window.
        """
        if getattr(sys, "frozen", False):
            program = Path(sys.executable)
            return [str(program.with_name(f"{NAME}.exe") if sys.platform == "win32" else program), self.argument]
        return [sys.executable, *(["-P"] if _is_importable() else []), "-m", self.module]


def folder() -> Path | None:
    """Return the folder in which a process of ours starts; `None`: the present one."""
    return None if getattr(sys, "frozen", False) or _is_importable() else CHECKOUT


def _is_importable() -> bool:
    """Tell whether an interpreter finds this package by itself, which it does not in a mere checkout.

    Else it has to start in the checkout, and takes whatever lies there for a module of the standard library.
    """
    return str(CHECKOUT) in sys.path[0 if sys.flags.safe_path else 1 :]


def plain_environment(environ: Mapping[str, str], *, packaged: bool) -> dict[str, str]:
    """Return the environment for another program: without the folder of a packaged program's libraries.

    Source: https://pyinstaller.org/en/stable/runtime-information.html, on LD_LIBRARY_PATH.
    """
    before = environ.get("LD_LIBRARY_PATH_ORIG") if packaged else environ.get("LD_LIBRARY_PATH")
    ours = ("LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG")
    plain = {name: value for name, value in environ.items() if name not in ours}
    return plain if before is None else {**plain, "LD_LIBRARY_PATH": before}


def successor(pick: Hold | None, arguments: Sequence[str]) -> list[str]:
    """Return what the program is started with again; a timed pick is in the state file, one without end is not."""
    plain = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "tray"]
    plain += [argument for argument in arguments if not argument.startswith(TAKE_UP)]
    if pick is None or pick.until:
        return plain
    return [*plain, f"{TAKE_UP}={pick.state.key}", *([TAKE_UP_PINNED] if pick.pinned else [])]


def become(words: Sequence[str]) -> None:
    """Become the version that was installed under the running program; never return, raise `OSError` without one.

    The Debian package's postinst sends SIGUSR1 to whoever still runs the replaced file. The files on disk then belong
    to another version, so nothing more may be imported: what is held is given back, the new program takes this
    process's place and takes the hold up again.
    """
    environ = plain_environment(os.environ, packaged=getattr(sys, "frozen", False))
    # https://pyinstaller.org/en/stable/common-issues-and-pitfalls.html, on restarting a program by itself
    os.execve(words[0], list(words), environ | {"PYINSTALLER_RESET_ENVIRONMENT": "1"})  # noqa: S606  itself
