"""Sleep, as Windows tells a callback of powrprof.

The hidden window's WM_POWERBROADCAST is not enough: on machines with Modern Standby a window that has not registered
is told nothing (https://github.com/dotnet/runtime/issues/123773, https://github.com/electron/electron/pull/25076).
The callback comes on a thread of Windows' own, so the menu stays alive meanwhile.
"""

import ctypes
import logging
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tray.core.events import Event, Resumed, Suspending
from tray.desktop.power import Delay

LOG = logging.getLogger("tray.desktop")

PBT_APMSUSPEND = 0x4
PBT_APMRESUMEAUTOMATIC = 0x12  # comes with every resume; PBT_APMRESUMESUSPEND only follows when a user is there
DEVICE_NOTIFY_CALLBACK = 2
LONGEST_DELAY = timedelta(seconds=1.8)  # Windows goes ahead after about two seconds

# CFUNCTYPE exists on every system, and 64-bit Windows has a single calling convention.
_Callback = ctypes.CFUNCTYPE(ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p)


class Subscription(ctypes.Structure):
    """DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS."""

    _fields_ = (("Callback", _Callback), ("Context", ctypes.c_void_p))


class WindowsPowerWatch:
    """Watches from start to stop; `powrprof` is Windows' library of that name."""

    def __init__(self, post: Callable[[Event], None], powrprof: Any) -> None:
        self._post = post
        self._powrprof = powrprof
        self._delay = Delay(post)
        self._subscription = Subscription(_Callback(self._told), None)  # kept: Windows calls it
        self._registration = ctypes.c_void_p()

    def start(self) -> None:
        """Register the callback."""
        failed = self._powrprof.PowerRegisterSuspendResumeNotification(
            DEVICE_NOTIFY_CALLBACK, ctypes.byref(self._subscription), ctypes.byref(self._registration)
        )
        if failed:
            LOG.info("Sleep is noticed afterwards only (error %d).", failed)

    def allow(self) -> None:
        """Let the callback return."""
        self._delay.allow()

    def stop(self) -> None:
        """Unregister the callback, and release one that still waits."""
        self._delay.allow()
        if self._registration:
            self._powrprof.PowerUnregisterSuspendResumeNotification(self._registration)

    def _told(self, _context: int | None, kind: int, _setting: int | None) -> int:
        """Post what Windows tells; the answer is ERROR_SUCCESS."""
        if kind == PBT_APMSUSPEND:
            self._delay.post_and_wait(Suspending(), LONGEST_DELAY)
        elif kind == PBT_APMRESUMEAUTOMATIC:
            self._post(Resumed())
        return 0


if sys.platform == "win32":

    def open_watch(post: Callable[[Event], None]) -> WindowsPowerWatch:
        """Return the watch of this computer."""
        return WindowsPowerWatch(post, ctypes.WinDLL("powrprof"))
