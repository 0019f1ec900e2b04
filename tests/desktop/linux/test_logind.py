"""Sleep as logind tells it: a real bus, a stand-in for logind, and the inhibitor's other end in the test's hands."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest
from jeepney import HeaderFields, message_bus, new_signal
from jeepney.io.blocking import open_dbus_connection

from tests.desktop.linux.logind import MANAGER, PATIENCE, Logind
from tests.desktop.private_bus import PrivateBus
from tray.core.events import Event, LeaveAsked, Resumed, SleepWatched, Suspending
from tray.core.values import LeaveReason
from tray.desktop.linux.bus import Loop
from tray.desktop.linux.logind import LogindWatch
from tray.desktop.power import PowerWatch

Posted = SimpleQueue[Event]


@pytest.fixture
def system_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    with PrivateBus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        yield bus


@pytest.fixture
def logind(system_bus: PrivateBus) -> Iterator[Logind]:
    with Logind(system_bus.address) as logind:
        yield logind


@pytest.fixture
def posted() -> Posted:
    return SimpleQueue()


@pytest.fixture
def watched() -> Posted:
    """What is posted of the watching itself: whether sleep is told of."""
    return SimpleQueue()


class WatchOnATraysLoop:
    """A watch that rides on a loop which serves a tray, and ends with it."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._loop, self._is_over = Loop(), False
        self._watch = LogindWatch(post, self._loop)
        self._tray = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._is_over:
            self._loop.turn()

    def start(self) -> None:
        self._watch.start()
        self._tray.start()

    def allow(self) -> None:
        self._watch.allow()

    def stop(self) -> None:
        if self._tray.is_alive():
            self._loop.call(self._end)
            self._tray.join(PATIENCE)
        self._watch.stop()

    def _end(self) -> None:
        self._is_over = True


@pytest.fixture(params=[LogindWatch, WatchOnATraysLoop], ids=["own thread", "tray's loop"])
def watch(request: pytest.FixtureRequest, posted: Posted, watched: Posted) -> Iterator[PowerWatch]:
    watch = request.param(lambda event: (watched if isinstance(event, SleepWatched) else posted).put(event))
    try:
        yield watch
    finally:
        watch.stop()
        wait_for_end()


def wait_for_end() -> None:
    for thread in threading.enumerate():
        if thread.name == "sleep":
            thread.join(PATIENCE)
            assert not thread.is_alive()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# --------------------------------------------------------------------------- sleep


def test_the_machine_waits_until_it_is_allowed_to_sleep(logind: Logind, watch: PowerWatch, posted: Posted) -> None:
    watch.start()
    evening = logind.grant()
    logind.tell("PrepareForSleep", True)
    assert posted.get(timeout=PATIENCE) == Suspending()
    assert evening.is_held()
    watch.allow()
    evening.wait_until_back()

    logind.tell("PrepareForSleep", False)
    assert posted.get(timeout=PATIENCE) == Resumed()
    assert logind.grant().is_held()


def test_many_nights_leave_no_descriptor_behind(logind: Logind, watch: PowerWatch, posted: Posted) -> None:
    watch.start()
    opened = set()
    for _night in range(200):
        inhibitor = logind.grant()
        logind.tell("PrepareForSleep", True)
        assert posted.get(timeout=PATIENCE) == Suspending()
        opened.add(descriptors())
        watch.allow()
        inhibitor.wait_until_back()
        logind.tell("PrepareForSleep", False)
        assert posted.get(timeout=PATIENCE) == Resumed()
    assert len(opened) == 1


def test_a_word_that_comes_after_the_night_does_not_cost_the_next_delay(
    logind: Logind, watch: PowerWatch, posted: Posted
) -> None:
    watch.start()
    inhibitor = logind.grant()
    for begins in (True, False):
        logind.tell("PrepareForSleep", begins)
        posted.get(timeout=PATIENCE)
    watch.allow()
    logind.tell("PrepareForSleep", True)
    assert posted.get(timeout=PATIENCE) == Suspending()
    assert inhibitor.is_held()


def test_a_refused_delay_still_tells_and_is_asked_for_after_the_night(
    logind: Logind, watch: PowerWatch, posted: Posted
) -> None:
    watch.start()
    logind.refuse()
    for begins, event in ((True, Suspending()), (False, Resumed())):
        logind.tell("PrepareForSleep", begins)
        assert posted.get(timeout=PATIENCE) == event
    assert logind.grant().is_held()


def test_whether_somebody_tells_of_sleep_is_known(system_bus: PrivateBus, watch: PowerWatch, watched: Posted) -> None:
    watch.start()
    for answer in (Logind.grant, Logind.refuse):
        with Logind(system_bus.address) as logind:
            answer(logind)
            assert watched.get(timeout=PATIENCE) == SleepWatched(announced=True)
        assert watched.get(timeout=PATIENCE) == SleepWatched(announced=False)


