"""`rules`: what it lists, what it writes, and what it tells the running app."""

from pathlib import Path

import pytest

from tests.commands.scripted_app import ScriptedApp
from tray import cli
from tray.paths import Paths, locate
from tray.settings import load

Captured = pytest.CaptureFixture[str]
RULE = {"name": "hours", "on": True, "active": False, "silenced": False, "can_tell": True}


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
        ({"can_tell": False}, "doesn't tell"),
    ],
)
def test_each_rule_is_listed_with_what_it_knows(
    paths: Paths, capsys: Captured, differs: dict[str, bool], says: str
) -> None:
    with ScriptedApp({"rules": [RULE | differs]}).running(paths):
        assert cli.run(["rules"]) == 0
    assert says in capsys.readouterr().out


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
    with ScriptedApp({}).running(paths) as app:
        assert cli.run(["rules", rule, "on"]) == 0
    assert getattr(load(paths), key) == on
    assert app.heard == [{"do": "settings-written"}]
    assert cli.run(["rules", rule, "off"]) == 0, "and without an app"
    assert getattr(load(paths), key) == off


def test_a_rule_alone_asks_for_on_or_off(paths: Paths, capsys: Captured) -> None:
    assert cli.run(["rules", "hours"]) == 2
    assert "presence-tray rules hours on" in capsys.readouterr().err
    assert not paths.settings_file.exists()
