"""The doctor: what is wrong on this computer, with the account and with the service, and what helps.

No secret and no name of a user is in what it shows.
"""

import argparse
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Protocol

from tray import __version__, files, state_file
from tray.clock import LocalZone
from tray.columns import padded, width
from tray.commands.app import App, find
from tray.commands.output import say
from tray.core.effects import ObtainToken, ReadAccount, ReadPresence, Request
from tray.core.model import Trouble, TroubleCode
from tray.core.record import Record
from tray.core.schedule import CALL_LIMIT, LONGEST_WAIT
from tray.core.values import (
    AccountRead,
    Answer,
    AnswerKind,
    Granted,
    KeyringTrouble,
    NetworkFailure,
    Origin,
    SignInNeeded,
    TokenOutcome,
    TryLater,
)
from tray.desktop.autostart import Launch
from tray.desktop.face import Host
from tray.desktop.system import find_host, open_autostart
from tray.errors import BadSettings, NoKeyring, NotRunning, RefusedByGraph, SignInRequired, TrayError
from tray.graph.client import GraphClient
from tray.graph.proxies import system_wants_a_script
from tray.graph.requests import Token
from tray.language import SYSTEM
from tray.logs import redacted, shortened
from tray.messages import doctor as words
from tray.messages import rules as rule_words
from tray.messages import settings as settings_words
from tray.messages.notices import trouble_words
from tray.paths import Paths, locate
from tray.settings import Settings, checked, load, read_machine_wide, users_values
from tray.signin.registration import graph_origin, registration_of
from tray.signin.source import TokenSource, open_source

LOG = logging.getLogger("tray.doctor")
UNPROXIED = (
    NetworkFailure.NETWORK,
    NetworkFailure.NAME,
    NetworkFailure.TIMEOUT,
)  # what a network that has a proxy shows without it
AS_MUCH = 4096  # bytes: more than a saved status has, and what disks take at once
LARGEST_DRIFT = timedelta(minutes=4)  # a token is good for five minutes before and after its times


class Check(Record):
    """What was found: good, bad, or (`None`) not to be told; `code` is the exit code if it is bad."""

    name: str
    ok: bool | None
    words: str
    cure: str = ""
    code: int = TrayError.exit_code


def doctor(args: argparse.Namespace) -> int:
    """Show each check as it is made; exit with the first code that says what failed, else 1 if anything did."""
    if args.settings:
        return _check_file(args.settings)
    say(words.head(__version__))
    failed = [check.code for check in _shown(checks(locate(demo=False))) if check.ok is False]
    if args.trace:
        _show_trace()
    return next((code for code in failed if code > TrayError.exit_code), TrayError.exit_code if failed else 0)


def _check_file(file: Path) -> int:
    """Check a settings file for all users before it goes out; name each of its mistakes."""
    mistakes = read_machine_wide(file).mistakes if file.exists() else (settings_words.no_such_file(file),)
    checks = [Check("settings", ok=False, words=title, cure=cure) for title, cure in mistakes]
    for _ in _shown(iter(checks or [Check("settings", ok=True, words=words.file_is_right(str(file)))])):
        pass
    return BadSettings.exit_code if mistakes else 0


def _shown(made: Iterator[Check]) -> Iterator[Check]:
    marks, names = words.marks(), words.names()
    first, second = (max(map(width, column.values())) for column in (marks, names))
    for check in made:
        say(redacted(f"{padded(marks[check.ok], first)}  {padded(names[check.name], second)}  {check.words}"))
        if not check.ok and check.cure:
            say(redacted(f"{' ' * first}  {' ' * second}  → {check.cure}"))
        yield check


def checks(paths: Paths) -> Iterator[Check]:
    """Make each check, one after another."""
    settings_check, read = settings(paths)
    yield settings_check
    for title, cure in read.mistakes if read else ():
        yield Check("settings", ok=False, words=title, cure=cure, code=BadSettings.exit_code)
    yield made("folders", lambda: folders(paths))
    yield made("state", lambda: saved_state(paths))
    yield made("app", lambda: app(paths))
    yield from sensors(paths)
    yield made("autostart", launch)
    yield made("tray", lambda: tray(find_host))
    if read:
        yield from _service(paths, read, _wait(paths))
    else:
        yield from _not_checked("network", "clock", "keyring", "sign-in", "Graph")


def _not_checked(*names: str) -> Iterator[Check]:
    yield from (Check(name, ok=None, words=words.not_checked()) for name in names)


def made(name: str, check: Callable[[], Check]) -> Check:
    """Make a check; one that fails for a reason of its own must not hide those after it."""
    try:
        return check()
    except Exception:
        LOG.exception("the check of %s failed", name)
        return Check(name, ok=None, words=words.unknown())


