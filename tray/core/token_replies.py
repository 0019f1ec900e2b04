"""What the token side's answers change; the tokens themselves never reach the core."""

from datetime import datetime, timedelta
from typing import assert_never

from tray.core.account_switch import account_found, sign_in_asked, taken_over
from tray.core.effects import (
    ObtainToken,
    Open,
    ReadAccount,
    SignIn,
    SignOut,
    TokenErrand,
    UnlockKeyring,
)
from tray.core.events import SignInAsked, SignInProgressed, TokenAnswered
from tray.core.model import Engine, Trouble, TroubleCode
from tray.core.next_request import run
from tray.core.record import replace
from tray.core.schedule import CALL_LIMIT, LONG_PAUSE, Retry, pause
from tray.core.shutdown import leave_all_to_expire
from tray.core.status_message import StatusMessage
from tray.core.trouble import trouble
from tray.core.user_actions import unpaused
from tray.core.values import (
    AccountRead,
    Document,
    Granted,
    KeyringTrouble,
    SignedOut,
    SignInNeeded,
    SignInWay,
    TokenOutcome,
    TryLater,
)
from tray.messages import notices, signin

KEYRING_PAUSE = timedelta(minutes=1)  # a keyring that is started late at login is found within it
CODE_COUNTDOWN_PERIOD = timedelta(seconds=20)  # between looks at how long a device code is still good
LIMITS: dict[type | SignInWay, timedelta] = {  # longer than the token side's own limits, in case those fail
    ReadAccount: timedelta(minutes=1),
    ObtainToken: timedelta(minutes=1),
    SignOut: timedelta(minutes=3),  # the keyring may ask before it removes something
    UnlockKeyring: timedelta(minutes=3),
    SignInWay.BROWSER: timedelta(minutes=9),
    SignInWay.DEVICE_CODE: timedelta(minutes=19),
}
TOKEN_TROUBLES = frozenset({TroubleCode.SIGN_IN_NEEDED, TroubleCode.KEYRING})


def errand_limit(engine: Engine) -> datetime | None:
    """Return when the errand under way is given up; `None` when there is none."""
    errand, began = engine.calls.errand, engine.calls.errand_at
    if errand is None or began is None:
        return None
    return began + engine.config.stretched(LIMITS[errand.way if isinstance(errand, SignIn) else type(errand)])


def vault_changed(engine: Engine, now: datetime) -> Engine:
    """Look who is signed in now; the old token is still at hand to release what was held for another account."""
    engine = unpaused(engine, now)
    return engine if engine.calls.errand else run(engine, ReadAccount(engine.calls.count + 1))


def token_answered(engine: Engine, event: TokenAnswered, now: datetime) -> Engine:
    """Take in what came of the errand under way; an answer to an earlier one is ignored."""
    errand, outcome = engine.calls.errand, event.outcome
    if errand is None or errand.call != event.call:
        return engine
    engine = replace(engine, calls=engine.calls.ended_with(outcome).errand_answered())
    if engine.phase.closing and not (isinstance(outcome, Granted) and _is_useful(outcome, now)):
        return leave_all_to_expire(engine)
    engine = _taken_in(engine, errand, outcome, now)
    if engine.calls.unlock_waits:
        engine = run(replace(engine, calls=engine.calls.unlocking(waits=False)), UnlockKeyring(engine.calls.count + 1))
    return engine


def _taken_in(engine: Engine, errand: TokenErrand, outcome: TokenOutcome, now: datetime) -> Engine:
    asked = isinstance(errand, SignIn)
    if isinstance(errand, SignOut) and isinstance(outcome, SignInNeeded | TryLater | KeyringTrouble):
        engine = engine.tell(notices.sign_out_failed(outcome))
        if not isinstance(outcome, KeyringTrouble):
            return engine
    match outcome:
        case Granted():
            return _granted(engine, outcome, now, asked=asked)
        case AccountRead(account=account):
            return account_found(_vault_readable(engine), account, now)
        case SignedOut(binned=binned):
            if binned:
                engine = engine.tell(notices.signed_out_into_a_bin())
            engine = replace(engine, wish=engine.wish.without_hold(), service=engine.service.of_nobody())
            engine = replace(engine, message=StatusMessage())
            return replace(engine, identity=engine.identity.signed_out(), trouble=None)
        case SignInNeeded(title=title, message=message, setup=setup):
            code = TroubleCode.SIGN_IN_NEEDED
            needed = Trouble(code, now, title=title, message=message, setup=setup)
            return _sign_in_needed(engine, needed, asked=asked)
        case KeyringTrouble(state=state):
            engine = _paused(engine, now + KEYRING_PAUSE)
            return trouble(engine, Trouble(TroubleCode.KEYRING, now, keyring=state), asked=asked)
        case TryLater():
            return _later(engine, outcome, now, asked=asked)
        case _:
            assert_never(outcome)


