"""Tells that the machine goes to sleep, wakes, or ends the session; must not know what is done about it.

| system  | who tells                       | how the machine is kept waiting                         |
|---------|---------------------------------|---------------------------------------------------------|
| Linux   | logind, on the system bus       | a delay inhibitor, given back when it may sleep         |
| Windows | the power callback of powrprof  | the callback returns when it may sleep                  |
| macOS   | the workspace's notifications   | the observer returns when it may sleep                  |

The end of the session comes to a window on Windows: `windows_desk.py` tells it. Where nobody tells of sleep, the
engine finds out afterwards, by the wall clock.
"""

import sys
from collections.abc import Callable
from typing import Protocol

from tray.core.events import Event


class Watch(Protocol):
    """Watches from start to stop; each is called once, on the main thread."""

    def start(self) -> None:
        """Begin to watch."""

    def allow(self) -> None:
        """Let the machine go ahead: what had to be done is done; callable from any thread, returns at once."""

    def stop(self) -> None:
        """End watching; nothing keeps the machine waiting afterwards."""


def open_watch(post: Callable[[Event], None]) -> Watch:
    """Return this system's watch."""
    if sys.platform == "win32":
        from tray.desktop.windows.power import WindowsWatch, power_library  # noqa: PLC0415  one platform's imports

        return WindowsWatch(post, power_library())
    if sys.platform == "darwin":
        from tray.desktop.macos.power import MacWatch, workspace_notices  # noqa: PLC0415  the same

        return MacWatch(post, workspace_notices())
    from tray.desktop.linux.sleep import LinuxWatch  # noqa: PLC0415  the same

    return LinuxWatch(post)
