"""The real program while it starts: the item is registered, and what answers for it is still being loaded."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.desktop.linux.bus_peer import BusPeer, CallFailed
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import WATCHER, TrayHost
from tests.program.running import PATIENCE, PROGRAM, Program

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the item is registered ahead on Linux alone")

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
HALF_LOADED = ("tray.works", "tray.core.events", "tray.core.states", "tray.core.values", "tray.settings")


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


@pytest.mark.parametrize("module", HALF_LOADED)
@pytest.mark.parametrize("has_bus", [True, False], ids=["panel", "no bus"])
def test_a_signal_in_the_middle_of_an_import_is_an_end_like_any_other(
    tmp_path: Path, bus: PrivateBus, host: TrayHost, module: str, has_bus: bool
) -> None:
    program = Program(tmp_path, bus.environ if has_bus else {"DBUS_SESSION_BUS_ADDRESS": ""})
    with program.started(*signalled(signal.SIGTERM, module), "run", "--demo", "--at-login") as process:
        if has_bus:
            host.wait_for(lambda: bool(host.registrations))
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_replaced_while_it_starts_it_goes_on_as_the_new_version(
    tmp_path: Path, bus: PrivateBus, host: TrayHost
) -> None:
    program = Program(tmp_path, bus.environ)
    with program.started(*signalled(signal.SIGUSR1, "tray.works"), "run", "--demo") as process:
        host.wait_item()
        host.wait_item()
        program.wait_for(bool)
        assert process.poll() is None
        assert program.run("quit").returncode == 0
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("command", [("run", "--demo"), ("hold", "busy", "--demo")])
def test_with_nohup_it_outlives_its_terminal(tmp_path: Path, bus: PrivateBus, command: tuple[str, ...]) -> None:
    program = Program(tmp_path, bus.environ)
    with program.started("nohup", PROGRAM, *command) as process:
        program.wait_for(bool)
        process.send_signal(signal.SIGHUP)
        assert program.run("set", "away").returncode == 0
        assert program.run("quit").returncode == 0
        assert process.wait(PATIENCE) == 0


# --------------------------------------------------------------------------- the bus and the panel


def test_a_bus_that_dies_while_the_rest_is_loaded_is_the_end_of_the_session(tmp_path: Path, bus: PrivateBus) -> None:
    program = Program(tmp_path, bus.environ)
    with TrayHost(bus.address) as host, program.running("run", "--demo") as process:
        host.wait_for(lambda: bool(host.registrations))
        bus.kill()
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_bus_that_hangs_while_the_rest_is_loaded_holds_nothing_up(
    tmp_path: Path, bus: PrivateBus, host: TrayHost
) -> None:
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
        assert program.run("quit").returncode == 0
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_panel_that_opens_reads_and_clicks_at_once_gets_the_menu_when_it_is_there(
    tmp_path: Path, bus: PrivateBus, host: TrayHost
) -> None:
    program = Program(tmp_path, bus.environ)
    with program.running("run", "--demo"):
        host.wait_item()
        for number in range(12):  # the header and some of the nine
            host.open_menu()
            with suppress(CallFailed):  # the menu has no such item yet
                host.click_number(number)
        status = program.wait_for(bool)
        assert status["trouble"] is None
        host.settle()
        assert host.layout().find("Available").enabled


def test_a_panel_that_restarts_while_the_rest_is_loaded_gets_the_item_again(
    tmp_path: Path, bus: PrivateBus, host: TrayHost
) -> None:
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
        assert program.run("quit").returncode == 0
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_settings_that_cannot_be_read_take_the_item_away_again(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    (tmp_path / "settings.toml").write_text("lease_minutes = 1\n")
    with Program(tmp_path, bus.environ).running("run") as process:
        name = host.wait_item()
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 6
    assert err.count("\n") == 1
    assert "lease_minutes = 1" in err
    with pytest.raises(CallFailed, match="ServiceUnknown"):
        host.properties()
    assert host.registrations == [name]


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
