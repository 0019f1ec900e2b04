"""Sleep and the end of the session, as macOS tells its apps.

The notices come on the main thread, which runs the tray's loop; macOS waits while an observer is at work
(https://developer.apple.com/library/archive/qa/qa1340/_index.html).
"""

import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tray.core.events import Event, LeaveAsked, Resumed, SleepWatched, Suspending
from tray.core.values import LeaveReason
from tray.desktop.power import Delay

# The values of AppKit's constants of these names.
WILL_SLEEP = "NSWorkspaceWillSleepNotification"
DID_WAKE = "NSWorkspaceDidWakeNotification"
WILL_POWER_OFF = "NSWorkspaceWillPowerOffNotification"
LONGEST_DELAY = timedelta(seconds=4.5)  # the engine is done after four; macOS would wait for thirty
PARTING = timedelta(seconds=3)  # the engine gives itself no more for an end


class MacPowerWatch:
    """Observes the workspace from start to stop; `notices` is its notification centre."""

    def __init__(self, post: Callable[[Event], None], notices: Any) -> None:
        self._post = post
        self._notices = notices
        self._delay = Delay(post)
        self._observers: list[Any] = []

    def start(self) -> None:
        """Begin to observe."""
        acts: dict[str, Callable[[], None]] = {
            WILL_SLEEP: lambda: self._delay.post_and_wait(Suspending(), LONGEST_DELAY),
            DID_WAKE: lambda: self._post(Resumed()),
            # The app is told to quit as soon as this returns, and would not wait for the release.
            WILL_POWER_OFF: lambda: self._delay.post_and_wait(LeaveAsked(LeaveReason.ENDED), PARTING),
        }
        for name, act in acts.items():
            observer = self._notices.addObserverForName_object_queue_usingBlock_(name, None, None, _block(act))
            self._observers.append(observer)
        self._post(SleepWatched(announced=True))

    def allow(self) -> None:
        """Let the observer return."""
        self._delay.allow()

    def stop(self) -> None:
        """End observing."""
        while self._observers:
            self._notices.removeObserver_(self._observers.pop())


def _block(act: Callable[[], None]) -> Callable[[Any], None]:
    return lambda _notice: act()


if sys.platform == "darwin":
    from AppKit import NSWorkspace

    def open_watch(post: Callable[[Event], None]) -> MacPowerWatch:
        """Return the watch of this Mac."""
        return MacPowerWatch(post, NSWorkspace.sharedWorkspace().notificationCenter())
