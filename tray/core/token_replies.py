"""What the token side's answers change; the tokens themselves never come here."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from tray.core.effects import (
    ObtainToken,
    ReadAccount,
    SignIn,
    SignOut,
    UnlockKeyring,
)
from tray.core.events import SignInProgressed, TokenAnswered
from tray.core.model import Engine, Handover, Ours, Trouble, TroubleCode, changed, tell
from tray.core.next_request import run
from tray.core.schedule import CLOSING_LIMIT, REFUSED_PAUSE, pause, stretched
from tray.core.shutdown import give_up_all, taken_over
from tray.core.trouble import trouble
from tray.core.user_actions import renewed, stopped
from tray.core.values import (
    Account,
    AccountRead,
    Granted,
    KeyringTrouble,
    SignedOut,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.messages import notices

KEYRING_PAUSE = timedelta(minutes=1)  # a daemon that comes late at login is found within it
OF_THE_TOKEN = frozenset({TroubleCode.SIGN_IN_NEEDED, TroubleCode.KEYRING})


COUNT = timedelta(seconds=20)  # between looks at how long a code is still good
LIMITS: dict[type | SignInWay, timedelta] = {  # longer than the token side's own: this is the net under it
    ReadAccount: timedelta(minutes=1),
    ObtainToken: timedelta(minutes=1),
    SignOut: timedelta(minutes=1),
    UnlockKeyring: timedelta(minutes=3),
    SignInWay.BROWSER: timedelta(minutes=9),
    SignInWay.DEVICE_CODE: timedelta(minutes=19),
}


def errand_limit(engine: Engine) -> datetime | None:
    """Return when the errand under way is given up; `None` when there is none."""
    errand = engine.calls.errand
    if errand is None or engine.calls.errand_at is None:
        return None
    limit = LIMITS[errand.way if isinstance(errand, SignIn) else type(errand)]
    return engine.calls.errand_at + stretched(limit, engine.config)


def vault_changed(engine: Engine, now: datetime) -> Engine:
    """Look who is signed in now; the old token is still at hand to release what was held for somebody else."""
    engine = renewed(engine, now)
    return engine if engine.calls.errand else run(engine, ReadAccount(engine.calls.count + 1))


def token_answered(engine: Engine, event: TokenAnswered, now: datetime) -> Engine:
    """Take in what came of an errand; one that names another errand is nobody's."""
    errand = engine.calls.errand
    if errand is None or errand.call != event.call:
        return engine
    engine = changed(engine, errand=None, prompt=None)
    outcome = event.outcome
    if engine.phase.closing and not isinstance(outcome, Granted):
        return give_up_all(engine)
    match outcome:
        case Granted():
            return _granted(engine, outcome, asked=isinstance(errand, SignIn))
        case AccountRead(account=account):
            return _read(engine, account, now)
        case SignedOut():
            engine = changed(engine.without_hold(), token=None, account=None, account_key=None, signed_in=False)
            return changed(engine, trouble=None, session=Ours(), preferred=Ours(), seen=None)
        case SignInNeeded(why=why, setup=setup):
            engine = changed(engine, token=None, signed_in=False, fresh=False, claims=None)
            engine = _pause(engine, now + REFUSED_PAUSE)
            return trouble(engine, Trouble(TroubleCode.SIGN_IN_NEEDED, now, why=why, setup=setup))
        case KeyringTrouble(state=state):
            engine = _pause(engine, now + KEYRING_PAUSE)
            return trouble(engine, Trouble(TroubleCode.KEYRING, now, keyring=state))
        case TryLater():
            return _later(engine, outcome, now, asked=isinstance(errand, SignIn))
        case _:
            assert_never(outcome)


def _granted(engine: Engine, granted: Granted, *, asked: bool) -> Engine:
    engine = taken_over(engine, granted.account)
    retry = replace(engine.calls.retry, token_failures=0, token_at=None, token_floor=None)
    if asked:
        retry = replace(retry, failures=0, at=None)
    engine = changed(engine, token=granted, fresh=False, claims=None, retry=retry)
    if engine.trouble and (engine.trouble.code in OF_THE_TOKEN or engine.wish.hold is None):
        engine = replace(engine, trouble=None)
    if asked and not granted.remembered:
        engine = tell(engine, notices.not_remembered())
    return engine


def _read(engine: Engine, account: Account | None, now: datetime) -> Engine:
    """Take in what the vault says, which can be read again; another account waits for a release under the old token."""
    if engine.trouble and engine.trouble.code is TroubleCode.KEYRING:
        engine = changed(engine, trouble=None, retry=replace(engine.calls.retry, token_at=None))
    others = account is not None and engine.identity.account_key not in {None, account.key}
    if others and engine.identity.token and not engine.phase.handover:
        by = now + stretched(CLOSING_LIMIT, engine.config)
        return changed(stopped(engine, now), handover=Handover(by, None, releases=True, to=account))
    return taken_over(engine, account)


def _later(engine: Engine, outcome: TryLater, now: datetime, *, asked: bool) -> Engine:
    retry = replace(engine.calls.retry, token_failures=engine.calls.retry.token_failures + 1)
    wait = pause(engine.config, replace(retry, failures=retry.token_failures), None, now, engine.calls.count)
    floor = now + outcome.after if outcome.after else None
    engine = changed(engine, retry=replace(retry, token_at=now + wait, token_floor=floor))
    if asked:
        return tell(engine, notices.sign_in_failed(outcome.why))
    code = TroubleCode.OFFLINE if outcome.reach else TroubleCode.SERVICE
    return trouble(engine, Trouble(code, now, reach=outcome.reach, why=outcome.why))


def _pause(engine: Engine, until: datetime) -> Engine:
    return changed(engine, retry=replace(engine.calls.retry, token_at=until))


def progressed(engine: Engine, event: SignInProgressed) -> Engine:
    """Note the link and code that wait for the user; a code has to be typed, so it is told as well."""
    if engine.calls.errand is None or engine.calls.errand.call != event.call:
        return engine
    if event.code:
        engine = tell(engine, notices.code(event.code, event.link, event.until, engine.config.zone))
    return changed(engine, prompt=event)
