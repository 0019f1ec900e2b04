"""What the tray expects within some time, and what is to be done when it does not come."""

import time
from collections.abc import Callable
from datetime import timedelta

Missed = Callable[[], None]


class Expecting:
    """What is to be done when something is missing, each with its moment on the monotonic clock."""

    def __init__(self) -> None:
        self._moments: dict[Missed, float] = {}

    def expect(self, patience: timedelta, otherwise: Missed) -> None:
        """Let `otherwise` be due after some time."""
        self._moments[otherwise] = time.monotonic() + patience.total_seconds()

    def met(self, otherwise: Missed) -> None:
        """Note that it came: nothing is missing."""
        self._moments.pop(otherwise, None)

    def take_due(self) -> list[Missed]:
        """Return what is missing by now, once."""
        now = time.monotonic()
        due = [missed for missed, moment in self._moments.items() if moment <= now]
        for missed in due:
            del self._moments[missed]
        return due

    @property
    def moment(self) -> float | None:
        """Return when something is due next, on the monotonic clock."""
        return min(self._moments.values(), default=None)
