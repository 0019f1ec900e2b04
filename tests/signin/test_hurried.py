"""Tokens under a clock that runs at a speed of its own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tray.clock import Clock
from tray.core.effects import ObtainToken, ReadAccount, TokenErrand
from tray.core.events import SignInProgressed
from tray.core.values import Account, AccountRead, Granted
from tray.signin.hurried import Hurried
from tray.signin.source import Reply, Token

HOUR = timedelta(hours=1)
ADELE = Account("adele@example.test", "key")


class Source:
    """Grants a token that is good for an hour of the machine's time."""

    def __init__(self) -> None:
        self.cancelled: list[int] = []

    def carry_out(self, errand: TokenErrand, _progress: Callable[[SignInProgressed], None]) -> Reply:
        if isinstance(errand, ReadAccount):
            return Reply(AccountRead(ADELE))
        expires_at = datetime.now(UTC) + HOUR
        return Reply(Granted(ADELE, expires_at), Token("token", expires_at, "user"))

    def cancel(self, call: int) -> None:
        self.cancelled.append(call)


def test_a_token_is_good_for_as_long_by_the_programs_clock_as_it_was_by_the_machines() -> None:
    clock = Clock(1000)
    clock._origin -= timedelta(days=1)  # the program has run for a while: its clock is years ahead
    reply = Hurried(Source(), clock).carry_out(ObtainToken(1), lambda _: None)
    assert isinstance(reply.outcome, Granted)
    assert reply.token is not None
    assert reply.token.expires_at == reply.outcome.expires_at
    left = reply.outcome.expires_at - clock.now()
    assert HOUR - timedelta(minutes=20) < left < HOUR + timedelta(minutes=1)


def test_whatever_holds_no_token_passes_unchanged_and_so_does_a_cancellation() -> None:
    source = Source()
    hurried = Hurried(source, Clock(60))
    assert hurried.carry_out(ReadAccount(1), lambda _: None) == Reply(AccountRead(ADELE))
    hurried.cancel(7)
    assert source.cancelled == [7]
