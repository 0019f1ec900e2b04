"""Core Audio's capture sessions through COM's tables of methods, and the callbacks by which Windows tells of changes.

Run on Wine alone, which had no endpoint, never on Windows. The order of the interfaces' methods is Microsoft's
(mmdeviceapi.h, audiopolicy.h), and the tests call through tables built in that order.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from ctypes import CFUNCTYPE, POINTER, Structure, c_float, c_int, c_int32, c_uint32, c_void_p, c_wchar_p
from typing import Any
from uuid import UUID

MULTITHREADED = 0  # COINIT_MULTITHREADED
S_OK, E_NOINTERFACE = 0, -0x7FFFBFFE
CLSCTX_ALL = 0x17
CAPTURE, DEVICE_STATE_ACTIVE, SESSION_ACTIVE = 1, 1, 1

IUNKNOWN = UUID("00000000-0000-0000-C000-000000000046")
ENUMERATOR_CLASS = UUID("BCDE0395-E52F-467C-8E3D-C4579291692E")
IMM_DEVICE_ENUMERATOR = UUID("A95664D2-9614-4F35-A746-DE8DB63617E6")
IMM_NOTIFICATION_CLIENT = UUID("7991EEC9-7E89-4D85-8390-6C703CEC60C0")
IAUDIO_SESSION_MANAGER_2 = UUID("77AA99A0-1BD6-484F-8BC7-2C654C9A9B6F")
IAUDIO_SESSION_NOTIFICATION = UUID("641DD20B-4D41-49CC-ABA3-174B9477BB08")
IAUDIO_SESSION_EVENTS = UUID("24918ACC-64B3-37C1-8CA9-74A66E9957A8")
IAUDIO_SESSION_CONTROL_2 = UUID("BFB7FF88-7239-4FC9-8FA2-07C950BE9C6D")

# Methods by their place in the interface's table; all begin with IUnknown's three.
QUERY_INTERFACE, RELEASE = 0, 2
ENUM_AUDIO_ENDPOINTS, REGISTER_CLIENT, UNREGISTER_CLIENT = 3, 6, 7  # IMMDeviceEnumerator
COUNT, ITEM = 3, 4  # IMMDeviceCollection, IAudioSessionEnumerator
ACTIVATE = 3  # IMMDevice
GET_SESSION_ENUMERATOR, REGISTER_CREATED, UNREGISTER_CREATED = 5, 6, 7  # IAudioSessionManager2
GET_STATE, REGISTER_EVENTS, UNREGISTER_EVENTS, GET_PROCESS_ID = 3, 10, 11, 14  # IAudioSessionControl2

# What each callback takes, in the table's order, and whether it is a reason to look again. A structure that is passed
# by value comes as a pointer: it is larger than a register.
_CLIENT = (
    ((c_wchar_p, c_uint32), True),  # OnDeviceStateChanged
    ((c_wchar_p,), True),  # OnDeviceAdded
    ((c_wchar_p,), True),  # OnDeviceRemoved
    ((c_int, c_int, c_wchar_p), False),  # OnDefaultDeviceChanged: all endpoints are watched
    ((c_wchar_p, c_void_p), False),  # OnPropertyValueChanged: a battery's charge, among others
)
_CREATED = (((c_void_p,), True),)  # OnSessionCreated
_EVENTS = (
    ((c_wchar_p, c_void_p), False),  # OnDisplayNameChanged
    ((c_wchar_p, c_void_p), False),  # OnIconPathChanged
    ((c_float, c_int, c_void_p), False),  # OnSimpleVolumeChanged
    ((c_uint32, c_void_p, c_uint32, c_void_p), False),  # OnChannelVolumeChanged
    ((c_void_p, c_void_p), False),  # OnGroupingParamChanged
    ((c_int,), True),  # OnStateChanged
    ((c_int,), True),  # OnSessionDisconnected
)

Callbacks = Sequence[tuple[tuple[Any, ...], bool]]


class Guid(Structure):
    """GUID."""

    _fields_ = (("bytes", ctypes.c_ubyte * 16),)

    @classmethod
    def of(cls, uuid: UUID) -> "Guid":
        """Return Windows' form of an identifier."""
        return cls.from_buffer_copy(uuid.bytes_le)


def call(this: int, method: int, *arguments: tuple[Any, Any]) -> None:
    """Call a method of a COM object with (type, value) pairs; raise `OSError` when it fails."""
    table = ctypes.cast(this, POINTER(POINTER(c_void_p))).contents
    function = CFUNCTYPE(c_int32, c_void_p, *(kind for kind, _ in arguments))(table[method])
    result = function(this, *(value for _, value in arguments))
    if result < 0:
        raise OSError(result, "COM")


def result_of(this: int, method: int, *arguments: tuple[Any, Any], kind: Any = c_void_p) -> Any:
    """Call a method whose last argument takes its result, and return that."""
    result = kind()
    call(this, method, *arguments, (c_void_p, ctypes.addressof(result)))
    return result.value


