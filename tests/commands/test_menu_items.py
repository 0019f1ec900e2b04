"""Every action of the menu has its command, and both do the same."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scripted_app import hold
from tests.core.driver import START, Drive, knowing
from tests.rows import for_each
from tray import cli
from tray.control import outcome, requests
from tray.control.server import serve
from tray.core.config import Config
from tray.core.events import (
    AutostartRead,
    Event,
    Picked,
    PinToggled,
    ScenariosRead,
    SensorChanged,
    SignInAsked,
    SignOutAsked,
)
from tray.core.hours import Hours
from tray.core.model import Trouble, TroubleCode
from tray.core.record import replace
from tray.core.rules import Locked, RuleSettings, Unlocked, Used, WhenLocked
from tray.core.states import AVAILABLE, AWAY, BUSY, IN_A_CALL, STATES, State
from tray.core.values import Keep, KeyringState, Message, Origin, SignedOut, SignInNeeded
from tray.core.view_model import RowKind, View, flat
from tray.messages.menu import SCENARIOS, scenario
from tray.paths import locate

Captured = pytest.CaptureFixture[str]

# The command for each row that can be clicked. These do themselves what the click does through the tray.
DONE: dict[str, str] = {
    "sign-in": "sign-in",
    "sign-in-code": "sign-in --device-code",
    "autostart": "autostart on",
    "settings": "settings",
    "message-edit": "settings",
    "automatic-replies": "open automatic-replies",
    "log": "open log",
    "help": "open help",
}


def menus() -> Iterator[View]:
    """Menus in which, taken together, every row can be clicked."""
    drive = Drive(Config(messages=(Message("Lunch"),)))
    drive.start()
    drive.post(AutostartRead(on=False))
    drive.post(ScenariosRead(tuple((key, scenario(key), None) for key in SCENARIOS)))
    drive.pick(STATES[0])
    drive.settle()
    drive.engine = knowing(
        drive.engine,
        chosen=STATES[1].pair,
        trouble=Trouble(TroubleCode.KEYRING, START, keyring=KeyringState.LOCKED),
    )
    yield drive.view
    drive.engine = knowing(drive.engine, signed_in=False, token=None, hold=None, trouble=None)
    drive.post(SignInAsked())
    yield drive.view


CLICKABLE = {row.key: (row, view) for view in menus() for row in flat(view.rows) if row.event and row.enabled}


# The others tell the running app what the click tells it; unless it stands here, such a row has its command's name.
TOLD: dict[str, str] = {
    **{name: name for name in cli.COMMANDS if name in CLICKABLE and name not in DONE},
    **{state.key: f"set {state.key}" for state in STATES},
    **{f"keep-{keep}": f"keep {keep}" for keep in Keep},
    **{f"demo-{key}": f"demo {key}" for key in SCENARIOS},
    "message-1": "message Lunch",
    "message-none": "message --clear",
    "pin": "pin on",
    "sign-in-cancel": "sign-in --cancel",
}


def test_every_row_that_can_be_clicked_has_its_command() -> None:
    assert set(CLICKABLE) == {*TOLD, *DONE}
    every = {
        row.key
        for view in menus()
        for row in flat(view.rows)
        if row.kind in {RowKind.RADIO, RowKind.CHECK, RowKind.ACTION}
    }
    assert every == set(CLICKABLE)


class Told:
    """A running app with one view: it notes what it is told, and then looks as if it had done it."""

    def __init__(self, view: View) -> None:
        self.posted: list[Event] = []
        self._view = view

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["do"] == "quit" and self.posted:
            raise SystemExit
        before = self._now().status
        answer = requests.answer(request, view=self._now, post=self.posted.append, trace=list, now=lambda: START)
        if request.get("wait"):
            answer |= outcome.of(request, answer, before, lambda _seconds: [self._now().status], START)
        return answer

    def _now(self) -> View:
        match self.posted:
            case []:
                return self._view
            case [Picked(state=state)]:
                done = {"hold": hold(state.key)}
            case _:
                done = {"hold": None, "session": None, "account": {"username": None, "signed_in": False}}
        return replace(self._view, status={**self._view.status, **done})


@contextmanager
def running(view: View, *, demo: bool) -> Iterator[Told]:
    app = Told(view)
    server = serve(locate(demo=demo).channel, app.answer)
    try:
        yield app
    finally:
        server.stop()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    return tmp_path


def parsed(typed: str) -> Namespace:
    return cli.parser().parse_args(typed.split())


@for_each("key", TOLD)
def test_a_command_tells_the_app_what_the_click_tells_it(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row, view = CLICKABLE[key]
    monkeypatch.setattr("tray.commands.app.STOP_SECONDS", 0)
    monkeypatch.setattr("tray.commands.status_message.PICK_SECONDS", 0)
    monkeypatch.setattr("tray.commands.account.ERRAND_SECONDS", 0)
    with running(view, demo=key.startswith("demo-")) as app:
        cli.run(TOLD[key].split())
    assert [_bare(event) for event in app.posted] == [_bare(row.event)]


def _bare(event: Event) -> Event:
    """A command says for itself how long, where the menu leaves it to *Keep for*."""
    return Picked(event.state) if isinstance(event, Picked) else event


@for_each("typed", DONE.values())
def test_a_command_without_a_row_exists(typed: str) -> None:
    assert parsed(typed).command == typed.split(maxsplit=1)[0]


class Live:
    """A running app with a real engine, whose requests are all accepted."""

    def __init__(self, held: State | None, at: float = 0, config: Config | None = None) -> None:
        self.drive = Drive(config, now=START + timedelta(hours=at))
        self.drive.start()
        if held:
            self.drive.pick(held)
            self.drive.settle()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        before = self.drive.status
        answer = requests.answer(
            request, view=lambda: self.drive.view, post=self.drive.post, trace=list, now=lambda: START
        )
        self.drive.settle()
        if request.get("wait"):
            answer |= outcome.of(request, answer, before, lambda _seconds: [self.drive.status], START)
        return answer

    @contextmanager
    def running(self) -> Iterator[None]:
        """Answer commands at the app's place."""
        server = serve(locate(demo=False).channel, self.answer)
        try:
            yield
        finally:
            server.stop()


