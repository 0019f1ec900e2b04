"""A call that is given up: it ends at once, sends nothing more, and does not disturb the next call."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from socket import socket

import pytest

from tests.certificates import certificate
from tests.graph.server import EMPTY, HEAD, TOKEN, talking_to
from tray.core.effects import SetSession
from tray.core.states import AWAY
from tray.core.values import Answer, AnswerKind, NetworkFailure
from tray.graph.client import GraphClient
from tray.graph.transport import HttpClient, Timeouts

PATIENCE = 10
NONE = Timeouts(None, None)
SET = SetSession(1, AWAY.pair, timedelta(minutes=30))
GIVEN_UP = Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.TIMEOUT)


@dataclass
class Calling:
    """A call on a thread of its own, as the program's lane makes it."""

    client: GraphClient
    answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=lambda: self.answers.append(self.client.send(SET, TOKEN)))
        self._thread.start()

    def end(self) -> Answer:
        self._thread.join(PATIENCE)
        (answer,) = self.answers
        return answer


@pytest.fixture(params=["plain", "encrypted"])
def context(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext | None:
    if request.param == "plain":
        return None
    context, ca_file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    return context


SAID = {"nothing": b"", "a head": HEAD, "half a body": HEAD + b"Content-Length: 50\r\n\r\n{"}


@pytest.mark.parametrize("said", SAID)
def test_it_ends_at_once_on_both_sides(context: ssl.SSLContext | None, said: str) -> None:
    asked, ended = threading.Event(), threading.Event()

    def script(peer: socket) -> None:
        peer.sendall(SAID[said])
        asked.set()
        try:
            peer.recv(1)
        except TimeoutError:
            return
        except OSError:
            pass  # cut off: an end as well
        ended.set()

    with talking_to(script, context, timeouts=NONE) as (client, _):  # no limit of its own ends it in time
        calling = Calling(client)
        assert asked.wait(PATIENCE)
        client.close()
        assert calling.end() == GIVEN_UP
        assert ended.wait(PATIENCE)


class SlowContext:
    """Keeps a connection waiting for its handshake, as half-open ones do."""

    def __init__(self, context: ssl.SSLContext, wait: Callable[[], object]) -> None:
        self._context = context
        self._wait = wait

    def wrap_socket(self, peer: socket, *, server_side: bool) -> ssl.SSLSocket:
        self._wait()
        return self._context.wrap_socket(peer, server_side=server_side)


def test_given_up_while_it_connects_it_sends_nothing_and_the_next_call_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, ca_file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    connected, go_on = threading.Event(), threading.Event()
    first, heard = threading.Lock(), list[bytes]()

    def wait() -> None:
        if first.acquire(blocking=False):
            connected.set()
            go_on.wait(PATIENCE)

    def script(peer: socket) -> None:
        heard.append(b"a call")
        if len(heard) == 1:
            go_on.set()
            old.end()  # it must not take this connection along
        peer.sendall(EMPTY)

    with talking_to(script, SlowContext(context, wait), timeouts=NONE) as (client, server):  # type: ignore[arg-type]
        old = Calling(client)
        assert connected.wait(PATIENCE)
        client.close()
        assert Calling(client).end().kind is AnswerKind.ACCEPTED
        assert old.end() == GIVEN_UP
        assert (server.connections, heard) == (2, [b"a call"])


def test_given_up_while_the_trust_store_is_read_it_sends_nothing() -> None:
    begun, go_on, heard = threading.Event(), threading.Event(), list[socket]()

    class SlowToOpen(GraphClient):
        def _open(self) -> HttpClient:
            begun.set()
            go_on.wait(PATIENCE)
            return super()._open()

    with talking_to(heard.append) as (_, server):
        client = SlowToOpen(f"http://127.0.0.1:{server.port}", "client")
        calling = Calling(client)
        assert begun.wait(PATIENCE)
        client.close()
        go_on.set()
        assert calling.end() == GIVEN_UP
    assert heard == []
