"""What an answer from Graph changes.

Two tables say it: what an answer means for the request that it answers, and what a failure of each kind means for
the user and for the next try.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never, cast

from tray.core.effects import (
    ClearPreferred,
    ClearSession,
    ReadPresence,
    Request,
    SetMessage,
    SetPreferred,
    SetSession,
)
from tray.core.events import Answered
from tray.core.model import Engine, Trouble, TroubleCode
from tray.core.readback import is_kept, judge, says_nothing, wanted
from tray.core.record import Record, replace
from tray.core.schedule import (
    FIRST_READS,
    LONG_PAUSE,
    PATIENT_THROTTLES,
    PICK_WAIT,
    READ_PERIOD,
    SPARING_READ_PERIOD,
    UNAUTHORIZED_PAUSE,
    Retry,
    asked_pause,
    deadline,
    pause,
)
from tray.core.service import Seen
from tray.core.shutdown import leave_to_expire
from tray.core.states import AWAY, BY_KEY, State
from tray.core.trouble import heal, trouble
from tray.core.values import Answer, AnswerKind, Lease, Message, Origin
from tray.messages import notices


class Meaning(StrEnum):
    """What an answer means for the request that it answers."""

    DONE = "done"
    SUSPECT = "suspect"  # is this pair declined, or every request? set Away/Away to find out; else a failure
    RENEW = "renew"  # the token is not accepted: once with a new one; else a failure
    REFUSED = "refused"  # a status message, which is given up
    RENEW_OR_REFUSE = "renew or refuse"  # once with a new token if Graph asks for more claims; else given up
    FAILED = "failed"


DONE, SUSPECT, RENEW, REFUSED, RENEW_OR_REFUSE, FAILED = Meaning

REQUESTS = (SetSession, SetPreferred, ClearSession, ClearPreferred, SetMessage, ReadPresence)
MEANINGS: dict[AnswerKind, dict[type[Request], Meaning]] = {
    kind: dict(zip(REQUESTS, row, strict=True))
    for kind, row in {
        #                         SetSession SetPreferred ClearSession ClearPreferred SetMessage ReadPresence
        AnswerKind.ACCEPTED:     (DONE,      DONE,        DONE,        DONE,          DONE,      DONE),
        AnswerKind.REFUSED:      (SUSPECT,   FAILED,      FAILED,      FAILED,        REFUSED,   FAILED),
        AnswerKind.UNAUTHORIZED: (RENEW,     RENEW,       RENEW,       RENEW,         RENEW,     RENEW),
        AnswerKind.FORBIDDEN:    (RENEW,     RENEW,       RENEW,       RENEW,       RENEW_OR_REFUSE, RENEW),  # claims?
        AnswerKind.NOT_FOUND:    (FAILED,    FAILED,      DONE,        DONE,          REFUSED,   FAILED),  # was clear
        AnswerKind.THROTTLED:    (FAILED,    FAILED,      FAILED,      FAILED,        FAILED,    FAILED),
        AnswerKind.UNAVAILABLE:  (FAILED,    FAILED,      FAILED,      FAILED,        FAILED,    FAILED),
        AnswerKind.UNREACHABLE:  (FAILED,    FAILED,      FAILED,      FAILED,        FAILED,    FAILED),
    }.items()
}  # fmt: skip


class Failure(Record):
    """What a failure means for the user and for the next try."""

    code: TroubleCode
    pause: timedelta | None = None  # `None`: growing, see `schedule.pause`
    landed_perhaps: bool = False  # Graph may have accepted what was sent


FAILURES = {
    AnswerKind.REFUSED: Failure(TroubleCode.SERVICE),
    AnswerKind.UNAUTHORIZED: Failure(TroubleCode.SERVICE, UNAUTHORIZED_PAUSE),
    AnswerKind.FORBIDDEN: Failure(TroubleCode.FORBIDDEN, LONG_PAUSE),
    AnswerKind.NOT_FOUND: Failure(TroubleCode.NOT_A_TEAMS_USER, LONG_PAUSE),
    AnswerKind.THROTTLED: Failure(TroubleCode.THROTTLED),
    AnswerKind.UNAVAILABLE: Failure(TroubleCode.SERVICE, landed_perhaps=True),
    AnswerKind.UNREACHABLE: Failure(TroubleCode.OFFLINE, landed_perhaps=True),
}
LANDED_PERHAPS = frozenset(kind for kind, failure in FAILURES.items() if failure.landed_perhaps)


def answered(engine: Engine, event: Answered, now: datetime) -> Engine:
    """Take in an answer to the request in flight; an answer to an earlier one is ignored."""
    calls, service, answer = engine.calls, engine.service, event.answer
    request, sent_at = calls.request, calls.request_at
    if request is None or sent_at is None or request.call != event.call:
        return engine
    if answer.kind not in LANDED_PERHAPS:
        service = service.not_landed(request)
    calls = calls.answered()
    if answer.retry_after:
        calls = calls.retrying(calls.retry.asked_to_wait(now + answer.retry_after))
    engine = _take(replace(engine, calls=calls, service=service), request, answer, sent_at, now)
    return replace(engine, calls=engine.calls.settled())


def _take(engine: Engine, request: Request, answer: Answer, sent_at: datetime, now: datetime) -> Engine:
    match MEANINGS[answer.kind][type(request)]:
        case Meaning.DONE:
            return heal(_done(engine, request, answer, sent_at, now))
        case Meaning.SUSPECT if engine.wish.hold and _is_of_the_pair(request, engine.wish.hold.state):
            return replace(engine, service=engine.service.suspecting(engine.wish.hold.state.key))
        case Meaning.RENEW | Meaning.RENEW_OR_REFUSE if _may_renew(engine, answer):
            return replace(engine, identity=engine.identity.renewing(answer.claims))
        case Meaning.REFUSED | Meaning.RENEW_OR_REFUSE:
            return _message_refused(engine, cast("SetMessage", request).message)
        case _:
            return _failed(engine, request, answer, now)


def _message_refused(engine: Engine, message: Message) -> Engine:
    """Give a status message up, with a notice if the user wrote it."""
    calls = engine.calls.retrying(engine.calls.retry.accepted())
    engine = replace(engine, calls=calls, message=engine.message.not_accepted(message))
    return engine.tell(notices.message_refused()) if engine.message.refused else engine


def _is_of_the_pair(request: Request, held: State) -> bool:
    """Tell whether a refusal may be of the pair: it is the held one's own, and not Away / Away, which all accept."""
    return isinstance(request, SetSession) and request.pair == held.pair != AWAY.pair


