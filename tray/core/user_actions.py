"""What a click or a command changes: the wish, and what was in its way. It sends no request to Graph."""

from datetime import UTC, datetime, time, timedelta

from tray.core import rules
from tray.core.effects import ReadAccount, ReadAutostart, ReadSettings, UnlockKeyring
from tray.core.events import MessageAsked, Picked
from tray.core.hours import resolve
from tray.core.model import Engine, Trouble, TroubleCode
from tray.core.next_request import run
from tray.core.record import replace
from tray.core.schedule import LOOK_PERIOD, PATIENCE
from tray.core.states import PreferredUse, State
from tray.core.trouble import PASSING, trouble
from tray.core.values import Hold, Keep, Message

KEPT_FOR = {
    Keep.HALF_HOUR: timedelta(minutes=30),
    Keep.HOUR: timedelta(hours=1),
    Keep.TWO_HOURS: timedelta(hours=2),
    Keep.FOUR_HOURS: timedelta(hours=4),
}


def keep_until(engine: Engine, keep: Keep, now: datetime) -> datetime | None:
    """Return when a hold kept for so long ends; `None`: when it is stopped, or the end of the day is past."""
    if keep is Keep.END_OF_DAY:
        zone, end = engine.config.zone, engine.config.end_of_day
        day = now.astimezone(zone).date() + (timedelta(days=1) if end == time() else timedelta())
        return next((at for at in resolve(datetime.combine(day, end), zone) if at > now), None)
    return now + KEPT_FOR[keep] if keep in KEPT_FOR else None


def current_keep(engine: Engine, now: datetime) -> Keep | None:
    """Return which row of *Keep for* holds; `None` when the present hold's end was not chosen there."""
    wish = engine.wish
    past = wish.keep is Keep.END_OF_DAY and keep_until(engine, wish.keep, now) is None
    keep = Keep.UNTIL_STOPPED if past else wish.keep
    timed = wish.pick is not None and wish.pick.until is not None
    return None if timed and keep is Keep.UNTIL_STOPPED else keep


def is_pinnable(state: State) -> bool:
    """Tell whether the user decides if a state overrides Teams."""
    return state.preferred_use in {PreferredUse.PINNED, PreferredUse.PINNED_OR_DECLINED}


def picked(engine: Engine, event: Picked, now: datetime) -> Engine:
    """Take a pick: the wish changes at once, whatever is under way for the old one."""
    if event.toggles and engine.wish.hold and engine.wish.hold.state is event.state:
        return stop_asked(engine, now)
    if not engine.config.allows(event.state):
        return engine
    state, engine = event.state, unpaused(engine, now)
    service, wish, identity = engine.service.without_suspicion(), engine.wish, engine.identity
    if engine.phase.sleep and engine.phase.sleep.allowed:
        engine = replace(engine, phase=engine.phase.awake())
    if state.key in service.declined and state.preferred is None:
        engine = replace(engine, wish=wish.declined(state), service=service.read_next(None))
        return trouble(engine, Trouble(TroubleCode.DECLINED, now, state=state))
    if engine.trouble and engine.trouble.code not in PASSING:
        engine = replace(engine, trouble=None)  # the user acts: whether that helped is found out anew
    pinned = wish.pin if event.pinned is None else event.pinned
    until = event.until if event.timed else keep_until(engine, wish.keep, now)
    hold = Hold(state, now, until, pinned and engine.config.override and is_pinnable(state))
    message = engine.message
    if event.message:
        message = message.asking(Message(event.message.text, until or next_midnight(engine, now)), now)
    return replace(
        engine,
        rules=rules.picked(engine.situation, hold) if engine.config.rules.any else engine.rules,
        message=message,
        wish=wish.holding(hold, Keep.UNTIL_STOPPED if event.timed else None, clicked=not event.by_command),
        service=service.for_new_hold(),
        identity=identity.holding_for(identity.account.key if identity.account else identity.account_key),
    )


def message_asked(engine: Engine, event: MessageAsked, now: datetime) -> Engine:
    """Send a status message once, or clear whatever stands there."""
    message = event.message
    if message.text and message.expires_at is None:
        message = Message(message.text, next_midnight(engine, now))
    return replace(unpaused(engine, now), message=engine.message.asking(message))


