"""Launch at login on macOS: the agent that is written, and what others wrote."""

import plistlib
from pathlib import Path

import pytest

from tray.desktop.autostart import Launch
from tray.desktop.macos.autostart import FORMER_LABEL, LABEL, LaunchAgent


def test_it_starts_at_login_in_a_desktop_session_with_its_home(tmp_path: Path, program: Path) -> None:
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
def test_what_others_wrote_is_understood(tmp_path: Path, text: bytes, launch: Launch) -> None:
    system = LaunchAgent(tmp_path, ("x",))
    (tmp_path / f"{LABEL}.plist").write_bytes(text)
    assert system.read() is launch


@pytest.mark.parametrize("on", [True, False])
def test_an_older_versions_agent_counts_until_it_is_switched(tmp_path: Path, program: Path, on: bool) -> None:
    former = tmp_path / f"{FORMER_LABEL}.plist"
    former.write_bytes(plistlib.dumps({"ProgramArguments": [str(program)]}))
    agent = LaunchAgent(tmp_path, (str(program),))
    assert agent.read() is Launch.ON
    agent.switch(on=on)
    assert agent.read() is (Launch.ON if on else Launch.OFF)
    assert not former.exists()
