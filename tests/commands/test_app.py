"""The commands that tell the running app what to do, against an app that is a script."""

import json
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.commands.scripted_app import IDLE, SESSION, ScriptedApp, hold, trouble
from tests.rows import for_each
from tray import cli, key_press
from tray.commands.app import as_json
from tray.control import server
from tray.paths import Paths, locate

HELD = {"hold": hold("busy"), "session": SESSION}
LEFT = {
    "session": SESSION,
    "clearing": [{"availability": "Busy", "activity": "InACall", "expires_at": "2025-03-03T12:30:00Z"}],
    "trouble": trouble("offline"),
}
UNPINNED = {"hold": hold("busy", pinned=True, confirmed=False)}
WANTED = {"hold": hold("busy", "nothing")}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], Paths]:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    return lambda demo: locate(demo=demo)


@pytest.fixture
def real(home: Callable[[bool], Paths]) -> Paths:
    return home(False)


Captured = pytest.CaptureFixture[str]
Run = Callable[[str], tuple[int | None, str, str]]


@pytest.fixture(params=[cli.run, key_press.run], ids=["typed", "bound to a key"])
def run(request: pytest.FixtureRequest, capsys: Captured) -> Run:
    """Run a command as it is typed, and as a key is bound to it; return its exit code and what it prints."""
    if sys.platform != "linux" and request.param is key_press.run:
        pytest.skip("elsewhere a bound key is carried out as if it was typed")

    def chosen(typed: str) -> tuple[int | None, str, str]:
        return (request.param(typed.split()), *capsys.readouterr())

    return chosen


class TestSet:
    @pytest.mark.parametrize(
        ("statuses", "code", "says"),
        [
            ([{}, {}, WANTED, HELD], 0, "Your status is set: Busy (no end time)."),
            ([{}, {}, {"hold": hold("busy", "preferred")}], 0, "Your status is set: Busy (no end time)."),
            ([{}, {}, UNPINNED, UNPINNED, HELD], 0, "Your status is set: Busy (no end time)."),
            ([{}, {}, UNPINNED | {"trouble": trouble("offline")}], 0, "Your status Busy will be set automatically."),
            ([{}, {}, HELD | {"trouble": trouble("keyring")}], 0, "Your status is set: Busy"),
            ([{}, {}, WANTED, {}], 5, "clear-chosen"),
            ([{}, {}, {"trouble": trouble("declined")}], 5, "There is declined. Do something."),
            ([{}, {}, WANTED | {"trouble": trouble("forbidden")}], 5, "There is forbidden."),
            ([{}, {}, WANTED | {"trouble": trouble("not-a-teams-user")}], 5, "not-a-teams-user"),
            ([{}, {}, WANTED | {"trouble": trouble("sign-in-needed")}], 4, "sign-in-needed"),
            ([{}, {}, WANTED | {"trouble": trouble("keyring")}], 7, "keyring"),
            ([{}, {}, WANTED | {"trouble": trouble("offline")}], 0, "Your status Busy will be set automatically."),
            ([{}, {}, WANTED | {"trouble": trouble("throttled")}], 0, "Your status Busy will be set automatically."),
            (
                [{}, {}, {"hold": hold("away")}, WANTED | {"trouble": trouble("service")}],
                0,
                "will be set automatically",
            ),
        ],
    )
    def test_it_waits_for_the_hold_and_says_the_outcome(
        self, real: Paths, run: Run, statuses: list[dict[str, Any]], code: int, says: str
    ) -> None:
        with ScriptedApp(*statuses).running(real):
            ended, out, err = run("set busy")
        assert ended == code
        assert says in (out if code == 0 else err)
        assert "Traceback" not in err

    @pytest.mark.parametrize(
        ("typed", "until", "pinned"),
        [
            ([], None, None),
            (["--pin"], None, True),
            (["--for", "1h30m"], "2025-03-03T13:30:00+00:00", None),
        ],
    )
    def test_it_counts_by_the_apps_own_clock(
        self, real: Paths, typed: list[str], until: str | None, pinned: bool | None
    ) -> None:
        with ScriptedApp({}, {}, HELD).running(real) as app:
            assert cli.run(["set", "Busy", *typed]) == 0
        assert app.heard == [
            {"do": "set", "state": "busy", "until": until, "pinned": pinned, "timed": bool(until), "message": None}
        ]