@pytest.mark.parametrize(
    ("typed", "held", "code", "says"),
    [
        ("pin on", None, 0, "The next status you set will override Teams."),
        ("pin off", None, 0, "The next status you set will not override Teams."),
        ("pin on", AVAILABLE, 0, "Your status is set: Available (no end time), overriding Teams."),
        ("pin off", AVAILABLE, 0, "Your status is set: Available (no end time)."),
        ("pin on", AWAY, 0, "Your status is set: Away (no end time)."),
        ("pin off", AWAY, 2, "Override Teams can't be turned off for this status"),
        ("pin on", IN_A_CALL, 2, "can't be turned on"),
        ("keep 1h", None, 0, "The next status you set will stay for 1 hour."),
        ("keep end-of-day", None, 0, "The next status you set will stay until the end of the day."),
        ("keep 2h", AVAILABLE, 0, "Your status is set: Available until "),
        ("keep until-stopped", AVAILABLE, 0, "Your status is set: Available (no end time)."),
        ("keep 12:30", AVAILABLE, 0, "Your status is set: Available until "),
        ("keep 1 h 30", AVAILABLE, 0, "Your status is set: Available until "),
        ("keep until 5pm", AVAILABLE, 0, "Your status is set: Available until "),
        ("keep for 1h", None, 0, "The next status you set will stay for 1 hour."),
        ("keep until stopped", AVAILABLE, 0, "Your status is set: Available (no end time)."),
        ("override on", None, 0, "The next status you set will override Teams."),
        ("keep 90m", None, 2, "You haven't set a status."),
        ("clear-chosen", AVAILABLE, 0, "nothing to clear"),
        ("sign-in --cancel", None, 0, "no sign-in to cancel"),
    ],
)
def test_a_command_says_its_outcome(capsys: Captured, typed: str, held: State | None, code: int, says: str) -> None:
    with Live(held).running():
        assert cli.run(typed.split()) == code
    told = capsys.readouterr()
    assert says in (told.err if code else told.out)


