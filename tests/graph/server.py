"""A server for tests of the network: accepts connections and lets a script talk on each."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from tray.graph.client import GraphClient
from tray.graph.requests import Token
from tray.graph.transport import Timeouts

TOKEN = Token("secret-access-token", datetime(2030, 1, 1, tzinfo=UTC), "00000000-0000-0000-0000-0000000000ad")
SHORT = Timeouts(0.5, 0.5)  # seconds, instead of ten
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
EMPTY = HEAD + b"Content-Length: 0\r\n\r\n"
Script = Callable[[socket.socket], None]


class Server:
    """Accepts connections and lets a script talk on each, a thread for each."""

    def __init__(self, script: Script, context: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self._script = script
        self._context = context
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._serve, name="server")]
        self._threads[0].start()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                peer, _ = self._listener.accept()
                self.connections += 1
                peer.settimeout(5)
                self._threads.append(threading.Thread(target=self._talk, args=(peer,), name="server's peer"))
                self._threads[-1].start()

    def _talk(self, peer: socket.socket) -> None:
        with suppress(OSError), peer:
            talking = self._context.wrap_socket(peer, server_side=True) if self._context else peer
            with talking:
                if read_request(talking):
                    self._script(talking)

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()


def read_request(peer: socket.socket) -> bytes:
    """Read one request whole: what is left unread when a connection closes resets it. Empty at its end."""
    text = b""
    while b"\r\n\r\n" not in text or len(text) < _length(text):
        if not (piece := peer.recv(65536)):
            return b""
        text += piece
    return text


def _length(text: bytes) -> int:
    head, _, _ = text.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)content-length: (\d+)", head)
    return len(head) + 4 + int(found[1] if found else 0)


@contextmanager
def talking_to(
    script: Script, context: ssl.SSLContext | None = None, *, timeouts: Timeouts = SHORT
) -> Iterator[tuple[GraphClient, Server]]:
    server = Server(script, context)
    origin = f"https://localhost:{server.port}" if context else f"http://127.0.0.1:{server.port}"
    client = GraphClient(origin, "client", timeouts=timeouts)
    try:
        yield client, server
    finally:
        client.close()
        server.stop()
