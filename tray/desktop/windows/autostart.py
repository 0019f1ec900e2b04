"""Launch at login on Windows, by a value in the Run key.

The task manager's switch is a value of the same name under StartupApproved: an odd first byte means off.
"""

import sys
from collections.abc import Sequence
from pathlib import PureWindowsPath
from typing import Protocol

from tray.desktop.autostart import Launch
from tray.messages import desktop as words

RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
VALUE = "Presence Tray"
LONGEST = 260  # characters of a command in the Run key


class Registry(Protocol):
    """What is asked of the current user's part of the registry."""

    def get(self, key: str, value: str) -> object:
        """Return a value, `None` if there is none."""

    def set(self, key: str, value: str, data: str) -> None:
        """Set a value to a string."""

    def delete(self, key: str, value: str) -> None:
        """Remove a value, if there is one."""

    def is_file(self, path: str) -> bool:
        """Tell whether a program is there."""


class RunKey:
    """The value in the Run key of one user."""

    def __init__(self, registry: Registry, command: Sequence[str]) -> None:
        self._registry = registry
        self._command = command

    def read(self) -> Launch:
        """Read the value and the task manager's switch."""
        command = self._registry.get(RUN, VALUE)
        if not isinstance(command, str):
            return Launch.OFF
        approved = self._registry.get(APPROVED, VALUE)
        if isinstance(approved, bytes) and approved[:1] and approved[0] % 2:
            return Launch.OFF
        program = command.split('"')[1] if command.startswith('"') else command.split(" ")[0]
        return Launch.ON if self._registry.is_file(program) else Launch.STALE

    def switch(self, *, on: bool) -> None:
        """Set the value and remove the task manager's switch, or remove both."""
        self._registry.delete(APPROVED, VALUE)
        if not on:
            self._registry.delete(RUN, VALUE)
            return
        program, *arguments = self._command
        command = " ".join([f'"{PureWindowsPath(program)}"', *arguments])  # quoted: else C:\Program is tried first
        if len(command) > LONGEST:
            raise OSError(words.command_too_long(LONGEST))
        self._registry.set(RUN, VALUE, command)


if sys.platform == "win32":
    import winreg
    from contextlib import suppress
    from pathlib import Path

    class WindowsRegistry:
        """The registry of this computer."""

        def get(self, key: str, value: str) -> object:
            """Return a value, `None` if there is none."""
            with suppress(FileNotFoundError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, key) as opened:
                return winreg.QueryValueEx(opened, value)[0]
            return None

        def set(self, key: str, value: str, data: str) -> None:
            """Set a value to a string."""
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, key) as opened:
                winreg.SetValueEx(opened, value, 0, winreg.REG_SZ, data)

        def delete(self, key: str, value: str) -> None:
            """Remove a value, if there is one."""
            with (
                suppress(FileNotFoundError),
                winreg.OpenKey(winreg.HKEY_CURRENT_USER, key, 0, winreg.KEY_SET_VALUE) as opened,
            ):
                winreg.DeleteValue(opened, value)

        def is_file(self, path: str) -> bool:
            """Tell whether a program is there."""
            return Path(path).is_file()
