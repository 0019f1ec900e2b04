"""What the passing of time alone changes: calls without an answer, ends of holds and leases, jumps of the clock."""

from datetime import datetime, timedelta

from tray.core import rules
from tray.core.effects import Abandon, AbandonErrand
from tray.core.events import Answered, Event, TokenAnswered
from tray.core.model import Engine
from tray.core.next_request import abandon
from tray.core.record import replace
from tray.core.schedule import CALL_LIMIT
from tray.core.suspend import resumed_unannounced
from tray.core.token_replies import errand_limit
from tray.core.trouble import tell_if_lasting
from tray.core.user_actions import end_hold
from tray.core.values import Answer, AnswerKind, NetworkFailure, TryLater
from tray.messages import signin

BACKWARDS = timedelta(seconds=2)  # a smaller step is the clock being disciplined
NO_ANSWER = Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.TIMEOUT)


def clock_set(engine: Engine, by: timedelta) -> Engine:
    """Move along with a clock that was set back; one that was set forwards looks like a sleep, which is safe."""
    return replace(_shifted(engine, by), clock=engine.clock + by) if by < timedelta() else engine


def pass_time(engine: Engine, now: datetime, expected: datetime | None = None) -> tuple[Engine, list[Event]]:
    """Let time pass up to now; return also the failures of calls that got no answer in time.

    `expected` is when the engine asked to be woken, after a gap that only a wait or a sleep explains.
    """
    if now < engine.clock - BACKWARDS:
        engine = _shifted(engine, now - engine.clock)
    else:
        engine = resumed_unannounced(engine, now, expected)
    engine = replace(engine, clock=now)
    overdue: list[Event] = []
    calls, limit = engine.calls, errand_limit(engine)
    if calls.errand and limit and now >= limit:
        overdue.append(TokenAnswered(calls.errand.call, TryLater(*signin.no_answer())))
        engine = engine.emit(AbandonErrand(calls.errand.call))
    if calls.request and calls.request_at and now >= calls.request_at + engine.config.stretched(CALL_LIMIT):
        overdue.append(Answered(calls.request.call, NO_ANSWER))
        engine = engine.emit(Abandon(calls.request.call))  # the request stays: the overdue answer belongs to it
    elif calls.patience and now >= calls.patience:
        engine = abandon(engine)
    pick = engine.wish.pick
    if pick and pick.until and now >= pick.until:
        hides = engine.wish.hidden_pick is not None
        engine = replace(engine, wish=engine.wish.without_hidden_pick()) if hides else end_hold(engine, now)
    engine = replace(engine, service=engine.service.alive(now), message=engine.message.alive(now))
    return tell_if_lasting(engine, now), overdue


def _shifted(engine: Engine, by: timedelta) -> Engine:
    """Move what is remembered along with a clock that was set back, and make everything due now."""
    trouble, quiet = engine.trouble, engine.config.login_until
    return replace(
        engine,
        config=replace(engine.config, login_until=quiet and quiet + by),
        wish=engine.wish.shifted(by),
        service=engine.service.shifted(by),
        calls=engine.calls.shifted(by),
        identity=engine.identity.shifted(by),
        phase=engine.phase.shifted(by),
        rules=rules.shifted(engine.rules, by),
        message=engine.message.shifted(by),
        trouble=trouble and replace(trouble, since=trouble.since + by),
    )
