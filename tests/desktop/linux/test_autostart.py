"""Launch at login on Linux: the entry that is written, and what others wrote."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desktop.test_autostart import entry
from tests.requirements import needs
from tray.desktop.autostart import Launch
from tray.desktop.linux.autostart import DesktopEntry

GENERATOR = (
    "/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator"  # what Plasma starts a login's programs by
)


@pytest.mark.skipif(sys.platform == "win32", reason="looks for a shell")
class TestDesktopEntry:
    def ours(self, tmp_path: Path) -> Path:
        return tmp_path / "user" / "presence-tray.desktop"

    def systems(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "system").mkdir()
        (tmp_path / "system" / "presence-tray.desktop").write_text(f"[Desktop Entry]\n{text}")

    def test_switching_off_leaves_nothing_behind(self, tmp_path: Path, program: Path) -> None:
        system = entry(tmp_path, (str(program),))
        system.switch(on=True)
        system.switch(on=False)
        assert list((tmp_path / "user").iterdir()) == []

    def test_the_administrators_entry_counts_and_can_be_hidden(self, tmp_path: Path, program: Path) -> None:
        self.systems(tmp_path, "Exec=sh\n")
        system = entry(tmp_path, (str(program),))
        seen = [system.read()]
        for on in (False, True):
            system.switch(on=on)
            seen.append(system.read())
        assert seen == [Launch.ON, Launch.OFF, Launch.ON]

    @pytest.mark.parametrize(
        ("text", "launch"),
        [
            ("Exec=sh -c true", Launch.ON),
            ("Exec=sh\nHidden=true", Launch.OFF),
            ("Exec=sh\nX-GNOME-Autostart-enabled=false", Launch.OFF),
            ("Exec=sh\nX-MATE-Autostart-enabled=false", Launch.OFF),
            ("Exec=sh\nX-GNOME-Autostart-enabled=true\nX-GNOME-Autostart-Delay=5", Launch.ON),
            ("Exec=sh\nTryExec=no-such-program-anywhere", Launch.STALE),
            ("Exec=/no/such/program --at-login", Launch.STALE),
            ('Exec="/no/such pro\\"gram" --at-login', Launch.STALE),
            ("Exec=/no/such/program --at-login\nTryExec=sh", Launch.STALE),
            ("Exec=env A=b C=d /no/such/program --at-login", Launch.STALE),
            ("Exec=env A=b sh --at-login", Launch.ON),
            ("Exec=env A=b", Launch.STALE),
            ("Exec=", Launch.STALE),
            ("# Hidden=true\nExec=sh\n[Desktop Action Stop]\nHidden=true", Launch.ON),
        ],
    )
    def test_what_others_wrote_is_understood(self, tmp_path: Path, program: Path, text: str, launch: Launch) -> None:
        self.systems(tmp_path, text)
        assert entry(tmp_path, (str(program),)).read() is launch

    @pytest.mark.parametrize(
        ("desktop", "text", "launch"),
        [
            ("KDE", "OnlyShowIn=KDE;XFCE;", Launch.ON),
            ("ubuntu:GNOME", "OnlyShowIn=GNOME", Launch.ON),
            ("GNOME", "OnlyShowIn=KDE;", Launch.OFF),
            ("", "OnlyShowIn=KDE;", Launch.OFF),
            ("ubuntu:GNOME", "NotShowIn=GNOME;", Launch.OFF),
            ("XFCE", "NotShowIn=GNOME;", Launch.ON),
            ("", "NotShowIn=", Launch.ON),
        ],
    )
    def test_an_entry_for_other_desktops_does_not_count(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desktop: str, text: str, launch: Launch
    ) -> None:
        monkeypatch.setenv("XDG_CURRENT_DESKTOP", desktop)
        self.systems(tmp_path, f"Exec=sh\n{text}\n")
        assert entry(tmp_path, ("sh",)).read() is launch

    @needs("desktop-file-validate")
    def test_what_is_written_is_valid(self, tmp_path: Path, program: Path) -> None:
        self.systems(tmp_path, "Exec=sh\n")
        for on in (True, False):
            DesktopEntry([tmp_path / "user", tmp_path / "system"], (str(program), "--at-login"), {"A": "b c"}).switch(
                on=on
            )
            told = subprocess.run(["desktop-file-validate", self.ours(tmp_path)], capture_output=True, check=False)
            assert (told.returncode, told.stdout) == (0, b"")

    def test_the_command_survives_quoting_and_the_home_goes_with_it(self, tmp_path: Path, program: Path) -> None:
        home = {"PRESENCE_TRAY_HOME": '/x y/"z";(a)'}
        DesktopEntry([tmp_path / "user"], (str(program), "--at-login"), home).switch(on=True)
        lines = dict(line.split("=", 1) for line in self.ours(tmp_path).read_text().splitlines()[1:])
        # As a desktop reads it: the string's escapes, the field codes, and quoting that is a part of the shell's.
        command = lines["Exec"].replace("\\\\", "\\").replace("%%", "%")
        told = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
        assert told.stdout.splitlines() == [str(program), "--at-login", '/x y/"z";(a)']
        assert lines["TryExec"] == str(program)

    @needs(GENERATOR)
    def test_systemd_understands_the_command_too(self, tmp_path: Path, program: Path) -> None:
        folder, units = tmp_path / "config", tmp_path / "units"
        units.mkdir()
        home = {"PRESENCE_TRAY_HOME": '/x y/"z";(a)'}
        DesktopEntry([folder / "autostart"], (str(program), "--at-login"), home).switch(on=True)
        environ = {"XDG_CONFIG_HOME": str(folder), "XDG_CONFIG_DIRS": "/nowhere", "HOME": "/nowhere"}
        subprocess.run([GENERATOR, units, units, units], env=environ, check=True, capture_output=True)
        unit = next(units.glob("*.service")).read_text().splitlines()
        (start,) = (line.removeprefix("ExecStart=:") for line in unit if line.startswith("ExecStart="))
        # systemd's own quoting is a part of the shell's for these characters, and it doubles %.
        told = subprocess.run(["sh", "-c", start.replace("%%", "%")], capture_output=True, text=True, check=True)
        assert told.stdout.splitlines() == [str(program), "--at-login", '/x y/"z";(a)']

    @pytest.mark.parametrize(("odd", "named"), [("$", "$"), ("`", "`"), ("\\", "\\"), ("\n", r"\n"), ("\x7f", r"\x7f")])
    def test_a_path_that_systemd_would_read_otherwise_is_refused(
        self, tmp_path: Path, program: Path, odd: str, named: str
    ) -> None:
        system = DesktopEntry([tmp_path / "user"], (str(program),), {"PRESENCE_TRAY_HOME": f"/a{odd}b"})
        with pytest.raises(OSError, match=re.escape(f"has a “{named}”")):
            system.switch(on=True)
        assert not self.ours(tmp_path).exists()

    def test_a_path_that_no_entry_can_hold_is_refused_and_what_was_there_stays(
        self, tmp_path: Path, program: Path
    ) -> None:
        entry(tmp_path, (str(program),)).switch(on=True)
        before = self.ours(tmp_path).read_text()
        with pytest.raises(OSError, match="not UTF-8"):
            entry(tmp_path, (os.fsdecode(b"/\xff/presence-tray"),)).switch(on=True)
        assert self.ours(tmp_path).read_text() == before
        assert list((tmp_path / "user").iterdir()) == [self.ours(tmp_path)]

    @pytest.mark.parametrize("relative", ["", "here", "./here"])
    def test_a_relative_folder_is_ignored_as_the_desktops_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relative: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setenv("XDG_CONFIG_HOME", relative)
        monkeypatch.setenv("XDG_CONFIG_DIRS", f"{relative}:{tmp_path / 'system'}:")
        (tmp_path / relative / "autostart").mkdir(parents=True)
        (tmp_path / relative / "autostart" / "presence-tray.desktop").write_text("[Desktop Entry]\nExec=sh\n")
        system = DesktopEntry.of_this_user(("sh",), {})
        assert system.read() is Launch.OFF
        system.switch(on=True)
        assert (tmp_path / "home" / ".config" / "autostart" / "presence-tray.desktop").exists()

    def test_it_lies_where_the_desktops_look(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        DesktopEntry.of_this_user(("sh",), {}).switch(on=True)
        assert (tmp_path / "autostart" / "presence-tray.desktop").exists()
