"""Tells those who watch the app that something has changed, without waiting for any of them."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from tray.control.protocol import JsonObject
from tray.control.requests import told
from tray.core.view_model import View

LOOK_SECONDS = 1.0


class Bells:
    """A bell for each watcher; rung by the engine's thread at each change, heard by the watcher's own."""

    def __init__(self) -> None:
        self._bells: dict[int, SimpleQueue[None]] = {}
        self._ended = False

    def ring(self) -> None:
        """Tell every watcher that there is a new view; one that has not looked yet is told once."""
        for bell in list(self._bells.values()):
            if bell.empty():
                bell.put(None)

    def end(self) -> None:
        """Let those who wait for an outcome say what is so by now: the program ends."""
        self._ended = True
        self.ring()

    def each(self, view: Callable[[], View], seconds: float) -> Iterator[Mapping[str, Any]]:
        """Yield the status document now, at each change, and at least once a second, for some seconds."""
        until = time.monotonic() + seconds
        bell: SimpleQueue[None] = SimpleQueue()
        self._bells[id(bell)] = bell
        try:
            while True:
                ended = self._ended
                yield view().status
                left = until - time.monotonic()
                if ended or left <= 0:
                    return
                with suppress(Empty):
                    bell.get(timeout=min(left, LOOK_SECONDS))
        finally:
            del self._bells[id(bell)]

    def follow(self, view: Callable[[], View]) -> Iterator[JsonObject]:
        """Yield the status document now and at each change; of several changes at once the last."""
        bell: SimpleQueue[None] = SimpleQueue()
        self._bells[id(bell)] = bell
        last = None
        try:
            while True:
                seen = view()
                if seen.status != last:
                    last = seen.status
                    yield told(seen)
                bell.get()
        finally:
            del self._bells[id(bell)]
