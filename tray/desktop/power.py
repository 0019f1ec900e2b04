"""The seam for sleep: tells that the machine goes to sleep, wakes, or ends the session.

| system  | who tells                       | how the machine is kept waiting                         |
|---------|---------------------------------|---------------------------------------------------------|
| Linux   | logind, on the system bus       | a delay inhibitor, given back when it may sleep         |
| Windows | the power callback of powrprof  | the callback returns when it may sleep                  |
| macOS   | the workspace's notifications   | the observer returns when it may sleep                  |

On Windows the end of the session comes to a window: `windows/tray.py` tells it. A watch posts `SleepWatched` when it is
told of sleep, or no longer. Where nobody tells, the engine finds out afterwards, by the wall clock.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Protocol

from tray.core.events import Event


class PowerWatch(Protocol):
    """Watches from `start` to `stop`; each of the two is called once, on the main thread."""

    def start(self) -> None:
        """Begin to watch."""

    def allow(self) -> None:
        """Let the machine go ahead: what had to be done is done; callable from any thread, returns at once."""

    def stop(self) -> None:
        """End watching; nothing keeps the machine waiting afterwards. A tray's loop has ended before."""


class Delay:
    """Posts an event and keeps the caller, for systems that go ahead when their call returns."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._allowed: SimpleQueue[None] = SimpleQueue()

    def post_and_wait(self, event: Event, at_most: timedelta) -> None:
        """Post, then return when it is allowed or the time is up."""
        while not self._allowed.empty():  # said too late for the last one
            self._allowed.get()
        self._post(event)
        with suppress(Empty):
            self._allowed.get(timeout=at_most.total_seconds())

    def allow(self) -> None:
        """Let the caller go; callable from any thread."""
        self._allowed.put(None)
