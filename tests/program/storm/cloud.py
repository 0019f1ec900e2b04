"""Graph and the identity platform on one loopback port over TLS, in all weathers; as fast as the program is run."""

import random
import socket
import ssl
import threading
import uuid
from contextlib import suppress
from pathlib import Path

from tests.certificates import certificate
from tests.graph.server import read_request
from tests.program.storm.faults import FAULTS, Exchange, Gone, written
from tests.program.storm.ledger import Ledger
from tray.clock import Clock
from tray.graph.http_messages import HttpRequest, HttpResponse
from tray.sandbox.graph import PresenceService
from tray.sandbox.identity import IdentityPlatform

HANDSHAKE = 5.0  # real seconds


class StormyCloud:
    """Serves each connection on a thread of its own; `weather` is the share of Graph's calls that meet a fault."""

    def __init__(self, folder: Path, speed: float, seed: int) -> None:
        self._context, self.ca_file = certificate(folder)
        self.clock = Clock(speed)
        self.ledger = Ledger()
        self.weather = 0.0
        self.faults = tuple(FAULTS)
        self.platform = IdentityPlatform(self.clock.now, object_id=str(uuid.uuid4()))
        self.graph = PresenceService(self.clock.now, self.platform.accepts, self.platform.client_id)
        self._dice = random.Random(seed)  # noqa: S311  seeded faults
        self._port = 0
        self._one = threading.Lock()  # the stand-ins know no threads

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        self.platform.origin = f"https://localhost:{self._port}"
        self.platform.browser_origin = self.platform.graph_origin = self.platform.origin
        self._thread = threading.Thread(target=self._accept, name="cloud", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Be gone; conversations end with the program's."""
        with suppress(OSError):  # wakes `accept` on Linux; on Windows closing does
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(peer,), name="conversation", daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with suppress(OSError), peer:
            peer.settimeout(HANDSHAKE)
            with self._context.wrap_socket(peer, server_side=True) as talking:
                talking.settimeout(None)
                while (text := read_request(talking)) and self._answer(talking, _request(text)):
                    pass

    def _answer(self, peer: ssl.SSLSocket, request: HttpRequest) -> bool:
        """Answer one request; return whether the connection can be used again."""
        if not request.path.startswith("/v1.0/"):
            with self._one:
                answer = self.platform(request)
            peer.sendall(written(answer))
            return True
        name = self._draw()
        call = self.ledger.begin(peer, request.path.rpartition("/")[2], self.clock.now(), name)
        exchange = Exchange(peer, lambda: self._act(request), self.clock, self._dice)
        try:
            if name:
                FAULTS[name](exchange)
            else:
                exchange.answer(exchange.act())
        except Gone:
            return False
        finally:
            self.ledger.end(call, exchange)
        return exchange.status is not None

    def _draw(self) -> str | None:
        return self._dice.choice(self.faults) if self._dice.random() < self.weather else None

    def _act(self, request: HttpRequest) -> HttpResponse:
        with self._one:
            return self.graph(request)


def _request(text: bytes) -> HttpRequest:
    """Read a request as it came over the wire."""
    head, _, body = text.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return HttpRequest(method, f"https://cloud.test{path}", headers, body)
