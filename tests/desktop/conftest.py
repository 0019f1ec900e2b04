"""What the tests of the desktop share."""

import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tray.desktop.linux import status_item
from tray.desktop.linux.tray import LinuxTray

if TYPE_CHECKING:
    from tray.core.events import Event


class RunningTray:
    """A tray whose loop runs on a thread, with what it posted."""

    def __init__(self, environ: dict[str, str], **patience: timedelta) -> None:
        self.posted: list[Event] = []
        registration = status_item.join(environ)
        self.bus = registration.bus
        self.tray = LinuxTray(self.posted.append, registration, **patience)
        self.thread = threading.Thread(target=self.tray.run, name="tray")
        self.thread.start()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def wake_ups(self) -> int:
        """Return how often the loop's thread went to sleep so far: it cannot wake without sleeping again."""
        status = Path(f"/proc/self/task/{self.thread.native_id}/status").read_text(encoding="ascii")
        (line,) = [line for line in status.splitlines() if line.startswith("voluntary_ctxt_switches")]
        return int(line.split()[1])

    def stop(self) -> None:
        self.tray.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()


StartTray = Callable[..., AbstractContextManager[RunningTray]]


@pytest.fixture
def bus() -> Iterator[PrivateBus]:
    with PrivateBus() as bus:
        yield bus


@pytest.fixture
def host(bus: PrivateBus) -> Iterator[TrayHost]:
    with TrayHost(bus.address) as host:
        yield host


@pytest.fixture
def start_tray(bus: PrivateBus) -> StartTray:
    @contextmanager
    def start(**patience: timedelta) -> Iterator[RunningTray]:
        running = RunningTray(bus.environ, **patience)
        try:
            yield running
        finally:
            running.stop()

    return start


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program whose path has what is hard to quote."""
    file = tmp_path / "a b &c %f 'é" / "presence-tray"
    file.parent.mkdir()
    file.write_text('#!/bin/sh\nprintf \'%s\\n\' "$0" "$@" "$PRESENCE_TRAY_HOME"\n')
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file