def test_a_bus_that_dies_tells_of_no_sleep(
    system_bus: PrivateBus, logind: Logind, watch: PowerWatch, watched: Posted
) -> None:
    watch.start()
    logind.grant()
    assert watched.get(timeout=PATIENCE) == SleepWatched(announced=True)
    system_bus.kill()
    assert watched.get(timeout=PATIENCE) == SleepWatched(announced=False)


# --------------------------------------------------------------------------- the end of the session


def test_the_end_of_the_session_waits_for_the_program_to_stop(
    logind: Logind, watch: PowerWatch, posted: Posted
) -> None:
    watch.start()
    inhibitor = logind.grant()
    logind.tell("PrepareForShutdown", True)
    assert posted.get(timeout=PATIENCE) == LeaveAsked(LeaveReason.ENDED)
    assert inhibitor.is_held()
    watch.stop()
    inhibitor.wait_until_back()


def test_a_stranger_cannot_end_the_program(
    system_bus: PrivateBus, logind: Logind, watch: PowerWatch, posted: Posted
) -> None:
    watch.start()
    logind.grant()
    with open_dbus_connection(system_bus.address) as stranger:
        lie = new_signal(MANAGER, "PrepareForShutdown", "b", (True,))
        lie.header.fields[HeaderFields.destination] = logind.asked_by
        stranger.send(lie)
        stranger.send_and_get_reply(message_bus.GetId())  # the bus has passed the lie on by now
    logind.tell("PrepareForSleep", True)
    assert posted.get(timeout=PATIENCE) == Suspending()


# --------------------------------------------------------------------------- what can be missing


@pytest.mark.parametrize("address", ["unix:path=/nowhere/bus", "tcp:host=localhost", "rubbish"])
def test_without_a_system_bus_one_line_says_so_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, watch: PowerWatch, posted: Posted, address: str
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    caplog.set_level(logging.INFO)
    watch.start()
    wait_until(lambda: bool(caplog.messages))
    watch.allow()
    watch.stop()
    assert posted.empty()
    assert len(caplog.messages) == 1


def test_logind_may_come_later_and_may_start_anew(system_bus: PrivateBus, watch: PowerWatch, posted: Posted) -> None:
    watch.start()
    for _start in range(3):
        with Logind(system_bus.address) as logind:
            inhibitor = logind.grant()
            logind.tell("PrepareForSleep", True)
            assert posted.get(timeout=PATIENCE) == Suspending()
            watch.allow()
            inhibitor.wait_until_back()


def test_a_logind_that_starts_anew_gets_one_inhibitor_for_the_other(system_bus: PrivateBus, watch: PowerWatch) -> None:
    with Logind(system_bus.address) as former:
        watch.start()
        inhibitor = former.grant()
    with Logind(system_bus.address) as anew:
        second = anew.grant()
        inhibitor.wait_until_back()
        assert second.is_held()


def test_a_bus_that_dies_ends_the_watch_and_gives_the_inhibitor_back(
    system_bus: PrivateBus, logind: Logind, watch: PowerWatch, posted: Posted
) -> None:
    watch.start()
    inhibitor = logind.grant()
    system_bus.kill()
    inhibitor.wait_until_back()
    watch.allow()
    assert posted.empty()


# --------------------------------------------------------------------------- stopping


def test_stopping_gives_the_inhibitor_back_even_if_the_bus_hangs(
    system_bus: PrivateBus, logind: Logind, watch: PowerWatch, posted: Posted
) -> None:
    watch.start()
    inhibitor = logind.grant()
    logind.tell("PrepareForSleep", True)
    posted.get(timeout=PATIENCE)  # the inhibitor came before this; a bus that hangs would keep it from the watch
    system_bus.process.send_signal(signal.SIGSTOP)
    watch.stop()
    inhibitor.wait_until_back()
    wait_for_end()


def test_stopping_twice_and_allowing_afterwards_do_no_harm(logind: Logind, watch: PowerWatch) -> None:
    watch.start()
    logind.grant()
    for _time in range(2):
        watch.stop()
        watch.allow()


def test_a_watch_that_never_began_can_be_allowed_and_stopped(watch: PowerWatch) -> None:
    watch.allow()
    watch.stop()


@pytest.mark.defect_in("desktop.linux.logind.LogindWatch.__init__")
def test_the_loop_goes_on_after_a_call_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    loop, called = Loop(), list[str]()
    loop.call(lambda: 1 / 0)
    loop.call(lambda: called.append("after a failure"))
    while not called:
        loop.turn()
    assert "ZeroDivisionError" in caplog.text