def _may_renew(engine: Engine, answer: Answer) -> bool:
    """Tell whether a new token may help; a refusal that is no 401 says so with a claims challenge."""
    return not engine.identity.fresh_tried and (answer.kind is AnswerKind.UNAUTHORIZED or answer.claims is not None)


# --------------------------------------------------------------------------- done


def _done(engine: Engine, request: Request, answer: Answer, sent_at: datetime, now: datetime) -> Engine:
    calls = engine.calls.retrying(engine.calls.retry.accepted())
    engine = replace(engine, calls=calls, identity=engine.identity.accepted())
    service, holding = engine.service, engine.wish.hold is not None
    match request:
        case SetSession(pair=pair, lease=lease):
            return _session_set(engine, Lease(pair, sent_at, sent_at + lease), now)
        case SetPreferred(pair=pair, lease=lease):
            return _preferred_set(engine, Lease(pair, sent_at, sent_at + lease), now)
        case ClearSession():
            return replace(engine, service=service.without_session().changed(now, holding=holding))
        case ClearPreferred():
            engine = replace(engine, service=service.preferred_cleared(now).changed(now, holding=holding))
            return _choice_cleared(engine, now) if engine.wish.clear_chosen else engine
        case SetMessage(message=message):
            return replace(engine, message=engine.message.sent(message, now))
        case ReadPresence():
            return _read(engine, answer, now)
        case _:
            assert_never(request)


def _session_set(engine: Engine, lease: Lease, now: datetime) -> Engine:
    before, again = engine.service.session.lease, engine.service.force_session and engine.service.restored
    engine = replace(engine, service=engine.service.session_set(lease, superseded=engine.calls.superseded))
    if engine.service.suspected and lease.pair == AWAY.pair:
        engine = _decline(engine, engine.service.suspected, now)
    if before and before.pair == lease.pair and not again:
        return engine
    return replace(engine, service=engine.service.changed(now, holding=engine.wish.hold is not None, restored=again))


