"""The microphone's and the screen lock's sensors against the real functions of Windows (here Wine's)."""

import ctypes
import os
import threading
import winreg
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from tests.desktop.pystray_backend import view
from tray.core.rules import Locked, LockReading, Unlocked
from tray.desktop.windows.microphone import NON_PACKAGED, STORE, WindowsSystem, windows_system
from tray.desktop.windows.screen_lock import WM_WTSSESSION_CHANGE
from tray.desktop.windows.tray import open_tray

PATIENCE = 20.0
PROGRAM = r"C:#Program Files#Zoom#Zoom.exe"


@pytest.fixture
def desktop_records() -> Iterator[winreg.HKEYType]:
    """Return the key with the records of desktop programs, which Wine does not keep by itself."""
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, rf"{STORE}\{NON_PACKAGED}") as key:
        yield key
        winreg.DeleteKey(key, PROGRAM)


def note(key: winreg.HKEYType, begun: int, ended: int) -> None:
    with winreg.CreateKey(key, PROGRAM) as record:
        winreg.SetValueEx(record, "LastUsedTimeStart", 0, winreg.REG_QWORD, begun)
        winreg.SetValueEx(record, "LastUsedTimeStop", 0, winreg.REG_QWORD, ended)


def waits(system: WindowsSystem) -> threading.Thread:
    thread = threading.Thread(target=system.wait, daemon=True)
    thread.start()
    return thread


def test_a_record_that_changes_ends_the_wait_and_is_read_anew(desktop_records: winreg.HKEYType) -> None:
    note(desktop_records, 5, 9)
    system = windows_system()
    assert system.read_records()[PROGRAM] is False
    thread = waits(system)
    note(desktop_records, 10, 0)
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert system.read_records()[PROGRAM] is True


def test_a_word_ends_the_wait() -> None:
    system = windows_system()
    thread = waits(system)
    system.wake()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_the_running_programs_have_their_names() -> None:
    running = windows_system().processes()
    assert running[os.getpid()].program.casefold().endswith(".exe")


def test_core_audio_answers_in_the_headers_order_and_nobody_records() -> None:
    audio = windows_system().open_audio(lambda: None)
    assert audio.active() == []
    assert audio.active() == []
    audio.close()


def test_the_trays_own_window_tells_of_the_lock() -> None:
    face, open_lock = open_tray(lambda _event: None)
    user32 = ctypes.WinDLL("user32")
    words: SimpleQueue[LockReading] = SimpleQueue()
    lock = open_lock(words.put)
    lock.start()
    face.show(view())
    shown = threading.Thread(target=face.run)
    shown.start()
    assert words.get(timeout=PATIENCE) == Unlocked()
    for reason, word in ((7, Locked()), (8, Unlocked())):
        assert user32.PostMessageW(ctypes.c_void_p(face._icon._hwnd), WM_WTSSESSION_CHANGE, reason, 1)
        assert words.get(timeout=PATIENCE) == word
    lock.stop()
    face.stop()
    shown.join(PATIENCE)
    assert not shown.is_alive()
