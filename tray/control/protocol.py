"""What travels over the control channel: one request and one answer, each a line of JSON of at most 64 KiB.

A `Connection` carries the bytes between two processes of one user. There are two implementations: `unix_socket` and
`windows_pipe`.
"""

import json
import time
from typing import Any, Protocol

CHUNK = 65536  # bytes read at a time
LONGEST_LINE = 64 * 1024  # bytes, the newline included

Document = dict[str, Any]


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


def refusal(why: str) -> Document:
    """Return the answer to a request that cannot be met."""
    return {"ok": False, "error": why}


def read_line(connection: Connection, until: float) -> bytes:
    """Collect one line; raise `ValueError` if it is none, `TimeoutError` if it is late."""
    data = bytearray()
    while b"\n" not in data:
        if len(data) >= LONGEST_LINE:
            raise ValueError("the request is longer than 64 KiB")
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        part = connection.receive(left)
        if not part:
            raise ConnectionResetError("ended before the line did")
        data += part
    line = bytes(data).split(b"\n", 1)[0]
    if len(line) >= LONGEST_LINE:
        raise ValueError("the request is longer than 64 KiB")
    return line


def decoded(line: bytes) -> Document:
    """Return the JSON object in a line; raise `ValueError` if there is none."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise ValueError("the request is not JSON") from exc
    if not isinstance(document, dict):
        raise ValueError("the request is not a JSON object")  # noqa: TRY004  to the peer it is one kind of error
    return document


def encoded(document: Document) -> bytes:
    """Return a document as a line."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