class Sink:
    """A COM object of ours that others call; it lives as long as Python keeps it, whatever they count."""

    def __init__(self, interface: UUID, callbacks: Callbacks, notify: Callable[[], None]) -> None:
        self._interfaces = {each.bytes_le for each in (IUNKNOWN, interface)}
        count = CFUNCTYPE(c_uint32, c_void_p)(lambda _this: 1)
        ask = CFUNCTYPE(c_int32, c_void_p, POINTER(Guid), POINTER(c_void_p))(self._query)
        methods = [_method(takes, notify if matters else None) for takes, matters in callbacks]
        self._functions = [ask, count, count, *methods]
        addresses = [ctypes.cast(each, c_void_p) for each in self._functions]
        self._table = (c_void_p * len(addresses))(*(each.value for each in addresses))
        self._object = c_void_p(ctypes.addressof(self._table))
        self.address = ctypes.addressof(self._object)

    def _query(self, _this: int, interface: Any, result: Any) -> int:
        known = bytes(interface.contents.bytes) in self._interfaces
        result[0] = self.address if known else None
        return S_OK if known else E_NOINTERFACE


def _method(takes: tuple[Any, ...], notify: Callable[[], None] | None) -> Any:
    def called(*_arguments: Any) -> int:
        if notify:
            notify()
        return S_OK

    return CFUNCTYPE(c_int32, c_void_p, *takes)(called)


class CoreAudio:
    """The capture sessions of all active endpoints; made and used on one thread that has joined the MTA."""

    def __init__(self, enumerator: int, notify: Callable[[], None]) -> None:
        self._enumerator = enumerator
        self._client = Sink(IMM_NOTIFICATION_CLIENT, _CLIENT, notify)
        self._created = Sink(IAUDIO_SESSION_NOTIFICATION, _CREATED, notify)
        self._events = Sink(IAUDIO_SESSION_EVENTS, _EVENTS, notify)
        self._undo: list[Callable[[], None]] = []
        call(enumerator, REGISTER_CLIENT, (c_void_p, self._client.address))

    def active(self) -> list[int]:
        """Return the processes that have an active session now, and be told of the next change; raise `OSError`."""
        self._forget()
        pids: list[int] = []
        devices = self._keep(
            result_of(self._enumerator, ENUM_AUDIO_ENDPOINTS, (c_int, CAPTURE), (c_uint32, DEVICE_STATE_ACTIVE))
        )
        for number in range(result_of(devices, COUNT, kind=c_uint32)):
            device = self._keep(result_of(devices, ITEM, (c_uint32, number)))
            with suppress(OSError):  # unplugged a moment ago: a callback follows
                pids += self._sessions(device)
        return pids

    def close(self) -> None:
        """Remove every listener."""
        self._forget()
        call(self._enumerator, UNREGISTER_CLIENT, (c_void_p, self._client.address))
        call(self._enumerator, RELEASE)

    def _sessions(self, device: int) -> Iterator[int]:
        interface = Guid.of(IAUDIO_SESSION_MANAGER_2)
        manager = self._keep(
            result_of(
                device,
                ACTIVATE,
                (c_void_p, ctypes.addressof(interface)),
                (c_uint32, CLSCTX_ALL),
                (c_void_p, None),
            )
        )
        self._register(manager, REGISTER_CREATED, UNREGISTER_CREATED, self._created)
        # Windows tells of new sessions only once the present ones have been asked for.
        sessions = self._keep(result_of(manager, GET_SESSION_ENUMERATOR))
        for number in range(result_of(sessions, COUNT, kind=c_int)):
            control = self._keep(result_of(sessions, ITEM, (c_int, number)))
            wanted = Guid.of(IAUDIO_SESSION_CONTROL_2)
            session = self._keep(result_of(control, QUERY_INTERFACE, (c_void_p, ctypes.addressof(wanted))))
            self._register(session, REGISTER_EVENTS, UNREGISTER_EVENTS, self._events)
            if result_of(session, GET_STATE, kind=c_int) == SESSION_ACTIVE:
                yield result_of(session, GET_PROCESS_ID, kind=c_uint32)

    def _register(self, this: int, register: int, unregister: int, sink: Sink) -> None:
        call(this, register, (c_void_p, sink.address))
        self._undo.append(lambda: call(this, unregister, (c_void_p, sink.address)))

    def _keep(self, this: int) -> int:
        """Keep an object until everything is asked anew: one that is released tells nothing."""
        self._undo.append(lambda: call(this, RELEASE))
        return this

    def _forget(self) -> None:
        while self._undo:
            with suppress(OSError):  # its device is gone
                self._undo.pop()()


def open_core_audio(ole32: Any, notify: Callable[[], None]) -> CoreAudio:
    """Join the MTA on this thread and open Core Audio; raise `OSError`."""
    ole32.CoInitializeEx(None, MULTITHREADED)
    enumerator = c_void_p()
    kind, interface = Guid.of(ENUMERATOR_CLASS), Guid.of(IMM_DEVICE_ENUMERATOR)
    result = ole32.CoCreateInstance(
        ctypes.byref(kind), None, CLSCTX_ALL, ctypes.byref(interface), ctypes.byref(enumerator)
    )
    if result < 0 or not enumerator.value:
        raise OSError(result, "COM")
    return CoreAudio(enumerator.value, notify)
