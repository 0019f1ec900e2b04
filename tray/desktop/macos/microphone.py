"""Who records from a microphone on macOS, as Core Audio's process objects tell it.

| macOS         | witness                                                          | names the program |
|---------------|------------------------------------------------------------------|-------------------|
| 14 and later  | each process object's *is running input*, and the list of them   | yes               |
| before        | *is running somewhere* of devices that have no output            | no                |

The list's own listener is not enough: it is silent when a process that is listed already begins to record. The device's
flag is published in the global scope alone; there it also says *yes* while a headset plays music, so a device with an
output does not count. None of these properties asks the user for a permission.

Never run on macOS: selectors and signatures are those of AudioHardware.h, and the tests stand in for the library.
"""

import ctypes
import logging
from collections.abc import Callable, Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, c_bool, c_char_p, c_int32, c_long, c_uint32, c_void_p
from queue import SimpleQueue
from typing import Any

from tray.core.rules import CannotTell, Free, MicrophoneReading, Unknown, Used
from tray.desktop.sensors import Ignored, MicrophoneThread, TellMicrophone

LOG = logging.getLogger("tray.desktop")

SYSTEM = 1  # kAudioObjectSystemObject
UTF8 = 0x0800_0100  # kCFStringEncodingUTF8
LONGEST_NAME = 1024  # bytes
# What listens for "Hey Siri" and for dictation records all the time.
APPLES_OWN = ("com.apple.corespeech", "com.apple.siri", "com.apple.speechrecognitioncore")


def _code(text: str) -> int:
    return int.from_bytes(text.encode("ascii"), "big")


GLOBAL, INPUT, OUTPUT = _code("glob"), _code("inpt"), _code("outp")
PROCESSES = _code("prs#")  # kAudioHardwarePropertyProcessObjectList, macOS 14
RUNS_INPUT = _code("piri")  # kAudioProcessPropertyIsRunningInput
PROCESS_ID = _code("ppid")
BUNDLE_ID = _code("pbid")
DEVICES = _code("dev#")
STREAMS = _code("stm#")
RUNS_SOMEWHERE = _code("gone")  # kAudioDevicePropertyDeviceIsRunningSomewhere


class Address(Structure):
    """AudioObjectPropertyAddress."""

    _fields_ = (("selector", c_uint32), ("scope", c_uint32), ("element", c_uint32))


Listener = CFUNCTYPE(c_int32, c_uint32, c_uint32, POINTER(Address), c_void_p)
_Address = POINTER(Address)


