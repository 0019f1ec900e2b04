"""The seam for launch at login, and the command that is launched.

The system is asked each time, because people switch it off in the system's own settings.
"""

import os
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from tray.errors import TrayError
from tray.messages import desktop as words
from tray.paths import named_home
from tray.runtime_folder import HOME_VARIABLE, NAME

TRANSLOCATED = "/AppTranslocation/"  # where macOS lets a download run that was never moved, until it ends


class Launch(StrEnum):
    """Whether the program launches at login."""

    ON = "on"
    OFF = "off"
    STALE = "stale"  # on, with a command that is no longer there


class Autostart(Protocol):
    """One system's mechanism."""

    def read(self) -> Launch:
        """Ask the system."""

    def switch(self, *, on: bool) -> None:
        """Tell the system; `on` also repairs a stale entry. Raise `OSError`."""


def own_command() -> tuple[str, ...]:
    """Return the command that starts this very installation at login; raise `TrayError` if there is none to rely on.

    A packaged program is its own command. In a virtual environment (pipx, uv, a checkout's) it is the script beside
    the interpreter; the interpreter's link is not resolved, because the link belongs to the environment. Elsewhere it
    is the script where pip put it.
    """
    interpreter = Path(sys.executable)
    if sys.platform == "win32":  # the script, or the packaged command line, would open a console at each login
        packaged = getattr(sys, "frozen", False)
        windowless = interpreter.with_name(f"{NAME}-window.exe" if packaged else "pythonw.exe")
        program = windowless if windowless.exists() else interpreter
        return (str(program), "--at-login") if packaged else (str(program), "-m", "tray", "--at-login")
    if getattr(sys, "frozen", False):
        if TRANSLOCATED in str(interpreter):
            raise TrayError(*words.not_moved())
        return (str(interpreter), "--at-login")
    scripts = (Path(folder, NAME) for folder in _script_folders(interpreter))
    if script := next(filter(Path.exists, scripts), None):
        return (str(script), "--at-login")
    raise TrayError(*words.not_installed())


def _script_folders(interpreter: Path) -> Iterator[Path | str]:
    """Yield the folders of an installation's scripts, the likeliest first."""
    yield interpreter.parent
    import sysconfig  # noqa: PLC0415  seldom needed, and it loads Python's whole build configuration

    yield sysconfig.get_path("scripts")
    yield sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))  # pip install --user


def own_environment() -> dict[str, str]:
    """Return what the command needs in its environment to find the settings it has now."""
    home = os.environ.get(HOME_VARIABLE)
    return {HOME_VARIABLE: str(named_home(home))} if home else {}
