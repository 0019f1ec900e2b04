"""Ends that may not wait: quit, sleep, a change of account; each releases what it can in its time and says the rest."""

from dataclasses import replace
from datetime import datetime

from tray.core.effects import (
    Abandon,
    AllowSuspend,
    ClearPreferred,
    ClearSession,
    Exit,
    ReadPresence,
    Request,
    SetPreferred,
    SetSession,
    SignIn,
    SignOut,
)
from tray.core.events import LeaveAsked
from tray.core.model import Closing, Engine, Ours, Sleep, changed, tell
from tray.core.next_request import run
from tray.core.readback import rests, wanted
from tray.core.schedule import CLOSING_LIMIT, LONG_SLEEP, SLEPT, SUSPEND_LIMIT, stretched
from tray.core.user_actions import renewed
from tray.core.values import Account, Hold, Leaving
from tray.messages import notices

# --------------------------------------------------------------------------- quit


def leave_asked(engine: Engine, event: LeaveAsked, now: datetime) -> Engine:
    """Begin to leave; a second wish of the user's does not wait any longer, a logout's second signal does."""
    if engine.phase.closing:
        hurries = event.leaving is Leaving.QUIT
        return changed(engine, closing=replace(engine.phase.closing, by=now)) if hurries else engine
    keep = timed_hold(engine) if event.leaving is Leaving.ENDED else None
    engine = renewed(engine, now).without_hold()
    by = now + stretched(CLOSING_LIMIT, engine.config)
    return changed(engine, sleep=None, handover=None, closing=Closing(by, keep))


def timed_hold(engine: Engine) -> Hold | None:
    """Return the hold if the next start is to take it up."""
    if engine.config.foreground or engine.wish.hold is None or engine.wish.hold.until is None:
        return None
    return engine.wish.hold


def give_up(engine: Engine, request: Request) -> Engine:
    """Leave to the lease what could not be released; only while leaving, when there is no second try."""
    closing = engine.phase.closing
    if closing is None:
        return engine
    engine = changed(engine, retry=replace(engine.calls.retry, at=None), fresh=False)
    match request:
        case ClearSession():
            left = engine.service.session if engine.service.session.any else closing.left_session
            return changed(engine, session=Ours(), closing=replace(closing, left_session=left))
        case ReadPresence() | ClearPreferred():
            left = engine.service.preferred if engine.service.preferred.any else closing.left_preferred
            return changed(engine, preferred=Ours(), closing=replace(closing, left_preferred=left))
        case _:
            return engine


def give_up_all(engine: Engine) -> Engine:
    """Leave everything of ours to its lease."""
    return give_up(give_up(engine, ClearPreferred(0)), ClearSession(0))


def _has_nothing_left(engine: Engine) -> bool:
    sending = isinstance(engine.calls.request, SetSession | SetPreferred | ClearSession | ClearPreferred)
    return not (engine.service.session.any or engine.service.preferred.any or sending)


def _finish_closing(engine: Engine, closing: Closing, now: datetime) -> Engine:
    asked_to_wait = engine.calls.retry.floor is not None and now < engine.calls.retry.floor
    if now >= closing.by or asked_to_wait:
        engine = give_up_all(engine)
    elif not _has_nothing_left(engine):
        return engine
    engine = abandon(engine)
    closing = engine.phase.closing or closing
    left = [lease for lease in (*closing.left_preferred.all, *closing.left_session.all) if lease.expires_at > now]
    return changed(engine, gone=True, out=(*engine.out, Exit(notices.left(left, engine.config.zone))))


# --------------------------------------------------------------------------- sleep


def suspending(engine: Engine, now: datetime) -> Engine:
    """Prepare for sleep: release an untimed hold, set a timed one and *Appear offline* once more for the night."""
    engine = changed(renewed(engine, now), sleep=Sleep(now, now + SUSPEND_LIMIT))
    once_more = not rests(engine)
    return changed(engine, force_session=once_more, force_preferred=once_more)


