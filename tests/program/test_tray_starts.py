"""The real program while it starts: signals, buses and panels that cannot wait."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.desktop.linux.bus_peer import BUS, BusPeer
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import WATCHER, TrayHost
from tests.program.processes import PATIENCE, PROGRAM, Program
from tray.core.states import STATES
from tray.messages.presence import label

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tray of Linux")

AT_IMPORT = """
import os, signal, sys

class Signalling:
    def find_spec(self, name, path=None, target=None):
        if name == wanted and self in sys.meta_path:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), number)

number, wanted = int(sys.argv[1]), sys.argv[2]
del sys.argv[1:3]
sys.meta_path.insert(0, Signalling())
from tray.__main__ import main
sys.exit(main())
"""
FACE = "tray.desktop.linux"  # the first module that is imported after the signals are taken


def signalled(number: int, module: str) -> tuple[str, ...]:
    """Return a command that starts the program; it gets a signal when it is about to import a module."""
    return sys.executable, "-c", AT_IMPORT, str(int(number)), module


@contextmanager
def without_an_answer(bus: PrivateBus) -> Iterator[BusPeer]:
    """Own the watcher's name and never answer."""
    with BusPeer(bus.address) as hung:
        hung.own(WATCHER)
        yield hung


# --------------------------------------------------------------------------- signals


@pytest.mark.parametrize("has_bus", [True, False], ids=["panel", "no bus"])
def test_a_signal_that_comes_before_the_engine_waits_for_it(
    tmp_path: Path, bus: PrivateBus, host: TrayHost, has_bus: bool
) -> None:
    program = Program(tmp_path, bus.environ if has_bus else {"DBUS_SESSION_BUS_ADDRESS": ""})
    with program.started(*signalled(signal.SIGTERM, FACE), "run", "--demo", "--at-login") as process:
        if has_bus:
            host.wait_for(lambda: bool(host.registrations))
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_signal_that_comes_while_the_program_is_loaded_ends_it(
    tmp_path: Path, bus: PrivateBus, host: TrayHost
) -> None:
    program = Program(tmp_path, bus.environ)
    with program.started(*signalled(signal.SIGTERM, "tray.core.engine"), "run", "--demo") as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (-signal.SIGTERM, "", "")
    host.send(BUS, "GetId")  # whatever came before its answer has been taken in
    assert host.registrations == []


@pytest.mark.parametrize("module", ["tray.key_press", "tray.cli", "argparse"])
def test_ctrl_c_while_a_command_is_loaded_ends_it_without_a_word(tmp_path: Path, module: str) -> None:
    with Program(tmp_path).started(*signalled(signal.SIGINT, module), "states") as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (-signal.SIGINT, "", "")


def test_replaced_while_it_starts_it_goes_on_as_the_new_version(
    tmp_path: Path, bus: PrivateBus, host: TrayHost
) -> None:
    program = Program(tmp_path, bus.environ)
    with program.started(*signalled(signal.SIGUSR1, FACE), "run", "--demo") as process:
        host.wait_item()
        host.wait_item()
        program.wait_for(bool)
        assert process.poll() is None
        program.quit()
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("command", [("run", "--demo"), ("hold", "busy", "--demo")])
def test_with_nohup_it_outlives_its_terminal(tmp_path: Path, bus: PrivateBus, command: tuple[str, ...]) -> None:
    program = Program(tmp_path, bus.environ)
    with program.started("nohup", PROGRAM, *command) as process:
        program.wait_for(bool)
        process.send_signal(signal.SIGHUP)
        assert program.run("set", "away").returncode == 0
        program.quit()
        assert process.wait(PATIENCE) == 0


# --------------------------------------------------------------------------- the bus and the panel


def test_a_bus_that_hangs_holds_nothing_up(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    program = Program(tmp_path, bus.environ)
    with program.running("run", "--demo") as process:
        host.wait_for(lambda: bool(host.registrations))
        bus.process.send_signal(signal.SIGSTOP)
        program.wait_for(bool)
        assert program.run("set", "busy").returncode == 0
        bus.process.send_signal(signal.SIGCONT)
        while not host.properties()["ToolTip"][2].startswith("Busy"):
            time.sleep(0.05)  # the test's time limit bounds it
        bus.process.send_signal(signal.SIGSTOP)
        program.quit()
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.parametrize("arguments", [("run",), ("run", "--demo")], ids=["signed out", "demo"])
def test_a_panel_that_asks_once_and_at_once_gets_the_whole_menu(
    tmp_path: Path, bus: PrivateBus, host: TrayHost, arguments: tuple[str, ...]
) -> None:
    """GNOME's extension reads the menu when the item is registered; one that is empty then stays empty."""
    program = Program(tmp_path, bus.environ)
    with program.running(*arguments):
        host.wait_for(lambda: bool(host.registrations))
        first = host.layout()
        program.wait_for(lambda status: not status["account"]["signed_in"] or "--demo" in arguments)
        host.settle()
        later = host.layout()
    assert {label(state) for state in STATES} <= set(first.labels)
    assert [node.number for node in first.children] == [node.number for node in later.children]


def test_a_panel_that_clicks_at_once_is_heard(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    program = Program(tmp_path, bus.environ)
    with program.running("run", "--demo"):
        host.wait_for(lambda: bool(host.registrations))
        host.click("Busy")
        program.wait_for(lambda status: bool(status["hold"]) and status["hold"]["state"] == "busy")


def test_a_panel_that_restarts_at_once_gets_the_item_again(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    program = Program(tmp_path, bus.environ)
    with program.running("run", "--demo"):
        host.wait_for(lambda: bool(host.registrations))
        host.vanish()
        host.appear()
        host.wait_for(lambda: len(host.registrations) > 1)
        assert host.properties()["Status"] == "Active"
        program.wait_for(bool)
        assert host.layout().find("Available").enabled


@pytest.mark.parametrize("refuses", [True, False], ids=["refuses", "never answers"])
def test_a_watcher_that_does_not_take_the_item_holds_nothing_up(tmp_path: Path, bus: PrivateBus, refuses: bool) -> None:
    program = Program(tmp_path, bus.environ)
    with without_an_answer(bus) as watcher, program.running("run", "--demo", "--at-login") as process:
        if refuses:  # as a peer answers whatever it does not know
            watcher.handle_until(lambda: bool(program.status()))
        program.wait_for(bool)
        assert program.run("set", "busy").returncode == 0
        program.quit()
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_settings_that_cannot_be_read_show_no_icon(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    (tmp_path / "settings.toml").write_text("lease_minutes = 1\n")
    with Program(tmp_path, bus.environ).running("run") as process:
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 6
    assert err.count("\n") == 1
    assert "lease_minutes = 1" in err
    host.send(BUS, "GetId")  # whatever came before its answer has been taken in
    assert host.registrations == []


def test_a_second_start_in_the_same_moment_shows_no_second_icon(
    tmp_path: Path, bus: PrivateBus, host: TrayHost
) -> None:
    program = Program(tmp_path, bus.environ)
    with program.running("run", "--demo") as one, program.running("run", "--demo") as other:
        host.wait_item()
        program.wait_for(lambda _: any("started again" in label for label in host.layout().labels))
        turned_away = one if one.poll() is not None else other
        assert turned_away.wait(PATIENCE) == 8
        assert len(host.registrations) == 1
