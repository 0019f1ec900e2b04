"""The receiver on the loopback addresses: one form with the right state, and nothing else."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tray.signin.receiver import Receiver

STATE = "the-right-state"
GOOD = {"code": "the-code", "state": STATE}


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
def test_the_form_with_the_right_state_is_taken_and_the_page_says_so(waiting: Waiting, host: str) -> None:
    page = httpx.post(url(waiting, host), data=GOOD)
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
}


@pytest.mark.parametrize("what", REFUSED)
def test_anything_else_is_refused_and_the_receiver_goes_on_waiting(waiting: Waiting, what: str) -> None:
    refused = httpx.post(url(waiting), data=REFUSED[what])
    assert refused.status_code in {400, 501}
    assert httpx.post(url(waiting), data=GOOD).status_code == 200


def test_a_code_in_an_address_is_refused(waiting: Waiting) -> None:
    assert httpx.get(f"{url(waiting)}/?code=x&state={STATE}").status_code == 400


def test_garbage_and_silence_do_not_end_the_wait(waiting: Waiting) -> None:
    with socket.create_connection(("127.0.0.1", waiting.port)) as peer:
        peer.sendall(b"\x16\x03\x01garbage\r\n\r\n")
        peer.recv(1000)
    with socket.create_connection(("127.0.0.1", waiting.port)):
        pass
    assert httpx.post(url(waiting), data=GOOD).status_code == 200


def test_a_replay_finds_nobody(waiting: Waiting) -> None:
    httpx.post(url(waiting), data=GOOD)
    waiting.thread.join()
    with pytest.raises(httpx.ConnectError):
        httpx.post(url(waiting), data=GOOD)


def test_the_user_can_give_up(waiting: Waiting) -> None:
    assert waiting.end() is None


def test_nobody_comes() -> None:
    with Receiver() as receiver, pytest.raises(TimeoutError):
        receiver.wait(STATE, timedelta(seconds=0.1))
