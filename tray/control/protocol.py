"""The control channel's protocol: one request and one answer, each a line of JSON of at most 64 KiB.

`unix_socket` and `windows_pipe` carry the bytes between two processes of one user.
"""

import json
import time
from typing import Any, Protocol

CHUNK = 65536  # bytes read at a time
LONGEST_LINE = 64 * 1024  # bytes, the newline included

JsonObject = dict[str, Any]


class Connection(Protocol):
    """One conversation; every call ends within the seconds it is given."""

    def receive(self, seconds: float) -> bytes:
        """Return the next bytes, none at the end; raise `TimeoutError` or `OSError`."""

    def send(self, data: bytes, seconds: float) -> None:
        """Send everything; raise `TimeoutError` or `OSError`."""

    def abort(self) -> None:
        """Let the calls of another thread end with an `OSError` or with no bytes."""

    def close(self) -> None:
        """End the conversation; what has been sent still arrives."""


class Listener(Protocol):
    """Waits for conversations at one address."""

    def accept(self) -> Connection | None:
        """Wait for the next conversation; return `None` after `wake`, now and then, and for another user."""

    def wake(self) -> None:
        """Make `accept` return; callable from any thread."""

    def restore(self) -> None:
        """Make the address good again if somebody has removed it; raise `TrayError`."""

    def close(self) -> None:
        """Stop listening and free the address."""


def refusal(why: str) -> JsonObject:
    """Return the answer to a request that cannot be met."""
    return {"ok": False, "error": why}


def read_line(connection: Connection, until: float) -> bytes:
    """Read one line until a monotonic instant; raise `ValueError` if it is too long, `TimeoutError`, `OSError`."""
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


def decoded(line: bytes) -> JsonObject:
    """Return the JSON object in a line; raise `ValueError` if there is none."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise ValueError("the request is not JSON") from exc
    if not isinstance(document, dict):
        raise ValueError("the request is not a JSON object")  # noqa: TRY004  all of these are one error to the peer
    return document


def encoded(document: JsonObject) -> bytes:
    """Return a document as a line, of ASCII alone: a text from outside may hold half a surrogate pair."""
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"
