"""The client over real sockets against servers that misbehave: bounded in time and memory, and named rightly."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from tray.core.effects import ClearSession, ReadPresence, SetSession
from tray.core.states import AWAY
from tray.core.things import Kind, Reach
from tray.graph.http import GraphClient
from tray.signin.protocol import Token

TOKEN = Token("secret-access-token", datetime(2030, 1, 1, tzinfo=UTC), "00000000-0000-0000-0000-0000000000ad")
SPEED = 20.0  # ten seconds become half of one
SET = SetSession(1, AWAY.pair, timedelta(minutes=30))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Server:
    """Accepts connections and lets a script talk on each."""

    def __init__(self, script: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self._script = script
        self._context = context
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="server")
        self._thread.start()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            with suppress(OSError):
                peer, _ = self._listener.accept()
                self.connections += 1
                with peer:
                    peer.settimeout(5)
                    talking = self._context.wrap_socket(peer, server_side=True) if self._context else peer
                    with suppress(OSError), talking:
                        talking.recv(65536)
                        self._script(talking)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._listener.close()


@contextmanager
def talking_to(script: Callable[[socket.socket], None]) -> Iterator[tuple[GraphClient, Server]]:
    server = Server(script)
    client = GraphClient(f"http://127.0.0.1:{server.port}", "client", speed=SPEED)
    try:
        yield client, server
    finally:
        client.close()
        server.stop()


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def drip(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    for _ in range(100):
        peer.sendall(b" ")
        time.sleep(0.05)


def send_endlessly(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Content-Length: 99999999\r\n\r\n")
    while True:
        peer.sendall(b" " * 65536)


def send_a_bomb(peer: socket.socket) -> None:
    body = gzip.compress(b" " * 10_000_000)
    peer.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)


def say(text: bytes) -> Callable[[socket.socket], None]:
    return lambda peer: peer.sendall(text)


def wait_long(_: socket.socket) -> None:
    time.sleep(2)


SCRIPTS: dict[str, tuple[Callable[[socket.socket], None], set[Reach]]] = {
    "says nothing": (wait_long, {Reach.TIMEOUT}),
    "hangs up": (say(b""), {Reach.BROKEN}),
    "resets": (reset, {Reach.BROKEN}),
    "breaks off in its answer": (say(HEAD + b"Content-Length: 50\r\n\r\n{"), {Reach.BROKEN}),
    "talks garbage": (say(b"\x16\x03\x01\x02garbage\r\n\r\n"), {Reach.BROKEN}),
    "drips": (drip, {Reach.TIMEOUT}),
    "never ends": (send_endlessly, {Reach.BROKEN}),
    "sends a bomb": (send_a_bomb, {Reach.BROKEN}),
    "redirects": (
        say(b"HTTP/1.1 302 Found\r\nLocation: http://hotel.test\r\nContent-Length: 0\r\n\r\n"),
        {Reach.PORTAL},
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_server_that_misbehaves_is_no_answer_and_takes_no_longer_than_a_call_may(name: str) -> None:
    script, reaches = SCRIPTS[name]
    with talking_to(script) as (client, _):
        began = time.monotonic()
        answer = client.send(ReadPresence(1), TOKEN)
        took = time.monotonic() - began
        assert answer.kind is Kind.UNREACHABLE
        assert answer.reach in reaches
        assert took < 5  # ten times the limit: a noisy machine is not the client's fault


def test_after_503_the_next_request_takes_a_new_connection() -> None:
    answers = {503: b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 200: HEAD + b"Content-Length: 0\r\n\r\n"}

    def answer_twice(status: int) -> Callable[[socket.socket], None]:
        def script(peer: socket.socket) -> None:
            for _ in range(2):
                peer.sendall(answers[status])
                peer.recv(65536)

        return script

    for status, connections in ((200, 1), (503, 2)):
        with talking_to(answer_twice(status)) as (client, server):
            for _ in range(2):
                assert client.send(SET, TOKEN).status == status
            assert server.connections == connections


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert GraphClient(f"http://127.0.0.1:{port}", "client").send(SET, TOKEN).reach is Reach.NETWORK


def test_a_name_that_does_not_exist() -> None:
    assert GraphClient("https://graph.invalid", "client").send(SET, TOKEN).reach is Reach.NAME


def test_closing_from_another_thread_ends_a_call_in_flight() -> None:
    with talking_to(drip) as (client, _):
        timer = threading.Timer(0.1, client.close)
        timer.start()
        assert client.send(ReadPresence(1), TOKEN).kind is Kind.UNREACHABLE
        timer.join()


def certificate(folder: Path, *, not_after: datetime | None = None) -> tuple[ssl.SSLContext, Path]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", not_after=not_after).configure_cert(context)
    return context, folder / "ca.pem"


EXPIRED = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("trusted", "not_after", "reach"),
    [(True, None, None), (False, None, Reach.TLS), (True, EXPIRED, Reach.TLS_CLOCK)],
)
def test_tls_is_trusted_or_says_whether_root_or_clock_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, not_after: datetime | None, reach: Reach | None
) -> None:
    context, ca_file = certificate(tmp_path, not_after=not_after)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    server = Server(say(HEAD + b"Content-Length: 0\r\n\r\n"), context)
    client = GraphClient(f"https://localhost:{server.port}", "client")
    try:
        assert client.send(ClearSession(1), TOKEN).reach is reach
    finally:
        client.close()
        server.stop()


def test_a_certificate_file_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    assert GraphClient("https://localhost:9", "client").send(SET, TOKEN).reach is Reach.TLS


def test_the_log_holds_no_token_no_id_and_no_body(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "tray")
    answer = b'HTTP/1.1 400 Bad\r\nrequest-id: r-1\r\nContent-Length: 12\r\n\r\n{"error": {}}'
    with talking_to(say(answer)) as (client, _):
        client.send(SET, TOKEN)
    assert "r-1" in caplog.text
    for secret in (TOKEN.access_token, TOKEN.object_id, "error"):
        assert secret not in caplog.text
