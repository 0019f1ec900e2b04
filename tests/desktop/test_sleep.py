"""Sleep as logind tells it: a real bus, a stand-in for logind, and the inhibitor's other end in the test's hands."""

import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jeepney import DBusAddress, HeaderFields, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.blocking import open_dbus_connection

from tests.desktop.private_bus import PrivateBus
from tray.core.events import (
    Event,
    LeaveAsked,
    Resumed,
    Suspending,
)
from tray.core.things import Leaving
from tray.desktop.sleep import LOGIND, MANAGER, PATH, LogindWatch


class Logind:
    """Answers `Inhibit` with a pipe's end, and sends signals when told."""

    def __init__(self, address: str) -> None:
        self.inhibitors: list[int] = []
        self._connection = open_dbus_connection(address, enable_fds=True)
        self._connection.send_and_get_reply(message_bus.RequestName(LOGIND))
        self._thread = threading.Thread(target=self._serve, name="logind")
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                message = self._connection.receive()
            except (OSError, ConnectionError):
                return
            if message.header.message_type is MessageType.method_call:
                read, write = os.pipe()
                self.inhibitors.append(read)
                self._connection.send(new_method_return(message, "h", (write,)))
                os.close(write)
                assert message.header.fields[HeaderFields.member] == "Inhibit"

    def tell(self, member: str, *, begins: bool) -> None:
        self._connection.send(new_signal(DBusAddress(PATH, LOGIND, MANAGER), member, "b", (begins,)))

    def holds(self, number: int) -> bool:
        """Tell whether an inhibitor is still held: its pipe has no end yet."""
        return not select.select([self.inhibitors[number]], [], [], 0)[0]

    def stop(self) -> None:
        self._connection.sock.shutdown(2)
        self._thread.join()
        self._connection.close()
        for inhibitor in self.inhibitors:
            os.close(inhibitor)


@pytest.fixture
def logind(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logind]:
    with PrivateBus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        running = Logind(bus.address)
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture
def posted() -> list[Event]:
    return []


@pytest.fixture
def watch(logind: Logind, posted: list[Event]) -> Iterator[LogindWatch]:
    watch = LogindWatch(posted.append)
    watch.start()
    wait_until(lambda: len(logind.inhibitors) == 1 and watch._inhibitor is not None)
    try:
        yield watch
    finally:
        watch.stop()


def wait_until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_the_machine_waits_until_it_is_allowed_to_sleep(
    logind: Logind, watch: LogindWatch, posted: list[Event]
) -> None:
    logind.tell("PrepareForSleep", begins=True)
    wait_until(lambda: posted == [Suspending()])
    assert logind.holds(0)
    watch.allow()
    wait_until(lambda: not logind.holds(0))
    watch.allow()
    logind.tell("PrepareForSleep", begins=False)
    wait_until(lambda: posted == [Suspending(), Resumed()] and len(logind.inhibitors) == 2)
    assert logind.holds(1)


def test_the_end_of_the_session_is_told(logind: Logind, watch: LogindWatch, posted: list[Event]) -> None:
    assert watch is not None
    logind.tell("PrepareForShutdown", begins=True)
    wait_until(lambda: posted == [LeaveAsked(Leaving.ENDED)])


def test_many_nights_leave_no_descriptor_behind(logind: Logind, watch: LogindWatch, posted: list[Event]) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for night in range(1, 31):
        logind.tell("PrepareForSleep", begins=True)
        wait_until(lambda: len(posted) == 2 * night - 1)  # noqa: B023  used within the turn
        watch.allow()
        logind.tell("PrepareForSleep", begins=False)
        wait_until(lambda: len(logind.inhibitors) == night + 1)  # noqa: B023  the same
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 30 + 1  # the stand-in's own ends


def test_stopping_gives_the_inhibitor_back_and_ends_the_thread(logind: Logind, watch: LogindWatch) -> None:
    watch.stop()
    assert not logind.holds(0)
    assert "sleep" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "rubbish"])
def test_without_a_system_bus_nothing_is_told_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, posted: list[Event], address: str
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    watch = LogindWatch(posted.append)
    watch.start()
    watch._thread.join(5)
    assert not watch._thread.is_alive()
    watch.allow()
    watch.stop()
    assert posted == []


def test_without_logind_the_watch_only_listens(monkeypatch: pytest.MonkeyPatch, posted: list[Event]) -> None:
    with PrivateBus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        watch = LogindWatch(posted.append)
        watch.start()
        time.sleep(0.2)
        watch.allow()
        watch.stop()
    assert posted == []
