"""The client of the control channel: asks the running app."""

import sys
import time

from tray.control.protocol import Document, decoded, encoded, read_line
from tray.errors import NotRunning, TrayError
from tray.messages import commands as words

if sys.platform == "win32":
    from tray.control.windows_pipe import connect
else:
    from tray.control.unix_socket import connect


def ask(address: str, request: Document, timeout: float = 5.0) -> Document:
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
