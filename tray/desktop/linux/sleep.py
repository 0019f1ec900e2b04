"""The thread that listens to logind, and the bell that wakes it; must not know D-Bus."""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

from tray.core.events import Event

STOPPING = 0.5  # seconds the thread gets to end by itself; a bus that hangs keeps it longer


class LinuxWatch:
    """Sleeps on a thread of its own until the bus or the bell has something; the thread alone holds the inhibitor.

    The bell is a pair of sockets: a byte allows, hanging up stops.
    """

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._bell: socket.socket | None = None
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._bell, heard = socket.socketpair()
        self._thread = Thread(target=self._run, args=(heard,), name="sleep", daemon=True)
        self._thread.start()

    def allow(self) -> None:
        """Have the thread give the inhibitor back."""
        if self._bell:
            with suppress(OSError):  # nobody listens: no system bus, or stopped
                self._bell.send(b".")

    def stop(self) -> None:
        """End the thread, and with it what keeps the machine waiting."""
        if self._bell and self._thread:
            self._bell.close()
            self._thread.join(STOPPING)

    def _run(self, bell: socket.socket) -> None:
        from tray.desktop.linux.logind import listen  # noqa: PLC0415  jeepney comes after the icon

        with bell:
            listen(self._post, bell)
