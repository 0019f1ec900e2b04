"""A defect in a thread of Windows or macOS is in the log, and what the thread was for goes on.

Those of every system, and Linux', are in tests/program/test_threads.py.

The systems are fakes: what they call, and on which thread, is theirs; what becomes of a defect there is Python's.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.desktop.macos.test_tray import FakeMac
from tests.desktop.test_windows_sensors import AtOnce, Wtsapi32
from tray import logs
from tray.core.view_model import Notice
from tray.desktop.windows.power import PBT_APMRESUMEAUTOMATIC, WindowsPowerWatch
from tray.desktop.windows.screen_lock import WindowsScreenLock

PATIENCE = 10.0  # seconds
DEFECT = "a defect of the test"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    level = logging.getLogger().level, logging.getLogger("tray").level
    handler = logs.start(tmp_path / "tray.log", "info")
    yield tmp_path / "tray.log"
    logs.stop(handler)
    logging.getLogger().setLevel(level[0])
    logging.getLogger("tray").setLevel(level[1])


def fail(*_: object) -> NoReturn:
    raise RuntimeError(DEFECT)


def wait_for(log: Path, said: str) -> None:
    limit = time.monotonic() + PATIENCE
    while said not in log.read_text() or DEFECT not in log.read_text():
        assert time.monotonic() < limit, log.read_text()
        time.sleep(0.01)


def test_a_notice_on_a_mac_that_fails_in_pystray_costs_no_other_notice(log: Path) -> None:
    mac = FakeMac()
    mac.face.run()
    mac.backend._notify = fail
    mac.face.notify(Notice("first", "First", "…"))
    mac.pump()
    wait_for(log, "the thread notice ended")
    shown: list[Any] = []
    mac.backend._notify = lambda message, title=None: shown.append((message, title))
    mac.face.notify(Notice("second", "Second", "…"))
    mac.pump()
    for thread in threading.enumerate():
        if thread.name == "notice":
            thread.join(PATIENCE)
    assert shown == [("…", "Second")]


@pytest.mark.parametrize("told", ["resume", "console"])
def test_what_fails_when_windows_calls_back_is_in_the_log(log: Path, told: str) -> None:
    watch = WindowsPowerWatch(fail, None, None)
    calls = {
        "resume": lambda: watch._subscription.Callback(None, PBT_APMRESUMEAUTOMATIC, None),
        "console": lambda: watch._handler(0),
    }
    thread = threading.Thread(target=calls[told], name="a thread of Windows")
    thread.start()
    thread.join(PATIENCE)
    wait_for(log, "a call by the system failed")


class FailsLater(AtOnce):
    """A window that is called once and then no more."""

    called = False

    def call(self, act: Callable[[], None]) -> None:
        if self.called:
            fail()
        self.called = True
        act()


def test_the_timer_of_windows_screen_lock_that_fails_is_in_the_log_and_the_rule_can_be_switched(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tray.desktop.windows.screen_lock.RETRY", 0.01)
    WindowsScreenLock(lambda _word: None, Wtsapi32(late=1), FailsLater()).start()
    wait_for(log, "the thread screen-lock ended")
    words: list[Any] = []
    again = WindowsScreenLock(words.append, Wtsapi32(), AtOnce())
    again.start()
    again.stop()
    assert len(words) == 1
