"""What the passing of time alone changes: jumps of the clock, calls without an answer, ends of holds and leases."""

from dataclasses import replace
from datetime import datetime, timedelta

from tray.core import shutdown, token_replies, user_actions
from tray.core.events import Answered, Event, TokenAnswered
from tray.core.graph_replies import timed_out
from tray.core.model import Engine, Ours, Retry, changed
from tray.core.schedule import CALL_LIMIT, stretched
from tray.core.trouble import tell_if_lasting
from tray.core.values import Lease, TryLater
from tray.messages import notices

BACKWARDS = timedelta(seconds=2)  # less is the clock being disciplined


def pass_time(engine: Engine, now: datetime) -> tuple[Engine, list[Event]]:
    """Let time pass up to now; return also the failures of calls that got no answer in time."""
    if now < engine.clock - BACKWARDS:
        engine = _shift(engine, now - engine.clock)
    elif since := shutdown.asleep_since(engine, now):
        engine = shutdown.resumed(engine, since, now)
    engine = replace(engine, clock=now)
    overdue: list[Event] = []
    errand_limit = token_replies.errand_limit(engine)
    if engine.calls.errand and errand_limit and now >= errand_limit:
        overdue.append(TokenAnswered(engine.calls.errand.call, TryLater(notices.NO_ANSWER)))
    if (
        engine.calls.request
        and engine.calls.request_at
        and now >= engine.calls.request_at + stretched(CALL_LIMIT, engine.config)
    ):
        overdue.append(Answered(engine.calls.request.call, timed_out()))
        engine = replace(engine, out=shutdown.abandon(engine).out)
    elif engine.calls.patience and now >= engine.calls.patience:
        engine = shutdown.abandon(engine)
    if engine.wish.hold and engine.wish.hold.until and now >= engine.wish.hold.until:
        engine = user_actions.stopped(engine, now)
    session, preferred = _expire(engine.service.session, now), _expire(engine.service.preferred, now)
    return tell_if_lasting(changed(engine, session=session, preferred=preferred), now), overdue


def _expire(ours: Ours, now: datetime) -> Ours:
    """Forget what Graph has let go of by itself."""
    lease = ours.lease if ours.lease and now < ours.lease.expires_at else None
    doubt = ours.doubt if ours.doubt and now < ours.doubt.expires_at else None
    return Ours(lease, doubt, ours.before)


def _shift(engine: Engine, by: timedelta) -> Engine:
    """Move what was remembered along with a clock that went backwards, and make everything due now."""

    def moved(instant: datetime | None) -> datetime | None:
        return instant and instant + by

    engine = changed(
        engine,
        session=_shifted(engine.service.session, by),
        preferred=_shifted(engine.service.preferred, by),
        force_session=True,
        force_preferred=True,
        seen=None,
        request_at=moved(engine.calls.request_at),
        errand_at=moved(engine.calls.errand_at),
        patience=moved(engine.calls.patience),
        read_at=moved(engine.service.read_at),
        changed_at=moved(engine.service.changed_at),
        looked_at=None,
        woke_at=None,
        hold=engine.wish.hold and replace(engine.wish.hold, since=engine.wish.hold.since + by),
        retry=_shifted_retry(engine.calls.retry, by),
    )
    return _shift_ends(engine, by)


def _shift_ends(engine: Engine, by: timedelta) -> Engine:
    token, trouble, closing = engine.identity.token, engine.trouble, engine.phase.closing
    sleep, handover, quiet = engine.phase.sleep, engine.phase.handover, engine.config.quiet_until
    return changed(
        engine,
        config=replace(engine.config, quiet_until=quiet and quiet + by),
        token=token and replace(token, expires_at=token.expires_at + by),
        trouble=trouble and replace(trouble, since=trouble.since + by),
        closing=closing and replace(closing, by=closing.by + by),
        sleep=sleep and replace(sleep, by=sleep.by + by, since=sleep.since + by),
        handover=handover and replace(handover, by=handover.by + by),
    )


def _shifted_retry(retry: Retry, by: timedelta) -> Retry:
    """Keep what others asked us to wait, as long as it was; end our own pauses."""
    return replace(
        retry,
        at=None,
        token_at=None,
        floor=retry.floor and retry.floor + by,
        token_floor=retry.token_floor and retry.token_floor + by,
        reads_off_until=retry.reads_off_until and retry.reads_off_until + by,
        thrifty_until=retry.thrifty_until and retry.thrifty_until + by,
    )


def _shifted(ours: Ours, by: timedelta) -> Ours:
    def moved(lease: Lease | None) -> Lease | None:
        return lease and replace(lease, confirmed_at=lease.confirmed_at + by, expires_at=lease.expires_at + by)

    return Ours(moved(ours.lease), moved(ours.doubt), moved(ours.before))
