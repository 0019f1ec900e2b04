"""The client over real sockets against servers that misbehave: bounded in time and memory, and named rightly."""

import gzip
import socket
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.certificates import certificate
from tests.graph.server import EMPTY, HEAD, TOKEN, Script, read_request, talking_to
from tray.core.effects import ClearSession, ReadPresence, SetSession
from tray.core.states import AWAY
from tray.core.values import AnswerKind, NetworkFailure
from tray.graph.client import GraphClient
from tray.graph.transport import LARGEST, TIMEOUTS

SET = SetSession(1, AWAY.pair, timedelta(minutes=30))
BOMB = gzip.compress(b" " * 10_000_000)
PAGE = b"<!doctype html><title>Welcome to the hotel</title>"
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def send_a_head_endlessly(peer: socket.socket) -> None:
    peer.sendall(HEAD)
    while True:
        peer.sendall(b"X-More: to come\r\n" * 1000)


def stop_talking_in_mid_answer(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Content-Length: 50\r\n\r\n{")
    peer.shutdown(socket.SHUT_WR)
    peer.recv(1)


def send_chunks_endlessly(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        peer.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")


def send_ten_megabytes(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Content-Length: 10000000\r\n\r\n")
    for _ in range(100):
        peer.sendall(b" " * 100_000)


def send_endlessly(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Content-Length: 99999999\r\n\r\n")
    while True:
        peer.sendall(b" " * 65536)


def send_a_bomb(peer: socket.socket) -> None:
    peer.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB)


def say(text: bytes) -> Script:
    return lambda peer: peer.sendall(text)


def wait_long(_: socket.socket) -> None:
    time.sleep(2)  # four times as long as the client waits


SCRIPTS: dict[str, tuple[Script, NetworkFailure]] = {
    "says nothing": (wait_long, NetworkFailure.TIMEOUT),
    "hangs up": (say(b""), NetworkFailure.BROKEN),
    "resets": (reset, NetworkFailure.BROKEN),
    "breaks off in its answer": (say(HEAD + b"Content-Length: 50\r\n\r\n{"), NetworkFailure.BROKEN),
    "talks garbage": (say(b"\x16\x03\x01\x02garbage\r\n\r\n"), NetworkFailure.BROKEN),
    "has a head that never ends": (send_a_head_endlessly, NetworkFailure.BROKEN),
    "closes its half in mid-answer": (stop_talking_in_mid_answer, NetworkFailure.BROKEN),
    "never ends": (send_endlessly, NetworkFailure.BROKEN),
    "never ends, in chunks": (send_chunks_endlessly, NetworkFailure.BROKEN),
    "sends ten megabytes": (send_ten_megabytes, NetworkFailure.BROKEN),
    "sends a bomb": (send_a_bomb, NetworkFailure.BROKEN),
    "redirects": (
        say(b"HTTP/1.1 302 Found\r\nLocation: http://hotel.test\r\nContent-Length: 0\r\n\r\n"),
        NetworkFailure.PORTAL,
    ),
    "shows a page": (say(PORTAL), NetworkFailure.PORTAL),
    "answers a question with nothing": (say(EMPTY), NetworkFailure.BROKEN),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_server_that_misbehaves_is_no_answer(name: str) -> None:
    script, failure = SCRIPTS[name]
    with talking_to(script) as (client, _):
        answer = client.send(ReadPresence(1), TOKEN)
        assert (answer.kind, answer.failure) == (AnswerKind.UNREACHABLE, failure)


def test_a_page_is_no_answer_to_a_set() -> None:
    with talking_to(say(PORTAL)) as (client, _):
        assert client.send(SET, TOKEN).failure is NetworkFailure.PORTAL


@pytest.mark.parametrize("script", [send_endlessly, send_chunks_endlessly, send_ten_megabytes, send_a_head_endlessly])
def test_an_endless_answer_takes_little_more_than_a_megabyte(script: Script) -> None:
    with talking_to(say(EMPTY)) as (client, _):
        client.send(SET, TOKEN)  # what is imported at the first call does not count
    with talking_to(script) as (client, _):
        tracemalloc.start()
        client.send(ReadPresence(1), TOKEN)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 4 * LARGEST


def test_after_503_the_next_request_takes_a_new_connection() -> None:
    answers = {503: b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 200: HEAD + b"Content-Length: 0\r\n\r\n"}

    def answer_twice(status: int) -> Callable[[socket.socket], None]:
        def script(peer: socket.socket) -> None:
            for _ in range(2):
                peer.sendall(answers[status])
                read_request(peer)

        return script

    for status, connections in ((200, 1), (503, 2)):
        with talking_to(answer_twice(status)) as (client, server):
            for _ in range(2):
                assert client.send(SET, TOKEN).status == status
            assert server.connections == connections


def test_a_port_on_which_nobody_listens_is_a_network_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert GraphClient(f"http://127.0.0.1:{port}", "client").send(SET, TOKEN).failure is NetworkFailure.NETWORK


def test_a_name_that_does_not_exist_is_a_name_error() -> None:
    assert GraphClient("https://graph.invalid", "client").send(SET, TOKEN).failure is NetworkFailure.NAME


@pytest.mark.parametrize(
    ("trusted", "kind", "failure"),
    [
        (True, "good", None),
        (False, "nobody vouches for", NetworkFailure.TLS),
        (True, "expired", NetworkFailure.TLS_CLOCK),
        (True, "somebody else's", NetworkFailure.PORTAL),
    ],
)
def test_tls_is_trusted_or_says_what_is_wrong_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool, kind: str, failure: NetworkFailure | None
) -> None:
    context, ca_file = certificate(tmp_path, kind)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    with talking_to(say(EMPTY), context, timeouts=TIMEOUTS) as (client, _):
        assert client.send(ClearSession(1), TOKEN).failure is failure


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_certificate_file_that_cannot_be_used_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    if text:
        (tmp_path / "ca.pem").write_text(text)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    assert GraphClient("https://localhost:9", "client").send(SET, TOKEN).failure is NetworkFailure.VARIABLE


def test_the_log_holds_no_token_no_id_and_no_body(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "tray")
    answer = b'HTTP/1.1 400 Bad\r\nrequest-id: r-1\r\nContent-Length: 12\r\n\r\n{"error": {}}'
    with talking_to(say(answer)) as (client, _):
        client.send(SET, TOKEN)
    assert "r-1" in caplog.text
    for secret in (TOKEN.access_token, TOKEN.object_id, "error"):
        assert secret not in caplog.text
