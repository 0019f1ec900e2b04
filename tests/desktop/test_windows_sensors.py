"""The microphone and the screen lock on Windows, on stand-ins that refuse what Windows refuses."""

import threading
from collections.abc import Callable, Mapping
from ctypes import c_float, c_int, c_uint32, c_void_p, c_wchar_p, sizeof
from queue import Empty, SimpleQueue
from typing import Any, Self

import pytest

from tests.desktop.pystray_backend import view
from tests.desktop.windows.test_tray import FakeWindows
from tests.desktop.windows_audio import Device, Enumerator, Session, ask, tell
from tests.rows import for_each
from tray.core.rules import CannotTell, Free, Locked, LockReading, MicrophoneReading, Unknown, Unlocked, Used
from tray.desktop.sensors import Ignored
from tray.desktop.windows import core_audio
from tray.desktop.windows.core_audio import CoreAudio
from tray.desktop.windows.microphone import Process, Records, WindowsMicrophone, WindowsSystem, reading_of
from tray.desktop.windows.screen_lock import WM_WTSSESSION_CHANGE, WindowsScreenLock

PATIENCE = 10
PROCESSES = {
    1: Process("explorer.exe", 0),
    2: Process("Zoom.exe", 1),
    3: Process("ms-teams.exe", 1),
    4: Process("msedgewebview2.exe", 3),
    5: Process("ms-teams_modulehost.exe", 3),
    6: Process("msedgewebview2.exe", 4),
    7: Process("Outlook.exe", 1),
    8: Process("msedgewebview2.exe", 7),
    9: Process("WaveLink.exe", 1),
    10: Process("chrome.exe", 3),  # a link in Teams was clicked
}

# --------------------------------------------------------------------------- what counts

SAID: list[tuple[list[int] | None, list[Mapping[str, bool]], MicrophoneReading]] = [
    ([], [], Free()),
    ([2], [], Used("Zoom")),
    ([3, 4, 5, 6], [], Free()),
    ([8], [], Used("Outlook")),
    ([10], [], Used("chrome")),
    ([9], [], Free()),
    ([99], [], Used("")),  # gone between the two looks: somebody it was
    (None, [], CannotTell(Unknown.FAILED)),
    ([], [{"C:#Zoom.exe": True}], Free()),  # in use since before we looked: perhaps since a crash
    ([], [{"C:#Zoom.exe": False}, {"C:#Zoom.exe": True}], Used("Zoom")),
    ([], [{}, {"C:#Zoom.exe": True}], Used("Zoom")),
    ([], [{}, {"C:#Zoom.exe": True}, {"C:#Zoom.exe": True}], Used("Zoom")),
    ([], [{}, {"C:#Zoom.exe": True}, {"C:#Zoom.exe": False}], Free()),
    ([], [{}, {"C:#Zoom.exe": True}, {}], Free()),
    ([], [{}, {"C:#Skype.exe": True}], Free()),  # it does not run
    ([], [{}, {"Microsoft.WindowsSoundRecorder": True}], Used("Microsoft.WindowsSoundRecorder")),
    ([], [{}, {"MSTeams": True}], Free()),
    (None, [{}, {"C:#Zoom.exe": True}], Used("Zoom")),
]


@for_each(("sessions", "records", "reading"), SAID)
def test_both_witnesses_count_and_teams_never_does(
    sessions: list[int] | None, records: list[Mapping[str, bool]], reading: MicrophoneReading
) -> None:
    known = Records()
    for each in records:
        known.take(each)
    assert reading_of(sessions, PROCESSES, known, Ignored(["wavelink"])) == reading


# --------------------------------------------------------------------------- Core Audio


def test_the_active_sessions_of_every_endpoint_are_read_and_watched() -> None:
    zoom, idle, obs = Session(2), Session(7, state=0), Session(9)
    headset, webcam = Device(zoom, idle), Device(obs)
    told: list[str] = []
    audio = CoreAudio((enumerator := Enumerator(headset, webcam)).address, lambda: told.append("told"))
    assert audio.active() == [2, 9]
    assert audio.active() == [2, 9]  # what was registered before is taken back
    assert headset.asked
    assert webcam.asked
    assert [len(each.sinks) for each in (enumerator, headset, webcam, zoom, idle, obs)] == [1] * 6

    tell(idle.sinks[0], 8, (c_int, 1))
    tell(zoom.sinks[0], 9, (c_int, 0))
    tell(headset.sinks[0], 3, (c_void_p, None))
    tell(enumerator.sinks[0], 3, (c_wchar_p, "{0.0.1}"), (c_uint32, 1))
    assert len(told) == 4
    tell(zoom.sinks[0], 5, (c_float, 0.5), (c_int, 0), (c_void_p, None))
    tell(enumerator.sinks[0], 6, (c_int, 1), (c_int, 0), (c_wchar_p, "{0.0.1}"))
    tell(enumerator.sinks[0], 7, (c_wchar_p, "{0.0.1}"), (c_void_p, None))
    assert len(told) == 4

    audio.close()
    assert [each.sinks for each in (enumerator, headset, webcam, zoom, idle, obs)] == [[]] * 6
    assert enumerator.released == 1
    assert zoom.released == 4  # as it was listed and as it was asked for, in both looks