def _wait(paths: Paths) -> datetime | None:
    """Return until when Graph has asked the app to wait, which goes for the doctor too."""
    saved = state_file.load(paths.state_file)
    wait = saved.graph_wait if saved else None
    return wait if wait and datetime.now(UTC) < wait < datetime.now(UTC) + LONGEST_WAIT else None


def _service(paths: Paths, settings: Settings, wait: datetime | None) -> Iterator[Check]:
    if wait:
        left = round((wait - datetime.now(UTC)).total_seconds())
        yield Check("network", ok=None, words=words.asked_to_wait(left), cure=words.wait())
        return
    client = GraphClient(graph_origin(settings), settings.client_id or "")
    graph = InTime(client)
    try:
        yield from network_and_clock(graph)
        if registration_of(settings):
            yield from account(open_source(settings, paths), graph)
        else:
            yield from _not_checked("keyring", "sign-in", "Graph")
    finally:
        client.close()


def _show_trace() -> None:
    say(f"\n{words.trace()}")
    try:
        for line in _traced(find()):
            say(redacted(line))
    except NotRunning:
        say(words.not_running())


def _traced(running: App) -> Iterator[str]:
    """Yield every line of the running app's trace; an answer holds only some."""
    last = -1
    while lines := (answer := running.ask({"do": "trace", "after": last}))["lines"]:
        yield from lines
        last = answer["last"]


# ---------------------------------------------------------------------- this computer


def settings(paths: Paths) -> tuple[Check, Settings | None]:
    """Look at the settings, and return them if they are right."""
    try:
        read = load(paths)
    except BadSettings as exc:
        return Check("settings", ok=False, words=exc.title, cure=exc.message, code=exc.exit_code), None
    managed = sorted(read.managed)
    try:
        checked(paths.settings_file, "language", users_values(paths).get("language", SYSTEM))
    except BadSettings as exc:  # no reason not to run
        return Check("settings", ok=False, words=exc.title, cure=exc.message, code=exc.exit_code), read
    if registration_of(read) is None:
        said = words.not_set_up(managed)
        return Check("settings", ok=False, words=said, cure=words.set_up(), code=BadSettings.exit_code), read
    return Check("settings", ok=True, words=words.settings(short(paths.settings_file), managed)), read


def folders(paths: Paths) -> Check:
    """Look whether what must be written can be."""
    for folder in dict.fromkeys((paths.state_file.parent, paths.log_file.parent, paths.lock_file.parent)):
        try:
            _write_for_a_moment(folder / f"doctor-{os.urandom(4).hex()}")
        except OSError as exc:
            said = words.not_writable(short(folder), exc.strerror or str(exc))
            return Check("folders", ok=False, words=said, cure=words.make_writable(exc.errno))
    return Check("folders", ok=True, words=words.folders(short(paths.state_file.parent), short(paths.log_file)))


def saved_state(paths: Paths) -> Check:
    """Look whether the state file is ours to write, and can be written."""
    try:
        newer = state_file.belongs_to_a_newer_version(paths.state_file)
    except OSError as exc:
        said = words.not_readable(exc.strerror or str(exc))
        return Check("state", ok=False, words=said, cure=words.make_writable(exc.errno))
    if newer:
        return Check("state", ok=False, words=words.newer_state(), cure=words.update())
    try:
        _write_for_a_moment(paths.state_file)
    except OSError as exc:
        said = words.not_saved(exc.strerror or str(exc))
        return Check("state", ok=False, words=said, cure=words.make_writable(exc.errno))
    return Check("state", ok=True, words=words.state_is_fine())


def _write_for_a_moment(file: Path) -> None:
    """Write what would become a file and remove it, where the file or its folder would be made; raise `OSError`.

    Nothing else tells of a disk that is full, and of rights that are not in a file's mode.
    """
    nearest = next(place for place in (file.parent, *file.parents) if place.exists())
    files.replace(nearest / file.name, "x" * AS_MUCH, is_wanted=lambda: False)


def app(paths: Paths) -> Check:
    """Look whether the app runs, and what it is in trouble with."""
    try:
        status = App(paths.channel, demo=False).status()
    except NotRunning:
        return Check("app", ok=None, words=words.only_demo_runs() if _demo_runs() else words.not_running())
    except TrayError as exc:
        return Check("app", ok=False, words=exc.title, cure=exc.message)
    trouble = status["trouble"]
    return Check(
        "app",
        ok=not trouble,
        words=trouble["title"] if trouble else words.running(),
        cure=trouble["message"] if trouble else "",
    )


def _demo_runs() -> bool:
    try:
        App(locate(demo=True).channel, demo=True).status()
    except TrayError:
        return False
    return True


