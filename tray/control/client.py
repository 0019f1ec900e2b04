"""The client of the control channel: asks the running app."""

import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from tray.control.protocol import LONGEST_LINE, JsonObject, decoded, encoded, read_line
from tray.errors import NotRunning, TrayError
from tray.messages import commands as words

if sys.platform == "win32":
    from tray.control.windows_pipe import connect
else:
    from tray.control.unix_socket import connect

WAITING = 86_400.0  # seconds for which the next answer is waited for at a time


def ask(address: str, request: JsonObject, timeout: float = 5.0) -> JsonObject:
    """Ask the app at an address; raise `NotRunning`, or `TrayError` if no whole answer came in time."""
    until = time.monotonic() + timeout
    try:
        connection = connect(address, timeout)
        try:
            connection.send(encoded(request), timeout)
            return decoded(read_line(connection, until))
        finally:
            connection.close()
    except (TimeoutError, BlockingIOError) as exc:  # the app hangs, or its queue is full
        raise TrayError(*words.no_answer()) from exc
    except ConnectionError as exc:  # the app ended during the conversation
        raise NotRunning(*words.not_running()) from exc
    except ValueError as exc:
        raise TrayError(*words.garbled_answer()) from exc


def follow(address: str, request: JsonObject, timeout: float = 5.0) -> Iterator[JsonObject]:
    """Ask the app at an address for one answer after another; raise `NotRunning` when it has ended."""
    connection = connect(address, timeout)
    unread = b""
    try:
        connection.send(encoded(request), timeout)
        while len(unread) < LONGEST_LINE:
            line, newline, rest = unread.partition(b"\n")
            if newline:
                unread = rest
                yield decoded(line)
                continue
            with suppress(TimeoutError):
                part = connection.receive(WAITING)
                if not part:
                    raise NotRunning(*words.not_running())
                unread += part
    except ConnectionError as exc:
        raise NotRunning(*words.not_running()) from exc
    except ValueError as exc:
        raise TrayError(*words.garbled_answer()) from exc
    finally:
        connection.close()