def next_midnight(engine: Engine, now: datetime) -> datetime:
    """Return the end of the local day, when a status message without another end expires."""
    tomorrow = now.astimezone(engine.config.zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), engine.config.zone).astimezone(UTC)


def unpaused(engine: Engine, now: datetime) -> Engine:
    """End our own pauses, because the user acts; Graph's `Retry-After` stands."""
    calls = engine.calls.unpaused(now + engine.config.stretched(PATIENCE))
    return replace(engine, calls=calls, desktop=engine.desktop.noting(second_start_at=None))


def stoppable(engine: Engine) -> State | None:
    """Return the status that Stop ends: the one in force, one beneath a rule, or one that waits for a sign-in."""
    beneath = rules.held_first(engine.situation) if engine.identity.account else None
    hold = engine.wish.hold or beneath or engine.wish.waiting
    return hold.state if hold else None


def stop_asked(engine: Engine, now: datetime) -> Engine:
    """Stop what is in force: a rule is silenced and what it hid shows again, a pick ends."""
    pick, after = rules.after_stop(engine.situation)
    engine = replace(engine, rules=after)
    return unpaused(engine, now) if pick else end_hold(engine, now)


def end_hold(engine: Engine, now: datetime) -> Engine:
    """End the hold; what it left on the service is released as the next request."""
    engine = unpaused(engine, now)
    engine = replace(engine, wish=engine.wish.stopped(), service=engine.service.without_hold())
    if engine.service.has_leases:
        return engine
    return replace(engine, trouble=None)


def keep_chosen(engine: Engine, keep: Keep, now: datetime) -> Engine:
    """Change how long the present hold lasts, else the next."""
    until = keep_until(engine, keep, now)
    if keep is Keep.END_OF_DAY and until is None:
        return engine  # the row was in a menu that was open when the day ended
    return replace(engine, wish=engine.wish.kept(keep, until))


def pin_toggled(engine: Engine, now: datetime) -> Engine:
    """Let the present hold, else the next, override Teams, or not."""
    wish = engine.wish
    if not engine.config.override:
        return engine
    if wish.hold is None:
        return replace(engine, wish=wish.pinned(pin=not wish.pin))
    if wish.hold.origin.is_rule or not is_pinnable(wish.hold.state):
        return engine
    return replace(unpaused(engine, now), wish=wish.pinned(pin=not wish.hold.pinned))


def clear_chosen_asked(engine: Engine, now: datetime) -> Engine:
    """Clear the status chosen in Teams."""
    return replace(unpaused(engine, now), wish=engine.wish.clearing())


def looked(engine: Engine, now: datetime) -> Engine:
    """Ask what is not known, and what Teams shows, because the user looks; at most once in thirty seconds."""
    before = engine.service.looked_at
    if before and now - before < LOOK_PERIOD:
        return engine
    service = engine.service.looked(now)
    if engine.trouble and engine.trouble.code in {TroubleCode.SIGN_IN_NEEDED, TroubleCode.KEYRING}:
        engine = replace(engine, calls=engine.calls.token_paused(None))
    if engine.wish.hold is None and engine.identity.signed_in and not engine.calls.retry.is_throttled(now):
        service = service.read_next(now)
    return account_asked(replace(engine, service=service)).emit(ReadAutostart()).emit(ReadSettings())


def account_asked(engine: Engine) -> Engine:
    """Ask the vault who is signed in, if that is not known."""
    if engine.identity.signed_in or engine.calls.errand or engine.wish.hold:
        return engine
    return run(engine, ReadAccount(engine.calls.count + 1))


def unlock_asked(engine: Engine) -> Engine:
    """Unlock the keyring, now or once the errand under way is back."""
    if isinstance(engine.calls.errand, UnlockKeyring):
        return engine
    if engine.calls.errand:
        return replace(engine, calls=engine.calls.unlocking(waits=True))
    return run(engine, UnlockKeyring(engine.calls.count + 1))