def test_an_endpoint_that_is_unplugged_while_it_is_read_hides_no_other() -> None:
    gone, there = Device(Session(2)), Device(Session(9))
    gone.unplugged = True
    enumerator = Enumerator(gone, there)
    audio = CoreAudio(enumerator.address, lambda: None)
    assert audio.active() == [9]


def test_a_sink_is_what_windows_asks_for_and_nothing_else() -> None:
    enumerator = Enumerator()
    audio = CoreAudio(enumerator.address, lambda: None)
    (sink,) = enumerator.sinks
    assert ask(sink, core_audio.IMM_NOTIFICATION_CLIENT) == ask(sink, core_audio.IUNKNOWN) == sink
    assert ask(sink, core_audio.IAUDIO_SESSION_EVENTS) is None
    audio.close()


class Ole32:
    """COM's entry, on a machine whose audio service runs or not."""

    def __init__(self, enumerator: Enumerator | None) -> None:
        self._enumerator = enumerator

    def CoInitializeEx(self, _reserved: None, kind: int) -> int:  # noqa: N802
        assert kind == core_audio.MULTITHREADED
        return 0

    def CoCreateInstance(self, kind: Any, outer: None, context: int, interface: Any, result: Any) -> int:  # noqa: N802
        assert outer is None
        assert context == core_audio.CLSCTX_ALL
        assert bytes(kind._obj.bytes) == core_audio.ENUMERATOR_CLASS.bytes_le
        assert bytes(interface._obj.bytes) == core_audio.IMM_DEVICE_ENUMERATOR.bytes_le
        if self._enumerator is None:
            return -0x7FFBFEAC  # REGDB_E_CLASSNOTREG
        result._obj.value = self._enumerator.address
        return 0


def test_core_audio_is_opened_or_the_reason_is_raised() -> None:
    enumerator = Enumerator()
    assert core_audio.open_core_audio(Ole32(enumerator), lambda: None).active() == []
    with pytest.raises(OSError, match="COM"):
        core_audio.open_core_audio(Ole32(None), lambda: None)


# --------------------------------------------------------------------------- the sensor


class Windows:
    """What is asked of Windows; a wait ends when something wakes it."""

    def __init__(self, enumerator: Enumerator | None) -> None:
        self.enumerator = enumerator
        self.allowed = True
        self.records: dict[str, bool] = {}
        self._woken = threading.Semaphore(0)

    def open_audio(self, notify: Any) -> CoreAudio:
        return core_audio.open_core_audio(Ole32(self.enumerator), notify)

    def processes(self) -> Mapping[int, Process]:
        return PROCESSES

    def read_records(self) -> Mapping[str, bool]:
        return dict(self.records)

    def may_record(self) -> bool:
        return self.allowed

    def wake(self) -> None:
        self._woken.release()

    def wait(self) -> None:
        self._woken.acquire()


@pytest.fixture
def words() -> SimpleQueue[MicrophoneReading]:
    return SimpleQueue()


def test_a_call_is_told_from_its_first_session_to_its_end(words: SimpleQueue[MicrophoneReading]) -> None:
    session = Session(2, state=0)
    windows = Windows(Enumerator(Device(session)))
    microphone = WindowsMicrophone(words.put, Ignored(), windows)
    microphone.start()
    assert words.get(timeout=PATIENCE) == Free()
    for state, reading in ((1, Used("Zoom")), (0, Free())):
        session.state = state
        tell(session.sinks[0], 8, (c_int, state))
        assert words.get(timeout=PATIENCE) == reading
    windows.records["C:#WaveLink.exe"] = True
    windows.wake()
    assert words.get(timeout=PATIENCE) == Used("WaveLink")
    microphone.stop()
    assert not microphone._thread.is_alive()
    with pytest.raises(Empty):
        words.get_nowait()


