"""The commands that tell the running app what to do: set, stop, quit, status."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from tray.clock import LocalZone
from tray.commands.output import say, warn
from tray.commands.states import chosen_until, require_pinnable
from tray.control.client import ask
from tray.core.record import Record
from tray.core.states import Pair
from tray.core.values import Lease
from tray.errors import NoKeyring, NotRunning, RefusedByGraph, SignInRequired, TrayError, UsageError
from tray.messages import commands as words
from tray.messages import notices
from tray.messages import status as status_words
from tray.messages.presence import label
from tray.paths import locate

POLL_SECONDS = 0.1
SET_SECONDS = 15.0  # enough for a slow network and one retry
ENDED_SECONDS = 2.0  # the app takes a pick at once: after so long without a hold, something has ended it
STOP_SECONDS = 5.0  # a release takes three seconds at most
ASKING_SECONDS = 150.0  # a prompt of the keyring waits two minutes
LOOK_SECONDS = 1.5  # one read of the presence
FRESH = timedelta(seconds=30)  # the app does not read more often

# Trouble that does not heal by itself, and the error that ends `set`.
FINAL: dict[str, type[TrayError]] = {
    "declined": RefusedByGraph,
    "forbidden": RefusedByGraph,
    "not-a-teams-user": RefusedByGraph,
    "sign-in-needed": SignInRequired,
    "keyring": NoKeyring,
}
# Trouble that heals by itself: the app sets the hold when it has.
PASSING = frozenset({"offline", "throttled", "service"})


class App(Record):
    """The running app, or a running demo."""

    address: str
    demo: bool

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send it a request; raise `NotRunning` if it is gone, `UsageError` if it refuses."""
        answer = ask(self.address, request)
        if not answer.get("ok"):
            raise UsageError(*words.refused_request(str(answer.get("error"))))
        return answer

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
            kind = FINAL.get(failure["code"], TrayError)
            raise kind(failure["title"], failure["message"])
        return has_asked


def said(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer's status document, with sentences in the app's language."""
    document: dict[str, Any] = answer["status"] | answer.get("said", {})
    return document


def find() -> App:
    """Find the running app, else a running demo, and say if it is a demo; raise `NotRunning`."""
    for demo in (False, True):
        app = App(locate(demo=demo).channel, demo)
        with suppress(NotRunning):
            app.ask({"do": "status"})
            if demo:
                warn(words.speaking_to_the_demo())
            return app
    raise NotRunning(*words.not_running())


def set_state(args: argparse.Namespace) -> int:
    """Tell the running app to hold a state, and wait until it does or says why not."""
    return _pick(args, "set")


def toggle(args: argparse.Namespace) -> int:
    """Tell the running app to hold a state, or to stop if it holds it already."""
    return _pick(args, "toggle")


def _pick(args: argparse.Namespace, do: str) -> int:
    require_pinnable(args)
    state = args.state
    app = find()
    now = datetime.fromisoformat(app.ask({"do": "status"})["now"])  # a demo's clock is faster
    until = chosen_until(args, now)
    request = {"do": do, "state": state.key, "pinned": args.pin, "timed": True, "message": args.message}
    answer = app.ask(request | {"until": until.isoformat() if until else None})
    if answer.get("stops"):
        return _wait_for_release(app)
    return wait_for_hold(app, now, label(state), lambda hold: hold["state"] == state.key)


def wait_for_hold(app: App, now: datetime, label: str | None, is_so: Callable[[dict[str, Any]], bool]) -> int:
    """Wait until the hold is as asked, and say so, or why not; `label` names a new hold, `None` means a change."""
    unheld = 0
    for status in polled(app, SET_SECONDS):
        hold, trouble = status["hold"], status["trouble"]
        ours = hold is not None and is_so(hold)
        unheld = 0 if hold else unheld + 1
        if ours and hold["confirmed"]:
            say(words.is_set(status_words.lines(status, LocalZone(), now)[0].text))
            return 0
        if trouble and trouble["code"] in FINAL:
            raise FINAL[trouble["code"]](trouble["title"], trouble["message"])
        if ours and trouble and trouble["code"] in PASSING:
            say(_will_be(label, trouble["title"]))
            return 0
        if unheld * POLL_SECONDS > ENDED_SECONDS:
            raise RefusedByGraph(*(words.ended_at_once(label) if label else words.change_ended_at_once()))
    say(_will_be(label, words.no_answer_yet()))
    return 0


def _will_be(label: str | None, why: str) -> str:
    return words.will_be_set(label, why) if label else words.will_be_changed(why)


def stop(_args: argparse.Namespace) -> int:
    """Tell the running app to hold nothing, and wait until it has released everything."""
    app = find()
    before = app.status()
    app.ask({"do": "stop"})
    if before["hold"] is None and before["clearing"] is None:
        say(words.nothing_to_stop())
        return 0
    return _wait_for_release(app)


def _wait_for_release(app: App) -> int:
    """Wait until nothing of ours is on Teams, and say so, or what others may go on seeing and until when."""
    left = None
    with suppress(NotRunning):  # a foreground hold ends its process
        for status in polled(app, STOP_SECONDS):
            left = status["clearing"] if status["trouble"] else None
            if status["hold"] is None and status["clearing"] is None:
                break
        left = status["clearing"]
    say(notices.left([_lease(each) for each in left or ()], LocalZone()) or words.stopped())
    return 0


def _lease(of: dict[str, Any]) -> Lease:
    """Return a lease as the status document names it."""
    expires_at = datetime.fromisoformat(of["expires_at"])
    return Lease(Pair(of["availability"], of["activity"]), expires_at, expires_at)


def leave(_args: argparse.Namespace) -> int:
    """Tell the running app to end, and wait until it is gone."""
    app = find()
    app.ask({"do": "quit"})
    with suppress(NotRunning):
        for _ in polled(app, STOP_SECONDS):
            pass
        raise TrayError(*words.still_there())
    say(words.left())
    return 0


def status(args: argparse.Namespace) -> int:
    """Show what is held, what Teams shows and why, the next refresh, trouble."""
    app = find()
    document = look(app)
    if args.json:
        say(_json(app.ask({"do": "status"})["status"]))
        return 0
    told = [*status_words.lines(document, LocalZone(), _now()), status_words.account(document)]
    width = max(len(line.label) for line in told)
    for line in told:
        say(f"{line.label:<{width}}  {line.text}")
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


def _json(document: object) -> str:
    """Return a document as JSON, in which what a terminal could take for a command is escaped."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)
