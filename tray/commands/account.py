"""The commands about the account: sign-in, sign-out and unlock."""

import argparse
import sys
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Thread
from typing import TextIO

from tray import state_file
from tray.clock import LocalZone
from tray.columns import padded, width
from tray.commands.app import App, find
from tray.commands.menu_items import press
from tray.commands.output import say, warn
from tray.control.requests import Press
from tray.core.effects import ReadAccount, SignIn, SignOut
from tray.core.events import SignInProgressed
from tray.core.model import Trouble, TroubleCode
from tray.core.values import (
    Granted,
    KeyringState,
    KeyringTrouble,
    SignedOut,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.errors import BadSettings, NoKeyring, NotRunning, SignInRequired, TrayError
from tray.messages import account as words
from tray.messages import notices, times
from tray.messages.settings import client_id_missing
from tray.paths import Paths, locate
from tray.settings import load
from tray.signin.pipe import Reply
from tray.signin.registration import registration_of
from tray.signin.source import TokenSource, open_source

ERRAND_SECONDS = 60.0  # another errand may be under way, and a keyring that hangs is waited for twice


class Countdown:
    """Shows how long a code is still good, on one line of a terminal; writes nothing to a pipe."""

    def __init__(self, stream: TextIO | None = None, period: float = 1.0) -> None:
        self._stream = stream or sys.stdout
        self._period = period
        self._over = Event()
        self._thread: Thread | None = None

    def start(self, until: datetime) -> None:
        """Begin to count down, if this is a terminal."""
        if self._stream.isatty() and self._thread is None:
            self._thread = Thread(target=self._count, args=(until,), name="countdown", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop counting and clear the line."""
        self._over.set()
        if self._thread:
            self._thread.join()

    def _count(self, until: datetime) -> None:
        longest = 0
        while not self._over.is_set():
            text = words.time_left(until - datetime.now(UTC))
            longest = max(longest, width(text))
            self._write(f"\r{padded(text, longest)}")
            self._over.wait(self._period)
        self._write(f"\r{' ' * longest}\r")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def sign_in(args: argparse.Namespace) -> int:
    """Sign in, in the browser or with a code on any device; or cancel the sign-in of the running app."""
    if args.cancel:
        say(words.cancelled() if press(find(), "sign-in-cancel") is Press.POSTED else words.nothing_to_cancel())
        return 0
    paths = locate(demo=False)
    way = SignInWay.DEVICE_CODE if args.device_code else SignInWay.BROWSER
    code = signed_in(source(paths), way)
    try:
        App(paths.channel, demo=False).ask({"do": "signed-in"})
    except NotRunning:
        _tell_of_a_demo()
    except TrayError:
        pass  # it reads the account when it needs it
    return code


def signed_in(source: TokenSource, way: SignInWay) -> int:
    """Sign in with a token source, which Ctrl-C cancels; raise the error of any other outcome.

    A keyring that cannot take the sign-in is an error before the browser opens. A locked one may prompt, and a damaged
    sign-in is replaced.
    """
    countdown = Countdown()
    try:
        reply = source.carry_out(SignIn(0, way, stored=True), lambda event: _progressed(event, countdown))
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
    """Tell whether there is a keyring, also a locked one; raise `BadSettings` while nothing is set up."""
    known = source(paths).carry_out(ReadAccount(0), _ignored).outcome
    return not (isinstance(known, KeyringTrouble) and known.state is KeyringState.ABSENT)


def sign_out(_args: argparse.Namespace) -> int:
    """Release what is held, then remove the tokens."""
    paths = locate(demo=False)
    try:
        app = App(paths.channel, demo=False)
        app.carry_out("sign-out", "sign_outs", ERRAND_SECONDS, _look_for_the_window)
        binned = app.errands()["binned"]
    except NotRunning:
        _tell_of_a_demo()
        binned = signed_out(source(paths))
        _name_what_stays(paths)
    say(words.signed_out())
    if binned:
        say(words.empty_the_bin())
    return 0


def _tell_of_a_demo() -> None:
    """Say that a demo that runs is left alone: the account is the real one."""
    with suppress(TrayError):
        App(locate(demo=True).channel, demo=True).status()
        warn(words.not_of_the_demo())


def unlock(_args: argparse.Namespace) -> int:
    """Let the running app unlock the keyring, and wait until the user has answered it."""
    app = find()
    asked = app.carry_out("unlock", "unlocks", ERRAND_SECONDS, _look_for_the_window)
    say(words.unlocked() if asked else words.not_locked())
    return 0


def _look_for_the_window() -> None:
    say(words.keyring_asks())


def signed_out(source: TokenSource) -> bool:
    """Remove the tokens with a token source, and return whether a bin keeps them; raise the error otherwise."""
    reply = source.carry_out(SignOut(0), lambda event: _progressed(event, Countdown()))
    if isinstance(reply.outcome, SignInNeeded | TryLater | KeyringTrouble):
        raise _error(reply)
    return isinstance(reply.outcome, SignedOut) and reply.outcome.binned


def _name_what_stays(paths: Paths) -> None:
    """Say what a crashed app left in Teams, which cannot be cleared without the tokens."""
    saved = state_file.load(paths.state_file)
    leases = [lease for lease in (saved.session, saved.preferred) if lease] if saved else []
    left = notices.left([lease for lease in leases if lease.expires_at > datetime.now(UTC)], LocalZone())
    if left:
        say(left)


def source(paths: Paths) -> TokenSource:
    """Return the token source that the settings name; raise `BadSettings` while nothing is set up."""
    settings = load(paths)
    if registration_of(settings) is None:
        raise BadSettings(*client_id_missing(paths.settings_file))
    return open_source(settings, paths)


def _ignored(_event: SignInProgressed) -> None:
    """Do nothing: an errand without the user makes no progress."""


def _progressed(event: SignInProgressed, countdown: Countdown) -> None:
    if event.keyring:
        _look_for_the_window()
        return
    if event.unopened:  # the link is on the screen already
        return
    if not event.code:
        say(words.browser(event.link))
        return
    until = times.at(event.until, LocalZone()) if event.until else None
    say(words.device_code(event.link, event.code, until))
    if event.until:
        countdown.start(event.until)


def _error(reply: Reply) -> TrayError:
    match reply.outcome:
        case SignInNeeded(title, message):
            return SignInRequired(title, message)
        case TryLater(title, message):
            return TrayError(title, message or words.try_again())
        case KeyringTrouble(state):
            return NoKeyring(*notices.trouble_words(Trouble(TroubleCode.KEYRING, datetime.now(UTC), keyring=state)))
    return TrayError(words.failed(), repr(reply.outcome))