def sensors(paths: Paths) -> Iterator[Check]:
    """Say what each sensor knows that a rule wants, as the running app hears it."""
    try:
        rules = App(paths.channel, demo=False).status().get("rules", ())
    except TrayError:  # the row before says so
        return
    now = datetime.now(UTC)
    for rule in rules:
        if rule["on"] and rule["name"] != Origin.HOURS:
            said = rule_words.knows(rule, LocalZone(), now)
            yield Check(rule["name"], True if rule["can_tell"] else None, said, rule_words.helps(rule))


def launch() -> Check:
    """Look whether launching at login points to something."""
    try:
        how = open_autostart().read()
    except TrayError as exc:
        return Check("autostart", ok=None, words=exc.title, cure=exc.message)
    return Check("autostart", ok=how is not Launch.STALE, words=words.launch(how), cure=words.repair_launch())


def tray(find_host: Callable[[], Host]) -> Check:
    """Look whether something shows tray icons."""
    try:
        host = find_host()
    except TrayError as exc:
        return Check("tray", ok=False, words=exc.title, cure=exc.message)
    ok = None if host is Host.UNKNOWN else host is Host.THERE
    return Check("tray", ok=ok, words=words.tray(host), cure=words.mend_tray(host))


def short(path: Path) -> str:
    """Return a path without the user's name, as far as the home folder goes."""
    return shortened(str(path))


# ---------------------------------------------------------------------- the service and the account


class Graph(Protocol):
    """Graph, as far as the doctor asks it."""

    def send(self, request: Request, token: Token) -> Answer:
        """Send a request and return what the answer means; never raise."""

    def probe(self) -> tuple[Answer, datetime | None]:
        """Ask without a token: return whether Graph answers, and its time; raise `BadSettings`."""


class InTime(Record):
    """Gives up each call that takes longer than `limit` in all, as the engine does for the app."""

    client: GraphClient
    limit: timedelta = CALL_LIMIT

    def send(self, request: Request, token: Token) -> Answer:
        """Send a request and return what the answer means; never raise."""
        with self._given_up_in_time():
            return self.client.send(request, token)

    def probe(self) -> tuple[Answer, datetime | None]:
        """Ask without a token: return whether Graph answers, and its time; raise `BadSettings`."""
        with self._given_up_in_time():
            return self.client.probe()

    @contextmanager
    def _given_up_in_time(self) -> Iterator[None]:
        giving_up = Timer(self.limit.total_seconds(), self.client.close)
        giving_up.name, giving_up.daemon = "check-limit", True
        giving_up.start()
        try:
            yield
        finally:
            giving_up.cancel()


def network_and_clock(graph: Graph) -> Iterator[Check]:
    """Look whether Graph can be reached, and compare this computer's clock with Graph's."""
    began = time.monotonic()
    try:
        answer, served = graph.probe()
    except BadSettings as exc:
        yield Check("network", ok=False, words=exc.title, cure=exc.message, code=exc.exit_code)
        yield Check("clock", ok=None, words=words.clock_unknown())
        return
    took = timedelta(seconds=time.monotonic() - began)
    if answer.kind is AnswerKind.UNREACHABLE:
        title, cure = trouble_words(Trouble(TroubleCode.OFFLINE, datetime.now(UTC), failure=answer.failure))
        blamed = answer.failure in UNPROXIED and system_wants_a_script()
        yield Check("network", ok=False, words=title, cure=words.proxy_script() if blamed else cure)
    else:
        yield Check("network", ok=True, words=words.graph_answers())
    if served is None:
        yield Check("clock", ok=None, words=words.clock_unknown())
        return
    drift = datetime.now(UTC) - served - took / 2
    said = words.clock(round(drift.total_seconds()))
    yield Check("clock", ok=abs(drift) < LARGEST_DRIFT, words=said, cure=words.set_clock())


def account(source: TokenSource, graph: Graph) -> Iterator[Check]:
    """Look at the keyring, the token and Graph's answer to it, each only if the one before is good."""
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
        case SignInNeeded(title, message):
            return Check(name, ok=False, words=title, cure=message or words.sign_in(), code=SignInRequired.exit_code)
        case TryLater(title, message):
            return Check(name, ok=None, words=title, cure=message)
    return Check(name, ok=None, words=words.unknown())


def _of_answer(answer: Answer) -> Check:
    codes = {AnswerKind.FORBIDDEN: TroubleCode.FORBIDDEN, AnswerKind.NOT_FOUND: TroubleCode.NOT_A_TEAMS_USER}
    if answer.kind is AnswerKind.ACCEPTED:
        return Check("Graph", ok=True, words=words.graph())
    trouble = Trouble(codes.get(answer.kind, TroubleCode.SERVICE), datetime.now(UTC))
    title, cure = trouble_words(trouble)
    said = words.refused(title, answer.status) if answer.status else title
    refused = answer.kind in codes
    code = RefusedByGraph.exit_code if refused else TrayError.exit_code
    return Check("Graph", ok=False if refused else None, words=said, cure=cure, code=code)
