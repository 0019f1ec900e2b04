"""The commands about the account: sign-in and sign-out; must not know how signing in works."""

import argparse
from contextlib import suppress
from datetime import UTC, datetime

from tray import state_file
from tray.clock import LocalZone
from tray.commands.app import App, find, polled
from tray.commands.countdown import Countdown
from tray.commands.menu_items import press
from tray.commands.output import say
from tray.control.requests import Press
from tray.core.effects import ReadAccount, SignIn, SignOut
from tray.core.events import SignInProgressed
from tray.core.model import Trouble, TroubleCode
from tray.core.values import (
    Granted,
    KeyringState,
    KeyringTrouble,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.errors import BadSettings, NoKeyring, NotRunning, SignInRequired, TrayError
from tray.messages import account as words
from tray.messages import notices
from tray.messages.settings import client_id_missing
from tray.paths import Paths, locate
from tray.settings import load
from tray.signin.pipe import Reply
from tray.signin.registration import registration_of
from tray.signin.source import TokenSource, open_source

NO_USE = frozenset({KeyringState.ABSENT, KeyringState.HUNG})  # nothing could be kept
SIGN_OUT_SECONDS = 8.0  # a release takes three at most, the vault some more


def sign_in(args: argparse.Namespace) -> int:
    """Sign in, in the browser or with a code on any device; or let the running app give its sign-in up."""
    if args.cancel:
        say(words.cancelled() if press(find(), "sign-in-cancel") is Press.POSTED else words.nothing_to_cancel())
        return 0
    paths = locate(demo=False)
    way = SignInWay.DEVICE_CODE if args.device_code else SignInWay.BROWSER
    code = signed_in(source(paths), way)
    with suppress(TrayError):
        App(paths.channel, demo=False).ask({"do": "signed-in"})
    return code


def signed_in(source: TokenSource, way: SignInWay) -> int:
    """Sign in with a source; Ctrl-C gives it up. Raise the error of whatever came of it instead.

    A keyring that is absent or hangs is found out before the user does anything; a locked one may ask, and a damaged
    sign-in is replaced.
    """
    countdown = Countdown()
    try:
        known = source.carry_out(ReadAccount(0), _ignored)
        if isinstance(known.outcome, KeyringTrouble) and known.outcome.state in NO_USE:
            raise _error(known)
        reply = source.carry_out(SignIn(0, way), lambda event: _progressed(event, countdown))
    except KeyboardInterrupt:
        source.cancel(0)
        raise
    finally:
        countdown.stop()
    match reply.outcome:
        case Granted(account, remembered=True):
            say(words.signed_in(account.username))
            return 0
        case Granted():
            raise NoKeyring(*words.not_remembered())
    raise _error(reply)


def has_keyring(paths: Paths) -> bool:
    """Tell whether there is a keyring, whatever its state; raise `BadSettings` while the settings name none."""
    known = source(paths).carry_out(ReadAccount(0), _ignored).outcome
    return not (isinstance(known, KeyringTrouble) and known.state is KeyringState.ABSENT)


def sign_out(_args: argparse.Namespace) -> int:
    """Give back what is held, then remove the tokens."""
    paths = locate(demo=False)
    try:
        app = App(paths.channel, demo=False)
        app.ask({"do": "sign-out"})
        _wait_until_signed_out(app)
    except NotRunning:
        signed_out(source(paths))
        _name_what_stays(paths)
    say(words.signed_out())
    return 0


def _wait_until_signed_out(app: App) -> None:
    for status in polled(app, SIGN_OUT_SECONDS):
        if not status["account"]["signed_in"]:
            return
    trouble = status["trouble"]
    if trouble and trouble["code"] == TroubleCode.KEYRING:
        raise NoKeyring(trouble["title"], trouble["message"])
    raise TrayError(*words.still_signed_in())


def signed_out(source: TokenSource) -> None:
    """Remove the tokens with a source; raise the error of whatever came of it instead."""
    reply = source.carry_out(SignOut(0), _ignored)
    if isinstance(reply.outcome, SignInNeeded | TryLater | KeyringTrouble):
        raise _error(reply)


def _name_what_stays(paths: Paths) -> None:
    """Say what an app that ended badly left on Teams: without its tokens nobody can clear that."""
    saved = state_file.load(paths.state_file)
    leases = [lease for lease in (saved.session, saved.preferred) if lease] if saved else []
    left = notices.left([lease for lease in leases if lease.expires_at > datetime.now(UTC)], LocalZone())
    if left:
        say(left)


def source(paths: Paths) -> TokenSource:
    """Return the token side that the settings name; raise `BadSettings` while they name none."""
    settings = load(paths)
    if registration_of(settings) is None:
        raise BadSettings(*client_id_missing(paths.settings_file))
    return open_source(settings, paths)


def _ignored(_event: SignInProgressed) -> None:
    """Expect no progress: no user is asked."""


def _progressed(event: SignInProgressed, countdown: Countdown) -> None:
    if not event.code:
        say(words.browser(event.link))
        return
    until = f"{event.until.astimezone(LocalZone()):%H:%M}" if event.until else None
    say(words.device_code(event.link, event.code, until))
    if event.until:
        countdown.start(event.until)


def _error(reply: Reply) -> TrayError:
    match reply.outcome:
        case SignInNeeded(why):
            return SignInRequired(words.not_signed_in(), why)
        case TryLater(why):
            return TrayError(words.failed(), why)
        case KeyringTrouble(state):
            return NoKeyring(*notices.trouble_words(Trouble(TroubleCode.KEYRING, datetime.now(UTC), keyring=state)))
    return TrayError(words.failed(), repr(reply.outcome))
