"""The one request that is due next, found by comparing what is wished with what the service has."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tray.core.effects import (
    Abandon,
    ClearPreferred,
    ClearSession,
    ObtainToken,
    ReadPresence,
    Request,
    SetMessage,
    SetPreferred,
    SetSession,
    SignIn,
    SignOut,
    TokenErrand,
)
from tray.core.model import Engine
from tray.core.presence_rules import LONGEST_LEASE, SHORTEST_LEASE
from tray.core.readback import PreferredOwner, changes_account, is_fresh, preferred_owner, wanted
from tray.core.record import Record, replace
from tray.core.schedule import (
    CALL_LIMIT,
    FRESH_READ,
    LOOK_PERIOD,
    UNKNOWN_PAUSE,
    deadline,
    half,
    lease_for,
    refresh_at,
    whole_minutes,
)
from tray.core.service import Ours
from tray.core.states import Pair
from tray.core.values import Message


class DueRequest(Record):
    """One request and when it is due; its call number is given when it is sent."""

    due: datetime
    request: Request


def next_due(engine: Engine, now: datetime) -> DueRequest | None:
    """Return the most urgent request that is due, else the one due soonest; `None` when there is none."""
    needs = [*_writes(engine, now), *_message(engine, now), *_reads(engine, now)]
    due = [need for need in needs if need.due <= now]
    return due[0] if due else min(needs, key=lambda need: need.due, default=None)


def next_write_at(engine: Engine, now: datetime) -> datetime | None:
    """Return when something of ours is set or cleared next; `None` when there is nothing to keep."""
    return min((max(need.due, now) for need in _writes(engine, now)), default=None)


def _writes(engine: Engine, now: datetime) -> Iterator[DueRequest]:
    """Yield what is to be set and cleared, the most urgent first."""
    if isinstance(engine.calls.errand, SignIn | SignOut) and not engine.phase.closing:
        return  # everything was released before the errand began
    gate = engine.calls.retry.due or now
    service, (session, preferred) = engine.service, wanted(engine)
    if session:
        due = now if service.force_session else _set_due(engine, service.session, session, now)
        yield DueRequest(max(gate, due), SetSession(0, session, _lease(engine, now)))
    if engine.wish.clear_chosen:
        yield DueRequest(gate, ClearPreferred(0))
    elif preferred:
        due = now if service.force_preferred else _set_due(engine, service.preferred, preferred, now)
        yield _on_a_fresh_read(engine, SetPreferred(0, preferred, _lease(engine, now)), max(gate, due), now)
    elif service.preferred.longest:
        yield _on_a_fresh_read(engine, ClearPreferred(0), gate, now)
    if session is None and service.session.longest:
        yield DueRequest(gate, ClearSession(0))


def _message(engine: Engine, now: datetime) -> Iterator[DueRequest]:
    """Yield the status message to send or to clear; ours is cleared by itself only on a fresh read-back of it."""
    message, gate = engine.message, engine.calls.retry.due or now
    if message.asked and not (engine.phase.closing or changes_account(engine)):
        yield DueRequest(gate, SetMessage(0, message.asked))
    elif message.ending and message.may_clear(now, engine.config.stretched(FRESH_READ)):
        yield DueRequest(gate, SetMessage(0, Message("")))
    elif message.ending:
        yield DueRequest(max(gate, message.read_at(now)), ReadPresence(0))


def _reads(engine: Engine, now: datetime) -> Iterator[DueRequest]:
    """Yield the reading that no write waits for: the first thing dropped when Graph asks for less."""
    service, retry = engine.service, engine.calls.retry
    if service.read_at and not (engine.phase.closing or engine.phase.sleep):
        gate = retry.due or now
        yield DueRequest(max(gate, service.read_at, retry.reads_off_until or gate), ReadPresence(0))


def _on_a_fresh_read(engine: Engine, write: Request, due: datetime, now: datetime) -> DueRequest:
    """Return the write if a fresh read-back allows it, else the read that comes first."""
    seen, hold = engine.service.seen, engine.wish.hold
    whose = preferred_owner(engine, seen) if seen else PreferredOwner.UNKNOWN
    if seen and whose is PreferredOwner.UNKNOWN and not (hold and seen.at < hold.since):
        return DueRequest(max(due, seen.at + _unknown_pause(engine, seen.at)), ReadPresence(0))
    may_write = due <= now and whose is not PreferredOwner.FOREIGN and is_fresh(engine, now)
    return DueRequest(due, write if may_write else ReadPresence(0))


def _unknown_pause(engine: Engine, seen_at: datetime) -> timedelta:
    """Return how long to wait after a read-back that tells nothing: the longer, the longer that lasts."""
    lasts = seen_at - engine.trouble.since if engine.trouble else LOOK_PERIOD
    return min(max(LOOK_PERIOD, lasts), UNKNOWN_PAUSE)


def _set_due(engine: Engine, ours: Ours, pair: Pair, now: datetime) -> datetime:
    """Return when to set a pair: now if it is missing or outlives the hold by too much, else at its refresh.

    One that lasts until the end of the hold needs no refresh.
    """
    lease, until = ours.lease, _until(engine)
    if lease is None or lease.pair != pair or (until and lease.expires_at > until + SHORTEST_LEASE):
        return now
    is_session = ours is engine.service.session
    due = refresh_at(lease, engine.config.offset, engine.calls.retry, now) if is_session else half(lease)
    return max(due, until) if until and deadline(lease) >= until else due


def _until(engine: Engine) -> datetime | None:
    return engine.wish.hold.until if engine.wish.hold else None


def _lease(engine: Engine, now: datetime) -> timedelta:
    """Return the lease to ask for: before sleep the longest that the hold allows, else the usual one."""
    until = _until(engine)
    if engine.phase.sleep:
        return whole_minutes(until - now) if until else LONGEST_LEASE
    return lease_for(engine.config.lease, until, now)


def has_token(engine: Engine, now: datetime) -> bool:
    """Tell whether an access token is at hand that outlives the next call."""
    identity, token = engine.identity, engine.identity.token
    return token is not None and not identity.fresh and token.expires_at - now > identity.margin


def proceed(engine: Engine, now: datetime) -> Engine:
    """Send what is due, one request at a time, and never without a token."""
    need = next_due(engine, now)
    if engine.phase.gone or engine.calls.request or need is None or need.due > now:
        return engine
    if not has_token(engine, now):
        return _obtain(engine, now)
    request = replace(need.request, call=engine.calls.count + 1)
    service, calls = engine.service.sent(request, now), engine.calls.sent(request, now)
    return replace(engine, service=service, calls=calls).emit(request)


def _token_side_is_taken(engine: Engine) -> bool:
    """Tell whether no token may be asked for: an errand is under way, or one waits that needs no release first."""
    handover = engine.phase.handover
    return bool(engine.calls.errand or (handover and not handover.releases))


def _obtain(engine: Engine, now: datetime) -> Engine:
    if _token_side_is_taken(engine) or now < (engine.calls.token_retry.due or now):
        return engine
    identity = engine.identity
    return run(engine, ObtainToken(engine.calls.count + 1, fresh=identity.fresh, claims=identity.claims))


def run(engine: Engine, errand: TokenErrand) -> Engine:
    """Give the token side an errand; there is one at a time."""
    return replace(engine, calls=engine.calls.errand_sent(errand, engine.clock)).emit(errand)


def has_something_left(engine: Engine) -> bool:
    """Tell whether anything of ours may be on the service, or on its way there."""
    writing = engine.calls.request is not None and not isinstance(engine.calls.request, ReadPresence)
    return engine.service.has_leases or engine.message.ending or writing


def abandon(engine: Engine) -> Engine:
    """Stop waiting for the call in flight; what it may have set stays to be released."""
    request = engine.calls.request
    if request is None:
        return engine
    return replace(engine, calls=engine.calls.abandoned()).emit(Abandon(request.call))


def proceed_at(engine: Engine, now: datetime) -> datetime | None:
    """Return when `proceed` has something to do, unless an answer comes first."""
    calls = engine.calls
    if calls.request and calls.request_at:
        limit = calls.request_at + engine.config.stretched(CALL_LIMIT)
        return min(limit, calls.patience or limit)
    need = next_due(engine, now)
    if need is None:
        return None
    due = max(need.due, now)
    if has_token(engine, due):
        return due
    return None if _token_side_is_taken(engine) else max(due, calls.token_retry.due or due)