def _is_useful(granted: Granted, now: datetime) -> bool:
    """Tell whether a token outlives the call that it is for."""
    return granted.expires_at - now > CALL_LIMIT


def _granted(engine: Engine, granted: Granted, now: datetime, *, asked: bool) -> Engine:
    engine = taken_over(engine, granted.account)
    if not _is_useful(granted, now):  # a pause, because the next one is as short
        return _later(engine, TryLater(*signin.busy()), now, asked=False)
    calls = engine.calls.token_granted()
    if asked:
        calls = calls.retrying(calls.retry.unpaused())
    engine = replace(engine, identity=engine.identity.granted(granted, now), calls=calls)
    if engine.trouble and (engine.trouble.code in TOKEN_TROUBLES or engine.wish.hold is None):
        engine = replace(engine, trouble=None)
    return engine.tell(notices.not_remembered()) if asked and not granted.remembered else engine


def _sign_in_needed(engine: Engine, needed: Trouble, *, asked: bool) -> Engine:
    """Wait for a sign-in. Drop a status message without a hold, and a foreground hold that was never set.

    With nobody signed in nothing is held yet: a pick in the menu leads to the sign-in, or to what it needs.
    """
    engine = replace(_paused(engine, needed.since + LONG_PAUSE), identity=engine.identity.sign_in_needed())
    if engine.wish.hold is None:
        engine = replace(engine, message=engine.message.withdrawn())
    if engine.config.foreground and engine.service.changed_at is None:
        engine = engine.without_hold()
    hold, clicked = engine.wish.hold, engine.wish.clicked
    if hold and not hold.origin.is_rule and engine.identity.account is None:
        engine = replace(engine, wish=engine.wish.awaiting_sign_in(), service=engine.service.without_hold())
        if clicked and not needed.setup:
            return sign_in_asked(engine, SignInAsked(), needed.since)
        asked = asked or clicked
    engine = engine.emit(Open(Document.SETTINGS)) if asked and needed.setup else engine
    return trouble(engine, needed, asked=asked)


def _vault_readable(engine: Engine) -> Engine:
    """Drop a trouble of the keyring, which has just been read, or of a setup that is done now."""
    if engine.trouble and (engine.trouble.code is TroubleCode.KEYRING or engine.trouble.setup):
        return replace(_paused(engine, None), trouble=None)
    return engine


def _later(engine: Engine, outcome: TryLater, now: datetime, *, asked: bool) -> Engine:
    """Pause before the next try, whatever Graph says: it is another service."""
    calls = engine.calls
    wait = pause(engine.config.offset, Retry(failures=calls.token_retry.failures + 1), None, now, calls.count)
    floor = now + outcome.after if outcome.after else None
    engine = replace(engine, calls=calls.token_failed(now + wait, floor))
    if asked:
        return engine.tell(notices.sign_in_failed(outcome.title, outcome.message))
    code = TroubleCode.OFFLINE if outcome.failure else TroubleCode.SERVICE
    return trouble(engine, Trouble(code, now, failure=outcome.failure, title=outcome.title, message=outcome.message))


def _paused(engine: Engine, until: datetime | None) -> Engine:
    return replace(engine, calls=engine.calls.token_paused(until))


def progressed(engine: Engine, event: SignInProgressed) -> Engine:
    """Note what waits for the user; a code is also shown as a notice."""
    if engine.calls.errand is None or engine.calls.errand.call != event.call:
        return engine
    engine = replace(engine, calls=engine.calls.progressed(event))
    if event.unopened:
        return engine.tell(notices.no_browser())
    return engine.tell(notices.code(event.code, event.link, event.until, engine.config.zone)) if event.code else engine
