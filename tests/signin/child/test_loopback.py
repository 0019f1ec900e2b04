"""The receiver on the loopback addresses: one form with the right state, and nothing else."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode

import httpx
import pytest

from tray.signin.child import loopback
from tray.signin.child.loopback import Receiver

STATE = "the-right-state"
GOOD = {"code": "the-code", "state": STATE}
# Nothing is encrypted: to read the system's authorities would take longer than most tests.
get, post = (partial(send, verify=False) for send in (httpx.get, httpx.post))


def no_resolver(*_: object) -> str:
    raise AssertionError("a name was looked up")


def test_no_resolver_is_asked_before_the_browser_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("getfqdn", "gethostbyaddr", "gethostbyname"):
        monkeypatch.setattr(socket, name, no_resolver)
    with Receiver():
        pass


def test_a_length_with_leading_zeros_is_not_read(waiting: "Waiting") -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: 000000000800000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", waiting.port), timeout=5) as peer:
        peer.sendall(head)
        assert b" 400 " in peer.recv(100)  # at once, instead of waiting for the 800 MB


class Waiting:
    """A receiver that waits on a thread."""

    def __init__(self) -> None:
        self.given_up = threading.Event()
        self.receiver = Receiver(self.given_up.is_set)
        self.port = int(self.receiver.redirect_uri.rsplit(":", 1)[1])
        self.form: dict[str, str] | None = None
        self.thread = threading.Thread(target=self._wait)
        self.thread.start()

    def _wait(self) -> None:
        with self.receiver:
            self.form = self.receiver.wait(STATE, timedelta(seconds=20))

    def end(self) -> dict[str, str] | None:
        self.given_up.set()
        self.thread.join()
        return self.form


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    waiting = Waiting()
    try:
        yield waiting
    finally:
        waiting.end()


def url(waiting: Waiting, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{waiting.port}"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_the_form_with_the_right_state_is_taken(waiting: Waiting, host: str) -> None:
    page = post(url(waiting, host), data=GOOD)
    assert page.status_code == 200
    assert "You can close this window" in page.text
    waiting.thread.join()
    assert waiting.form == GOOD


REFUSED = {
    "another state": {"code": "x", "state": "wrong"},
    "no state": {"code": "x"},
    "no code": {"state": STATE},
    "nothing": {},
    "oversize": {"code": "x" * 100_000, "state": STATE},
    "a state that is no text": {"code": "x", "state": "\udcff\x00"},
}


@pytest.mark.parametrize("what", REFUSED)
def test_any_other_form_is_refused_and_the_wait_goes_on(waiting: Waiting, what: str) -> None:
    body = urlencode(REFUSED[what], errors="surrogateescape")
    refused = post(url(waiting), content=body)
    assert refused.status_code in {400, 501}
    assert post(url(waiting), data=GOOD).status_code == 200


def test_a_code_in_an_address_is_refused(waiting: Waiting) -> None:
    assert get(f"{url(waiting)}/?code=x&state={STATE}").status_code == 400


STRANGE = [
    b"\x16\x03\x01garbage\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 000000000800000000\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: ٣\r\n\r\n".encode(),
    b"POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\nshort",
    b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    b"G" * 70_000 + b"\r\n\r\n",
    b"\r\n\r\n",
]


@pytest.mark.parametrize("strange", STRANGE, ids=range(len(STRANGE)))
def test_a_strange_request_is_refused(waiting: Waiting, strange: bytes) -> None:
    with socket.create_connection(("127.0.0.1", waiting.port)) as peer, suppress(ConnectionError):
        peer.sendall(strange)
        peer.shutdown(socket.SHUT_WR)
        assert b"200 OK" not in peer.recv(10_000)
    assert waiting.form is None
    assert post(url(waiting), data=GOOD).status_code == 200


def test_silent_connections_do_not_delay_the_browser(waiting: Waiting) -> None:
    peers = [socket.create_connection(("127.0.0.1", waiting.port)) for _ in range(20)]
    for peer in peers:
        peer.sendall(b"POST / HT")
    assert post(url(waiting), data=GOOD, timeout=1.5).status_code == 200  # each may be silent for two seconds
    for peer in peers:
        peer.close()


def test_of_two_forms_at_once_one_is_taken(waiting: Waiting) -> None:
    codes: list[int] = []

    def bring() -> None:
        with suppress(httpx.TransportError):
            codes.append(post(url(waiting), data=GOOD).status_code)

    threads = [threading.Thread(target=bring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes.count(200) == 1
    waiting.thread.join()
    assert waiting.form == GOOD


def test_a_form_that_comes_before_the_wait_is_taken() -> None:
    with Receiver() as receiver:
        early = threading.Thread(target=post, args=(receiver.redirect_uri,), kwargs={"data": GOOD})
        early.start()
        time.sleep(0.2)  # the form is there first
        assert receiver.wait(STATE, timedelta(seconds=20)) == GOOD
        early.join()


def test_a_refusal_in_the_browser_ends_the_wait(waiting: Waiting) -> None:
    page = post(url(waiting), data={"error": "access_denied", "state": STATE})
    assert "didn't work" in page.text
    waiting.thread.join()
    assert waiting.form == {"error": "access_denied", "state": STATE}


def test_a_form_is_taken_once(waiting: Waiting) -> None:
    post(url(waiting), data=GOOD)
    waiting.thread.join()
    with pytest.raises(httpx.ConnectError):
        post(url(waiting), data=GOOD)


def test_the_user_can_give_up(waiting: Waiting) -> None:
    assert waiting.end() is None


def test_without_a_form_the_wait_times_out() -> None:
    with Receiver() as receiver, pytest.raises(TimeoutError):
        receiver.wait(STATE, timedelta(seconds=0.1))


def test_a_port_that_another_program_has_on_one_address_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    strangers: list[socket.socket] = []

    class Crowded(loopback._Listener):
        def __init__(self, host: str, port: int, take: Callable[[dict[str, str]], bool]) -> None:
            if host == "::1" and not strangers:
                strangers.append(socket.socket(socket.AF_INET6))
                strangers[0].bind(("::1", port))
            super().__init__(host, port, take)

    monkeypatch.setattr(loopback, "_Listener", Crowded)
    with Receiver() as waiting:
        taken = strangers[0].getsockname()[1]
        assert int(waiting.redirect_uri.rsplit(":", 1)[1]) != taken
        assert len(waiting._listeners) == 2
    strangers[0].close()
