"""The commands about the account: setup, sign-in, sign-out; must not know how signing in works."""

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from tray import settings_text, state_file
from tray.clock import LocalZone
from tray.commands.output import say
from tray.commands.running import App, polled
from tray.core.effects import ReadAccount, SignIn, SignOut
from tray.core.events import SignInProgressed
from tray.core.known import Trouble, TroubleCode
from tray.core.things import (
    Granted,
    KeyringState,
    KeyringTrouble,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.errors import BadSettings, NoKeyring, NotRunning, SignInRequired, TrayError, UsageError
from tray.paths import Paths, locate
from tray.settings import Settings, checked, load
from tray.signin.identity import identity_of
from tray.signin.protocol import Reply, TokenSource
from tray.words import account as words
from tray.words import notices
from tray.words.settings import client_id_missing

SIGN_OUT_SECONDS = 8.0  # a release takes three at most, the vault some more


def setup(args: argparse.Namespace) -> int:
    """Ask for what signing in needs, write it into the settings file, and offer to sign in."""
    paths = locate(demo=False)
    asked = asked_for(load(paths), args)
    alone = all(asked.values())
    if not (alone or sys.stdin.isatty()):
        raise UsageError(*words.nobody_to_ask())
    if not alone:
        say(words.REGISTRATION)
    values = {key: value or prompted(paths, key, input) for key, value in asked.items()}
    settings_text.write(paths, values)
    say(words.written(str(paths.settings_file)))
    with suppress(TrayError):
        App(paths.channel, demo=False).status()
        say(words.RESTART)
    if not alone and input(words.SIGN_IN_NOW).strip().casefold() in ("", "y", "yes"):
        return signed_in(_source(paths), SignInWay.BROWSER)
    return 0


def asked_for(settings: Settings, args: argparse.Namespace) -> dict[str, str | None]:
    """Return what setup decides with what was typed for it; raise `UsageError` for what is not the user's to say."""
    typed: dict[str, str | None] = {"client_id": args.client_id, "tenant": args.tenant}
    if settings.authority and not args.tenant:
        del typed["tenant"]  # the authority names it
    for key in settings.managed & set(typed):
        if typed.pop(key):
            raise UsageError(*words.managed(key))
    return typed


def prompted(paths: Paths, key: str, ask: Callable[[str], str]) -> str:
    """Ask until the answer is right; raise `UsageError` at the end of input."""
    while True:
        try:
            answer = ask(words.PROMPTS[key]).strip()
            return str(checked(paths.settings_file, key, answer))
        except BadSettings as exc:
            say(exc.message)
        except EOFError as exc:
            raise UsageError(*words.nobody_to_ask()) from exc


def sign_in(args: argparse.Namespace) -> int:
    """Sign in, in the browser or with a code on any device."""
    paths = locate(demo=False)
    way = SignInWay.DEVICE_CODE if args.device_code else SignInWay.BROWSER
    code = signed_in(_source(paths), way)
    with suppress(TrayError):  # the running app looks at the vault when somebody looks at it
        App(paths.channel, demo=False).ask({"do": "looked"})
    return code


def signed_in(source: TokenSource, way: SignInWay) -> int:
    """Sign in with a source; Ctrl-C gives it up. Raise the error of whatever came of it instead.

    A keyring that is absent or hangs is found out before the user does anything; a locked one may ask.
    """
    try:
        known = source.carry_out(ReadAccount(0), _progressed)
        if isinstance(known.outcome, KeyringTrouble) and known.outcome.state is not KeyringState.LOCKED:
            raise _error(known)
        reply = source.carry_out(SignIn(0, way), _progressed)
    except KeyboardInterrupt:
        source.cancel(0)
        raise
    match reply.outcome:
        case Granted(account, remembered=True):
            say(words.signed_in(account.username))
            return 0
        case Granted():
            raise NoKeyring(*words.not_remembered())
    raise _error(reply)


def sign_out(_args: argparse.Namespace) -> int:
    """Give back what is held, then remove the tokens."""
    paths = locate(demo=False)
    try:
        app = App(paths.channel, demo=False)
        app.ask({"do": "sign-out"})
        for status in polled(app, SIGN_OUT_SECONDS):
            if not status["account"]["signed_in"]:
                break
        else:
            raise TrayError(*words.still_signed_in())
    except NotRunning:
        signed_out(_source(paths))
        _name_what_stays(paths)
    say(words.SIGNED_OUT)
    return 0


def signed_out(source: TokenSource) -> None:
    """Remove the tokens with a source; raise the error of whatever came of it instead."""
    reply = source.carry_out(SignOut(0), _progressed)
    if isinstance(reply.outcome, SignInNeeded | TryLater | KeyringTrouble):
        raise _error(reply)


def _name_what_stays(paths: Paths) -> None:
    """Say what an app that ended badly left on Teams: without its tokens nobody can clear that."""
    saved = state_file.load(paths.state_file)
    leases = [lease for lease in (saved.session, saved.preferred) if lease] if saved else []
    left = notices.left([lease for lease in leases if lease.expires_at > datetime.now(UTC)], LocalZone())
    if left:
        say(left)


def _source(paths: Paths) -> TokenSource:
    settings = load(paths)
    if identity_of(settings) is None:
        raise BadSettings(*client_id_missing(paths.settings_file))
    from tray.signin import open_source  # noqa: PLC0415  `setup` alone needs no token side

    return open_source(settings, paths)


def _progressed(event: SignInProgressed) -> None:
    until = f"{event.until.astimezone(LocalZone()):%H:%M}" if event.until else None
    say(words.device_code(event.link, event.code, until) if event.code else words.browser(event.link))


def _error(reply: Reply) -> TrayError:
    match reply.outcome:
        case SignInNeeded(why):
            return SignInRequired(words.NOT_SIGNED_IN, why)
        case TryLater(why):
            return TrayError(words.NOT_NOW, why)
        case KeyringTrouble(state):
            return NoKeyring(*notices.trouble_words(Trouble(TroubleCode.KEYRING, datetime.now(UTC), keyring=state)))
    return TrayError(words.NOT_NOW, repr(reply.outcome))