class CoreAudio:
    """Core Audio's properties; `audio`, `foundation` and `process` are the system's libraries."""

    def __init__(self, audio: Any, foundation: Any, process: Any, notify: Callable[[], None]) -> None:
        self._audio = audio
        self._foundation = foundation
        self._process = process
        self._notify = notify
        self._listener = Listener(self._hear)  # macOS calls it: it lives as long as we
        self._heard: set[tuple[int, int]] = set()
        listens = (c_int32, (c_uint32, _Address, Listener, c_void_p))
        for function, (result, arguments) in (
            (audio.AudioObjectHasProperty, (c_bool, (c_uint32, _Address))),
            (audio.AudioObjectGetPropertyDataSize, (c_int32, (c_uint32, _Address, c_uint32, c_void_p, c_void_p))),
            (
                audio.AudioObjectGetPropertyData,
                (c_int32, (c_uint32, _Address, c_uint32, c_void_p, c_void_p, c_void_p)),
            ),
            (audio.AudioObjectAddPropertyListener, listens),
            (audio.AudioObjectRemovePropertyListener, listens),
            (foundation.CFStringGetCString, (c_bool, (c_void_p, c_char_p, c_long, c_uint32))),
            (foundation.CFRelease, (None, (c_void_p,))),
            (process.proc_name, (c_int32, (c_int32, c_char_p, c_uint32))),
        ):
            function.restype, function.argtypes = result, arguments

    @property
    def knows_processes(self) -> bool:
        """Tell whether this macOS has process objects."""
        return bool(self._audio.AudioObjectHasProperty(SYSTEM, Address(PROCESSES, GLOBAL, 0)))

    def programs(self) -> Iterator[tuple[str, ...]]:
        """Yield what is known of each program that records: its name and its bundle's; be told of the next change."""
        self._listen(SYSTEM, PROCESSES)
        for process in self._numbers(SYSTEM, PROCESSES):
            self._listen(process, RUNS_INPUT)
            if self._numbers(process, RUNS_INPUT)[:1] == [1]:
                yield (self._name(process), self._bundle(process))

    def is_a_device_running(self) -> bool:
        """Tell whether a device that only records does so; be told of the next change."""
        self._listen(SYSTEM, DEVICES)
        running = False
        for device in self._numbers(SYSTEM, DEVICES):
            if self._numbers(device, STREAMS, INPUT) and not self._numbers(device, STREAMS, OUTPUT):
                self._listen(device, RUNS_SOMEWHERE)
                running = running or self._numbers(device, RUNS_SOMEWHERE)[:1] == [1]
        return running

    def close(self) -> None:
        """Remove every listener."""
        for item, selector in self._heard:
            self._audio.AudioObjectRemovePropertyListener(item, Address(selector, GLOBAL, 0), self._listener, None)
        self._heard.clear()

    def _hear(self, _item: int, _count: int, _addresses: Any, _data: int | None) -> int:
        self._notify()
        return 0

    def _listen(self, item: int, selector: int) -> None:
        """Listen once; an object that is gone may come back under its number, and refuses until then."""
        if (item, selector) in self._heard:
            return
        if not self._audio.AudioObjectAddPropertyListener(item, Address(selector, GLOBAL, 0), self._listener, None):
            self._heard.add((item, selector))

    def _numbers(self, item: int, selector: int, scope: int = GLOBAL) -> list[int]:
        """Return a property's 32-bit numbers; none where there is no such property or object."""
        address, size = Address(selector, scope, 0), c_uint32()
        if self._audio.AudioObjectGetPropertyDataSize(item, address, 0, None, ctypes.byref(size)):
            return []
        found = (c_uint32 * (size.value // 4))()
        if self._audio.AudioObjectGetPropertyData(item, address, 0, None, ctypes.byref(size), ctypes.byref(found)):
            return []
        return list(found)[: size.value // 4]

    def _name(self, process: int) -> str:
        pid, name = self._numbers(process, PROCESS_ID), ctypes.create_string_buffer(LONGEST_NAME)
        if pid:
            self._process.proc_name(pid[0], name, LONGEST_NAME)
        return name.value.decode("utf-8", "replace")

    def _bundle(self, process: int) -> str:
        text, size = c_void_p(), c_uint32(ctypes.sizeof(c_void_p))
        address = Address(BUNDLE_ID, GLOBAL, 0)
        failed = self._audio.AudioObjectGetPropertyData(
            process, address, 0, None, ctypes.byref(size), ctypes.byref(text)
        )
        if failed or not text:
            return ""
        name = ctypes.create_string_buffer(LONGEST_NAME)
        self._foundation.CFStringGetCString(text, name, LONGEST_NAME, UTF8)
        self._foundation.CFRelease(text)
        return name.value.decode("utf-8", "replace")


class MacMicrophone(MicrophoneThread):
    """Reads everything anew at each change, on its own thread: Core Audio's callbacks must not be kept waiting."""

    def __init__(
        self, tell: TellMicrophone, ignored: Ignored, open_audio: Callable[[Callable[[], None]], CoreAudio]
    ) -> None:
        super().__init__(tell, ignored)
        self._open_audio = open_audio
        self._changes: SimpleQueue[bool] = SimpleQueue()  # False ends

    def _wake(self) -> None:
        self._changes.put(False)  # noqa: FBT003  the queue's own word

    def _watch(self) -> None:
        try:
            audio = self._open_audio(lambda: self._changes.put(True))  # noqa: FBT003  what the queue carries
        except (OSError, AttributeError) as exc:  # no framework, or one without these functions
            LOG.info("Nobody tells who uses the microphone (%s).", type(exc).__name__)
            self._say(CannotTell(Unknown.FAILED))
            return
        self._look(audio)
        while self._changes.get():
            self._look(audio)
        audio.close()

    def _look(self, audio: CoreAudio) -> None:
        if audio.knows_processes:
            counting = [names for names in audio.programs() if self._counts(names)]
            reading: MicrophoneReading = Used(next(filter(None, counting[0]), "")) if counting else Free()
        else:
            reading = Used("") if audio.is_a_device_running() else Free()
        self._say(reading)

    def _counts(self, names: tuple[str, ...]) -> bool:
        return not any(name in self._ignored or name.casefold().startswith(APPLES_OWN) for name in names)


def core_audio(notify: Callable[[], None]) -> CoreAudio:
    """Open the real Core Audio; raise `OSError` where it is missing."""
    folder = "/System/Library/Frameworks"
    return CoreAudio(
        ctypes.CDLL(f"{folder}/CoreAudio.framework/CoreAudio"),
        ctypes.CDLL(f"{folder}/CoreFoundation.framework/CoreFoundation"),
        ctypes.CDLL("/usr/lib/libproc.dylib"),
        notify,
    )
