"""Who records from a microphone on Windows: Core Audio's sessions, and the privacy records as a second witness.

| witness        | says *used*                                              | tells by                       |
|----------------|----------------------------------------------------------|--------------------------------|
| Core Audio     | an active session on any active capture endpoint         | session and device callbacks   |
| privacy record | a record that became *in use* while we looked, and whose | RegNotifyChangeKeyValue        |
|                | program still runs                                       |                                |

Core Audio does not see exclusive streams; the records do. Records that were *in use* when we started are not believed:
a program that crashed leaves one behind for ever. Nothing here polls: each callback and each change of the registry
sets an event, and the thread then reads everything anew.

`WindowsSystem` was run on Wine alone, never on Windows. It follows Microsoft's pages on its functions, and the tests
stand in for it.
"""

import ctypes
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from ctypes import Structure, c_int, c_int32, c_uint32, c_void_p, c_wchar, c_wchar_p
from dataclasses import dataclass
from typing import Any, Protocol

from tray.core.rules import CannotTell, Free, MicrophoneReading, Unknown, Used
from tray.desktop.sensors import Ignored, MicrophoneThread, TellMicrophone
from tray.desktop.windows.core_audio import CoreAudio, open_core_audio

LOG = logging.getLogger("tray.desktop")

WEB_VIEW = "msedgewebview2.exe"  # whoever shows web pages by it is its parent


# ------------------------------------------------------------------------------- what counts


@dataclass(frozen=True, slots=True)
class Process:
    """A running program."""

    program: str  # the file's name
    parent: int


class Records:
    """What the privacy records say, of which only what begins while we look is believed."""

    def __init__(self) -> None:
        self._before: Mapping[str, bool] | None = None
        self._begun: list[str] = []

    def take(self, records: Mapping[str, bool]) -> None:
        """Take in what was read: for each record whether it says *in use*."""
        known = records if self._before is None else self._before
        begun = [key for key, in_use in records.items() if in_use and not known.get(key, False)]
        self._begun = [key for key in self._begun if records.get(key)] + begun
        self._before = records

    def programs(self, running: Collection[str]) -> Iterator[str]:
        """Yield the programs that use the microphone; a packaged one has no file to look for."""
        for key in self._begun:
            program = key.rpartition("#")[2]
            if "#" not in key:
                yield key
            elif program.casefold() in running:
                yield program


def reading_of(
    sessions: Sequence[int] | None, processes: Mapping[int, Process], records: Records, ignored: Ignored
) -> MicrophoneReading:
    """Return what both witnesses mean; `sessions` are the processes with an active one, `None`: Core Audio failed."""
    running = frozenset(each.program.casefold() for each in processes.values())
    names = [_owner(pid, processes) for pid in sessions or ()]
    names += records.programs(running)
    counting = [name for name in names if name not in ignored]
    if counting:
        return Used(counting[0].removesuffix(".exe"))
    return CannotTell(Unknown.FAILED) if sessions is None else Free()


def _owner(pid: int, processes: Mapping[int, Process]) -> str:
    """Return the program that a process belongs to: for a web view, whoever shows it."""
    process = processes.get(pid)
    while process and process.program.casefold() == WEB_VIEW and process.parent in processes:
        process = processes[process.parent]
    return process.program if process else ""


# ------------------------------------------------------------------------------- the sensor


class System(Protocol):
    """What is asked of Windows; it blocks in `wait` alone."""

    def open_audio(self, notify: Callable[[], None]) -> CoreAudio:
        """Join the MTA and open Core Audio; raise `OSError`."""

    def processes(self) -> Mapping[int, Process]:
        """Return the running programs by their number."""

    def read_records(self) -> Mapping[str, bool]:
        """Watch the privacy records for their next change, then read them: what is in use, by the record's name."""

    def may_record(self) -> bool:
        """Tell whether the privacy settings let desktop programs use the microphone."""

    def wake(self) -> None:
        """End a wait; callable from any thread."""

    def wait(self) -> None:
        """Sleep until `wake` is called or a privacy record changes."""


class WindowsMicrophone(MicrophoneThread):
    """Watches both witnesses."""

    def __init__(self, tell: TellMicrophone, ignored: Ignored, system: System) -> None:
        super().__init__(tell, ignored)
        self._system = system
        self._records = Records()

    def _wake(self) -> None:
        self._system.wake()

    def _watch(self) -> None:
        audio: CoreAudio | None = None
        try:
            audio = self._system.open_audio(self._system.wake)
        except OSError as exc:
            LOG.info("Core Audio does not tell who uses the microphone (%s).", exc)
        while not self._over.is_set():
            self._look(audio)
            self._system.wait()
        if audio:
            audio.close()

    def _look(self, audio: CoreAudio | None) -> None:
        sessions: list[int] | None = None
        if audio:
            with suppress(OSError):
                sessions = audio.active()
        self._records.take(self._system.read_records())
        reading = reading_of(sessions, self._system.processes(), self._records, self._ignored)
        if isinstance(reading, Free) and not self._system.may_record():
            reading = CannotTell(Unknown.NOT_ALLOWED)
        self._say(reading)


# ------------------------------------------------------------------------------- the real Windows

INFINITE = 0xFFFFFFFF
SNAP_PROCESSES = 0x2  # TH32CS_SNAPPROCESS
# Names and values, bound to no thread: REG_NOTIFY_CHANGE_NAME | _LAST_SET | REG_NOTIFY_THREAD_AGNOSTIC.
CHANGES = 0x1 | 0x4 | 0x1000_0000
STORE = r"SOFTWARE\Microsoft\Windows\CurrentVersion\CapabilityAccessManager\ConsentStore\microphone"
NON_PACKAGED = "NonPackaged"


