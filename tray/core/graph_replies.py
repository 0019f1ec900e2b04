"""What an answer from Graph changes; must not know HTTP, nor when the next call is due."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from tray.core.effects import (
    ClearPreferred,
    ClearSession,
    ReadPresence,
    Request,
    SetPreferred,
    SetSession,
)
from tray.core.events import Answered
from tray.core.model import Engine, Ours, Seen, Trouble, TroubleCode, changed
from tray.core.readback import judge, wanted
from tray.core.schedule import (
    FIRST_READS,
    IN_SLOT,
    PATIENT_THROTTLES,
    READ_PERIOD,
    REFUSED_PAUSE,
    THRIFTY,
    THRIFTY_READ_PERIOD,
    UNAUTHORIZED_PAUSE,
    asked_pause,
    deadline,
    is_thrifty,
    pause,
    reads_off,
    wandered,
)
from tray.core.states import AWAY, BY_KEY
from tray.core.trouble import heal, trouble
from tray.core.values import (
    Answer,
    Kind,
    Lease,
    Reach,
)

LANDED_PERHAPS = frozenset({Kind.UNAVAILABLE, Kind.UNREACHABLE})
CODES = {
    Kind.FORBIDDEN: TroubleCode.FORBIDDEN,
    Kind.NOT_FOUND: TroubleCode.NOT_A_TEAMS_USER,
    Kind.THROTTLED: TroubleCode.THROTTLED,
    Kind.UNREACHABLE: TroubleCode.OFFLINE,
}
PAUSES = {Kind.FORBIDDEN: REFUSED_PAUSE, Kind.NOT_FOUND: REFUSED_PAUSE}
RETRY_AFTER_LIMIT = timedelta(hours=1)


def answered(engine: Engine, event: Answered, now: datetime) -> Engine:
    """Take in an answer; one that names another call than the one in flight is nobody's."""
    request, sent_at = engine.calls.request, engine.calls.request_at
    if request is None or sent_at is None or request.call != event.call:
        return engine
    answer = event.answer
    engine = _settle_doubt(changed(engine, request=None, request_at=None), request, answer.kind)
    if answer.retry_after:
        floor = now + min(answer.retry_after, RETRY_AFTER_LIMIT)
        engine = changed(engine, retry=replace(engine.calls.retry, floor=floor))
    return changed(_taken(engine, request, answer, sent_at, now), patience=None)


def _taken(engine: Engine, request: Request, answer: Answer, sent_at: datetime, now: datetime) -> Engine:
    match request, answer.kind:
        case _, Kind.ACCEPTED:
            return heal(_accepted(engine, request, answer, sent_at, now))
        case ((ClearSession() | ClearPreferred()), Kind.NOT_FOUND):
            return heal(_accepted(engine, request, answer, sent_at, now))
        case SetSession(), Kind.REFUSED if not _is_last_resort(engine, request):
            return _doubt(engine, request)
        case _, (Kind.UNAUTHORIZED | Kind.FORBIDDEN) if _may_renew(engine, answer):
            return changed(engine, token=None, fresh=True, fresh_tried=True, claims=answer.claims)
        case _:
            return _failed(engine, request, answer, now)


def _settle_doubt(engine: Engine, request: Request, kind: Kind) -> Engine:
    """Forget what was sent and surely did not land; what may have landed stays to be released."""
    if kind in LANDED_PERHAPS:
        return engine
    match request:
        case SetSession():
            return changed(engine, session=replace(engine.service.session, doubt=None))
        case SetPreferred():
            return changed(engine, preferred=replace(engine.service.preferred, doubt=None))
        case _:
            return engine


def _is_last_resort(engine: Engine, request: SetSession) -> bool:
    """Tell whether a refusal says nothing of the pair: Away / Away is refused, or nobody wants the pair now."""
    return request.pair == AWAY.pair or engine.wish.hold is None or request.pair != engine.wish.hold.state.pair


def _doubt(engine: Engine, request: SetSession) -> Engine:
    """Suspect that the pair is declined; what is set next tells."""
    key = next(key for key, state in BY_KEY.items() if state.pair == request.pair)
    return changed(engine, doubted=key, force_session=True)


def _may_renew(engine: Engine, answer: Answer) -> bool:
    if engine.identity.fresh_tried:
        return False
    return answer.kind is Kind.UNAUTHORIZED or answer.claims is not None


# --------------------------------------------------------------------------- accepted


def _accepted(engine: Engine, request: Request, answer: Answer, sent_at: datetime, now: datetime) -> Engine:
    retry = replace(engine.calls.retry, failures=0, throttles=0, at=None)
    engine = changed(engine, retry=retry, fresh_tried=False)
    match request:
        case SetSession(pair=pair, lease=lease):
            return _session_set(engine, Lease(pair, sent_at, sent_at + lease), now)
        case SetPreferred(pair=pair, lease=lease):
            return _preferred_set(engine, Lease(pair, sent_at, sent_at + lease), now)
        case ClearSession():
            return _changed(changed(engine, session=Ours()), now)
        case ClearPreferred():
            cleared = Ours(before=_until(engine.service.preferred.any, now))
            return _asked_to_clear(_changed(changed(engine, preferred=cleared), now), now)
        case ReadPresence():
            return _read(engine, answer, now)
        case _:
            assert_never(request)


