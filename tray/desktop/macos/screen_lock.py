"""Whether the screen is locked, as macOS' distributed notifications tell it.

The two names are not documented, and have been the same for more than ten years; KeePassXC and Home Assistant rely on
them. They must be delivered at once: macOS keeps them back from a program that is not in front, which a menu bar's
never is. Another user's turn at the machine counts as locked. Never run on macOS; the tests stand in for it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tray.core.rules import Locked, LockReading, Unlocked
from tray.desktop.sensors import TellLock

LOCKED, UNLOCKED = "com.apple.screenIsLocked", "com.apple.screenIsUnlocked"
RESIGNED, BECAME_ACTIVE = (
    "NSWorkspaceSessionDidResignActiveNotification",
    "NSWorkspaceSessionDidBecomeActiveNotification",
)
DELIVER_AT_ONCE = 4  # NSNotificationSuspensionBehaviorDeliverImmediately

# Of the two reasons for which nobody sees the screen, which begins or ends.
REASONS: Mapping[str, tuple[str, bool]] = {
    LOCKED: ("locked", True),
    UNLOCKED: ("locked", False),
    RESIGNED: ("switched", True),
    BECAME_ACTIVE: ("switched", False),
}


class System(Protocol):
    """What is asked of macOS, on the main thread."""

    def is_locked(self) -> bool:
        """Tell whether the screen is locked now."""

    def observe(self, heard: Callable[[str], None]) -> Any:
        """Call `heard` with the name of each notification; return what must be kept for as long."""

    def forget(self, observer: Any) -> None:
        """Stop observing."""


class MacScreenLock:
    """Observes from start to stop."""

    def __init__(self, tell: TellLock, system: System) -> None:
        self._tell = tell
        self._system = system
        self._reasons: set[str] = set()
        self._last: LockReading | None = None
        self._observer: Any = None

    def start(self) -> None:
        """Begin to observe, and say how it is."""
        self._observer = self._system.observe(self._heard)
        if self._system.is_locked():
            self._reasons.add("locked")
        self._say()

    def stop(self) -> None:
        """End observing."""
        self._system.forget(self._observer)

    def _heard(self, name: str) -> None:
        reason, begins = REASONS[name]
        if begins:
            self._reasons.add(reason)
        else:
            self._reasons.discard(reason)
        self._say()

    def _say(self) -> None:
        reading = Locked() if self._reasons else Unlocked()
        if reading != self._last:
            self._last = reading
            self._tell(reading)


class MacSessionEvents:
    """Hears of the screen lock from macOS."""

    def is_locked(self) -> bool:
        """Tell whether the screen is locked now; without a window server's session it is not."""
        from Quartz import CGSessionCopyCurrentDictionary  # type: ignore[import-not-found]  # noqa: PLC0415  on macOS only

        session = CGSessionCopyCurrentDictionary()
        return bool(session and session.get("CGSSessionScreenIsLocked"))

    def observe(self, heard: Callable[[str], None]) -> Any:
        """Call `heard` with the name of each notification; return what must be kept for as long."""
        from AppKit import NSWorkspace  # type: ignore[import-not-found]  # noqa: PLC0415  on macOS only
        from Foundation import (  # type: ignore[import-not-found]  # noqa: PLC0415  on macOS only
            NSDistributedNotificationCenter,
            NSObject,
        )

        class LockObserver(NSObject):  # type: ignore[misc]  # it ships no types
            def take_(self, notification: Any) -> None:
                heard(str(notification.name()))

        observer = LockObserver.alloc().init()
        distributed = NSDistributedNotificationCenter.defaultCenter()
        for name in (LOCKED, UNLOCKED):
            distributed.addObserver_selector_name_object_suspensionBehavior_(
                observer, "take:", name, None, DELIVER_AT_ONCE
            )
        workspace = NSWorkspace.sharedWorkspace().notificationCenter()
        for name in (RESIGNED, BECAME_ACTIVE):
            workspace.addObserver_selector_name_object_(observer, "take:", name, None)
        return observer

    def forget(self, observer: Any) -> None:
        """Stop observing."""
        from AppKit import NSWorkspace  # noqa: PLC0415  on macOS only
        from Foundation import NSDistributedNotificationCenter  # noqa: PLC0415  on macOS only

        NSDistributedNotificationCenter.defaultCenter().removeObserver_(observer)
        NSWorkspace.sharedWorkspace().notificationCenter().removeObserver_(observer)