class _ProcessEntry(Structure):
    """PROCESSENTRY32W."""

    _fields_ = (
        ("size", c_uint32),
        ("usage", c_uint32),
        ("process", c_uint32),
        ("heap", c_void_p),
        ("module", c_uint32),
        ("threads", c_uint32),
        ("parent", c_uint32),
        ("priority", c_int32),
        ("flags", c_uint32),
        ("file", c_wchar * 260),
    )


class WindowsSystem:
    """The real Windows; `registry` is Python's winreg, the libraries are Windows' own of these names."""

    def __init__(self, registry: Any, kernel32: Any, advapi32: Any, ole32: Any) -> None:
        self._registry = registry
        self._kernel32 = kernel32
        self._advapi32 = advapi32
        self._ole32 = ole32
        for function, result, arguments in (
            (kernel32.CreateEventW, c_void_p, (c_void_p, c_int, c_int, c_wchar_p)),
            (kernel32.SetEvent, c_int, (c_void_p,)),
            (kernel32.WaitForMultipleObjects, c_uint32, (c_uint32, c_void_p, c_int, c_uint32)),
            (kernel32.CreateToolhelp32Snapshot, c_void_p, (c_uint32, c_uint32)),
            (kernel32.Process32FirstW, c_int, (c_void_p, c_void_p)),
            (kernel32.Process32NextW, c_int, (c_void_p, c_void_p)),
            (kernel32.CloseHandle, c_int, (c_void_p,)),
            (advapi32.RegNotifyChangeKeyValue, c_int32, (c_void_p, c_int, c_uint32, c_void_p, c_int)),
        ):
            function.restype, function.argtypes = result, arguments
        self._keys: list[Any] = []  # of the store, for the user and for the machine
        for root in (registry.HKEY_CURRENT_USER, registry.HKEY_LOCAL_MACHINE):
            with suppress(OSError):  # Windows before 1909 keeps no records
                self._keys.append(registry.OpenKey(root, STORE, 0, registry.KEY_READ))
        # The first is for `wake`, the others for the keys; each resets itself once it has ended a wait.
        count = 1 + len(self._keys)
        self._events = (c_void_p * count)(*(kernel32.CreateEventW(None, 0, 0, None) for _ in range(count)))
        self._watched: set[int] = set()  # the events that a key will set

    def open_audio(self, notify: Callable[[], None]) -> CoreAudio:
        """Join the MTA and open Core Audio; raise `OSError`."""
        return open_core_audio(self._ole32, notify)

    def wake(self) -> None:
        """End a wait."""
        self._kernel32.SetEvent(self._events[0])

    def wait(self) -> None:
        """Sleep until `wake` is called or a record changes; a key tells once, so it is to be watched again."""
        ended_by = self._kernel32.WaitForMultipleObjects(len(self._events), self._events, 0, INFINITE)
        self._watched.discard(ended_by)

    def processes(self) -> Mapping[int, Process]:
        """Return the running programs by their number."""
        snapshot = self._kernel32.CreateToolhelp32Snapshot(SNAP_PROCESSES, 0)
        entry = _ProcessEntry(size=ctypes.sizeof(_ProcessEntry))
        found: dict[int, Process] = {}
        more = self._kernel32.Process32FirstW(snapshot, ctypes.byref(entry))
        while more:
            found[entry.process] = Process(entry.file, entry.parent)
            more = self._kernel32.Process32NextW(snapshot, ctypes.byref(entry))
        self._kernel32.CloseHandle(snapshot)
        return found

    def read_records(self) -> Mapping[str, bool]:
        """Watch the records for their next change, then read them: a change in between is not lost."""
        in_use: dict[str, bool] = {}
        for number, key in enumerate(self._keys, 1):
            if number not in self._watched:
                self._watched.add(number)
                self._advapi32.RegNotifyChangeKeyValue(key.handle, 1, CHANGES, self._events[number], 1)
            for name in self._names(key):
                if name != NON_PACKAGED:
                    family = name.partition("_")[0]
                    in_use[family] = in_use.get(family, False) or self._is_in_use(key, name)
            with suppress(OSError), self._registry.OpenKey(key, NON_PACKAGED) as desktop:
                for name in self._names(desktop):
                    in_use[name] = in_use.get(name, False) or self._is_in_use(desktop, name)
        return in_use

    def may_record(self) -> bool:
        """Tell whether the privacy settings let desktop programs use the microphone."""
        for key in self._keys:
            for path in ("", NON_PACKAGED):
                with suppress(OSError), self._registry.OpenKey(key, path) as folder:
                    if self._registry.QueryValueEx(folder, "Value")[0] == "Deny":
                        return False
        return True

    def _names(self, key: Any) -> list[str]:
        return [self._registry.EnumKey(key, number) for number in range(self._registry.QueryInfoKey(key)[0])]

    def _is_in_use(self, key: Any, name: str) -> bool:
        """Tell whether a record began and has no end; a program that never used it has no values."""
        with suppress(OSError), self._registry.OpenKey(key, name) as record:
            begun = self._registry.QueryValueEx(record, "LastUsedTimeStart")[0]
            ended = self._registry.QueryValueEx(record, "LastUsedTimeStop")[0]
            return bool(begun) and not ended
        return False


def windows_system() -> WindowsSystem:
    """Return the real Windows."""
    import winreg  # noqa: PLC0415  on Windows only

    libraries = (ctypes.WinDLL(name) for name in ("kernel32", "advapi32", "ole32"))  # type: ignore[attr-defined,unused-ignore]  # on Windows only
    return WindowsSystem(winreg, *libraries)
