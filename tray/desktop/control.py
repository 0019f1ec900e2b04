"""The control channel: one request and one answer, each a line of JSON; must not know what is asked.

It serves this user alone (see `channel`). A request has two seconds to arrive, an answer two seconds to
leave; both are at most 64 KiB. Conversations are served one by one: an honest one takes a millisecond.
"""

import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from tray.desktop.channel import Connection, Listener
from tray.errors import NotRunning, TrayError
from tray.words import commands as words

if sys.platform == "win32":
    from tray.desktop.channel_windows import connect, listen
else:
    from tray.desktop.channel_unix import connect, listen

LONGEST_LINE = 64 * 1024  # bytes, the newline included
REQUEST_SECONDS = 2.0
STOP_SECONDS = 0.5  # a slow peer must not hold up the end of the program
THREAD = "control"

log = logging.getLogger(__name__)

Document = dict[str, Any]


class Server:
    """Answers on a thread of its own until stopped."""

    def __init__(self, listener: Listener, handle: Callable[[Document], Document]) -> None:
        self._listener = listener
        self._handle = handle
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name=THREAD, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and give the address back, within `STOP_SECONDS`."""
        self._stopping = True
        self._listener.wake()
        self._thread.join(STOP_SECONDS)
        self._listener.close()

    def _serve(self) -> None:
        while not self._stopping:
            connection = self._listener.accept()
            if connection is None:
                continue
            try:
                self._converse(connection)
            except OSError as exc:  # a peer that is slow or gone is the peer's affair
                log.debug("conversation ended: %s", exc)
            finally:
                connection.close()

    def _converse(self, connection: Connection) -> None:
        try:
            request = _document(_line(connection, time.monotonic() + REQUEST_SECONDS))
        except ValueError as exc:
            answer = refusal(str(exc))
        else:
            answer = self._answer(request)
        line = _encoded(answer)
        if len(line) > LONGEST_LINE:
            line = _encoded(refusal("the answer is longer than 64 KiB"))
        connection.send(line, REQUEST_SECONDS)

    def _answer(self, request: Document) -> Document:
        try:
            return self._handle(request)
        except Exception:  # the channel outlives a defect in an answer
            log.exception("no answer to a request")
            return refusal("the request failed; the log says more")


def serve(address: str, handle: Callable[[Document], Document]) -> Server:
    """Answer requests at an address; raise `AlreadyRunning` or `TrayError` where that cannot be."""
    return Server(listen(address), handle)


def ask(address: str, request: Document, timeout: float = 5.0) -> Document:
    """Ask the program at an address; raise `NotRunning`, or `TrayError` if no whole answer came in time."""
    until = time.monotonic() + timeout
    try:
        connection = connect(address, timeout)
        try:
            connection.send(_encoded(request), timeout)
            return _document(_line(connection, until))
        finally:
            connection.close()
    except (TimeoutError, BlockingIOError) as exc:  # it hangs, or its queue is full
        raise TrayError(*words.no_answer()) from exc
    except ConnectionError as exc:  # it ended in mid-conversation
        raise NotRunning(*words.not_running()) from exc
    except ValueError as exc:
        raise TrayError(*words.garbled_answer()) from exc


def refusal(why: str) -> Document:
    """Return the answer to a request that cannot be met."""
    return {"ok": False, "error": why}


def _line(connection: Connection, until: float) -> bytes:
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


def _document(line: bytes) -> Document:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise ValueError("the request is not JSON") from exc
    if not isinstance(document, dict):
        raise ValueError("the request is not a JSON object")  # noqa: TRY004  to the peer it is one kind of error
    return document


def _encoded(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