@pytest.mark.parametrize(
    ("typed", "held", "code", "says"),
    [
        ("keep 1h", None, 0, "The next status you set will stay for 1 hour."),
        ("keep 90m", None, 2, "You haven't set a status."),
        ("keep 1h", AVAILABLE, 0, "Your own status is changed."),
        ("keep 90m", AVAILABLE, 0, "Your own status is changed."),
    ],
)
def test_during_a_call_keep_is_for_what_was_set_by_hand(
    capsys: Captured, typed: str, held: State | None, code: int, says: str
) -> None:
    live = Live(held, config=Config(rules=RuleSettings(microphone=IN_A_CALL)))
    live.drive.post(SensorChanged(Origin.MICROPHONE, Used("Zoom")))
    live.drive.pass_time(6)
    with live.running():
        assert cli.run(typed.split()) == code
    told = capsys.readouterr()
    assert says in (told.err if code else told.out)
    then = live.drive.status["then"]
    assert (then is not None and then["until"] is not None) == (held is not None)


@for_each(
    ("lock", "hours", "says"),
    [
        (True, (), "No status set: the screen is locked, then Available"),
        (False, ((time(9), time(12), AVAILABLE), (time(12), time(13), None)), "then no status"),
        (
            False,
            ((time(9), time(12), None), (time(12), time(13), BUSY)),
            "No status set: outside working hours, then Busy",
        ),
    ],
)
def test_status_says_what_the_menu_says(
    lock: bool, hours: tuple[tuple[time, time, State | None], ...], says: str, capsys: Captured
) -> None:
    rules = RuleSettings(when_locked=WhenLocked.RELEASE, hours=tuple(Hours(*each) for each in hours))
    live = Live(AVAILABLE if lock else None, config=Config(rules=rules))
    live.drive.post(SensorChanged(Origin.SCREEN_LOCK, Locked() if lock else Unlocked()))
    live.drive.settle()
    with live.running():
        assert cli.run(["status"]) == 0
    line = capsys.readouterr().out.splitlines()[0]
    assert line.split(maxsplit=1)[1] == live.drive.view.rows[0].label
    assert says in line


@pytest.mark.parametrize("typed", ["override on", "override off"])
def test_during_a_call_override_teams_is_not_for_what_the_call_sets(capsys: Captured, typed: str) -> None:
    live = Live(None, config=Config(rules=RuleSettings(microphone=BUSY)))
    live.drive.post(PinToggled())
    live.drive.post(SensorChanged(Origin.MICROPHONE, Used("Zoom")))
    live.drive.pass_time(6)
    with live.running():
        assert cli.run(typed.split()) == 2
    assert "can't be changed while a status is set automatically. Set a status yourself" in capsys.readouterr().err
    assert live.drive.engine.wish.pin


@pytest.mark.parametrize(
    ("at", "held", "says"),
    [
        (0, AVAILABLE, "“Available” will no longer be set."),
        (3, None, "“Busy” will no longer be set."),
        (0, None, "No status was set."),
    ],
)
def test_stop_names_the_status_that_was_to_be_set_once_the_screen_is_unlocked(
    capsys: Captured, at: float, held: State | None, says: str
) -> None:
    afternoon = Hours(time(12), time(17), BUSY)
    live = Live(held, at, Config(rules=RuleSettings(when_locked=WhenLocked.RELEASE, hours=(afternoon,))))
    live.drive.post(SensorChanged(Origin.SCREEN_LOCK, Locked()))
    live.drive.settle()
    with live.running():
        assert cli.run(["stop"]) == 0
    assert capsys.readouterr().out == f"{says}\n"
    live.drive.post(SensorChanged(Origin.SCREEN_LOCK, Unlocked()))
    live.drive.pass_time(60)
    assert live.drive.status["hold"] is None


