"""The commands that speak to the running app: set, toggle, stop, quit, status, watch."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from tray.clock import LocalZone
from tray.columns import padded, width
from tray.commands.output import say, tell, warn
from tray.commands.states import chosen_until, require_overridable
from tray.control.client import ask, follow
from tray.core.record import Record
from tray.errors import BY_TROUBLE, NotRunning, TrayError, UsageError
from tray.messages import commands as words
from tray.messages import status as status_words
from tray.paths import locate

POLL_SECONDS = 0.1
OUTCOME_SECONDS = 20.0  # the app waits for fifteen
STOP_SECONDS = 5.0  # a release takes three seconds at most
ASKING_SECONDS = 150.0  # a prompt of the keyring waits two minutes
LOOK_SECONDS = 1.5  # one read of the presence
UNWATCHED = frozenset({"refresh"})  # it changes with every renewal, and nobody sees that in Teams
FRESH = timedelta(seconds=30)  # the app does not read more often


class App(Record):
    """The running app, or a running demo."""

    address: str
    demo: bool

    def ask(self, request: dict[str, Any], seconds: float = 5.0) -> dict[str, Any]:
        """Send it a request; raise `NotRunning` if it is gone, `UsageError` if it refuses."""
        answer = ask(self.address, request, seconds)
        if not answer.get("ok"):
            raise UsageError(*words.refused_request(str(answer.get("error"))))
        return answer

    def outcome(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send it a request and wait until it can tell the outcome."""
        return self.ask(request | {"wait": True}, OUTCOME_SECONDS)

    def status(self) -> dict[str, Any]:
        """Return its status document, with sentences in its language."""
        return said(self.ask({"do": "status"}))

    def errands(self) -> dict[str, Any]:
        """Return how many errands for commands have ended, and why the last one failed."""
        ended: dict[str, Any] | None = self.ask({"do": "status"}).get("errands")
        if ended is None:
            raise TrayError(*words.garbled_answer())
        return ended

    def carry_out(self, errand: str, counter: str, seconds: float, asked: Callable[[], None]) -> bool:
        """Ask for an errand and wait for its end, longer while the keyring asks the user, which `asked` is told once.

        Return whether the keyring asked; raise `NoKeyring` or `TrayError` for what went wrong.
        """
        before = self.errands()[counter]
        self.ask({"do": errand})
        until, has_asked = time.monotonic() + seconds, False
        while (ended := self.errands())[counter] == before:
            if ended["asking"] and not has_asked:
                until, has_asked = time.monotonic() + ASKING_SECONDS, True
                asked()
            if time.monotonic() >= until:
                raise TrayError(*words.still_working())
            time.sleep(POLL_SECONDS)
        if failure := ended["failure"]:
            kind = BY_TROUBLE.get(failure["code"], TrayError)
            raise kind(failure["title"], failure["message"])
        return has_asked


