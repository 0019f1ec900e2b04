"""Sign-in, sign-out and another account: what is held is released first, under the token that is still there."""

from datetime import datetime

from tray.core.effects import CancelSignIn, SignIn, SignOut
from tray.core.events import SignInAsked
from tray.core.model import Engine, Handover, TroubleCode
from tray.core.next_request import has_something_left, run
from tray.core.record import replace
from tray.core.schedule import CLOSING_LIMIT
from tray.core.status_message import StatusMessage
from tray.core.user_actions import end_hold
from tray.core.values import Account
from tray.messages import notices


def sign_in_asked(engine: Engine, event: SignInAsked, now: datetime) -> Engine:
    """Begin a sign-in; to another account only after the release under the old token."""
    if engine.signing_in or engine.phase.handover:
        return engine
    needed = engine.trouble is not None and engine.trouble.code is TroubleCode.SIGN_IN_NEEDED
    again = needed or not engine.identity.signed_in
    handover = Handover(_limit(engine, now), event.way, releases=not again)
    return _hand_over(engine if again else end_hold(engine, now), handover)


def sign_out_asked(engine: Engine, now: datetime) -> Engine:
    """Begin a sign-out; a sign-in that waits for the user is given up first."""
    if engine.calls.errand and engine.signing_in:
        engine = engine.emit(CancelSignIn(engine.calls.errand.call))
    return _hand_over(end_hold(engine, now), Handover(_limit(engine, now)))


def account_found(engine: Engine, account: Account | None, now: datetime) -> Engine:
    """Go over to the account that the vault has, which may be another than the one that is held for."""
    other = account is not None and engine.identity.account_key not in {None, account.key}
    if other and engine.identity.token and not engine.phase.handover:
        return _hand_over(end_hold(engine, now), Handover(_limit(engine, now), to=account))
    return taken_over(engine, account)


def taken_over(engine: Engine, account: Account | None) -> Engine:
    """Note who is signed in; what was held for another account is not ours to keep or to release."""
    identity = engine.identity.signed_in_as(account)
    if account is None:
        return replace(engine, identity=identity)
    if engine.wish.waiting:
        engine = replace(engine, wish=engine.wish.signed_in(engine.clock), service=engine.service.for_new_hold())
    if identity.account_key not in {None, account.key}:
        engine = replace(engine.without_hold(), service=engine.service.of_nobody(), message=StatusMessage())
        engine = replace(engine, rules=replace(engine.rules, told=None))
        identity = identity.without_token()
    return replace(engine, identity=identity.holding_for(account.key))


def finish_handover(engine: Engine, now: datetime) -> Engine:
    """Go on with a change of account once everything is released, or the time for it is over."""
    handover = engine.phase.handover
    if handover is None or engine.calls.errand:
        return engine
    if handover.releases and has_something_left(engine):
        if now < handover.deadline:
            return engine
        service = engine.service
        if left := [*service.preferred.all, *service.session.all]:
            engine = engine.tell(notices.left_behind(left, engine.config.zone))
        engine = replace(engine, service=service.without_session().without_preferred(), trouble=None)
        engine = replace(engine, message=engine.message.withdrawn().left_to_expire())
    engine = replace(engine, phase=engine.phase.switching(None))
    if handover.to:
        return taken_over(engine, handover.to)
    call = engine.calls.count + 1
    return run(engine, SignIn(call, handover.way) if handover.way else SignOut(call))


def _limit(engine: Engine, now: datetime) -> datetime:
    return now + engine.config.stretched(CLOSING_LIMIT)


def _hand_over(engine: Engine, handover: Handover) -> Engine:
    return replace(engine, phase=engine.phase.switching(handover))
