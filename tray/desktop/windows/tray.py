"""The notification area of Windows through pystray: its thread, its menu, and the end of the session."""

import contextlib
import ctypes
import queue
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

from tray.core.events import Event, LeaveAsked
from tray.core.values import LeaveReason
from tray.core.view_model import Icon
from tray.desktop.icons import drawing
from tray.desktop.pystray_face import PystrayFace
from tray.desktop.sensors import OpenLock
from tray.desktop.windows.screen_lock import WindowsScreenLock, session_library

WM_QUERYENDSESSION = 0x0011
WM_ENDSESSION = 0x0016
WM_TIMER = 0x0113
WM_CALL = 0x8000 + 1  # WM_APP: ours to give a meaning
NIN_BALLOONUSERCLICK = 0x0405
SMALL_ICON = 49  # SM_CXSMICON: 16 pixels, more on a finer screen
ICON_FORMAT = 0x0003_0000  # the only one that Windows knows
ADD_AGAIN_MS = 1000  # a taskbar that is busy at login refuses the icon, and says nothing later
ADD_TIMER = 1
PARTING = timedelta(seconds=3.5)  # how long the release may hold up the logout; Windows grants 5 s


def window_library() -> Any:
    """Return Windows' window functions, and have Windows not scale what the program draws."""
    user32 = ctypes.WinDLL("user32")  # type: ignore[attr-defined,unused-ignore]  # on Windows only
    user32.CreateIconFromResourceEx.restype = ctypes.c_void_p
    user32.SetProcessDPIAware()
    return user32


