"""What is expected within some time, and what is posted when it does not come; must not know why it is expected."""

import time
from datetime import timedelta

from tray.core.events import Event


class Expecting:
    """Events that stand for something missing, each with its moment on the monotonic clock."""

    def __init__(self) -> None:
        self._moments: dict[Event, float] = {}

    def expect(self, patience: timedelta, otherwise: Event) -> None:
        """Let `otherwise` be due after some time."""
        self._moments[otherwise] = time.monotonic() + patience.total_seconds()

    def met(self, otherwise: Event) -> None:
        """Note that it came: nothing is missing."""
        self._moments.pop(otherwise, None)

    def take_due(self) -> list[Event]:
        """Return what is missing by now, once."""
        now = time.monotonic()
        return [self._due(event) for event, moment in list(self._moments.items()) if moment <= now]

    def _due(self, event: Event) -> Event:
        del self._moments[event]
        return event

    @property
    def moment(self) -> float | None:
        """Return when something is due next, on the monotonic clock."""
        return min(self._moments.values(), default=None)
