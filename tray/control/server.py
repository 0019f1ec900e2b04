"""The server of the control channel: answers commands on a thread of its own.

It serves the user that it runs as, and one conversation at a time: an honest one takes a millisecond. A request has two
seconds to arrive, an answer two seconds to leave.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable

from tray.control.protocol import LONGEST_LINE, Connection, Document, Listener, decoded, encoded, read_line, refusal

if sys.platform == "win32":
    from tray.control.windows_pipe import listen
else:
    from tray.control.unix_socket import listen

REQUEST_SECONDS = 2.0
STOP_SECONDS = 0.5  # a slow peer must not delay the end of the program
THREAD = "control"

log = logging.getLogger(__name__)


class Server:
    """Answers requests on a thread of its own until it is stopped."""

    def __init__(self, listener: Listener, handle: Callable[[Document], Document]) -> None:
        self._listener = listener
        self._handle = handle
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name=THREAD, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the address, within `STOP_SECONDS`."""
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
            except OSError as exc:  # the peer was slow or has gone
                log.debug("conversation ended: %s", exc)
            finally:
                connection.close()

    def _converse(self, connection: Connection) -> None:
        try:
            request = decoded(read_line(connection, time.monotonic() + REQUEST_SECONDS))
        except ValueError as exc:
            answer = refusal(str(exc))
        else:
            answer = self._answer(request)
        line = encoded(answer)
        if len(line) > LONGEST_LINE:
            line = encoded(refusal("the answer is longer than 64 KiB"))
        connection.send(line, REQUEST_SECONDS)

    def _answer(self, request: Document) -> Document:
        try:
            return self._handle(request)
        except Exception:  # a defect in one answer must not end the channel
            log.exception("no answer to a request")
            return refusal("the request failed; the log says more")


def serve(address: str, handle: Callable[[Document], Document]) -> Server:
    """Answer requests at an address; raise `AlreadyRunning`, or `TrayError` where nobody can listen there."""
    return Server(listen(address), handle)
