"""The microphone and the screen lock on macOS, on stand-ins that refuse what macOS refuses."""

import ctypes
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from tray.core.rules import CannotTell, Free, Locked, LockReading, MicrophoneReading, Unknown, Unlocked, Used
from tray.desktop.macos import microphone as mac
from tray.desktop.macos.microphone import CoreAudio, MacMicrophone
from tray.desktop.macos.screen_lock import BECAME_ACTIVE, LOCKED, RESIGNED, UNLOCKED, MacScreenLock
from tray.desktop.sensors import Ignored

PATIENCE = 10
UNKNOWN_PROPERTY, BAD_OBJECT = 0x77686F3F, 0x216F626A  # 'who?' and '!obj'
ZOOM, TEAMS, SIRI, SHELL = 11, 12, 13, 14
Words = SimpleQueue[MicrophoneReading]


class Function:
    """A function of a library, with the attributes that ctypes' own have; refuses arguments of other types."""

    def __init__(self, act: Callable[..., Any]) -> None:
        self._act = act
        self.argtypes: tuple[Any, ...] = ()
        self.restype: Any = None

    def __call__(self, *values: Any) -> Any:
        assert len(values) == len(self.argtypes)
        for value, kind in zip(values, self.argtypes, strict=True):
            kind.from_param(value)
        return self._act(*values)


class Audio:
    """Core Audio: properties by object, selector and scope; a listener in a scope that has none is never called."""

    def __init__(self, properties: dict[tuple[int, int, int], list[int]]) -> None:
        self.properties = properties
        self.listeners: dict[tuple[int, int], Any] = {}
        self.AudioObjectHasProperty = Function(lambda item, at: self._key(item, at) in self.properties)
        self.AudioObjectGetPropertyDataSize = Function(self._size)
        self.AudioObjectGetPropertyData = Function(self._data)
        self.AudioObjectAddPropertyListener = Function(self._listen)
        self.AudioObjectRemovePropertyListener = Function(self._forget)

    def _key(self, item: int, at: mac.Address) -> tuple[int, int, int]:
        assert at.element == 0
        return item, at.selector, at.scope

    def _size(self, item: int, at: mac.Address, _size: int, _qualifier: None, result: Any) -> int:
        if self._key(item, at) not in self.properties:
            return UNKNOWN_PROPERTY
        result._obj.value = 4 * len(self.properties[self._key(item, at)])
        return 0

    def _data(self, item: int, at: mac.Address, _size: int, _qualifier: None, size: Any, result: Any) -> int:
        if self._key(item, at) not in self.properties:
            return UNKNOWN_PROPERTY
        values = self.properties[self._key(item, at)]
        if at.selector == mac.BUNDLE_ID:
            result._obj.value = values[0]
            return 0
        assert size._obj.value >= 4 * len(values)
        for place, value in enumerate(values):
            result._obj[place] = value
        return 0

    def _listen(self, item: int, at: mac.Address, listener: Any, _data: None) -> int:
        if not any(known == item for known, _, _ in self.properties):
            return BAD_OBJECT
        assert (item, at.selector) not in self.listeners
        if at.scope == mac.GLOBAL:
            self.listeners[item, at.selector] = listener
        return 0

    def _forget(self, item: int, at: mac.Address, _listener: Any, _data: None) -> int:
        return 0 if self.listeners.pop((item, at.selector), None) else BAD_OBJECT

    def set(self, item: int, selector: int, *values: int) -> None:
        """Change a property and tell who listens."""
        self.properties[item, selector, mac.GLOBAL] = list(values)
        if listener := self.listeners.get((item, selector)):
            listener(item, 1, ctypes.byref(mac.Address(selector, mac.GLOBAL, 0)), None)


class Foundation:
    """CoreFoundation: strings by their address."""

    def __init__(self, strings: dict[int, bytes]) -> None:
        self.released: list[int] = []
        self._strings = strings
        self.CFStringGetCString = Function(self._get)
        self.CFRelease = Function(lambda text: self.released.append(text.value))

    def _get(self, text: ctypes.c_void_p, room: Any, size: int, encoding: int) -> bool:
        assert encoding == mac.UTF8
        assert size == len(room)
        room.value = self._strings[text.value or 0]
        return True


class Libproc:
    def __init__(self, names: dict[int, bytes]) -> None:
        self._names = names
        self.proc_name = Function(self._name)

    def _name(self, pid: int, room: Any, _size: int) -> int:
        room.value = self._names.get(pid, b"")
        return len(room.value)


BUNDLES = {ZOOM: b"us.zoom.xos", TEAMS: b"com.microsoft.teams2", SIRI: b"com.apple.corespeechd"}


def sonoma() -> Audio:
    """Return macOS 14 with four processes that have to do with sound, none of which records."""
    audio = Audio({(mac.SYSTEM, mac.PROCESSES, mac.GLOBAL): [ZOOM, TEAMS, SIRI]})
    for process in (ZOOM, TEAMS, SIRI, SHELL):
        audio.properties[process, mac.RUNS_INPUT, mac.GLOBAL] = [0]
        audio.properties[process, mac.PROCESS_ID, mac.GLOBAL] = [100 + process]
        if process in BUNDLES:
            audio.properties[process, mac.BUNDLE_ID, mac.GLOBAL] = [process]
    return audio