def test_where_privacy_keeps_programs_from_the_microphone_it_cannot_tell(words: SimpleQueue[MicrophoneReading]) -> None:
    windows = Windows(Enumerator())
    windows.allowed = False
    microphone = WindowsMicrophone(words.put, Ignored(), windows)
    microphone.start()
    assert words.get(timeout=PATIENCE) == CannotTell(Unknown.NOT_ALLOWED)
    microphone.stop()


def test_without_core_audio_the_records_alone_are_a_witness(words: SimpleQueue[MicrophoneReading]) -> None:
    windows = Windows(None)
    microphone = WindowsMicrophone(words.put, Ignored(), windows)
    microphone.start()
    assert words.get(timeout=PATIENCE) == CannotTell(Unknown.FAILED)
    windows.records["C:#Zoom.exe"] = True
    windows.wake()
    assert words.get(timeout=PATIENCE) == Used("Zoom")
    microphone.stop()


# --------------------------------------------------------------------------- the privacy records


class Key:
    """A registry key: values and subkeys; refuses what is not there."""

    def __init__(self, values: dict[str, object] | None = None, **subkeys: "Key") -> None:
        self.values = values or {}
        self.subkeys = subkeys
        self.handle = id(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Registry:
    HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_READ = "user", "machine", 0x20019

    def __init__(self, **roots: Key) -> None:
        self._roots = roots

    def OpenKey(self, key: str | Key, path: str, _reserved: int = 0, _access: int = 0) -> Key:  # noqa: N802
        opened = Key(**self._roots).subkeys.get(key) if isinstance(key, str) else key
        found = opened.subkeys.get(path) if opened and path and not isinstance(key, str) else opened
        if found is None:
            raise FileNotFoundError(2, path)
        return found

    def QueryInfoKey(self, key: Key) -> tuple[int, int, int]:  # noqa: N802
        return len(key.subkeys), len(key.values), 0

    def EnumKey(self, key: Key, number: int) -> str:  # noqa: N802
        return list(key.subkeys)[number]

    def QueryValueEx(self, key: Key, name: str) -> tuple[object, int]:  # noqa: N802
        if name not in key.values:
            raise FileNotFoundError(2, name)
        return key.values[name], 11


class Function:
    """A function of a library, with the attributes that ctypes' own have."""

    def __init__(self, act: Any) -> None:
        self._act = act

    def __call__(self, *values: Any) -> Any:
        return self._act(*values)


class Kernel32:
    def __init__(self) -> None:
        self.set: list[int] = []
        self._made = 0
        self._left = list(PROCESSES.items())
        for name in ("CreateEventW", "SetEvent", "WaitForMultipleObjects", "CreateToolhelp32Snapshot", "CloseHandle"):
            setattr(self, name, Function(getattr(self, f"_{name}")))
        self.Process32FirstW = self.Process32NextW = Function(self._next)

    def _CreateEventW(self, *_: Any) -> int:  # noqa: N802
        self._made += 1
        return self._made

    def _SetEvent(self, event: int) -> int:  # noqa: N802
        self.set.append(event)
        return 1

    def _WaitForMultipleObjects(self, count: int, events: Any, _every: int, _limit: int) -> int:  # noqa: N802
        event = self.set.pop(0)
        return next(place for place in range(count) if events[place] == event)

    def _CreateToolhelp32Snapshot(self, flags: int, _process: int) -> int:  # noqa: N802
        assert flags == 2
        return 77

    def _CloseHandle(self, _handle: int) -> int:  # noqa: N802
        return 1

    def _next(self, _snapshot: int, entry: Any) -> int:
        if not self._left or entry._obj.size != sizeof(entry._obj):
            return 0
        entry._obj.process, process = self._left.pop(0)
        entry._obj.file, entry._obj.parent = process.program, process.parent
        return 1


class Advapi32:
    def __init__(self) -> None:
        self.watched: list[tuple[int, int]] = []
        self.RegNotifyChangeKeyValue = Function(self._watch)

    def _watch(self, handle: int, subtree: int, changes: int, event: int, asynchronous: int) -> int:
        assert (subtree, changes, asynchronous) == (1, 0x1000_0005, 1)
        self.watched.append((handle, event))
        return 0


def record(begun: int, ended: int) -> Key:
    return Key({"LastUsedTimeStart": begun, "LastUsedTimeStop": ended})


def test_the_records_of_user_and_machine_are_read_and_watched_again_after_each_change() -> None:
    desktop = Key({"Value": "Allow"}, **{"C:#Zoom.exe": record(5, 0), "C:#obs64.exe": record(5, 9)})
    user = Key({"Value": "Allow"}, NonPackaged=desktop, MSTeams_8wekyb3d8bbwe=record(7, 0), Never_used=Key())
    machine = Key(NonPackaged=Key(**{"C:#Zoom.exe": record(1, 2), "C:#service.exe": record(3, 0)}))
    kernel, advapi = Kernel32(), Advapi32()
    system = WindowsSystem(Registry(user=user, machine=machine), kernel, advapi, None)
    read = {"MSTeams": True, "Never": False, "C:#Zoom.exe": True, "C:#obs64.exe": False, "C:#service.exe": True}
    assert system.read_records() == read
    assert system.read_records() == read
    assert advapi.watched == [(user.handle, 2), (machine.handle, 3)]
    kernel.set.append(3)
    system.wait()
    system.wake()
    system.wait()
    system.read_records()
    assert advapi.watched[2:] == [(machine.handle, 3)]


@pytest.mark.parametrize(
    ("everybody", "desktop", "allowed"), [("Allow", "Allow", True), ("Deny", "Allow", False), ("Allow", "Deny", False)]
)
def test_either_switch_of_the_privacy_settings_keeps_programs_out(everybody: str, desktop: str, allowed: bool) -> None:
    user = Key({"Value": everybody}, NonPackaged=Key({"Value": desktop}))
    assert WindowsSystem(Registry(user=user), Kernel32(), Advapi32(), None).may_record() is allowed


def test_a_windows_without_records_has_nothing_to_say() -> None:
    system = WindowsSystem(Registry(), Kernel32(), Advapi32(), None)
    assert system.read_records() == {}
    assert system.may_record()


def test_the_running_programs_are_listed_with_their_parents() -> None:
    assert WindowsSystem(Registry(), Kernel32(), Advapi32(), None).processes() == PROCESSES


# --------------------------------------------------------------------------- the screen lock


class Wtsapi32:
    """The service that tells of sessions; it may refuse the first who ask, because it starts after us."""

    def __init__(self, late: int = 0) -> None:
        self.late = late
        self.windows: list[int] = []

    def WTSRegisterSessionNotification(self, window: int | None, flags: int) -> bool:  # noqa: N802
        assert window is not None
        assert flags == 0
        if self.late:
            self.late -= 1
            return False
        self.windows.append(window)
        return True

    def WTSUnRegisterSessionNotification(self, window: int) -> bool:  # noqa: N802
        if window not in self.windows:
            return False
        self.windows.remove(window)
        return True


class AtOnce:
    """A window whose thread is the caller's."""

    window = 42

    def hear(self, message: int, _heard: Callable[[int, int], None]) -> None:
        assert message == WM_WTSSESSION_CHANGE

    def call(self, act: Callable[[], None]) -> None:
        act()


def test_the_trays_window_tells_that_the_screen_is_locked_or_nobody_is_connected() -> None:
    words: list[LockReading] = []
    service, windows = Wtsapi32(), FakeWindows()
    lock = WindowsScreenLock(words.append, service, windows.tray)
    lock.start()
    assert service.windows == []  # there is no window yet: a rule may be on when the program starts
    windows.start(view())
    assert service.windows == [1]
    for reason in (7, 2, 1, 8, 5, 4, 3, 7, 7, 8):
        windows.send(WM_WTSSESSION_CHANGE, reason, 1)
    assert words == [Unlocked(), Locked(), Unlocked(), Locked(), Unlocked(), Locked(), Unlocked()]
    lock.stop()
    windows.send(WM_WTSSESSION_CHANGE, 7, 1)
    assert words[-1] == Unlocked()
    windows.pump()
    assert service.windows == []


def test_a_rule_that_is_switched_on_again_hears_anew() -> None:
    service, windows = Wtsapi32(), FakeWindows()
    windows.start(view())
    for _time in range(2):
        words: list[LockReading] = []
        lock = WindowsScreenLock(words.append, service, windows.tray)
        lock.start()
        windows.pump()
        windows.send(WM_WTSSESSION_CHANGE, 7, 1)
        assert words == [Unlocked(), Locked()]
        lock.stop()
        windows.pump()
        assert service.windows == []


def test_a_service_that_starts_later_is_asked_again_and_at_last_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tray.desktop.windows.screen_lock.RETRY", 0.01)
    for service, reading in ((Wtsapi32(late=3), Unlocked()), (Wtsapi32(late=99), CannotTell(Unknown.FAILED))):
        words: SimpleQueue[LockReading] = SimpleQueue()
        lock = WindowsScreenLock(words.put, service, AtOnce())
        lock.start()
        assert words.get(timeout=PATIENCE) == reading
        lock.stop()
