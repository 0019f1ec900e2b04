"""The one connection to the system bus: whoever hears it is told when it is joined and when it is lost.

A bus that was lost is joined anew; one that never was there is not looked for.
"""

import logging
from datetime import timedelta
from typing import Protocol

from tray.desktop.linux.bus import Bus, Loop, open_system_bus

LOG = logging.getLogger("tray.desktop")

ANSWERING = timedelta(hours=1)  # a service that is only just starting may answer late, and nobody waits for it
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=1), timedelta(minutes=1)  # before a lost bus is joined anew


class Follower(Protocol):
    """Hears the system bus, on the loop's thread."""

    def system_joined(self, bus: Bus) -> None:
        """Begin to hear."""

    def system_lost(self) -> None:
        """Forget what was heard."""


class SystemBus:
    """Joins the bus for its first follower, on the loop's thread."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._followers: list[Follower] = []
        self._bus: Bus | None = None
        self._let_us_in = False  # once
        self._pause = FIRST_PAUSE

    def follow(self, follower: Follower) -> None:
        """Tell a follower of the bus from now on."""
        self._followers.append(follower)
        if self._bus is None:
            self._join()
        else:
            follower.system_joined(self._bus)

    def leave(self, follower: Follower) -> None:
        """Tell a follower nothing more."""
        self._followers.remove(follower)

    def close(self) -> None:
        """Hang up, for good."""
        self._loop.cancel(self._join)
        self._followers.clear()
        if self._bus:
            self._bus.close()

    def _join(self) -> None:
        try:
            bus = open_system_bus(ANSWERING)
        except (OSError, RuntimeError, ValueError) as exc:  # no such bus, or an address that makes no sense
            LOG.info("The system bus cannot be joined (%s).", exc)
            self._try_later()
            return
        self._bus = bus
        for follower in list(self._followers):
            follower.system_joined(bus)
        self._loop.serve(bus, lost=self._lost)

    def _lost(self) -> None:
        LOG.info("The system bus is gone.")
        if self._bus and self._bus.name:
            self._let_us_in, self._pause = True, FIRST_PAUSE
        self._bus = None
        for follower in list(self._followers):
            follower.system_lost()
        self._try_later()

    def _try_later(self) -> None:
        if self._let_us_in and self._followers:
            self._loop.call_later(self._pause, self._join)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