class TestStop:
    def test_it_waits_until_everything_is_given_back(self, real: Paths, run: Run) -> None:
        with ScriptedApp(HELD, HELD, LEFT, {}).running(real) as app:
            assert run("stop") == (0, "Your status is cleared.\n", "")
        assert app.heard == [{"do": "stop"}]

    def test_it_says_that_nothing_was_set(self, real: Paths, run: Run) -> None:
        with ScriptedApp({}).running(real) as app:
            assert run("stop") == (0, "No status was set.\n", "")
        assert app.heard == [{"do": "stop"}]

    @pytest.mark.parametrize("ends", [False, True])
    def test_it_says_what_teams_may_still_show_and_until_when(
        self, real: Paths, capsys: Captured, monkeypatch: pytest.MonkeyPatch, ends: bool
    ) -> None:
        monkeypatch.setattr("tray.control.outcome.STOP_SECONDS", 60.0 if ends else 0.1)
        with ScriptedApp(HELD, HELD, LEFT, ends=ends).running(real):  # a hold's process ends with it
            assert cli.run(["stop"]) == 0
        until = LEFT["clearing"][0]["expires_at"]
        local = datetime.fromisoformat(until).astimezone().strftime("%H:%M")
        assert f"Others may see you as “In a call” until {local}." in capsys.readouterr().out

    def test_what_a_rule_hid_shows_again(self, real: Paths, run: Run) -> None:
        by_hand = {"hold": hold("available") | {"since": "2025-03-03T09:00:00Z"}}
        waits = {"hold": by_hand["hold"] | {"held_by": "nothing"}}
        with ScriptedApp(HELD, HELD, waits, by_hand).running(real):
            assert run("stop") == (0, "Your status is set: Available (no end time).\n", "")


class TestToggle:
    @pytest.mark.parametrize(
        ("stops", "statuses", "says"),
        [
            (False, [{}, {}, HELD], "Your status is set: Busy"),
            (True, [HELD, HELD, LEFT, {}], "Your status is cleared."),
        ],
    )
    def test_it_says_which_of_the_two_it_did(
        self, real: Paths, run: Run, stops: bool, statuses: list[dict[str, Any]], says: str
    ) -> None:
        with ScriptedApp(*statuses, stops=stops).running(real) as app:
            ended, out, _ = run("toggle busy")
        assert (ended, says in out) == (0, True)
        (heard,) = app.heard
        assert {key: value for key, value in heard.items() if value} == {"do": "toggle", "state": "busy"}


class TestQuit:
    def test_it_waits_until_the_app_is_gone(self, real: Paths, capsys: Captured) -> None:
        def answer(request: dict[str, Any]) -> dict[str, Any]:
            if request["do"] == "quit":
                threading.Thread(target=servers[0].stop).start()
            return {"ok": True, "status": IDLE}

        servers = [server.serve(real.channel, answer)]
        assert cli.run(["quit"]) == 0
        assert "has quit" in capsys.readouterr().out

    def test_an_app_that_refuses_questions_while_it_ends_has_quit_all_the_same(self, real: Paths) -> None:
        heard = list[object]()

        def answer(request: dict[str, Any]) -> dict[str, Any]:
            heard.append(request["do"])
            if heard[-2:] == ["quit", "status"]:
                threading.Thread(target=servers[0].stop).start()
                return {"ok": False, "error": "it ends"}
            return {"ok": True, "status": IDLE}

        servers = [server.serve(real.channel, answer)]
        assert cli.run(["quit"]) == 0


