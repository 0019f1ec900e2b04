"""The server of the control channel: answers commands, each conversation on a thread of its own.

It serves the user that it runs as. A request has two seconds to arrive, an answer two seconds to leave; a peer that is
slower holds up nobody else. What goes wrong is logged, and the server goes on: without it the app can be told nothing.
"""

import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from threading import Event as Flag
from threading import Thread

from tray.control.protocol import LONGEST_LINE, Connection, JsonObject, Listener, decoded, encoded, read_line, refusal

if sys.platform == "win32":
    from tray.control.windows_pipe import listen
else:
    from tray.control.unix_socket import listen

REQUEST_SECONDS = 2.0
STOP_SECONDS = 0.5  # a slow peer must not delay the end of the program
WATCHERS = 64  # conversations that go on; of more, the oldest is broken off
UNREAD_SECONDS = 86_400.0  # a watcher that does not read blocks only its own thread, and then gets the newest
MOST_CONVERSATIONS = 32  # at once; of more, the oldest is broken off, because few take longer than a moment
PAUSE = 0.5  # seconds after a failure, which may be one that lasts: no descriptors, no memory
THREAD = "control"
CONVERSATION = "conversation"

Conversed = (
    JsonObject | bytes | Iterator[JsonObject]
)  # one document, or lines as they are, or one document after another
Handle = Callable[[JsonObject], Conversed]

LOG = logging.getLogger("tray.control")


class Server:
    """Answers requests until it is stopped."""

    def __init__(
        self, listener: Listener, handle: Handle, pause: float = PAUSE, keep: Callable[[], None] = lambda: None
    ) -> None:
        self._listener = listener
        self._handle = handle
        self._keep = keep
        self._pause = pause
        self._stopping = Flag()
        self._open: deque[Connection] = deque()  # oldest first
        self._watching: deque[Connection] = deque()
        self._thread = Thread(target=self._serve, name=THREAD, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the address, within `STOP_SECONDS`."""
        self._stopping.set()
        self._listener.wake()
        self._thread.join(STOP_SECONDS / 2)
        self._listener.close()
        for connection in list(self._watching):
            connection.abort()
        if not self._all_ended(STOP_SECONDS / 4):  # the answer to `quit` may still be on its way
            for connection in list(self._open):
                connection.abort()
            self._all_ended(STOP_SECONDS / 4)

    def _all_ended(self, seconds: float) -> bool:
        """Wait for the conversations; tell whether they have ended."""
        until = time.monotonic() + seconds
        while self._open and time.monotonic() < until:
            time.sleep(0.005)
        return not self._open

    def _serve(self) -> None:
        failed = False
        while not self._stopping.is_set():
            try:
                self._accept()
                failed = False
            except Exception:
                LOG.log(logging.DEBUG if failed else logging.ERROR, "no command can be received", exc_info=True)
                failed = True
                self._stopping.wait(self._pause)

    def _accept(self) -> None:
        connection = self._listener.accept()
        if connection is None:
            if not self._stopping.is_set():
                self._keep()
                self._listener.restore()
            return
        if len(self._open) >= MOST_CONVERSATIONS:
            self._open[0].abort()
        self._open.append(connection)
        try:
            Thread(target=self._converse, args=(connection,), name=CONVERSATION, daemon=True).start()
        except RuntimeError:  # the system has no more threads
            self._end(connection)
            raise

    def _converse(self, connection: Connection) -> None:
        try:
            self._answer(connection)
        except OSError as exc:  # the peer was slow or has gone
            LOG.debug("conversation ended: %s", exc)
        except Exception:
            LOG.exception("a conversation failed")
        finally:
            self._end(connection)

    def _end(self, connection: Connection) -> None:
        connection.close()
        (self._open if connection in self._open else self._watching).remove(connection)

    def _answer(self, connection: Connection) -> None:
        try:
            request = decoded(read_line(connection, time.monotonic() + REQUEST_SECONDS))
        except ValueError as exc:
            answer: Conversed = refusal(str(exc))
        else:
            answer = self._handled(request)
        if isinstance(answer, dict | bytes):
            connection.send(answer if isinstance(answer, bytes) else _line(answer), REQUEST_SECONDS)
            return
        if len(self._watching) >= WATCHERS:
            self._watching[0].abort()
        self._watching.append(connection)
        self._open.remove(connection)
        for document in answer:
            connection.send(_line(document), UNREAD_SECONDS)

    def _handled(self, request: JsonObject) -> Conversed:
        try:
            return self._handle(request)
        except Exception:  # a defect in one answer must not end the channel
            LOG.exception("no answer to a request")
            return refusal("the request failed; the log says more")


def _line(answer: JsonObject) -> bytes:
    line = encoded(answer)
    return line if len(line) <= LONGEST_LINE else encoded(refusal("the answer is longer than 64 KiB"))


def serve(address: str, handle: Handle, keep: Callable[[], None] = lambda: None) -> Server:
    """Answer requests at an address; raise `AlreadyRunning`, or `TrayError` where nobody can listen there.

    Now and then `keep` is called, and the address made good if somebody has removed it.
    """
    return Server(listen(address), handle, keep=keep)
