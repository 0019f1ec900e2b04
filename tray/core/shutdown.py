"""The end of the program: release within 2.5 seconds, be gone within three, and say what could not be released."""

from datetime import datetime

from tray.core.effects import ClearPreferred, ClearSession, Exit, ReadPresence, Request, SetMessage
from tray.core.events import LeaveAsked
from tray.core.model import Closing, Engine
from tray.core.next_request import abandon, has_something_left
from tray.core.record import replace
from tray.core.schedule import CLOSING_LIMIT
from tray.core.user_actions import unpaused
from tray.core.values import Hold, LeaveReason
from tray.messages import notices


def leave_asked(engine: Engine, event: LeaveAsked, now: datetime) -> Engine:
    """Begin to end; a second *Quit* does not wait any longer, a second signal of the system does."""
    closing = engine.phase.closing
    if closing:
        hurried = replace(closing, deadline=now) if event.leaving is LeaveReason.QUIT else closing
        return replace(engine, phase=engine.phase.closing_with(hurried))
    keep = _kept(engine, event.leaving)
    failed = event.leaving is LeaveReason.OVER and engine.trouble is not None
    closing = Closing(now + engine.config.stretched(CLOSING_LIMIT), keep, failed=failed)
    return replace(unpaused(engine, now).without_hold(), phase=engine.phase.closing_with(closing))


def _kept(engine: Engine, leaving: LeaveReason) -> Hold | None:
    """Return what the next start sets again; the status message that came with it stays."""
    match leaving:
        case LeaveReason.ENDED:
            return timed_hold(engine)
        case LeaveReason.REPLACED:
            return engine.wish.pick
        case _:
            return None


def timed_hold(engine: Engine) -> Hold | None:
    """Return the pick if the next start is to set it again; a rule sets its own."""
    hold = engine.wish.pick
    return None if engine.config.foreground or hold is None or hold.until is None else hold


def leave_to_expire(engine: Engine, request: Request) -> Engine:
    """Leave to its lease what a failed request was to release: there is no time for a second try."""
    closing, service = engine.phase.closing, engine.service
    if closing is None:
        return engine
    match request:
        case ClearSession():
            closing = replace(
                closing, left_session=service.session if service.session.longest else closing.left_session
            )
            service = service.without_session()
        case SetMessage():
            engine = replace(engine, message=engine.message.withdrawn().left_to_expire())
        case ReadPresence() | ClearPreferred():
            engine = replace(engine, message=engine.message.withdrawn().left_to_expire())
            left = service.preferred if service.preferred.longest else closing.left_preferred
            closing, service = replace(closing, left_preferred=left), service.without_preferred()
    calls = engine.calls.retrying(engine.calls.retry.paused(None))
    identity, phase = engine.identity.needing(fresh=False), engine.phase.closing_with(closing)
    return replace(engine, calls=calls, identity=identity, phase=phase, service=service)


def leave_all_to_expire(engine: Engine) -> Engine:
    """Leave everything of ours to its lease."""
    return leave_to_expire(leave_to_expire(engine, ClearPreferred(0)), ClearSession(0))


def finish_closing(engine: Engine, now: datetime) -> Engine:
    """End once everything is released, or the time for it is over."""
    closing, floor = engine.phase.closing, engine.calls.retry.floor
    if closing is None or engine.phase.gone:
        return engine
    if now >= closing.deadline or (floor is not None and now < floor):
        engine = leave_all_to_expire(engine)
    elif has_something_left(engine):
        return engine
    engine = abandon(engine)
    closing = engine.phase.closing or closing
    left = [lease for lease in (*closing.left_preferred.all, *closing.left_session.all) if lease.expires_at > now]
    return replace(engine, phase=engine.phase.ended()).emit(
        Exit(notices.left(left, engine.config.zone), failed=closing.failed)
    )
