"""pystray on Windows: its thread, its menu and the end of the session; must not know what is shown."""

import contextlib
import queue
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tray.core.events import Event, LeaveAsked
from tray.core.things import Leaving

WM_QUERYENDSESSION = 0x0011
WM_ENDSESSION = 0x0016
WM_CALL = 0x8000 + 1  # WM_APP: ours to give a meaning
PARTING = timedelta(seconds=3.5)  # how long the release may hold up the logout; Windows grants 5 s


class WindowsDesk:
    """The notification area; `icon_class` and `win32` are pystray's."""

    icon_size = 64  # pystray makes an .ico of it; Windows takes the size that fits the screen

    def __init__(self, post: Callable[[Event], None], icon_class: Callable[[str], Any], win32: Any) -> None:
        self._post = post
        self._icon_class = icon_class
        self._win32 = win32
        self._icon: Any = None
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def make_icon(self, name: str, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
        """Return pystray's icon, with messages of ours added to those its window understands."""
        icon, win32 = self._icon_class(name), self._win32

        def clicked(wparam: int, lparam: int) -> None:
            """Open the menu, with the left button as with the right; it blocks until the menu is closed."""
            if lparam in (win32.WM_LBUTTONUP, win32.WM_RBUTTONUP):
                opened()
                try:
                    icon._on_notify(wparam, win32.WM_RBUTTONUP)  # noqa: SLF001  pystray has no public way
                finally:
                    closed()

        icon._message_handlers.update(  # noqa: SLF001  the same
            {
                win32.WM_NOTIFY: clicked,
                WM_CALL: lambda _wparam, _lparam: self._carry_out(),
                WM_QUERYENDSESSION: lambda _wparam, _lparam: True,  # pystray's own answer stops the logout
                WM_ENDSESSION: lambda ends, _lparam: self._end() if ends else None,
            }
        )
        self._icon = icon
        return icon

    def call(self, act: Callable[[], None]) -> None:
        """Have something done on the window's thread."""
        self._calls.put(act)
        window = None if self._icon is None else self._icon._hwnd  # noqa: SLF001  the same
        if window is not None:  # else the first call after it exists carries out this one too
            self._win32.PostMessage(window, WM_CALL, 0, 0)

    def _carry_out(self) -> None:
        while not self._calls.empty():
            self._calls.get()()

    def _end(self) -> None:
        """Release what is held before Windows ends us, which it does when this returns."""
        self._post(LeaveAsked(Leaving.ENDED))
        leave_at = time.monotonic() + PARTING.total_seconds()
        while self._icon._running and (left := leave_at - time.monotonic()) > 0:  # noqa: SLF001  the same
            with contextlib.suppress(queue.Empty):
                self._calls.get(timeout=left)()

    def escape(self, label: str) -> str:
        """Return a label whose `&` marks no mnemonic."""
        return label.replace("&", "&&")

    def notify(self, icon: Any, title: str, message: str) -> None:
        """Show a balloon."""
        icon.notify(message, title)

    def menu_replaced(self, icon: Any) -> None:
        """Do nothing: the window tells when the menu is opened."""
