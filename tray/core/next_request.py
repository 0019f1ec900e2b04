"""What to ask the service next, and when: wish against knowledge; decides one step and takes none."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tray.core.effects import (
    ClearPreferred,
    ClearSession,
    ObtainToken,
    ReadPresence,
    Request,
    SetPreferred,
    SetSession,
    SignIn,
    SignOut,
    TokenErrand,
)
from tray.core.model import Engine, Ours, changed
from tray.core.presence_rules import LEAST_LEASE
from tray.core.readback import Standing, is_fresh, matches, preferred_standing, wanted
from tray.core.schedule import (
    CALL_LIMIT,
    LOOK_PERIOD,
    TOKEN_MARGIN,
    deadline,
    lease_for,
    refresh_at,
    stretched,
    whole_minutes,
)
from tray.core.states import Pair
from tray.core.values import Lease


@dataclass(frozen=True, slots=True)
class Need:
    """One request and when it is due; its call number is given when it is sent."""

    due: datetime
    request: Request


def next_need(engine: Engine, now: datetime) -> Need | None:
    """Return the first request that is due, else the one due soonest; `None` when nothing is."""
    needs = [*_writes(engine, now), *_reads(engine, now)]
    due = [need for need in needs if need.due <= now]
    return due[0] if due else min(needs, key=lambda need: need.due, default=None)


def refresh_due(engine: Engine, now: datetime) -> datetime | None:
    """Return when something of ours is set or cleared next; `None` when there is nothing to keep."""
    return min((need.due for need in _writes(engine, now)), default=None)


def _gate(engine: Engine, now: datetime) -> datetime:
    """Return the instant before which nothing may be asked."""
    return max(filter(None, (engine.calls.retry.at, engine.calls.retry.floor)), default=now)


def _writes(engine: Engine, now: datetime) -> Iterator[Need]:
    """Yield what is to be set and cleared, the most urgent first."""
    if isinstance(engine.calls.errand, SignIn | SignOut) and not engine.phase.closing:
        return  # what had to be released has been
    gate = _gate(engine, now)
    session, preferred = wanted(engine)
    if session:
        due = _set_due(engine, engine.service.session, session, forced=engine.service.force_session, now=now)
        yield Need(max(gate, due), SetSession(0, session, _lease(engine, now)))
    if engine.wish.clear_chosen:
        yield Need(gate, ClearPreferred(0))
    elif preferred:
        due = _set_due(engine, engine.service.preferred, preferred, forced=engine.service.force_preferred, now=now)
        yield _on_a_fresh_read(engine, SetPreferred(0, preferred, _lease(engine, now)), max(gate, due), now)
    elif engine.service.preferred.any:
        yield _on_a_fresh_read(engine, ClearPreferred(0), gate, now)
    if session is None and engine.service.session.any:
        yield Need(gate, ClearSession(0))


def _reads(engine: Engine, now: datetime) -> Iterator[Need]:
    """Yield the reading that no write waits for: the first thing dropped when Graph is short of breath."""
    if engine.service.read_at and not (engine.phase.closing or engine.phase.sleep):
        gate = _gate(engine, now)
        yield Need(max(gate, engine.service.read_at, engine.calls.retry.reads_off_until or gate), ReadPresence(0))


def _on_a_fresh_read(engine: Engine, write: Request, due: datetime, now: datetime) -> Need:
    """Return the write if a fresh read-back allows it, else the read that comes first."""
    if due > now or engine.service.seen is None or not is_fresh(engine, now):
        return Need(due, ReadPresence(0))
    whose = preferred_standing(engine, engine.service.seen)
    if whose is Standing.UNKNOWN:
        return Need(max(due, engine.service.seen.at + LOOK_PERIOD), ReadPresence(0))
    return Need(due, ReadPresence(0) if whose is Standing.FOREIGN else write)


def _set_due(engine: Engine, ours: Ours, pair: Pair, *, forced: bool, now: datetime) -> datetime:
    """Return when to set a pair: at once if it is not there, else at its refresh, unless it lasts long enough."""
    lease = ours.lease
    if lease is None or lease.pair != pair or forced:
        return now
    until = engine.wish.hold.until if engine.wish.hold else None
    if until and lease.expires_at > until + LEAST_LEASE:
        return now
    due = _preferred_refresh(lease) if ours is engine.service.preferred else _session_refresh(engine, lease, now)
    if until and deadline(lease) >= until:
        return max(due, until)
    return due


def _session_refresh(engine: Engine, lease: Lease, now: datetime) -> datetime:
    return refresh_at(lease, engine.config, engine.calls.retry, now)


def _preferred_refresh(lease: Lease) -> datetime:
    return lease.confirmed_at + (lease.expires_at - lease.confirmed_at) / 2


def _lease(engine: Engine, now: datetime) -> timedelta:
    """Return the lease to ask for: before sleep the longest that the hold allows, else the usual one."""
    until = engine.wish.hold.until if engine.wish.hold else None
    if engine.phase.sleep:
        return whole_minutes((until or datetime.max.replace(tzinfo=now.tzinfo)) - now)
    return lease_for(engine.config, until, now)


def has_token(engine: Engine, now: datetime) -> bool:
    """Tell whether an access token is at hand that outlives the next call."""
    return (
        engine.identity.token is not None
        and not engine.identity.fresh
        and engine.identity.token.expires_at - now > TOKEN_MARGIN
    )


def token_due(engine: Engine, now: datetime) -> datetime:
    """Return when a token may be asked for."""
    return max(filter(None, (engine.calls.retry.token_at, engine.calls.retry.token_floor)), default=now)


def proceed(engine: Engine, now: datetime) -> Engine:
    """Send what is due, one request at a time, and never without a token."""
    need = next_need(engine, now)
    if engine.phase.gone or engine.calls.request or need is None or need.due > now:
        return engine
    if not has_token(engine, now):
        return _obtain(engine, now)
    number = engine.calls.count + 1
    request = replace(need.request, call=number)
    engine = changed(engine, count=number, request=request, request_at=now, out=(*engine.out, request))
    match request:
        case SetSession(pair=pair, lease=lease):
            return changed(engine, session=replace(engine.service.session, doubt=Lease(pair, now, now + lease)))
        case SetPreferred(pair=pair, lease=lease):
            return changed(engine, preferred=_in_doubt(engine, Lease(pair, now, now + lease)))
        case _:
            return engine


def _in_doubt(engine: Engine, lease: Lease) -> Ours:
    """Note what may land; of what may have landed before, keep what was seen just now: it is there until then."""
    ours, seen = engine.service.preferred, engine.service.seen
    others = [each for each in (ours.doubt, ours.before) if each and each.pair != lease.pair]
    there = [each for each in others if seen and matches(each.pair, seen.pair)]
    return replace(ours, doubt=lease, before=next(iter((*there, *others)), None))


def _token_side_is_taken(engine: Engine) -> bool:
    """Tell whether no token may be asked for: an errand is under way, or one waits that needs no release first."""
    return bool(engine.calls.errand or (engine.phase.handover and not engine.phase.handover.releases))


def _obtain(engine: Engine, now: datetime) -> Engine:
    if _token_side_is_taken(engine) or now < token_due(engine, now):
        return engine
    errand = ObtainToken(engine.calls.count + 1, fresh=engine.identity.fresh, claims=engine.identity.claims)
    return run(engine, errand)


def run(engine: Engine, errand: TokenErrand) -> Engine:
    """Give the token side an errand; there is one at a time."""
    return changed(engine, count=errand.call, errand=errand, errand_at=engine.clock, out=(*engine.out, errand))


def need_wake(engine: Engine, now: datetime) -> datetime | None:
    """Return when `proceed` has something to do, unless an answer comes first."""
    if engine.calls.request and engine.calls.request_at:
        limit = engine.calls.request_at + stretched(CALL_LIMIT, engine.config)
        return min(limit, engine.calls.patience) if engine.calls.patience else limit
    need = next_need(engine, now)
    if need is None:
        return None
    due = max(need.due, now)
    if has_token(engine, due):
        return due
    return None if _token_side_is_taken(engine) else max(due, token_due(engine, now))
