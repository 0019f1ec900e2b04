"""What the user asks for with a click or a command; changes the wish, never the service."""

from dataclasses import replace
from datetime import datetime, timedelta

from tray.core.events import Picked, SignInAsked
from tray.core.model import Engine, Handover, Trouble, TroubleCode, changed
from tray.core.schedule import CLOSING_LIMIT, LOOK_PERIOD, PATIENCE, is_throttled, stretched
from tray.core.states import PreferredUse, State
from tray.core.trouble import PASSING, trouble
from tray.core.values import Hold, Keep

KEPT_FOR = {
    Keep.HALF_HOUR: timedelta(minutes=30),
    Keep.HOUR: timedelta(hours=1),
    Keep.TWO_HOURS: timedelta(hours=2),
    Keep.FOUR_HOURS: timedelta(hours=4),
}


def keep_until(engine: Engine, keep: Keep, now: datetime) -> datetime | None:
    """Return when a hold kept for so long ends; `None`: when it is stopped."""
    if keep is Keep.END_OF_DAY:
        local = now.astimezone(engine.config.zone)
        end = datetime.combine(local.date(), engine.config.end_of_day, engine.config.zone)
        return end.astimezone(now.tzinfo) if end > now else None
    return now + KEPT_FOR[keep] if keep in KEPT_FOR else None


def keep_chosen_now(engine: Engine, now: datetime) -> Keep | None:
    """Return which row of *Keep for* holds; `None` when the present hold's end was not chosen there."""
    past = engine.wish.keep is Keep.END_OF_DAY and keep_until(engine, engine.wish.keep, now) is None
    keep = Keep.UNTIL_STOPPED if past else engine.wish.keep
    timed = engine.wish.hold is not None and engine.wish.hold.until is not None
    return None if timed and keep is Keep.UNTIL_STOPPED else keep


def can_pin(state: State) -> bool:
    """Tell whether the user decides if a state overrides Teams."""
    return state.preferred_use in {PreferredUse.PINNED, PreferredUse.PINNED_OR_DECLINED}


def picked(engine: Engine, event: Picked, now: datetime) -> Engine:
    """Take a pick: the wish changes at once, whatever is under way for the old one."""
    state = event.state
    engine = changed(renewed(engine, now), chosen=None, clear_chosen=False, doubted=None, last_state=state)
    if engine.phase.sleep and engine.phase.sleep.allowed:
        engine = changed(engine, sleep=None)  # somebody is here: the machine is awake
    if state.key in engine.service.declined and state.preferred is None:
        engine = changed(engine, hold=None, read_at=None)
        return trouble(engine, Trouble(TroubleCode.DECLINED, now, state=state))
    if engine.trouble and engine.trouble.code not in PASSING:
        engine = replace(engine, trouble=None)  # the user acts: whether it helps is asked anew
    pinned = engine.wish.pin if event.pinned is None else event.pinned
    until = event.until if event.timed else keep_until(engine, engine.wish.keep, now)
    return changed(
        engine,
        hold=Hold(state, now, until, pinned and can_pin(state)),
        keep=Keep.UNTIL_STOPPED if event.timed else engine.wish.keep,
        force_session=True,
        force_preferred=True,
        restored=False,
        account_key=_whose(engine),
    )


def _whose(engine: Engine) -> str | None:
    return engine.identity.account.key if engine.identity.account else engine.identity.account_key


def renewed(engine: Engine, now: datetime) -> Engine:
    """End our own pauses, because the user acts; Graph's `Retry-After` stands."""
    retry = replace(engine.calls.retry, failures=0, at=None, token_failures=0, token_at=None)
    patience = now + stretched(PATIENCE, engine.config) if engine.calls.request else None
    return changed(engine, retry=retry, patience=patience, second_start_at=None)


def stopped(engine: Engine, now: datetime) -> Engine:
    """End the hold; what it left on the service is released by the plan."""
    engine = changed(renewed(engine, now).without_hold(), keep=Keep.UNTIL_STOPPED, pin=False, chosen=None)
    if engine.trouble and not (engine.service.session.any or engine.service.preferred.any):
        return replace(engine, trouble=None)
    return engine


def keep_chosen(engine: Engine, keep: Keep, now: datetime) -> Engine:
    """Change how long the present hold lasts, else the next."""
    until = keep_until(engine, keep, now)
    if keep is Keep.END_OF_DAY and until is None:
        return engine  # the row was in a menu that was open when the day ended
    engine = changed(engine, keep=keep)
    return changed(engine, hold=replace(engine.wish.hold, until=until)) if engine.wish.hold else engine


def pin_toggled(engine: Engine, now: datetime) -> Engine:
    """Let the present hold, else the next, override Teams, or not."""
    hold = engine.wish.hold
    if hold is None:
        return changed(engine, pin=not engine.wish.pin)
    if not can_pin(hold.state):
        return engine
    engine = changed(renewed(engine, now), chosen=None)
    return changed(engine, pin=not hold.pinned, hold=replace(hold, pinned=not hold.pinned))


def looked(engine: Engine, now: datetime) -> Engine:
    """Somebody looks: holding nothing, read what Teams shows, at most once in thirty seconds."""
    if engine.service.looked_at and now - engine.service.looked_at < LOOK_PERIOD:
        return engine
    engine = changed(engine, looked_at=now)
    if engine.trouble and engine.trouble.code in {TroubleCode.SIGN_IN_NEEDED, TroubleCode.KEYRING}:
        engine = changed(engine, retry=replace(engine.calls.retry, token_at=None))
    if engine.wish.hold or not engine.identity.signed_in or is_throttled(engine.calls.retry, now):
        return engine
    return changed(engine, read_at=now)


def sign_in_asked(engine: Engine, event: SignInAsked, now: datetime) -> Engine:
    """Begin a sign-in; to another account only after the release under the old token."""
    if engine.signing_in or engine.phase.handover:
        return engine
    again = not engine.identity.signed_in or (
        engine.trouble is not None and engine.trouble.code is TroubleCode.SIGN_IN_NEEDED
    )
    by = now + stretched(CLOSING_LIMIT, engine.config)
    handover = Handover(by, event.way, releases=not again)
    return changed(engine if again else stopped(engine, now), handover=handover)


def sign_out_asked(engine: Engine, now: datetime) -> Engine:
    """Begin a sign-out: release first, under the token that is still there."""
    by = now + stretched(CLOSING_LIMIT, engine.config)
    return changed(stopped(engine, now), handover=Handover(by, None, releases=True))
