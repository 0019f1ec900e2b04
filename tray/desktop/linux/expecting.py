"""What is expected within some time, and what posts that it did not come; must not know why it is expected."""

import time
from datetime import timedelta

from tray.desktop.later import Later


class Expecting:
    """What posts that something is missing, each with its moment on the monotonic clock."""

    def __init__(self) -> None:
        self._moments: dict[Later, float] = {}

    def expect(self, patience: timedelta, otherwise: Later) -> None:
        """Let `otherwise` be due after some time."""
        self._moments[otherwise] = time.monotonic() + patience.total_seconds()

    def met(self, otherwise: Later) -> bool:
        """Note that it came: nothing is missing. Tell whether it was expected."""
        return self._moments.pop(otherwise, None) is not None

    def take_due(self) -> list[Later]:
        """Return what is missing by now, once."""
        now = time.monotonic()
        return [self._due(post) for post, moment in list(self._moments.items()) if moment <= now]

    def _due(self, post: Later) -> Later:
        del self._moments[post]
        return post

    @property
    def moment(self) -> float | None:
        """Return when something is due next, on the monotonic clock."""
        return min(self._moments.values(), default=None)
