"""The installer on Windows (here Wine's): silent, launched at login, upgraded while it runs, gone without a trace."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lanes.wine.desktop import FOLDER, Desktop, run, wait

SETUP = next(iter((FOLDER / "built").glob("*-setup.exe")), Path("setup.exe"))
USER = FOLDER / "prefix" / "drive_c" / "users" / "nobody"
LOCAL = USER / "AppData" / "Local"
INSTALLED = LOCAL / "Programs" / "Presence Tray"
COMMAND, WINDOW = INSTALLED / "presence-tray.exe", INSTALLED / "presence-tray-window.exe"
SHORTCUT = USER / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Presence Tray.lnk"
RUN = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run"
IN_WINDOWS = r"C:\users\nobody\AppData\Local\Programs\Presence Tray"
LOG_IN = "import subprocess, sys; subprocess.Popen(sys.argv[1])"  # a command as it stands, as Windows does
WINES_OWN = ("software\\wine", "explorer\\", "volatile environment", "muicache")


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    os.environ.pop("PRESENCE_TRAY_HOME", None)
    (LOCAL / "Temp").mkdir(parents=True, exist_ok=True)  # a user has it on Windows, not under Wine
    with Desktop() as desktop:
        yield desktop


def files() -> set[str]:
    return {str(path.relative_to(USER)) for path in USER.rglob("*")}


def registry() -> set[str]:
    """Return the user's keys and values, but for what Wine notes there for itself."""
    file = FOLDER / "exported.reg"
    run("reg", "export", "HKCU", f"Z:{file}".replace("/", "\\"), "/y")
    found, key = set(), ""
    for line in file.read_text("utf-16").splitlines():
        key = line if line.startswith("[") else key
        if line and not any(each in key.casefold() for each in WINES_OWN):
            found.add(f"{key} {line}")
    return found


def run_key() -> str | None:
    """Return the command that Windows runs at login."""
    found = re.search(r"Presence Tray\s+REG_SZ\s+(.*)", run("reg", "query", RUN).stdout)
    return found[1].strip() if found else None


def is_running() -> bool:
    return COMMAND.exists() and run(COMMAND, "status").returncode == 0


def uninstall(*options: str) -> None:
    """Uninstall; the uninstaller goes on as a copy of itself, so that it can remove itself."""
    run(INSTALLED / "uninstall.exe", "/S", *options)
    wait(lambda: not INSTALLED.exists(), "the end of the uninstaller")


def test_it_installs_runs_launches_at_login_and_leaves_no_trace(desktop: Desktop) -> None:
    others = files() | registry()  # of the tests before
    assert run(SETUP, "/S").returncode == 0  # once before, so that what Wine does at a first start is done
    uninstall("/PURGE")
    empty = desktop.tray()
    before = files(), registry()

    assert run(SETUP, "/S", "/LAUNCHATLOGIN").returncode == 0
    assert SHORTCUT.exists()
    assert SHORTCUT.with_name("Presence Tray settings.lnk").exists()
    assert run_key() == rf'"{IN_WINDOWS}\presence-tray-window.exe" --at-login'
    assert "launches at login" in run(COMMAND, "autostart", "status").stdout
    assert not is_running(), "a silent installation starts nothing unasked"

    run(FOLDER / "python" / "python.exe", "-c", LOG_IN, run_key() or "")
    try:
        wait(is_running, "the program")
        wait(lambda: desktop.tray() != empty, "its icon")
        time.sleep(1)  # until it is painted
        desktop.picture("installed")
    finally:
        uninstall("/PURGE")
    wait(lambda: desktop.tray() == empty, "an empty tray")
    after = files(), registry()
    assert (after[0] - before[0], after[1] - before[1]) == (set(), set())
    ours = (after[0] | after[1]) - others
    assert [each for each in ours if re.search("presence.?tray", each, re.IGNORECASE)] == []


def test_an_upgrade_replaces_and_restarts_what_runs(desktop: Desktop) -> None:
    assert run(SETUP, "/S", "/START").returncode == 0
    wait(is_running, "the program")
    left_over, theirs = INSTALLED / "_internal" / "left-over.txt", INSTALLED / "_internal" / "theirs.txt"
    left_over.write_text("of an older version")
    theirs.write_text("of the user")
    with (INSTALLED / "_internal" / "installed.txt").open("a") as list_of_the_older_version:
        list_of_the_older_version.write("left-over.txt\n")
    assert run(SETUP, "/S").returncode == 0
    assert (left_over.exists(), theirs.exists()) == (False, True)
    theirs.unlink()
    wait(is_running, "the program, started again")
    assert run_key() is None
    uninstall()
    assert (LOCAL / "presence-tray").exists(), "what is the user's stays, unless asked"
    assert desktop.windows("#32770") == []


def test_launch_at_login_that_points_elsewhere_is_stale_then_repaired_and_not_removed_with_this_one() -> None:
    run(SETUP, "/S")
    run("reg", "add", RUN, "/v", "Presence Tray", "/d", r'"C:\gone\presence-tray-window.exe" --at-login', "/f")
    assert "no longer exists" in run(COMMAND, "autostart", "status").stdout
    run(COMMAND, "autostart", "on")
    assert run_key() == rf'"{IN_WINDOWS}\presence-tray-window.exe" --at-login'
    run("reg", "add", RUN, "/v", "Presence Tray", "/d", r'"C:\portable\presence-tray-window.exe" --at-login', "/f")
    uninstall("/PURGE")
    assert run_key() == r'"C:\portable\presence-tray-window.exe" --at-login'
    run("reg", "delete", RUN, "/v", "Presence Tray", "/f")


def test_nothing_of_ours_is_a_console_that_flashes() -> None:
    """The program of the Start menu and of login is one for windows, the other one for consoles."""
    frozen = FOLDER / "frozen" / "presence-tray"
    assert (subsystem(frozen / "presence-tray-window.exe"), subsystem(frozen / "presence-tray.exe")) == (2, 3)


def subsystem(program: Path) -> int:
    """Return what a program's header says: 2 windows, 3 console."""
    data = program.read_bytes()
    header = int.from_bytes(data[0x3C:0x40], "little")
    return int.from_bytes(data[header + 0x5C : header + 0x5E], "little")