def _preferred_set(engine: Engine, lease: Lease, now: datetime) -> Engine:
    before = engine.service.preferred.lease
    engine = replace(engine, service=engine.service.preferred_set(lease, now, superseded=engine.calls.superseded))
    if engine.service.suspected:
        engine = _decline(engine, engine.service.suspected, now)
    if before and before.pair == lease.pair:
        return engine
    return replace(engine, service=engine.service.changed(now, holding=engine.wish.hold is not None))


def _choice_cleared(engine: Engine, now: datetime) -> Engine:
    """Forget the status chosen in Teams, and look at once what is shown instead."""
    return replace(engine, wish=engine.wish.cleared(), service=engine.service.read_next(now))


def _decline(engine: Engine, key: str, now: datetime) -> Engine:
    """Remember a declined pair; the hold of a state without a preferred pair ends there."""
    state = BY_KEY[key]
    engine = replace(engine, service=engine.service.declining(key))
    if state.preferred is not None or engine.wish.hold is None:
        return engine
    if engine.wish.hold.origin.is_rule:
        return engine  # `rule_events.follow` silences the rule, and shows what it hid
    engine = replace(engine.without_hold(), wish=engine.wish.declined(state))
    return trouble(engine, Trouble(TroubleCode.DECLINED, now, state=state))


def _read(engine: Engine, answer: Answer, now: datetime) -> Engine:
    since = engine.service.changed_at or now
    coming = [since + wait for wait in FIRST_READS if since + wait > now]
    period = SPARING_READ_PERIOD if engine.calls.retry.is_sparing(now) else READ_PERIOD
    read_at = min(coming, default=now + period) if engine.wish.hold else None
    engine = replace(engine, service=engine.service.read_next(read_at))
    message = engine.message.saw(answer.message, now) if answer.message else engine.message
    if answer.message is None or (engine.phase.closing and not message.may_clear(now)):
        message = message.left_to_expire()  # it cannot be told whose it is
    engine = replace(engine, message=message)
    engine = judge(engine, Seen(answer.seen, now, answer.out_of_office)) if answer.seen else engine
    waits = wanted(engine)[1] is not None and not is_kept(engine)
    unknown = answer.seen is not None and says_nothing(answer.seen)
    return trouble(engine, Trouble(TroubleCode.SERVICE, now)) if waits and unknown else engine


# --------------------------------------------------------------------------- failed


def _failed(engine: Engine, request: Request, answer: Answer, now: datetime) -> Engine:
    """Pause before the next try, and name the trouble.

    Two failures name no trouble and pause nothing. That of a request which the user's next act has superseded changes
    nothing. That of a reading which no write waits for moves the next reading.
    """
    throttled = answer.kind is AnswerKind.THROTTLED
    if engine.calls.superseded and not throttled:
        return replace(engine, service=engine.service.without_suspicion())
    offset, before, count = engine.config.offset, engine.calls.retry, engine.calls.count
    retry = before.throttled(offset, now, count) if throttled else before.failed()
    failure = FAILURES[answer.kind]
    wait = failure.pause or _pause(engine, retry, answer, now)
    if isinstance(request, ReadPresence) and not _is_needed(engine):
        read_at = now + max(wait, FIRST_READS[-1]) if engine.wish.hold else None
        calls = engine.calls.retrying(retry.counting(before.failures))
        return replace(engine, calls=calls, service=engine.service.read_next(read_at))
    engine = replace(
        engine,
        calls=engine.calls.retrying(retry.paused(now + wait)),
        identity=engine.identity.needing(fresh=answer.kind is AnswerKind.UNAUTHORIZED),
        service=engine.service.without_suspicion(),
    )
    return leave_to_expire(trouble(engine, Trouble(failure.code, now, failure=answer.failure)), request)


def _pause(engine: Engine, retry: Retry, answer: Answer, now: datetime) -> timedelta:
    offset, count, lease = engine.config.offset, engine.calls.count, engine.service.session.lease
    if answer.retry_after and retry.throttles <= PATIENT_THROTTLES:
        return asked_pause(offset, answer.retry_after, count)
    hold = engine.wish.hold
    hurried = hold is not None and hold.origin is Origin.USER and now - hold.since < PICK_WAIT
    return pause(offset, retry, deadline(lease) if lease else None, now, count, hurried=hurried)


def _is_needed(engine: Engine) -> bool:
    """Tell whether a write waits for the read-back."""
    return wanted(engine)[1] is not None or engine.service.preferred.longest is not None or engine.message.ending