def said(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer's status document, with sentences in the app's language."""
    document: dict[str, Any] = answer["status"] | answer.get("said", {})
    return document


def find(absent: Callable[[], tuple[str, str]] = words.not_running) -> App:
    """Find the running app, else a running demo, and say if it is a demo; raise `NotRunning`, as `absent` words it."""
    for demo in (False, True):
        app = App(locate(demo=demo).channel, demo)
        with suppress(NotRunning):
            app.ask({"do": "status"})
            if demo:
                warn(words.speaking_to_the_demo())
            return app
    raise NotRunning(*absent())


def set_state(args: argparse.Namespace) -> int:
    """Tell the running app to hold a state, and wait until it does or says why not."""
    return _pick(args, "set")


def toggle(args: argparse.Namespace) -> int:
    """Tell the running app to hold a state, or to stop if it holds it already."""
    return _pick(args, "toggle")


def _pick(args: argparse.Namespace, do: str) -> int:
    require_overridable(args)
    state = args.state
    app = find(words.not_running_to_set)
    now = datetime.fromisoformat(app.ask({"do": "status"})["now"])  # a demo's clock is faster
    until = chosen_until(args, now)
    request = {"do": do, "state": state.key, "pinned": args.pin or None, "message": args.message}
    end = {"timed": until is not None, "until": until.isoformat() if until else None}  # else *Keep for* decides
    return told(app.outcome(request | end))


def stop(_args: argparse.Namespace) -> int:
    """Tell the running app to hold nothing, and wait until it has released everything."""
    return told(find(words.not_running_to_stop).outcome({"do": "stop"}))


def told(answer: dict[str, Any]) -> int:
    """Print the outcome in an answer, and return the exit code; raise `TrayError` where an older app sent none."""
    if "exit_code" not in answer:
        raise TrayError(*words.garbled_answer())
    return tell(answer)


def leave(_args: argparse.Namespace) -> int:
    """Tell the running app and the settings page to end, and wait until the app is gone."""
    for demo in (False, True):
        with suppress(TrayError):
            ask(locate(demo=demo).page_channel, {"do": "close"})
    app = find(words.not_running_to_stop)
    app.ask({"do": "quit"})
    until = time.monotonic() + STOP_SECONDS
    while not is_gone(app):
        if time.monotonic() >= until:
            raise TrayError(*words.still_there())
        time.sleep(POLL_SECONDS)
    say(words.left())
    return 0


def is_gone(app: App) -> bool:
    """Tell whether an app has ended that was told to; while it ends it may not answer any more."""
    try:
        app.ask({"do": "status"}, POLL_SECONDS)
    except NotRunning:
        return True
    except TrayError:
        return False
    return False


def status(args: argparse.Namespace) -> int:
    """Show what is held, what Teams shows and why, the next refresh, trouble."""
    app = find()
    document = look(app)
    if args.json:
        say(as_json(app.ask({"do": "status"})["status"], 2))
        return 0
    told = [*status_words.lines(document, LocalZone(), _now()), status_words.account(document)]
    labels = max(width(line.label) for line in told)
    for line in told:
        say(f"{padded(line.label, labels)}  {line.text}")
    return 0


def watch(args: argparse.Namespace) -> int:
    """Print the status now and at each change, a line each, until the app ends; Ctrl-C is the way to stop it."""
    told: dict[str, status_words.Line] = {}
    document: dict[str, Any] | None = None
    try:
        for answer in follow(find().address, {"do": "watch"}):
            if args.json:
                if answer["status"] != document:  # only words have changed
                    say(as_json(answer["status"]))
                document = answer["status"]
                continue
            lines = status_words.lines(said(answer), LocalZone(), _now())
            now = [line for line in lines if line.name not in UNWATCHED]
            for line in status_words.changes(told, now):
                say(status_words.choice(line.label, line.text))
            told = {line.name: line for line in now}
    except KeyboardInterrupt:
        pass
    return 0


def look(app: App) -> dict[str, Any]:
    """Return the status document after the app has looked what Teams shows."""
    before = app.status()
    app.ask({"do": "looked"})
    return before if _is_fresh(before) else _after_a_look(app, before)


def _is_fresh(document: dict[str, Any]) -> bool:
    """Tell whether a look would change nothing: the app reads by itself while it holds, or has just read."""
    if document["hold"] or document["trouble"] or not document["account"]["signed_in"]:
        return True
    seen = document["teams_shows"]
    return bool(seen) and _now() - datetime.fromisoformat(seen["observed_at"]) < FRESH


def _after_a_look(app: App, before: dict[str, Any]) -> dict[str, Any]:
    document = before
    for document in polled(app, LOOK_SECONDS):
        if document["teams_shows"] != before["teams_shows"] or document["trouble"]:
            break
    return document


def polled(app: App, seconds: float) -> Iterator[dict[str, Any]]:
    """Yield the status again and again for some seconds, at least once."""
    until = time.monotonic() + seconds
    while True:
        time.sleep(POLL_SECONDS)
        yield app.status()
        if time.monotonic() >= until:
            return


def _now() -> datetime:
    return datetime.now(UTC)


def as_json(document: object, indent: int | None = None) -> str:
    """Return a document as JSON, in which what a terminal could take for a command is escaped."""
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)
