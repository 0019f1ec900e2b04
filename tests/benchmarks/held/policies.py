"""What people use today, written as policies: generators that yield a wait or a set, and hear what came of it."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

HOUR = 3600.0


@dataclass(frozen=True)
class Set:
    """A setPresence with a lease in seconds."""

    lease: float


@dataclass(frozen=True)
class Heard:
    """What came of it: a status, 0 for no answer, and Retry-After."""

    status: int
    retry_after: float | None = None


Policy = Generator[Set | float, Heard | None, None]


def shell_loop() -> Policy:
    """A PowerShell-style loop: every five minutes, PT4H, no retry; an error is printed and the loop goes on."""
    while True:
        yield Set(4 * HOUR)
        yield 300.0


def rearm() -> Policy:
    """A 240 s re-arm with back-off: 30 s, doubling to 300 s, one hour's lease."""
    pause = 30.0
    while True:
        heard = yield Set(HOUR)
        if heard and heard.status == 200:
            pause = 30.0
            yield 240.0
        else:
            yield pause
            pause = min(pause * 2, 300.0)


def sdk() -> Policy:
    """An SDK's retries: every four minutes, each call tried three times more, 3 s doubling or Retry-After; PT1H."""
    while True:
        delay = 3.0
        for _ in range(4):
            heard = yield Set(HOUR)
            if heard and (heard.status == 200 or heard.status not in {429, 503, 504}):
                break
            yield heard.retry_after if heard and heard.retry_after else delay
            delay *= 2
        yield 240.0


POLICIES: dict[str, Callable[[], Policy]] = {
    "PowerShell-style loop": shell_loop,
    "re-arm every 240 s": rearm,
    "SDK-style retries": sdk,
}
