"""The real autostart entry, started by a real starter, in a session whose parts come one after the other."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.desktop.linux.notice_daemon import NoticeDaemon
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.desktop import Desktop
from tests.program.processes import PATIENCE, PROGRAM, Program
from tests.requirements import needs
from tests.signin.secret_service import SecretService, wait_for_store
from tray.control.client import ask
from tray.errors import NotRunning
from tray.messages.menu import row
from tray.paths import locate

ON = "Presence Tray launches at login.\n"

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="dex is for the desktops of Linux"),
    needs("dbus-daemon", "dex", "gnome-keyring-daemon"),
]


@contextmanager
def logged_in(program: Program) -> Iterator[None]:
    """Start what is in the autostart folder, as a session does: without the variables of the terminal before."""
    environ = {name: value for name, value in program.environ.items() if name != "PRESENCE_TRAY_HOME"}
    folder = Path(environ["HOME"], ".config", "autostart")
    dex = subprocess.Popen(["dex", "--autostart", "--search-paths", folder], env=environ, start_new_session=True)
    try:
        assert dex.wait(PATIENCE) == 0
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(dex.pid, signal.SIGKILL)


def trouble_of(program: Program) -> str | None:
    """Return what is in the way, without looking: a look would have the keyring asked again, once in 30 seconds."""
    with suppress(NotRunning):
        channel = locate(demo=False, environment=program.environ).channel
        trouble: dict[str, str] | None = ask(channel, {"do": "status"})["status"]["trouble"]
        return trouble["code"] if trouble else None
    return None


def test_after_the_login_panel_keyring_and_network_may_come_late_and_nobody_hears_of_it(desktop: Desktop) -> None:
    program, cloud = desktop.program, desktop.cloud
    program.environ["HOME"] = str(desktop.home / "a user's home")
    desktop.sign_in()
    with (desktop.home / "settings.toml").open("a") as settings:
        settings.write('at_launch = "in-a-call"\n')
    assert program.run("autostart", "on").stdout == ON
    desktop.keyring.stop()
    cloud.stop()

    with NoticeDaemon(desktop.bus.address) as popups, logged_in(program):
        with TrayHost(desktop.bus.address, watching=False) as panel:
            panel.handle_until(lambda: trouble_of(program) == "keyring", PATIENCE)
            panel.appear()
            panel.wait_item()
            panel.handle_until(
                lambda: panel.properties()["ToolTip"][2].startswith("In a call (no end time), not set in Teams yet"),
                PATIENCE,
            )
            desktop.keyring = SecretService(desktop.home.parent, desktop.bus)
            wait_for_store()
            program.wait_for(lambda status: status["trouble"] is not None and status["trouble"]["code"] == "offline")
            cloud.start()
            program.wait_for(lambda status: status["trouble"] is None and status["hold"]["held_by"] == "session")
            assert desktop.shown == "Busy / InACall"
        popups.handle_until(lambda: program.run("quit").returncode == 0)
        assert popups.popups == []


def test_an_entry_whose_program_has_moved_is_stale_starts_nothing_and_is_repaired(tmp_path: Path) -> None:
    gone, here = tmp_path / "before" / "bin", tmp_path / "after" / "bin"
    gone.mkdir(parents=True)
    for name in ("python", "presence-tray"):  # a virtual environment is these two and a pointer
        shutil.copy(Path(PROGRAM).with_name(name), gone / name, follow_symlinks=False)
    shutil.copy(Path(sys.prefix, "pyvenv.cfg"), gone.parent)
    (gone.parent / "lib").symlink_to(Path(sys.prefix, "lib"))
    program = Program(tmp_path / "home", {"HOME": str(tmp_path / "home")})
    first = [str(gone / "python"), "-m", "tray", "autostart"]
    subprocess.run([*first, "on"], env=program.environ, check=True, capture_output=True)
    gone.parent.rename(here.parent)

    entry = tmp_path / "home" / ".config" / "autostart" / "presence-tray.desktop"
    assert f"TryExec={gone / 'presence-tray'}\n" in entry.read_text()
    moved = [str(here / "python"), "-m", "tray", "autostart"]
    told = subprocess.run([*moved, "status"], env=program.environ, check=True, capture_output=True, text=True)
    assert "autostart on" in told.stdout
    with logged_in(program):
        assert program.run("status").returncode == 3
    told = subprocess.run([*moved, "on"], env=program.environ, check=True, capture_output=True, text=True)
    assert told.stdout == ON
    assert f"TryExec={here / 'presence-tray'}\n" in entry.read_text()


@pytest.mark.parametrize(
    ("change", "ticked"),
    [
        (("", ""), True),
        (("(X-GNOME-Autostart-enabled)=true", r"\1=false"), False),
    ],
    ids=["as it was", "off in the desktop's settings"],
)
def test_the_menu_reads_back_what_the_desktop_has_and_a_click_changes_that(
    tmp_path: Path, bus: PrivateBus, host: TrayHost, change: tuple[str, str], *, ticked: bool
) -> None:
    program = Program(tmp_path / "home", {**bus.environ, "HOME": str(tmp_path)})
    assert program.run("autostart", "on").stdout == ON
    entry = tmp_path / ".config" / "autostart" / "presence-tray.desktop"
    entry.write_text(re.sub(*change, entry.read_text(), count=1))
    with program.running("run", "--at-login"):
        host.wait_item()
        wait_until_ticked(host, on=ticked)
        host.click(row("autostart"))
        wait_until_ticked(host, on=not ticked)
        assert (program.run("autostart", "status").stdout == ON) is not ticked
        assert entry.exists() is not ticked


def wait_until_ticked(host: TrayHost, *, on: bool) -> None:
    limit = time.monotonic() + PATIENCE
    while not any(
        each.checked is on and each.enabled for each in host.layout().walk() if each.label == row("autostart")
    ):
        assert time.monotonic() < limit, host.layout().labels
        time.sleep(0.05)
