"""Whether the screen is locked, as Windows tells the tray's window by WM_WTSSESSION_CHANGE.

A session that is disconnected (another user's turn, a remote desktop that was closed) counts as locked: nobody sees it.
Registered on Wine alone, where no session was locked; the constants are those of wtsapi32.h and winuser.h.
"""

import ctypes
import logging
from collections.abc import Callable
from threading import Timer
from typing import Any, Protocol

from tray.core.rules import CannotTell, Locked, LockReading, Unknown, Unlocked
from tray.desktop.sensors import TellLock

LOG = logging.getLogger("tray.desktop")

WM_WTSSESSION_CHANGE = 0x02B1
THIS_SESSION = 0  # NOTIFY_FOR_THIS_SESSION
RETRY = 5.0  # seconds: at login the service that tells may start after us
RETRIES = 12

# The message's first value → why nobody sees the screen, and whether that begins or ends.
REASONS: dict[int, tuple[str, bool]] = {
    0x7: ("locked", True),  # WTS_SESSION_LOCK
    0x8: ("locked", False),  # WTS_SESSION_UNLOCK
    0x1: ("disconnected", False),  # WTS_CONSOLE_CONNECT
    0x2: ("disconnected", True),  # WTS_CONSOLE_DISCONNECT
    0x3: ("disconnected", False),  # WTS_REMOTE_CONNECT
    0x4: ("disconnected", True),  # WTS_REMOTE_DISCONNECT
}


def session_library() -> Any:
    """Return Windows' functions for sessions."""
    wtsapi32 = ctypes.WinDLL("wtsapi32")  # type: ignore[attr-defined,unused-ignore]  # on Windows only
    wtsapi32.WTSRegisterSessionNotification.argtypes = (ctypes.c_void_p, ctypes.c_ulong)
    wtsapi32.WTSUnRegisterSessionNotification.argtypes = (ctypes.c_void_p,)
    return wtsapi32


class Window(Protocol):
    """The tray's window and its thread."""

    @property
    def window(self) -> int | None:
        """Return the window's handle, once there is one."""

    def hear(self, message: int, heard: Callable[[int, int], None]) -> None:
        """Have a message of the window's given to `heard`; called on its thread."""

    def call(self, act: Callable[[], None]) -> None:
        """Have something done on the window's thread, now or once there is one; callable from any thread."""


class WindowsScreenLock:
    """Registers the tray's window and takes its message, on its thread; `wtsapi32` is Windows' library of that name.

    A program that starts while the screen is locked is told of it only at the next change; it starts at login, when
    it is not.
    """

    def __init__(self, tell: TellLock, wtsapi32: Any, window: Window) -> None:
        self._tell = tell
        self._wtsapi32 = wtsapi32
        self._window = window
        self._reasons: set[str] = set()
        self._last: LockReading | None = None
        self._tries = 1 + RETRIES
        self._retry: Timer | None = None
        self._is_over = False

    def start(self) -> None:
        """Register the window, on its own thread."""
        self._window.call(self._register)

    def stop(self) -> None:
        """Take the registration back; nothing is told from now on."""
        self._is_over = True
        if self._retry:
            self._retry.cancel()
        self._window.call(self._unregister)

    def _register(self) -> None:
        if self._is_over:
            return
        self._window.hear(WM_WTSSESSION_CHANGE, self._changed)
        self._tries -= 1
        if self._wtsapi32.WTSRegisterSessionNotification(self._window.window, THIS_SESSION):
            self._say(Unlocked())
        elif self._tries:
            self._retry = Timer(RETRY, self._window.call, (self._register,))
            self._retry.name, self._retry.daemon = "screen-lock", True
            self._retry.start()
        else:
            LOG.info("Windows does not tell when the screen is locked.")
            self._say(CannotTell(Unknown.FAILED))

    def _unregister(self) -> None:
        self._wtsapi32.WTSUnRegisterSessionNotification(self._window.window)

    def _changed(self, reason: int, _session: int) -> None:
        """Take WM_WTSSESSION_CHANGE."""
        if reason not in REASONS:
            return
        name, begins = REASONS[reason]
        if begins:
            self._reasons.add(name)
        else:
            self._reasons.discard(name)
        self._say(Locked() if self._reasons else Unlocked())

    def _say(self, reading: LockReading) -> None:
        if reading != self._last and not self._is_over:
            self._last = reading
            self._tell(reading)
