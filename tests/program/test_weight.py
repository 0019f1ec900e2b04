"""What the program loads, and when: the network stack after the icon, the sign-in never; and that it comes to rest."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks import growth
from tests.benchmarks.weight import readings
from tests.benchmarks.weight.readings import wake_ups
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.desktop import Desktop
from tests.program.processes import PATIENCE, PROGRAM, Program
from tests.signin.platform import Cloud
from tests.signin.secret_service import needs_keyring, wait_for_store
from tray.desktop.icons.pixmaps import SIZES

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tray of Linux")

NETWORK = {"httpcore", "ssl", "truststore"}
SIGN_IN = {"msal", "requests", "keyring", "cryptography", "secretstorage"}
NEVER = {
    "PIL",
    "http",
    "click",
    "ctypes",
    "difflib",
    "pickle",
    "sysconfig",
    "werkzeug",
    "jinja2",
    "waitress",
    "webbrowser",
}  # by chance: each would come with something that is needed
LATER = {"shutil", "tempfile", "bz2", "lzma"}  # what the network stack loads, and the icon can do without
REST = 1.0  # seconds


def imported(report: Path) -> set[str]:
    """Return the modules of an `-X importtime` report, and the packages they belong to."""
    rows = report.read_text(encoding="utf-8", errors="replace").splitlines()
    modules = [row.rsplit("|", 1)[1].strip() for row in rows if row.startswith("import time:")]
    return {*modules, *(module.split(".")[0] for module in modules)}


def test_the_icon_waits_for_neither_the_network_stack_nor_the_sign_in(tmp_path: Path, bus: PrivateBus) -> None:
    environ, report = Program(tmp_path, bus.environ).environ, tmp_path / "imports"
    command = [sys.executable, "-X", "importtime", PROGRAM, "run"]
    with TrayHost(bus.address) as panel, report.open("w") as stderr:
        process = subprocess.Popen(command, env=environ, stderr=stderr)
        try:
            panel.wait_for(lambda: bool(panel.registrations), PATIENCE)
        finally:
            process.kill()
            process.wait()
    assert not imported(report) & (NETWORK | SIGN_IN | NEVER | LATER)


@needs_keyring
def test_neither_sign_in_nor_what_nothing_needs_enters_the_trays_process(
    tmp_path: Path, bus: PrivateBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, cloud = tmp_path / "imports", Cloud(tmp_path)
    cloud.start()
    desktop = Desktop(tmp_path, bus, cloud)
    program = desktop.program
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    wait_for_store()
    try:
        desktop.sign_in()
        with TrayHost(bus.address) as panel, report.open("w") as stderr:
            command = [sys.executable, "-X", "importtime", PROGRAM, "run"]
            process = subprocess.Popen(command, env=program.environ, stderr=stderr)
            program.wait_for(lambda status: status["account"]["signed_in"])
            assert program.run("set", "in-a-call").returncode == 0
            cloud.platform.expire_access()
            assert program.run("set", "presenting").returncode == 0
            assert desktop.shown == "DoNotDisturb / Presenting"
            panel.wait_item()
            assert sorted(panel.pixmaps()) == list(SIZES)
            program.quit()
            assert process.wait(PATIENCE) == 0
    finally:
        desktop.keyring.stop()
        cloud.stop()
    loaded = imported(report)
    assert loaded >= NETWORK
    assert loaded & (SIGN_IN | NEVER) == set()


def rest(panel: TrayHost) -> None:
    """Let a while pass, answering what a panel is asked."""
    until = time.monotonic() + REST
    panel.handle_until(lambda: time.monotonic() > until)


def test_a_program_that_holds_nothing_comes_to_rest(tmp_path: Path, bus: PrivateBus) -> None:
    with TrayHost(bus.address) as panel, Program(tmp_path, bus.environ).running("run", "--demo") as process:
        panel.wait_item()
        panel.handle_until(lambda: bool(panel.layout().labels), PATIENCE)  # everything behind the icon is there
        limit = time.monotonic() + PATIENCE
        before = wake_ups(process.pid)
        while True:
            rest(panel)
            after = wake_ups(process.pid)
            if after == before and len(after) >= 5:  # all its threads are there, and sleep
                break
            assert time.monotonic() < limit, f"threads wake again and again: {before} {after}"
            before = after


@needs_keyring
def test_work_done_again_and_again_leaves_no_thread_and_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "")  # what the benchmark sets is taken back
    with growth.running() as grower:
        pid = grower.program.pid
        for act in (grower.menu, grower.token, grower.sleep):
            act()
        threads, descriptors = readings.threads(pid), readings.descriptors(pid)
        for act in (grower.menu, grower.token, grower.sleep):
            act()
        limit = time.monotonic() + PATIENCE
        while readings.threads(pid) > threads or readings.descriptors(pid) > descriptors:  # a save has a file open
            assert time.monotonic() < limit, (threads, descriptors)
            time.sleep(0.1)
