"""The token side under a clock that runs at a speed of its own; must not know whose clock it is, nor why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from tray.clock import Clock
from tray.core.effects import TokenErrand
from tray.core.events import SignInProgressed
from tray.core.values import Granted
from tray.signin.source import Reply, TokenSource


class Hurried:
    """Another token side, whose tokens end by the program's clock and not by the machine's."""

    def __init__(self, source: TokenSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out; a token is good for as long as it was, counted from now."""
        reply = self._source.carry_out(errand, progress)
        if reply.token is None or not isinstance(reply.outcome, Granted):
            return reply
        expires_at = self._clock.now() + (reply.outcome.expires_at - datetime.now(UTC))
        outcome = replace(reply.outcome, expires_at=expires_at)
        return Reply(outcome, replace(reply.token, expires_at=expires_at))

    def cancel(self, call: int) -> None:
        """Give up a sign-in."""
        self._source.cancel(call)
