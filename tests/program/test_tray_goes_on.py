"""The real program where something of the desktop is missing, dies or hangs: it goes on, and says what is missing."""

import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desktop.linux.bus_peer import BUS, BusPeer
from tests.desktop.linux.notice_daemon import NoticeDaemon
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.processes import PATIENCE, PROGRAM, Program
from tests.requirements import needs, require
from tray.messages import desktop

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the tray of Linux"),
    needs("dbus-daemon"),
]

NO_BUS, _ = desktop.no_session_bus()
NO_TRAY, _ = desktop.no_tray()


@contextmanager
def going_on(program: Program, *arguments: str) -> Iterator[None]:
    """Run the demo; in the end it must still hold what it is told, and quit well without a traceback."""
    with program.running("run", "--demo", *arguments) as process:
        program.wait_for(bool)
        yield
        assert program.run("set", "busy").returncode == 0
        hold = program.status()["hold"]
        assert (hold["state"], hold["held_by"]) == ("busy", "preferred")  # test_renewal.py has the other profile
        program.quit()
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Traceback" not in out + err + log_of(program)


def log_of(program: Program) -> str:
    files = list(Path(program.environ["PRESENCE_TRAY_HOME"]).rglob("*.log"))
    return "".join(file.read_text(encoding="utf-8") for file in files)


def wait_until(is_so: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < limit
        time.sleep(0.05)


# --------------------------------------------------------------------------- no bus


@contextmanager
def hung_bus(folder: Path) -> Iterator[str]:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "hung"))
        listener.listen()
        yield f"unix:path={folder / 'hung'}"


@pytest.mark.parametrize(("address", "at_login"), [("", False), ("hung", True)])
def test_without_a_session_bus_it_says_so_and_serves_the_commands(tmp_path: Path, address: str, at_login: bool) -> None:
    with hung_bus(tmp_path) as hung:
        program = Program(tmp_path, {"DBUS_SESSION_BUS_ADDRESS": hung if address == "hung" else address})
        with going_on(program, *(["--at-login"] if at_login else [])):
            pass
        assert NO_BUS in log_of(program)


@pytest.mark.usefixtures("host")
def test_a_bus_that_dies_is_the_end_of_the_session_and_what_is_held_is_given_back(
    tmp_path: Path, bus: PrivateBus
) -> None:
    program = Program(tmp_path, bus.environ)
    with program.running("run", "--demo") as process:
        program.wait_for(bool)  # the icon is there before the commands
        assert program.run("set", "busy").returncode == 0
        bus.kill()
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


# --------------------------------------------------------------------------- no panel


def test_a_panel_that_comes_late_gets_the_icon_and_once_more_when_it_was_killed_and_comes_back(
    tmp_path: Path, bus: PrivateBus
) -> None:
    program = Program(tmp_path, bus.environ)
    with going_on(program):
        with TrayHost(bus.address, watching=False) as late:
            time.sleep(1)  # by then it has looked for a panel
            late.appear()
            late.wait_item()
        # The connection is closed, as the kernel does for a process that is killed.
        with TrayHost(bus.address) as again:
            again.wait_item()
            again.click("Away")
            program.wait_for(lambda status: bool(status["hold"]) and status["hold"]["state"] == "away")


@pytest.mark.parametrize("piped", [False, True])
def test_by_hand_without_a_panel_it_says_what_is_missing_and_shows_itself_in_the_terminal(
    tmp_path: Path, bus: PrivateBus, piped: bool
) -> None:
    program = Program(tmp_path, bus.environ | {"TERM": "xterm"})
    seen = Screen()
    with seen.running(program, "run", "--demo", piped=piped) as process:
        seen.until(NO_TRAY, "AppIndicator", "Ctrl-C clears your status and quits")
        program.wait_for(bool)
        assert program.run("set", "busy").returncode == 0
        seen.until("Busy (no end time)")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert ("\x1b" in seen.text) is not piped


class Screen:
    """What a program writes to a terminal that it can also be typed into, or to a pipe."""

    def __init__(self) -> None:
        self.text = ""
        self._reader = -1

    @contextmanager
    def running(self, program: Program, *arguments: str, piped: bool) -> Iterator[subprocess.Popen[bytes]]:
        require("pseudo-terminals")
        master, slave = pty.openpty()
        reader, writer = os.pipe()
        self._reader = reader if piped else master
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            env=program.environ,
            stdin=slave,
            stdout=writer if piped else slave,
            stderr=writer if piped else slave,
            start_new_session=True,
        )
        os.close(writer)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for descriptor in (master, slave, reader):
                os.close(descriptor)

    def until(self, *wanted: str) -> None:
        """Read on until all has been seen, wherever its lines are broken; the test's time limit bounds it."""
        while not all(each in " ".join(self.text.replace("\x1b[K", "").split()) for each in wanted):
            self.text += os.read(self._reader, 65536).decode()


# --------------------------------------------------------------------------- no popups


def test_without_popups_a_notice_is_a_line_in_the_log(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    program = Program(tmp_path, bus.environ)
    with going_on(program):
        host.wait_item()
        assert program.run("run", "--demo").returncode == 8
        wait_until(lambda: "No notification could be shown" in log_of(program))
        wait_until(lambda: host.layout().labels[1].startswith("Already running"))  # once it knows who is signed in


def test_popups_that_hang_hold_nothing_up(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    program = Program(tmp_path, bus.environ)
    with going_on(program), BusPeer(bus.address) as hung:
        hung.own("org.freedesktop.Notifications")  # and never answers
        host.wait_item()
        for _ in range(2):
            assert program.run("run", "--demo").returncode == 8
        host.click("Presenting")
        program.wait_for(lambda status: bool(status["hold"]) and status["hold"]["state"] == "presenting")


def test_notices_can_be_silenced_and_the_menu_still_tells(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    program = Program(tmp_path, bus.environ)
    (tmp_path / "settings.toml").write_text('notifications = "none"\n', encoding="utf-8")
    with going_on(program), NoticeDaemon(bus.address, "actions") as daemon:
        host.wait_item()
        assert program.run("run", "--demo").returncode == 8
        program.wait_for(lambda _: host.layout().labels[1].startswith("Already running"))
        daemon.send(BUS, "GetId")  # whatever came before its answer has been taken in
        assert (daemon.asked, daemon.popups) == (0, [])


def test_the_remedy_of_a_notice_is_a_button_that_does_it(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    program = Program(tmp_path, bus.environ)
    with going_on(program, "--speed", "30"), NoticeDaemon(bus.address, "actions") as daemon:
        host.wait_item()
        host.click("Away")
        program.wait_for(lambda status: bool(status["hold"]) and status["hold"]["held_by"] == "session")
        assert program.run("demo", "choose-busy").returncode == 0
        program.wait_for(lambda status: "Busy" in str(status["teams_shows"]))  # being asked, it reads
        popup = daemon.wait_popup()
        assert (popup.title, popup.actions) == ("You set “Busy” in Teams.", ["remedy", "Clear that status"])
        daemon.say("ActionInvoked", "us", 1, "remedy")
        program.wait_for(lambda status: "Busy" not in str(status["teams_shows"]))
