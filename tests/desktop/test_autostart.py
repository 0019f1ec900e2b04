import os
import plistlib
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tray.desktop import autostart
from tray.desktop.autostart import Autostart, Launch
from tray.desktop.linux.autostart import DesktopEntry
from tray.desktop.macos.autostart import FORMER_LABEL, LABEL, LaunchAgent
from tray.desktop.windows import autostart as windows_autostart
from tray.desktop.windows.autostart import APPROVED, RUN, VALUE, RunKey
from tray.errors import TrayError
from tray.paths import locate


class Registry:
    """A registry in memory."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], object] = {}

    def get(self, key: str, value: str) -> object:
        return self.values.get((key, value))

    def set(self, key: str, value: str, data: str) -> None:
        self.values[key, value] = data

    def delete(self, key: str, value: str) -> None:
        self.values.pop((key, value), None)

    def is_file(self, path: str) -> bool:
        return Path(path.replace("\\", "/")).is_file()


def entry(folder: Path, command: tuple[str, ...]) -> Autostart:
    return DesktopEntry([folder / "user", folder / "system"], command)


@pytest.fixture(params=["Linux", "macOS", "Windows"])
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


class TestLaunchAgent:
    def test_it_starts_at_login_in_a_desktop_session_with_its_home(self, tmp_path: Path, program: Path) -> None:
        LaunchAgent(tmp_path, (str(program), "--at-login"), {"PRESENCE_TRAY_HOME": "/x y"}).switch(on=True)
        (file,) = tmp_path.glob("*.plist")
        written = plistlib.loads(file.read_bytes())
        assert written["Label"] == file.stem
        assert written["ProgramArguments"] == [str(program), "--at-login"]
        assert written["RunAtLoad"] is True
        assert written["EnvironmentVariables"] == {"PRESENCE_TRAY_HOME": "/x y"}

    @pytest.mark.parametrize(
        ("text", "launch"),
        [
            (b"nonsense", Launch.STALE),
            (b"<plist><dict><key>", Launch.STALE),
            (plistlib.dumps({"Disabled": True, "ProgramArguments": ["/bin/sh"]}), Launch.OFF),
            (plistlib.dumps({"ProgramArguments": []}), Launch.STALE),
        ],
    )
    def test_what_others_wrote_is_understood(self, tmp_path: Path, text: bytes, launch: Launch) -> None:
        system = LaunchAgent(tmp_path, ("x",))
        (tmp_path / f"{LABEL}.plist").write_bytes(text)
        assert system.read() is launch

    @pytest.mark.parametrize("on", [True, False])
    def test_an_older_versions_agent_counts_until_it_is_switched(self, tmp_path: Path, program: Path, on: bool) -> None:
        former = tmp_path / f"{FORMER_LABEL}.plist"
        former.write_bytes(plistlib.dumps({"ProgramArguments": [str(program)]}))
        agent = LaunchAgent(tmp_path, (str(program),))
        assert agent.read() is Launch.ON
        agent.switch(on=on)
        assert agent.read() is (Launch.ON if on else Launch.OFF)
        assert not former.exists()


class TestRunKey:
    def test_the_program_is_quoted_and_the_task_managers_ban_is_lifted(self) -> None:
        registry = Registry()
        registry.values[APPROVED, VALUE] = b"\x03" + bytes(11)
        RunKey(registry, ("C:\\Program Files\\P\\presence-tray.exe", "--at-login")).switch(on=True)
        assert registry.values == {(RUN, VALUE): '"C:\\Program Files\\P\\presence-tray.exe" --at-login'}

    @pytest.mark.parametrize(("first_byte", "launch"), [(b"\x02", Launch.ON), (b"\x03", Launch.OFF), (b"", Launch.ON)])
    def test_the_task_managers_switch_counts(self, program: Path, first_byte: bytes, launch: Launch) -> None:
        registry = Registry()
        system = RunKey(registry, (str(program),))
        system.switch(on=True)
        registry.values[APPROVED, VALUE] = first_byte
        assert system.read() is launch

    def test_a_command_that_windows_would_cut_is_refused(self) -> None:
        with pytest.raises(OSError, match="260"):
            RunKey(Registry(), ("C:\\" + "x" * 300,)).switch(on=True)

    @pytest.mark.parametrize("value", [5, "", "C:\\gone.exe --at-login"])
    def test_what_others_wrote_is_understood(self, value: object) -> None:
        registry = Registry()
        registry.values[RUN, VALUE] = value
        assert RunKey(registry, ("x",)).read() is (Launch.OFF if value == 5 else Launch.STALE)

    @pytest.mark.skipif(sys.platform != "win32", reason="the real registry")
    def test_the_real_registry_does_the_same(self) -> None:
        registry = windows_autostart.WindowsRegistry()  # type: ignore[attr-defined]
        key = r"Software\presence-tray-test"
        registry.delete(key, "x")
        registry.set(key, "x", "y")
        assert registry.get(key, "x") == "y"
        registry.delete(key, "x")
        assert registry.get(key, "x") is None


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
