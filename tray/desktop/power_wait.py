"""Holds up whoever tells of an end until it is allowed; must not know which system that is."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue

from tray.core.events import Event


class Waiting:
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
