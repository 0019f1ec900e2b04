"""`rules`: what it lists, what it writes, and what it tells the running app."""

import re
from pathlib import Path

import pytest

from tests.commands.scripted_app import ScriptedApp
from tray import cli
from tray.errors import BadSettings
from tray.paths import Paths, locate
from tray.settings import load

Captured = pytest.CaptureFixture[str]
RULE = {"name": "hours", "on": True, "active": False, "silenced": False, "can_tell": True}
RIGHT = {"from": '"09:00"', "to": '"17:30"', "state": '"available"'}


def row(**wrong: str) -> str:
    """Return one of the hours' tables, in which something is wrong."""
    return "[[hours]]\n" + "".join(f"{key} = {value}\n" for key, value in (RIGHT | wrong).items() if value)


# The key that each mistake in the rules' settings is told by → the settings.
WRONG = {
    "microphone": 'microphone = "in-a-meeting"\n',
    "microphone_ignore": 'microphone_ignore = "obs"\n',
    "when_locked": 'when_locked = "off"\n',
    "follow_hours": 'follow_hours = "no"\n',
    "hours": 'hours = "09:00"\n',
    "hours[1]": "hours = [9]\n",
    "hours[1].days": row(days='"mon-fry"'),
    "hours[1].from": row(**{"from": '"nine"'}),
    "hours[2].from": row() + row(**{"from": ""}),
    "hours[1].to": row(to='"25:00"'),
    "hours[2].to": row() + row(to="17"),
    "hours[1].state": row(state='"in-a-meeting"'),
    "hours[1].except": row(**{"except": '"2026-12-24"'}),
    "hours[1].except[2]": row(**{"except": '["2026-12-24", "2026-12-32"]'}),
    "hours[1].message": row(message="5"),
    "hours[1].untill": row(untill='"18:00"'),
}


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    return locate(demo=False)


@pytest.mark.parametrize(
    ("differs", "says"),
    [
        ({}, "hours: on\n"),
        ({"on": False}, "hours: off\n"),
        ({"active": True}, "hours: on, in use now\n"),
        ({"silenced": True}, "because you set or cleared your status"),
        ({"can_tell": False}, "can't detect it"),
        ({"active": True, "paused": True}, "hours: on, paused\n"),
    ],
)
def test_each_rule_is_listed_with_what_it_knows(
    paths: Paths, capsys: Captured, differs: dict[str, bool], says: str
) -> None:
    with ScriptedApp({"rules": [RULE | differs]}).running(paths):
        assert cli.run(["rules"]) == 0
    assert says in capsys.readouterr().out


@pytest.mark.parametrize(
    ("origin", "says"),
    [("hours", "hours: on, in use now\n"), ("user", "hours: on, but another status comes first now\n")],
)
def test_a_rule_that_another_status_hides_is_not_called_in_use(
    paths: Paths, capsys: Captured, origin: str, says: str
) -> None:
    with ScriptedApp({"rules": [RULE | {"active": True}], "hold": {"origin": origin}}).running(paths):
        assert cli.run(["rules"]) == 0
    assert capsys.readouterr().out == says


@pytest.mark.parametrize(
    ("rule", "key", "on", "off"),
    [
        ("microphone", "microphone", "in-a-call", "nothing"),
        ("screen-lock", "when_locked", "release", "keep"),
        ("hours", "follow_hours", True, False),
    ],
)
def test_a_rule_is_switched_in_the_settings_and_the_app_told(
    paths: Paths, rule: str, key: str, on: object, off: object
) -> None:
    paths.settings_file.write_text(row(), encoding="utf-8")
    with ScriptedApp({}).running(paths) as app:
        assert cli.run(["rules", rule, "on"]) == 0
    assert getattr(load(paths), key) == on
    assert app.heard == [{"do": "settings-written"}]
    assert cli.run(["rules", rule, "off"]) == 0, "and without an app"
    assert getattr(load(paths), key) == off


@pytest.mark.parametrize(
    ("rule", "managed", "says"),
    [
        ("hours", "", "There are no working hours."),
        ("hours", "[managed]\nfollow_hours = false\n", "hours is set by your organisation."),
        ("hours", "[managed]\nhours = []\n", "hours is set by your organisation."),
        ("microphone", '[managed]\nmicrophone = "busy"\n', "microphone is set by your organisation."),
        ("microphone", '[managed]\nstates = ["busy"]\n', "Your organisation doesn't allow “In a call” here."),
    ],
)
def test_a_rule_that_cannot_be_switched_on_is_said_and_nothing_written(
    paths: Paths, capsys: Captured, rule: str, managed: str, says: str
) -> None:
    paths.machine_settings_file.parent.mkdir()
    paths.machine_settings_file.write_text(managed, encoding="utf-8")
    assert cli.run(["rules", rule, "on"]) == 2
    assert says in capsys.readouterr().err
    assert not paths.settings_file.exists()


@pytest.mark.parametrize(
    ("typed", "on"),
    [("pause", True), ("pause on", True), ("pause off", False), ("resume", False), ("resume on", False)],
)
def test_pause_can_be_turned_off_as_well(paths: Paths, typed: str, on: bool) -> None:
    with ScriptedApp({}).running(paths) as app:
        cli.run(["rules", *typed.split()])
    assert app.heard == [{"do": "press", "row": "rules-pause", "on": on}]


def test_a_rule_alone_asks_for_on_or_off(paths: Paths, capsys: Captured) -> None:
    assert cli.run(["rules", "hours"]) == 2
    assert "presence-tray rules hours on" in capsys.readouterr().err
    assert not paths.settings_file.exists()


@pytest.mark.parametrize("key", WRONG)
@pytest.mark.parametrize("command", [["hold", "busy"], ["run"]], ids=" ".join)
def test_a_mistake_in_a_rule_ends_a_start_with_6_and_one_line_that_names_the_key(
    paths: Paths, capsys: Captured, monkeypatch: pytest.MonkeyPatch, command: list[str], key: str
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")  # where a start would show it as well
    paths.settings_file.write_text(WRONG[key], encoding="utf-8")
    assert cli.run(command) == BadSettings.exit_code == 6
    (told,) = capsys.readouterr().err.splitlines()
    assert re.search(rf"[ :]{re.escape(key)}(\.? |$)", told), told


@pytest.mark.parametrize(
    ("rule", "managed"),
    [
        ("microphone", 'microphone = "in-a-call"'),
        ("screen-lock", 'when_locked = "away"'),
        ("hours", "follow_hours = true"),
        ("hours", 'hours = [{days = "mon-fri", from = "09:00", to = "17:30", state = "available"}]'),
    ],
)
def test_a_rule_that_the_organisation_sets_is_not_switched(
    paths: Paths, capsys: Captured, rule: str, managed: str
) -> None:
    paths.machine_settings_file.parent.mkdir()
    paths.machine_settings_file.write_text(f"[managed]\n{managed}\n")
    assert cli.run(["rules", rule, "off"]) == 2
    assert "organisation" in capsys.readouterr().err
    assert not paths.settings_file.exists()
