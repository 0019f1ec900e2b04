"""How long a code is still good, counted down on one line of a terminal; must not know what the code is for."""

import sys
from datetime import UTC, datetime
from threading import Event, Thread
from typing import TextIO

from tray.messages import account as words


class Countdown:
    """Writes over one line once a second, from `start` to `stop`; says nothing where nobody watches."""

    def __init__(self, stream: TextIO | None = None, period: float = 1.0) -> None:
        self._stream = stream or sys.stdout
        self._period = period
        self._over = Event()
        self._thread: Thread | None = None

    def start(self, until: datetime) -> None:
        """Begin to count, if this is a terminal."""
        if self._stream.isatty() and self._thread is None:
            self._thread = Thread(target=self._count, args=(until,), name="countdown", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the counting and leave an empty line."""
        self._over.set()
        if self._thread:
            self._thread.join()

    def _count(self, until: datetime) -> None:
        width = 0
        while not self._over.is_set():
            text = words.time_left(until - datetime.now(UTC))
            width = max(width, len(text))
            self._write(f"\r{text:<{width}}")
            self._over.wait(self._period)
        self._write(f"\r{'':<{width}}\r")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