class TestStatus:
    def test_it_says_hold_teams_why_refresh_trouble_and_account(self, real: Paths, capsys: Captured) -> None:
        full = HELD | {
            "teams_shows": {"availability": "Busy", "activity": "InAMeeting", "observed_at": "2025-03-03T12:00:00Z"},
            "why": {"code": "in-a-meeting", "message": "Teams sees you in a meeting."},
            "trouble": trouble("throttled"),
        }
        with ScriptedApp(full).running(real):
            assert cli.run(["status"]) == 0
        told = capsys.readouterr().out
        for text in (
            "The app holds {'state': 'busy'",
            "In a meeting",
            "Teams sees you",
            "There is throttled.",
            "Adele",
        ):
            assert text in told
        assert "Renews" in told

    def test_as_json_it_is_the_document(self, real: Paths, capsys: Captured) -> None:
        with ScriptedApp(HELD).running(real):
            assert cli.run(["status", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == IDLE | HELD

    def test_what_came_from_outside_cannot_command_the_terminal(self, real: Paths, capsys: Captured) -> None:
        hostile = "A\x1b]0;pwned\x07\x1b[31m\u202e\x9b2J\n Signed in   root"
        seen = {"availability": hostile, "activity": hostile, "observed_at": "2025-03-03T12:00:00Z"}
        document = HELD | {"teams_shows": seen, "trouble": trouble("throttled") | {"title": hostile}}
        with ScriptedApp(document).running(real):
            cli.run(["status"])
            told = capsys.readouterr().out
        with ScriptedApp(document).running(real):
            cli.run(["status", "--json"])
            as_json = capsys.readouterr().out
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & {*told, *as_json}
        assert json.loads(as_json)["teams_shows"] == seen

    def test_holding_nothing_it_waits_for_the_app_to_look(self, real: Paths, capsys: Captured) -> None:
        seen = {"availability": "Away", "activity": "Away", "observed_at": "2025-03-03T12:00:00Z"}
        with ScriptedApp({}, {}, {}, {"teams_shows": seen}).running(real) as app:
            assert cli.run(["status"]) == 0
        assert app.heard == [{"do": "looked"}]
        assert "Away" in capsys.readouterr().out


def test_watch_says_each_change_and_what_has_gone(real: Paths, capsys: Captured) -> None:
    lunch = {"text": "Lunch", "expires_at": None, "ours": True, "accepted": True}
    with ScriptedApp({"message": lunch}, {"message": lunch, "trouble": trouble("offline")}, {}).running(real):
        assert cli.run(["watch"]) == 3
    assert capsys.readouterr().out.splitlines() == [
        "Status: The app holds None.",
        "Teams shows: not known yet",
        "Status message: “Lunch”",
        "Problem: There is offline. Do something.",
        "Status message: none",
        "Problem: solved",
    ]


def test_watch_for_programs_prints_no_document_twice(real: Paths, capsys: Captured) -> None:
    with ScriptedApp({}, {}, HELD, {}).running(real):
        assert cli.run(["watch", "--json"]) == 3
    assert [json.loads(line)["hold"] for line in capsys.readouterr().out.splitlines()] == [None, HELD["hold"], None]


def test_a_line_of_watch_can_be_read_and_cannot_command_the_terminal() -> None:
    hostile = {"text": "A\x1b]0;pwned\x07\u202e\u0085\ud800 é"}
    line = as_json(hostile)
    assert line.isprintable()
    assert json.loads(line) == hostile


PICKS = ("set", "toggle")
START = " Start it with `presence-tray`"


class TestWhoIsReached:
    @for_each(
        ("command", "cure"),
        [
            *((command, "") for command in ("stop", "quit")),
            *((f"{do} busy", f"{START}, or set a status from this terminal: presence-tray hold STATE") for do in PICKS),
            *((other, f"{START}.") for other in ("status", "rules pause", "message Lunch", "keep 1h", "unlock")),
        ],
    )
    @pytest.mark.usefixtures("home")
    def test_no_running_app_is_exit_code_3_and_what_helps_is_said(
        self, capsys: Captured, command: str, cure: str
    ) -> None:
        assert cli.run(command.split()) == 3
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err == f"presence-tray: Presence Tray isn't running.{cure}\n"

    def test_a_demo_is_reached_if_the_real_app_does_not_run(
        self, home: Callable[[bool], Paths], capsys: Captured
    ) -> None:
        with ScriptedApp({}).running(home(True)) as demo:
            assert cli.run(["stop"]) == 0
            assert "demo" in capsys.readouterr().err
            assert len(demo.heard) == 1
            with ScriptedApp({}).running(home(False)) as app:
                assert cli.run(["stop"]) == 0
                assert (len(app.heard), len(demo.heard)) == (1, 1)
        assert capsys.readouterr().err == ""
