"""What the doctor looks at, each with its cure; must not know how it is shown. No secret and no name is in it."""

import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Timer
from typing import Protocol

from tray import backend, state_file
from tray.core.effects import (
    ObtainToken,
    ReadAccount,
    ReadPresence,
    Request,
)
from tray.core.model import Trouble, TroubleCode
from tray.core.schedule import CALL_LIMIT
from tray.core.values import (
    AccountRead,
    Answer,
    Granted,
    KeyringTrouble,
    Kind,
    SignInNeeded,
    TokenOutcome,
    TryLater,
)
from tray.desktop.autostart import Launch, of_this_system
from tray.errors import BadSettings, NoKeyring, RefusedByGraph, SignInRequired, TrayError
from tray.messages import doctor as words
from tray.messages.notices import trouble_words
from tray.paths import Paths
from tray.settings import Settings, load
from tray.signin.registration import identity_of
from tray.signin.source import Token, TokenSource

LARGEST_DRIFT = timedelta(minutes=4)  # tokens are good five minutes either way
CLOCK_SECONDS = 10.0
NOBODY = Token("none", datetime.max.replace(tzinfo=UTC), "me")  # Graph answers 401: it is there


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at: fine, not fine, or (`None`) not to be told; `code` is the exit code if it is not."""

    name: str
    ok: bool | None
    words: str
    cure: str = ""
    code: int = TrayError.exit_code


class Graph(Protocol):
    """Sends one request."""

    def send(self, request: Request, token: Token) -> Answer:
        """Send and return what the answer means; never raises."""


@dataclass(frozen=True, slots=True)
class InTime:
    """Gives up each call that takes longer than one may in all, as the engine does for the app."""

    client: backend.Graph
    limit: timedelta = CALL_LIMIT

    def send(self, request: Request, token: Token) -> Answer:
        """Send and return what the answer means; never raises."""
        giving_up = Timer(self.limit.total_seconds(), self.client.close)
        giving_up.daemon = True
        giving_up.start()
        try:
            return self.client.send(request, token)
        finally:
            giving_up.cancel()


def settings(paths: Paths) -> tuple[Check, Settings | None]:
    """Look at the settings, and return them if they are right."""
    try:
        read = load(paths)
    except BadSettings as exc:
        return Check("settings", ok=False, words=exc.title, cure=exc.message, code=exc.exit_code), None
    managed = sorted(read.managed)
    if identity_of(read) is None:
        said = words.not_set_up(managed)
        return Check("settings", ok=False, words=said, cure=words.set_up(), code=BadSettings.exit_code), read
    return Check("settings", ok=True, words=words.settings(short(paths.settings_file), managed)), read


def folders(paths: Paths) -> Check:
    """Look whether what must be written can be."""
    for folder in {paths.state_file.parent, paths.log_file.parent, paths.lock_file.parent}:
        nearest = next(place for place in (folder, *folder.parents) if place.exists())
        if not os.access(nearest, os.W_OK | os.X_OK):
            return Check("folders", ok=False, words=words.not_writable(short(nearest)), cure=words.make_writable())
    return Check("folders", ok=True, words=words.folders(short(paths.state_file.parent), short(paths.log_file)))


def saved_state(paths: Paths) -> Check:
    """Look whether the state file is ours to write."""
    try:
        newer = state_file.belongs_to_a_newer_version(paths.state_file)
    except OSError as exc:
        return Check("state", ok=False, words=words.not_readable(exc.strerror or ""), cure=words.make_writable())
    return Check(
        "state", ok=not newer, words=words.newer_state() if newer else words.state_is_fine(), cure=words.update()
    )


def launch() -> Check:
    """Look whether launching at login points to something."""
    try:
        how = of_this_system().read()
    except TrayError as exc:
        return Check("autostart", ok=None, words=exc.title, cure=exc.message)
    return Check("autostart", ok=how is not Launch.STALE, words=words.launch(how), cure=words.repair_launch())


def tray(host_present: Callable[[], bool | None]) -> Check:
    """Look whether something shows tray icons."""
    try:
        present = host_present()
    except TrayError as exc:
        return Check("tray", ok=False, words=exc.title, cure=exc.message)
    return Check("tray", ok=present, words=words.tray(present), cure=words.add_tray())


def network(graph: Graph) -> Check:
    """Look whether Graph can be reached at all, without showing who asks."""
    answer = graph.send(ReadPresence(0), NOBODY)
    if answer.kind is Kind.UNREACHABLE:
        trouble = Trouble(TroubleCode.OFFLINE, datetime.now(UTC), reach=answer.reach)
        title, cure = trouble_words(trouble)
        return Check("network", ok=False, words=title, cure=cure)
    return Check("network", ok=True, words=words.graph_answers())


def clock(origin: str, trust: ssl.SSLContext | None = None) -> Check:
    """Compare this computer's clock with the service's."""
    began = time.monotonic()
    try:
        served = _date(origin, trust)
    except (OSError, ValueError):
        served = None
    if served is None:
        return Check("clock", ok=None, words=words.clock_unknown())
    drift = datetime.now(UTC) - served - timedelta(seconds=time.monotonic() - began) / 2
    seconds = round(drift.total_seconds())
    return Check("clock", ok=abs(drift) < LARGEST_DRIFT, words=words.clock(seconds), cure=words.set_clock())


def _date(origin: str, trust: ssl.SSLContext | None) -> datetime | None:
    """Return the `Date` of whatever answer the service gives; raise `OSError` or `ValueError`."""
    request = urllib.request.Request(f"{origin}/v1.0/", method="HEAD")  # noqa: S310  settings allow http(s) alone
    try:
        with urllib.request.urlopen(request, timeout=CLOCK_SECONDS, context=trust) as answer:  # noqa: S310  the same
            date = answer.headers["Date"]
    except urllib.error.HTTPError as exc:
        date = exc.headers["Date"]
        exc.close()
    return parsedate_to_datetime(date) if date else None


def account(source: TokenSource, graph: Graph) -> Iterator[Check]:
    """Look at the keyring, the token and what Graph says to it, as far as one leads to the next."""
    known = source.carry_out(ReadAccount(0), lambda _progress: None).outcome
    if isinstance(known, KeyringTrouble):
        yield _of_outcome("keyring", known)
        return
    yield Check("keyring", ok=True, words=words.keyring())
    if isinstance(known, AccountRead) and known.account is None:
        yield Check("sign-in", ok=False, words=words.signed_out(), cure=words.sign_in(), code=SignInRequired.exit_code)
        return
    reply = source.carry_out(ObtainToken(0), lambda _progress: None)
    yield _of_outcome("sign-in", reply.outcome)
    if reply.token:
        yield _of_answer(graph.send(ReadPresence(0), reply.token))


def _of_outcome(name: str, outcome: TokenOutcome) -> Check:
    match outcome:
        case Granted():
            return Check(name, ok=True, words=words.token())
        case KeyringTrouble(state):
            trouble = Trouble(TroubleCode.KEYRING, datetime.now(UTC), keyring=state)
            title, cure = trouble_words(trouble)
            return Check(name, ok=False, words=title, cure=cure, code=NoKeyring.exit_code)
        case SignInNeeded(why):
            cure = words.sign_in_with_reason(why) if why else words.sign_in()
            return Check(name, ok=False, words=words.sign_in_again(), cure=cure, code=SignInRequired.exit_code)
        case TryLater(why):
            return Check(name, ok=None, words=why or words.unknown())
    return Check(name, ok=None, words=words.unknown())


def _of_answer(answer: Answer) -> Check:
    codes = {Kind.FORBIDDEN: TroubleCode.FORBIDDEN, Kind.NOT_FOUND: TroubleCode.NOT_A_TEAMS_USER}
    if answer.kind is Kind.ACCEPTED:
        return Check("Graph", ok=True, words=words.graph())
    trouble = Trouble(codes.get(answer.kind, TroubleCode.SERVICE), datetime.now(UTC))
    title, cure = trouble_words(trouble)
    said = words.refused(title, answer.status) if answer.status else title
    refused = answer.kind in codes
    code = RefusedByGraph.exit_code if refused else TrayError.exit_code
    return Check("Graph", ok=False if refused else None, words=said, cure=cure, code=code)


def short(path: Path) -> str:
    """Return a path without the user's name, as far as the home folder goes."""
    return str(Path("~") / path.relative_to(Path.home())) if path.is_relative_to(Path.home()) else str(path)
