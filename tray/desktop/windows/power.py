"""Sleep, as Windows tells a callback of powrprof; Ctrl-C and the end of the console.

The hidden window's WM_POWERBROADCAST is not enough: on machines with Modern Standby a window that has not registered
is told nothing (https://github.com/dotnet/runtime/issues/123773, https://github.com/electron/electron/pull/25076).
The callback comes on a thread of Windows' own, so the menu stays alive meanwhile.

The handler of a console comes on such a thread, too. Python would hear Ctrl-C only once the window's loop runs some
Python, and a closed console ends the process as soon as its handlers have returned
(https://learn.microsoft.com/windows/console/handlerroutine).
"""

import ctypes
import logging
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tray.core.events import Event, LeaveAsked, Resumed, SleepWatched, Suspending
from tray.core.values import LeaveReason
from tray.desktop.power import Delay

LOG = logging.getLogger("tray.desktop")

PBT_APMSUSPEND = 0x4
PBT_APMRESUMEAUTOMATIC = 0x12  # comes with every resume; PBT_APMRESUMESUSPEND only follows when a user is there
DEVICE_NOTIFY_CALLBACK = 2
LONGEST_DELAY = timedelta(seconds=1.8)  # Windows goes ahead after about two seconds

# What happens to a console, by number, and whose wish it is.
CONSOLE_EVENTS = {
    0: LeaveReason.QUIT,  # CTRL_C_EVENT
    1: LeaveReason.ENDED,  # CTRL_BREAK_EVENT
    2: LeaveReason.ENDED,  # CTRL_CLOSE_EVENT
    5: LeaveReason.ENDED,  # CTRL_LOGOFF_EVENT
    6: LeaveReason.ENDED,  # CTRL_SHUTDOWN_EVENT
}
LAST_EVENTS = (2, 5, 6)  # after these Windows ends the process
LAST_SECONDS = 4.5  # Windows grants five

# CFUNCTYPE exists on every system, and 64-bit Windows has a single calling convention.
_Callback = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p)
_Handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_ulong)


class Subscription(ctypes.Structure):
    """DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS."""

    _fields_ = (("Callback", _Callback), ("Context", ctypes.c_void_p))


class WindowsPowerWatch:
    """Watches from start to stop; `powrprof` and `kernel32` are Windows' libraries of those names."""

    def __init__(self, post: Callable[[Event], None], powrprof: Any, kernel32: Any) -> None:
        self._post = post
        self._powrprof = powrprof
        self._kernel32 = kernel32
        self._handler = _Handler(self._console_told)  # kept: Windows calls it
        self._stopped = threading.Event()
        self._delay = Delay(post)
        self._subscription = Subscription(_Callback(self._told), None)  # kept: Windows calls it
        self._registration = ctypes.c_void_p()

    def start(self) -> None:
        """Register the callbacks."""
        self._kernel32.SetConsoleCtrlHandler(self._handler, True)  # noqa: FBT003  add it
        failed = self._powrprof.PowerRegisterSuspendResumeNotification(
            DEVICE_NOTIFY_CALLBACK, ctypes.byref(self._subscription), ctypes.byref(self._registration)
        )
        if failed:
            LOG.info("Sleep is noticed afterwards only (error %d).", failed)
        else:
            self._post(SleepWatched(announced=True))

    def allow(self) -> None:
        """Let the callback return."""
        self._delay.allow()

    def stop(self) -> None:
        """Unregister the callbacks, and release those that still wait."""
        self._delay.allow()
        self._stopped.set()
        self._kernel32.SetConsoleCtrlHandler(self._handler, False)  # noqa: FBT003  remove it
        if self._registration:
            self._powrprof.PowerUnregisterSuspendResumeNotification(self._registration)

    def _told(self, _context: int | None, kind: int, _setting: int | None) -> int:
        """Post what Windows tells; the answer is ERROR_SUCCESS."""
        if kind == PBT_APMSUSPEND:
            self._delay.post_and_wait(Suspending(), LONGEST_DELAY)
        elif kind == PBT_APMRESUMEAUTOMATIC:
            self._post(Resumed())
        return 0

    def _console_told(self, kind: int) -> int:
        """Leave; where Windows ends the process next, wait until everything is released. True: it is dealt with."""
        self._post(LeaveAsked(CONSOLE_EVENTS.get(kind, LeaveReason.ENDED)))
        if kind in LAST_EVENTS:
            self._stopped.wait(LAST_SECONDS)
        return True


if sys.platform == "win32":

    def open_watch(post: Callable[[Event], None]) -> WindowsPowerWatch:
        """Return the watch of this computer."""
        return WindowsPowerWatch(post, ctypes.WinDLL("powrprof"), ctypes.WinDLL("kernel32"))
