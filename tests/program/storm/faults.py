"""What can go wrong between the program and Graph, as a table; each fault talks on one connection for one request.

Seconds are the program's: the cloud's clock runs as fast as the program's does.
"""

import random
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from tray.clock import Clock
from tray.graph.http_messages import HttpResponse, replied

BEYOND = 15.0  # seconds, longer than a call may take
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 32\r\n\r\n<!doctype html><h1>Welcome!</h1>"
ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n"
CLAIMS = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxIn19fQ=="
CHALLENGE = f'Bearer realm="", error="insufficient_claims", claims="{CLAIMS}"'


class Gone(Exception):  # noqa: N818  an outcome, not an accident
    """The program has hung up."""


@dataclass
class Exchange:
    """One request of the program's, and the connection it came on."""

    peer: socket.socket
    act: Callable[[], HttpResponse]  # lets the service act on the request
    clock: Clock
    dice: random.Random
    status: int | None = None  # what was answered whole
    retry_after: float | None = None
    told_at: datetime | None = None  # when the program can first have heard of it

    def say(self, text: bytes) -> None:
        """Send something."""
        self.told_at = self.told_at or self.clock.now()
        self.peer.sendall(text)

    def wait(self, seconds: float) -> None:
        """Let time pass; raises Gone when the program hangs up."""
        self.peer.settimeout(max(0.001, self.clock.seconds(timedelta(seconds=seconds))))
        try:
            self.peer.recv(1)
        except TimeoutError:
            self.peer.settimeout(None)
            return
        except OSError:
            pass
        raise Gone  # it asks nothing more on a connection before it has its answer

    def answer(self, response: HttpResponse) -> None:
        """Send an answer whole."""
        self.say(written(response))
        self.status = response.status_code

    def refuse(self, status: int, **headers: str) -> None:
        """Answer with an error in Graph's words."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer(replied(status, headers=named, json={"error": {"code": "Storm", "message": ""}}))

    def reset(self) -> None:
        """Close so that the other side meets a reset."""
        self.told_at = self.told_at or self.clock.now()
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone


def written(response: HttpResponse) -> bytes:
    """Return an answer as it goes over the wire."""
    kept = [(name, value) for name, value in response.headers.items() if name != "content-length"]
    head = "".join(f"{name}: {value}\r\n" for name, value in [*kept, ("content-length", str(len(response.content)))])
    return f"HTTP/1.1 {response.status_code} Storm\r\n{head}\r\n".encode() + response.content


def _late(exchange: Exchange) -> None:
    exchange.wait(exchange.dice.uniform(0.5, 6))
    exchange.answer(exchange.act())


def _act_and_say_nothing(exchange: Exchange) -> None:
    exchange.act()
    exchange.wait(BEYOND)


def _act_and_reset(exchange: Exchange) -> None:
    exchange.act()
    exchange.reset()


def _half(exchange: Exchange) -> None:
    text = written(exchange.act())
    exchange.say(text[: len(text) // 2])


def _reset_in_mid_answer(exchange: Exchange) -> None:
    _half(exchange)
    exchange.reset()


def _close_half(exchange: Exchange) -> None:
    _half(exchange)
    socket.socket.shutdown(exchange.peer, socket.SHUT_WR)
    exchange.wait(BEYOND)


def _drip(exchange: Exchange) -> None:
    """Send byte by byte, so slowly that it cannot end in time."""
    for byte in written(exchange.act())[:30]:
        exchange.say(bytes([byte]))
        exchange.wait(1)


def _never_end(exchange: Exchange) -> None:
    exchange.act()
    exchange.say(ENDLESS)
    while True:
        exchange.say(b" " * 65536)


def _talk_garbage(exchange: Exchange) -> None:
    exchange.say(exchange.dice.randbytes(200))


def _answer_garbage(exchange: Exchange) -> None:
    response = exchange.act()
    exchange.answer(replied(response.status_code, content=b'{"availability": [nonsense'))
    if response.content:
        exchange.status = None  # to a question this is no answer


def _throttle(exchange: Exchange, *, how: str) -> None:
    wait = exchange.dice.randint(1, 20)
    exchange.retry_after = None if how == "silent" else wait
    now = exchange.clock.now().replace(microsecond=0)
    headers = {"Date": format_datetime(now, usegmt=True)}
    if how == "seconds":
        headers["Retry_After"] = str(wait)
    if how == "date":
        headers["Retry_After"] = format_datetime(now + timedelta(seconds=wait), usegmt=True)
    exchange.refuse(429, **headers)


def _be_busy(exchange: Exchange) -> None:
    exchange.retry_after = float(exchange.dice.randint(1, 20))
    exchange.refuse(503, Retry_After=f"{exchange.retry_after:.0f}")


def _time_out_after_acting(exchange: Exchange) -> None:
    exchange.act()
    exchange.refuse(504)


FAULTS: dict[str, Callable[[Exchange], None]] = {
    "latency": _late,
    "no answer": lambda exchange: exchange.wait(BEYOND),
    "acted on, no answer": _act_and_say_nothing,
    "reset": Exchange.reset,
    "acted on, reset": _act_and_reset,
    "reset in mid-answer": _reset_in_mid_answer,
    "half-close in mid-answer": _close_half,
    "slow answer": _drip,
    "endless answer": _never_end,
    "garbage": _talk_garbage,
    "garbage in the body": _answer_garbage,
    "portal's page": lambda exchange: exchange.say(PAGE),
    "redirect": lambda exchange: exchange.refuse(302, Location="http://portal.test/"),
    "401": lambda exchange: exchange.refuse(401),
    "401 with claims": lambda exchange: exchange.refuse(401, WWW_Authenticate=CHALLENGE),
    "429": lambda exchange: _throttle(exchange, how="silent"),
    "429, seconds": lambda exchange: _throttle(exchange, how="seconds"),
    "429, a date": lambda exchange: _throttle(exchange, how="date"),
    "500": lambda exchange: exchange.refuse(500),
    "502": lambda exchange: exchange.refuse(502),
    "503": lambda exchange: exchange.refuse(503),
    "503, seconds": _be_busy,
    "504": _time_out_after_acting,
    "507": lambda exchange: exchange.refuse(507),
}
# After these the program waits only for its own back-off: no `Retry-After`, no call that has to run into its limit.
BRIEF = ("reset", "acted on, reset", "reset in mid-answer", "garbage", "portal's page", "500", "502", "503", "504")
