"""Launch at login: what every system's mechanism promises, and the command that it is given."""

import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.desktop.windows.registry import Registry
from tray.desktop import autostart
from tray.desktop.autostart import Autostart, Launch
from tray.desktop.linux.autostart import DesktopEntry
from tray.desktop.macos.autostart import LaunchAgent
from tray.desktop.windows.autostart import RunKey
from tray.errors import TrayError
from tray.paths import locate


def entry(folder: Path, command: tuple[str, ...]) -> Autostart:
    return DesktopEntry([folder / "user", folder / "system"], command)


@pytest.fixture(
    params=[
        pytest.param("Linux", marks=pytest.mark.skipif(sys.platform == "win32", reason="Linux refuses Windows' paths")),
        "macOS",
        "Windows",
    ]
)
def mechanism(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Path], Autostart]:
    registry = Registry()

    def made(program: Path) -> Autostart:
        command = (str(program), "--at-login")
        match request.param:
            case "Linux":
                return entry(tmp_path, command)
            case "macOS":
                return LaunchAgent(tmp_path / "LaunchAgents", command)
        return RunKey(registry, command)

    return made


class TestEachMechanism:
    def test_it_is_off_at_first_and_can_be_switched(
        self, mechanism: Callable[[Path], Autostart], program: Path
    ) -> None:
        system = mechanism(program)
        seen = [system.read()]
        for on in (True, True, False, False, True):
            system.switch(on=on)
            seen.append(system.read())
        assert seen == [Launch.OFF, Launch.ON, Launch.ON, Launch.OFF, Launch.OFF, Launch.ON]

    def test_a_command_that_is_gone_is_stale_until_switched_on_again(
        self, mechanism: Callable[[Path], Autostart], program: Path, tmp_path: Path
    ) -> None:
        mechanism(program).switch(on=True)
        moved = program.rename(tmp_path / "presence-tray")
        assert mechanism(moved).read() is Launch.STALE
        mechanism(moved).switch(on=True)
        assert mechanism(moved).read() is Launch.ON


def test_the_command_of_this_installation_is_there() -> None:
    command = autostart.own_command()
    assert os.access(command[0], os.X_OK)
    assert command[-1] == "--at-login"


@pytest.mark.parametrize("written", ["~/x", "x"])
def test_the_home_that_goes_with_the_command_is_where_the_settings_are_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRESENCE_TRAY_HOME", written)
    here = locate(demo=False).settings_file.parent
    assert autostart.own_environment() == {"PRESENCE_TRAY_HOME": str(here)}


@pytest.mark.skipif(sys.platform == "win32", reason="there the interpreter is the command")
def test_what_pip_installed_for_the_user_alone_is_found_and_without_any_script_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "usr" / "bin" / "python3"))
    monkeypatch.setattr(sysconfig, "get_path", lambda _name, scheme="": str(tmp_path / (scheme or "usr") / "bin"))
    with pytest.raises(TrayError, match="pipx"):
        autostart.own_command()
    script = tmp_path / sysconfig.get_preferred_scheme("user") / "bin" / "presence-tray"
    script.parent.mkdir(parents=True)
    script.touch()
    assert autostart.own_command() == (str(script), "--at-login")