def _session_set(engine: Engine, lease: Lease, now: datetime) -> Engine:
    before, again = engine.service.session.lease, engine.service.force_session and engine.service.restored
    engine = changed(engine, session=Ours(lease), force_session=engine.service.force_session and engine.superseded)
    if engine.service.doubted and lease.pair == AWAY.pair:
        engine = _decline(engine, now)
    if before and before.pair == lease.pair and not again:
        return engine
    return changed(_changed(engine, now), restored=again)


def _preferred_set(engine: Engine, lease: Lease, now: datetime) -> Engine:
    ours = engine.service.preferred
    same = ours.lease is not None and ours.lease.pair == lease.pair
    before = ours.before if same else _until(ours.lease or ours.before, now)
    forced = engine.service.force_preferred and engine.superseded
    engine = changed(engine, preferred=Ours(lease, before=before), force_preferred=forced)
    if engine.service.doubted:
        engine = _decline(engine, now)
    return engine if same else _changed(engine, now)


def _until(lease: Lease | None, now: datetime) -> Lease | None:
    """Return a lease that has ended by now, by our own doing."""
    return lease and replace(lease, expires_at=min(lease.expires_at, now))


def _asked_to_clear(engine: Engine, now: datetime) -> Engine:
    """Note that the status chosen in Teams is gone, if it was that which the user wanted cleared; look at once."""
    return changed(engine, clear_chosen=False, chosen=None, read_at=now) if engine.wish.clear_chosen else engine


def _changed(engine: Engine, now: datetime) -> Engine:
    """Note that Teams is to show something new, and look twice soon; holding nothing, only that it is not known."""
    if engine.wish.hold is None:
        return changed(engine, seen=None)
    return changed(engine, changed_at=now, restored=False, read_at=now + FIRST_READS[0])


def _decline(engine: Engine, now: datetime) -> Engine:
    """Remember a declined pair; a state without a preferred pair ends there."""
    state = BY_KEY[engine.service.doubted or ""]
    engine = changed(engine, doubted=None, declined=engine.service.declined | {state.key})
    if state.preferred is not None or engine.wish.hold is None:
        return engine
    return trouble(engine.without_hold(), Trouble(TroubleCode.DECLINED, now, state=state))


def _read(engine: Engine, answer: Answer, now: datetime) -> Engine:
    since = engine.service.changed_at or now
    coming = [since + wait for wait in FIRST_READS if since + wait > now]
    period = THRIFTY_READ_PERIOD if is_thrifty(engine.calls.retry, now) else READ_PERIOD
    read_at = min(coming, default=now + period) if engine.wish.hold else None
    engine = changed(engine, read_at=read_at)
    return judge(engine, Seen(answer.seen, now)) if answer.seen else engine


# --------------------------------------------------------------------------- failed


def _failed(engine: Engine, request: Request, answer: Answer, now: datetime) -> Engine:
    """Pause before the next try; a reading nobody waits for, or what nobody wants any more, fails without ado."""
    if engine.superseded and answer.kind is not Kind.THROTTLED:
        return changed(engine, doubted=None)
    retry = engine.calls.retry
    retry = replace(retry, failures=retry.failures + 1)
    if answer.kind is Kind.THROTTLED:
        retry = replace(
            retry,
            throttles=max(retry.throttles + 1, IN_SLOT if is_thrifty(retry, now) else 0),
            reads_off_until=now + reads_off(engine.config, engine.calls.count),
            thrifty_until=now + THRIFTY,
        )
        retry = replace(retry, shift=wandered(engine.config, retry, engine.calls.count))
    else:
        retry = replace(retry, throttles=0)
    wait = pause(engine.config, retry, _deadline(engine), now, engine.calls.count)
    if answer.retry_after and retry.throttles <= PATIENT_THROTTLES:
        wait = asked_pause(engine.config, min(answer.retry_after, RETRY_AFTER_LIMIT), engine.calls.count)
    if answer.kind is Kind.UNAUTHORIZED:
        wait = UNAUTHORIZED_PAUSE
    wait = PAUSES.get(answer.kind, wait)
    if isinstance(request, ReadPresence) and not _is_needed(engine):
        read_at = now + max(wait, FIRST_READS[-1]) if engine.wish.hold else None
        return changed(engine, read_at=read_at, retry=replace(retry, failures=engine.calls.retry.failures))
    fresh = answer.kind is Kind.UNAUTHORIZED
    engine = changed(engine, retry=replace(retry, at=now + wait), fresh=fresh, doubted=None)
    code = CODES.get(answer.kind, TroubleCode.SERVICE)
    return trouble(engine, Trouble(code, now, reach=answer.reach))


def _is_needed(engine: Engine) -> bool:
    """Tell whether a write waits for the read-back."""
    return wanted(engine)[1] is not None or engine.service.preferred.any is not None


def _deadline(engine: Engine) -> datetime | None:
    return deadline(engine.service.session.lease) if engine.service.session.lease else None


def timed_out() -> Answer:
    """Return the answer of a call that got none in time."""
    return Answer(Kind.UNREACHABLE, reach=Reach.TIMEOUT)
