"""Processes of our own beside the app: a frozen program starts itself, an interpreter starts one of our modules."""

import sys
from pathlib import Path

from tray.core.record import Record
from tray.runtime_folder import NAME

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
