"""A defect in a thread of Windows or macOS is in the log, and what the thread was for goes on.

Those of every system, and Linux's, are in tests/program/test_threads.py and tests/test_threads.py.

The systems are fakes: what they call, and on which thread, is theirs; what becomes of a defect there is Python's.
"""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from ctypes import c_int
from pathlib import Path
from typing import Any

import pytest

from tests.defects import PATIENCE, fail, log, wait_for
from tests.desktop.macos.test_tray import FakeMac
from tests.desktop.test_macos_sensors import ZOOM, Foundation, Libproc, sonoma
from tests.desktop.test_windows_sensors import AtOnce, Wtsapi32
from tests.desktop.windows_audio import Device, Enumerator, Session, tell
from tray.core.view_model import Notice
from tray.desktop.macos import microphone as mac
from tray.desktop.sensors import Ignored
from tray.desktop.windows.core_audio import CoreAudio
from tray.desktop.windows.power import PBT_APMRESUMEAUTOMATIC, WindowsPowerWatch
from tray.desktop.windows.screen_lock import WindowsScreenLock

__all__ = ["log"]


def failing_once(told: list[str]) -> Callable[..., None]:
    """Return a callback that fails the first time."""
    tries: list[None] = []

    def tell(*_: object) -> None:
        tries.append(None)
        if len(tries) == 1:
            fail()
        told.append("told")

    return tell


@pytest.mark.defect_in("desktop.macos.tray.MacTray.notify")
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
@pytest.mark.defect_in("desktop.windows.power.WindowsPowerWatch.__init__")
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


@pytest.mark.defect_in("desktop.windows.core_audio.Sink.__init__", "desktop.windows.core_audio._method")
def test_what_fails_when_windows_tells_of_sound_is_in_the_log_and_the_next_is_heard(log: Path) -> None:
    told: list[str] = []
    session = Session(2)
    enumerator = Enumerator(Device(session))  # as long as it is called, it must not be collected
    audio = CoreAudio(enumerator.address, failing_once(told))
    assert audio.active() == [2]
    with suppress(OSError):  # what a callback that fails returns is by chance
        tell(session.sinks[0], 8, (c_int, 1))
    wait_for(log, "a call by the system failed")
    tell(session.sinks[0], 8, (c_int, 1))
    assert told == ["told"]
    audio.close()


@pytest.mark.defect_in("desktop.macos.microphone.CoreAudio.__init__")
def test_what_fails_when_macos_tells_of_sound_is_in_the_log_and_the_next_is_heard(log: Path) -> None:
    told: list[str] = []
    audio = sonoma()
    assert list(mac.CoreAudio(audio, Foundation({}), Libproc({}), failing_once(told)).programs()) == []
    audio.set(ZOOM, mac.RUNS_INPUT, 1)
    wait_for(log, "a call by the system failed")
    audio.set(ZOOM, mac.RUNS_INPUT, 0)
    assert told == ["told"]


@pytest.mark.skipif(sys.platform != "linux", reason="libpulse is Linux's")
@pytest.mark.defect_in("desktop.linux.microphone._Connection.__init__")
def test_what_fails_when_libpulse_tells_of_sound_is_in_the_log_and_the_next_is_heard(log: Path) -> None:
    from tray.desktop.linux.microphone import _Connection  # noqa: PLC0415  Linux's own

    class Pulse:
        def __getattr__(self, _function: str) -> Callable[..., int]:
            return lambda *_: 0

    told: list[str] = []
    connection = _Connection(Pulse(), 0, failing_once(told), Ignored())
    connection._changed = False
    _, _, heard = connection._callbacks
    for _ in range(2):
        heard(None, None, 1, None)
    wait_for(log, "a call by the system failed")
    assert told == ["told"]


class FailsLater(AtOnce):
    """A window that is called once and then no more."""

    called = False

    def call(self, act: Callable[[], None]) -> None:
        if self.called:
            fail()
        self.called = True
        act()


@pytest.mark.defect_in("desktop.windows.screen_lock.WindowsScreenLock._register")
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
