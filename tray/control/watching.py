"""Tells those who watch the app that something has changed, without waiting for any of them."""

from collections.abc import Callable, Iterator
from queue import SimpleQueue

from tray.control.protocol import Document
from tray.control.requests import told
from tray.core.view_model import View


class Bells:
    """A bell for each watcher; rung by the engine's thread at each change, heard by the watcher's own."""

    def __init__(self) -> None:
        self._bells: dict[int, SimpleQueue[None]] = {}

    def ring(self) -> None:
        """Tell every watcher that there is a new view; one that has not looked yet is told once."""
        for bell in list(self._bells.values()):
            if bell.empty():
                bell.put(None)

    def follow(self, view: Callable[[], View]) -> Iterator[Document]:
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
