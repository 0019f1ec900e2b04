"""What carries bytes between two processes of one user; must not know what they say, nor on which system.

Two implementations: `channel_unix` (a socket) and `channel_windows` (a named pipe).
"""

from typing import Protocol

CHUNK = 65536  # bytes read at a time


class Connection(Protocol):
    """One conversation; every call ends within the seconds given."""

    def receive(self, seconds: float) -> bytes:
        """Return what came, nothing at the end; raise `TimeoutError` or `OSError`."""

    def send(self, data: bytes, seconds: float) -> None:
        """Send everything; raise `TimeoutError` or `OSError`."""

    def close(self) -> None:
        """End the conversation; what was sent still arrives."""


class Listener(Protocol):
    """Waits for conversations, at one address and in one process."""

    def accept(self) -> Connection | None:
        """Wait for the next conversation with this user; nothing means somebody else, or `wake`."""

    def wake(self) -> None:
        """Let `accept` return; callable from any thread."""

    def close(self) -> None:
        """Give the address back."""