def test_stop_names_the_status_that_was_to_be_set_after_the_sign_in(capsys: Captured) -> None:
    live = Live(None)
    live.drive.post(SignOutAsked())
    live.drive.token(SignedOut())
    live.drive.post(Picked(BUSY))
    live.drive.token(SignInNeeded("Sign in."))
    with live.running():
        assert cli.run(["stop"]) == 0
    assert capsys.readouterr().out == "“Busy” will no longer be set.\n"
    assert live.drive.engine.wish.waiting is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("set presenting", "Your organisation doesn't allow “Presenting” here."),
        ("presenting", "Your organisation doesn't allow “Presenting” here."),
        ("toggle presenting", "Your organisation doesn't allow “Presenting” here."),
        ("set available --pin", "Your organisation doesn't allow Override Teams."),
        ("pin on", "Your organisation doesn't allow Override Teams. `presence-tray doctor`"),
    ],
)
def test_a_command_refuses_what_the_organisation_does_not_allow(capsys: Captured, typed: str, says: str) -> None:
    live = Live(None, config=Config(states=("available",), override=False))
    with live.running():
        assert cli.run(typed.split()) == 2
    assert says in capsys.readouterr().err
    assert live.drive.status["hold"] is None


@pytest.mark.parametrize("typed", ["hold presenting", "hold available --pin"])
def test_a_status_in_the_foreground_needs_the_organisations_leave_too(home: Path, capsys: Captured, typed: str) -> None:
    (home / "settings.toml").write_text('client_id = "00000000-0000-4000-8000-000000000001"\ntenant = "contoso.com"')
    machine = locate(demo=False).machine_settings_file
    machine.parent.mkdir()
    machine.write_text('[managed]\nstates = ["available"]\noverride = false\n')
    assert cli.run(typed.split()) == 2
    assert "Your organisation doesn't allow" in capsys.readouterr().err


def test_the_end_of_the_day_cannot_be_kept_once_it_has_passed(capsys: Captured) -> None:
    with Live(AVAILABLE, at=12).running():
        assert cli.run(["keep", "end-of-day"]) == 2
    assert "already passed" in capsys.readouterr().err


def test_the_scenarios_are_listed_and_need_a_demo(capsys: Captured) -> None:
    assert cli.run(["demo"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(SCENARIOS)
    assert cli.run(["demo", "network"]) == 3
    assert "presence-tray --demo" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("on", "says"), [(False, "Demo: The connection drops"), (True, "Demo: The connection is back"), (None, "")]
)
def test_the_demo_says_what_became_of_the_connection(capsys: Captured, on: bool | None, says: str) -> None:
    drive = Drive()
    drive.start()
    if on is not None:
        drive.post(ScenariosRead((("network", scenario("network"), on),)))
    with running(drive.view, demo=True):
        assert cli.run(["demo", "network"]) == (1 if on is None else 0)
    told = capsys.readouterr()
    assert told.out.strip() == says
    assert ("can't do this now" in told.err) is (on is None)


@pytest.mark.parametrize("document", ["settings", "log", "help", "automatic-replies"])
def test_the_target_is_named_for_those_who_cannot_open_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, document: str
) -> None:
    monkeypatch.setenv("PATH", str(home))  # no opener
    assert cli.run(["open", document]) == 0
    shown = {"settings": "settings.toml", "log": str(home), "help": "index.html"}.get(
        document, "https://outlook.office.com/"
    )
    assert shown in capsys.readouterr().out
    assert (home / "settings.toml").exists() is (document == "settings"), "only what is opened is made"
