"""What the tests of the real program share."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.desktop import Desktop
from tests.signin.platform import Cloud
from tests.signin.secret_service import wait_for_store

if sys.platform != "win32":
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the suite may run under nohup: the programs that it starts do not
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def bus() -> Iterator[PrivateBus]:
    with PrivateBus() as started:
        yield started


@pytest.fixture
def host(bus: PrivateBus) -> Iterator[TrayHost]:
    with TrayHost(bus.address) as started:
        yield started


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    cloud = Cloud(tmp_path)
    cloud.start()
    if sys.platform == "win32":
        running = Desktop(tmp_path, None, cloud)
        yield running
        running.program.run("sign-out")
        cloud.stop()
        return
    with PrivateBus() as bus:
        running = Desktop(tmp_path, bus, cloud)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        try:
            wait_for_store()
            yield running
        finally:
            running.keyring.stop()
            cloud.stop()