def watching(audio: Audio, words: Words) -> tuple[MacMicrophone, Foundation]:
    foundation = Foundation(BUNDLES)
    names = Libproc({100 + ZOOM: b"zoom.us", 100 + SHELL: b"sox"})
    opened = lambda notify: CoreAudio(audio, foundation, names, notify)  # noqa: E731  as short as the seam
    microphone = MacMicrophone(words.put, Ignored(["sox"]), opened)
    microphone.start()
    return microphone, foundation


def test_a_program_that_records_is_named_by_process_and_the_systems_own_do_not_count() -> None:
    audio, words = sonoma(), Words()
    microphone, foundation = watching(audio, words)
    assert words.get(timeout=PATIENCE) == Free()
    audio.set(SIRI, mac.RUNS_INPUT, 1)
    audio.set(TEAMS, mac.RUNS_INPUT, 1)
    audio.set(ZOOM, mac.RUNS_INPUT, 1)
    assert words.get(timeout=PATIENCE) == Used("zoom.us")
    audio.set(ZOOM, mac.RUNS_INPUT, 0)
    assert words.get(timeout=PATIENCE) == Free()
    microphone.stop()
    assert not microphone._thread.is_alive()
    assert audio.listeners == {}
    assert {SIRI, TEAMS, ZOOM} <= set(foundation.released)
    with pytest.raises(Empty):
        words.get_nowait()


def test_a_process_that_appears_is_heard_and_one_without_a_bundle_has_its_name() -> None:
    audio, words = sonoma(), Words()
    microphone, _ = watching(audio, words)
    assert words.get(timeout=PATIENCE) == Free()
    audio.set(SHELL, mac.RUNS_INPUT, 1)
    audio.set(mac.SYSTEM, mac.PROCESSES, ZOOM, SHELL)  # ignored by its name
    audio.set(ZOOM, mac.RUNS_INPUT, 1)
    assert words.get(timeout=PATIENCE) == Used("zoom.us")
    audio.set(mac.SYSTEM, mac.PROCESSES, SHELL)
    assert words.get(timeout=PATIENCE) == Free()
    microphone.stop()


def test_before_macos_14_only_devices_without_an_output_count() -> None:
    webcam, headset, speaker = 21, 22, 23
    audio, words = Audio({(mac.SYSTEM, mac.DEVICES, mac.GLOBAL): [webcam, headset, speaker]}), Words()
    for device, scopes in ((webcam, (mac.INPUT,)), (headset, (mac.INPUT, mac.OUTPUT)), (speaker, (mac.OUTPUT,))):
        audio.properties[device, mac.RUNS_SOMEWHERE, mac.GLOBAL] = [0]
        for scope in (mac.INPUT, mac.OUTPUT):
            audio.properties[device, mac.STREAMS, scope] = [1] if scope in scopes else []
    microphone, _ = watching(audio, words)
    assert words.get(timeout=PATIENCE) == Free()
    audio.set(headset, mac.RUNS_SOMEWHERE, 1)  # music
    audio.set(speaker, mac.RUNS_SOMEWHERE, 1)
    audio.set(webcam, mac.RUNS_SOMEWHERE, 1)
    assert words.get(timeout=PATIENCE) == Used("")
    audio.set(mac.SYSTEM, mac.DEVICES, headset, speaker)
    assert words.get(timeout=PATIENCE) == Free()
    microphone.stop()


def test_without_core_audio_it_cannot_tell() -> None:
    def missing(_notify: Callable[[], None]) -> CoreAudio:
        raise OSError

    words = Words()
    microphone = MacMicrophone(words.put, Ignored(), missing)
    microphone.start()
    assert words.get(timeout=PATIENCE) == CannotTell(Unknown.FAILED)
    microphone.stop()


# --------------------------------------------------------------------------- the screen lock


class Mac:
    """The notification centres; each name reaches whoever observes."""

    def __init__(self, locked: bool = False) -> None:
        self._locked = locked
        self.heard: Callable[[str], None] | None = None

    def is_locked(self) -> bool:
        return self._locked

    def observe(self, heard: Callable[[str], None]) -> str:
        self.heard = heard
        return "observer"

    def forget(self, observer: str) -> None:
        assert observer == "observer"
        self.heard = None


@pytest.mark.parametrize(("locked", "first"), [(False, [Unlocked()]), (True, [Locked(), Unlocked()])])
def test_the_screen_is_locked_while_it_is_locked_or_another_users(locked: bool, first: list[LockReading]) -> None:
    words: list[LockReading] = []
    system = Mac(locked)
    lock = MacScreenLock(words.append, system)
    lock.start()
    assert system.heard
    for name in (UNLOCKED, LOCKED, LOCKED, RESIGNED, UNLOCKED, BECAME_ACTIVE):
        system.heard(name)
    assert words == [*first, Locked(), Unlocked()]
    lock.stop()
    assert system.heard is None