def _finish_sleep(engine: Engine, sleep: Sleep, now: datetime) -> Engine:
    session, preferred = wanted(engine)
    sets = (session and engine.service.force_session) or (preferred and engine.service.force_preferred)
    releases = session is None and preferred is None and not _has_nothing_left(engine)
    if sleep.allowed or ((engine.calls.request or sets or releases) and now < sleep.by):
        return engine
    return changed(engine, sleep=replace(sleep, allowed=True), out=(*engine.out, AllowSuspend()))


def resumed(engine: Engine, asleep_since: datetime, now: datetime) -> Engine:
    """Take the hold up again at once; after a long sleep ask whether it is still wanted."""
    engine = changed(renewed(engine, now), sleep=None, woke_at=now, force_session=True, force_preferred=True)
    engine = changed(engine, patience=now if engine.calls.request else None)
    if engine.wish.hold and engine.wish.hold.until is None and now - asleep_since > LONG_SLEEP:
        return tell(engine, notices.slept(engine.wish.hold))
    return engine


def asleep_since(engine: Engine, now: datetime) -> datetime | None:
    """Return since when the machine slept, by the clock alone; `None` when it did not.

    Holding, more time has gone by than the engine ever waits; or it was told of a sleep that does not come.
    """
    slept = stretched(SLEPT, engine.config)
    if engine.phase.sleep:
        return engine.phase.sleep.since if now - engine.phase.sleep.since > slept else None
    return engine.clock if engine.wish.hold and now - engine.clock > slept else None


def resume_told(engine: Engine, now: datetime) -> Engine:
    """Take in that the machine woke, unless the clock or an earlier signal has told that already."""
    if engine.phase.sleep is None and engine.phase.woke_at is not None and now - engine.phase.woke_at < SLEPT:
        return engine
    return resumed(engine, engine.phase.sleep.since if engine.phase.sleep else engine.clock, now)


# --------------------------------------------------------------------------- change of account


def _finish_handover(engine: Engine, now: datetime) -> Engine:
    handover = engine.phase.handover
    if handover is None or engine.calls.errand:
        return engine
    if handover.releases and not _has_nothing_left(engine):
        if now < handover.by:
            return engine
        left = [*engine.service.preferred.all, *engine.service.session.all]
        if left:
            engine = tell(engine, notices.left_behind(left, engine.config.zone))
        engine = changed(engine, session=Ours(), preferred=Ours(), trouble=None)
    if handover.to:
        return taken_over(changed(engine, handover=None), handover.to)
    call = engine.calls.count + 1
    errand = SignIn(call, handover.way) if handover.way else SignOut(call)
    return run(changed(engine, handover=None), errand)


def taken_over(engine: Engine, account: Account | None) -> Engine:
    """Note who is signed in; what was held for somebody else is neither kept nor released: it is not ours."""
    engine = changed(engine, account=account, signed_in=account is not None)
    if account is None:
        return engine
    if engine.identity.account_key not in {None, account.key}:
        engine = changed(engine.without_hold(), session=Ours(), preferred=Ours(), seen=None, token=None)
    return changed(engine, account_key=account.key)


def finish(engine: Engine, now: datetime) -> Engine:
    """Go on with whichever end is under way."""
    if engine.phase.gone:
        return engine
    if engine.phase.closing:
        return _finish_closing(engine, engine.phase.closing, now)
    if engine.phase.sleep:
        engine = _finish_sleep(engine, engine.phase.sleep, now)
    return _finish_handover(engine, now)


def end_wakes(engine: Engine) -> list[datetime]:
    """Return the instants by which an end under way has to be over."""
    wakes = []
    if engine.phase.closing:
        wakes.append(engine.phase.closing.by)
    if engine.phase.sleep and not engine.phase.sleep.allowed:
        wakes.append(engine.phase.sleep.by)
    if engine.phase.handover and not engine.calls.errand:
        wakes.append(engine.phase.handover.by)
    return wakes


def abandon(engine: Engine) -> Engine:
    """Stop waiting for the call in flight; what it may have set stays to be released."""
    if engine.calls.request is None:
        return engine
    out = (*engine.out, Abandon(engine.calls.request.call))
    return changed(engine, request=None, request_at=None, patience=None, out=out)