class WindowsTray:
    """The notification area; `icon_class` and `win32` are pystray's, `user32` is Windows' library of that name."""

    def __init__(
        self, post: Callable[[Event], None], icon_class: Callable[[str], Any], win32: Any, user32: Any
    ) -> None:
        self._icon_size: int = user32.GetSystemMetrics(SMALL_ICON)
        self._user32 = user32
        self._post = post
        self._icon_class = icon_class
        self._win32 = win32
        self._icon: Any = None
        self._remedy: Event | None = None  # of the notice shown last
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def make_icon(self, name: str, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
        """Return pystray's icon, with messages of ours added to those its window understands."""
        icon, win32 = self._icon_class(name), self._win32

        def clicked(wparam: int, lparam: int) -> None:
            """Open the menu, with the left button as with the right; it blocks until the menu is closed."""
            if lparam == NIN_BALLOONUSERCLICK and self._remedy is not None:
                self._post(self._remedy)
            if lparam in (win32.WM_LBUTTONUP, win32.WM_RBUTTONUP):
                opened()
                try:
                    icon._on_notify(wparam, win32.WM_RBUTTONUP)  # noqa: SLF001  pystray offers no public way
                finally:
                    closed()

        icon._message_handlers.update(  # noqa: SLF001  pystray offers no public way
            {
                win32.WM_NOTIFY: clicked,
                WM_CALL: lambda _wparam, _lparam: self._carry_out(),
                WM_QUERYENDSESSION: lambda _wparam, _lparam: True,  # pystray's own answer stops the logout
                WM_ENDSESSION: lambda ends, _lparam: self._end() if ends else None,
            }
        )
        icon._message_handlers[WM_TIMER] = lambda _wparam, _lparam: self._show()  # noqa: SLF001  pystray offers no public way
        icon._assert_icon_handle = self._assert_icon_handle  # noqa: SLF001  pystray offers no public way
        icon._show = self._show  # noqa: SLF001  pystray offers no public way
        self._icon = icon
        return icon

    def begun(self) -> None:
        """Do nothing: the window hears all it must."""

    def _show(self) -> None:
        """Add the icon, and try again in a second while Windows refuses; pystray would not look.

        Windows may say no after it has added the icon: then it can be changed (https://github.com/sigoden/window-switcher/issues/111).
        """
        icon, win32, user32 = self._icon, self._win32, self._user32
        user32.KillTimer(icon._hwnd, ADD_TIMER)  # noqa: SLF001  pystray offers no public way
        icon._assert_icon_handle()  # noqa: SLF001  pystray offers no public way
        data = win32.NOTIFYICONDATAW(
            cbSize=ctypes.sizeof(win32.NOTIFYICONDATAW),
            hWnd=icon._hwnd,  # noqa: SLF001  pystray offers no public way
            hID=id(icon),
            uFlags=win32.NIF_MESSAGE | win32.NIF_ICON | win32.NIF_TIP,
            uCallbackMessage=win32.WM_NOTIFY,
            hIcon=icon._icon_handle,  # noqa: SLF001  pystray offers no public way
            szTip=icon.title,
        )
        if not any(win32.Shell_NotifyIcon(code, data) for code in (win32.NIM_ADD, win32.NIM_MODIFY)):
            user32.SetTimer(icon._hwnd, ADD_TIMER, ADD_AGAIN_MS, None)  # noqa: SLF001  pystray offers no public way

    def _assert_icon_handle(self) -> None:
        """Load the icon as it is drawn: pystray writes a file and scales it twice."""
        icon, size = self._icon, self._icon_size
        if icon._icon_handle:  # noqa: SLF001  pystray offers no public way
            return
        png = BytesIO()
        icon.icon.save(png, "PNG")
        data = png.getvalue()
        load = self._user32.CreateIconFromResourceEx
        icon._icon_handle = load(data, len(data), True, ICON_FORMAT, size, size, 0)  # noqa: FBT003, SLF001  an icon, in a place that pystray keeps private

    def draw(self, icon: Icon) -> Any:
        """Return the picture of a look, as large as the notification area shows it."""
        return drawing.draw(icon, self._icon_size)

    @property
    def window(self) -> int | None:
        """Return the window's handle, once there is one."""
        return None if self._icon is None else self._icon._hwnd  # noqa: SLF001  pystray offers no public way

    def hear(self, message: int, heard: Callable[[int, int], None]) -> None:
        """Have a message of the window's given to `heard`; called on its thread."""
        self._icon._message_handlers[message] = heard  # noqa: SLF001  pystray offers no public way

    def call(self, act: Callable[[], None]) -> None:
        """Have something done on the window's thread."""
        self._calls.put(act)
        if self.window is not None:  # before there is one the call waits for the next, which carries out both
            self._win32.PostMessage(self.window, WM_CALL, 0, 0)

    def _carry_out(self) -> None:
        while not self._calls.empty():
            self._calls.get()()

    def _end(self) -> None:
        """Wait for the release of what is held: Windows ends the process when this returns."""
        self._post(LeaveAsked(LeaveReason.ENDED))
        leave_at = time.monotonic() + PARTING.total_seconds()
        while self._icon._running and (left := leave_at - time.monotonic()) > 0:  # noqa: SLF001  pystray offers no public way
            with contextlib.suppress(queue.Empty):
                self._calls.get(timeout=left)()

    def escape(self, label: str) -> str:
        """Return a label whose `&` marks no mnemonic."""
        return label.replace("&", "&&")

    def notify(self, icon: Any, title: str, message: str, remedy: Event | None) -> None:
        """Show a balloon; a click on it posts the remedy."""
        self._remedy = remedy
        icon.notify(message, title)

    def menu_replaced(self, icon: Any) -> None:
        """Do nothing: the window tells when the menu is opened."""

    def close_menu(self, _icon: Any) -> None:
        """Close the menu: while it is open, its own loop runs and ignores the end."""
        self._user32.EndMenu()


if sys.platform == "win32":
    from pystray import _win32
    from pystray._util import win32 as pystray_win32

    def open_tray(post: Callable[[Event], None]) -> tuple[PystrayFace, OpenLock]:
        """Return the tray of this computer, and what its window tells of the screen lock."""
        tray = WindowsTray(post, _win32.Icon, pystray_win32, window_library())
        return PystrayFace(post, tray), lambda tell: WindowsScreenLock(tell, session_library(), tray)
