"""Core Audio as COM objects of the test's own, called through tables of methods like Windows' own."""

from collections.abc import Callable, Sequence
from ctypes import CFUNCTYPE, POINTER, addressof, c_int, c_int32, c_uint32, c_void_p, cast, string_at
from typing import Any
from uuid import UUID

from tray.desktop.windows import core_audio

FAILED = -0x7FFFBFFB  # E_FAIL
INVALIDATED = -0x7776FFFC  # AUDCLNT_E_DEVICE_INVALIDATED
Slots = dict[int, tuple[Sequence[Any], Callable[..., int]]]


class ComObject:
    """A table with some methods; a call of any other place is refused. Counts what is released."""

    def __init__(self, slots: Slots, length: int) -> None:
        self.released = 0
        release: tuple[Sequence[Any], Callable[..., int]] = ((), self._release)
        slots = {core_audio.RELEASE: release, **slots}
        refused: tuple[Sequence[Any], Callable[..., int]] = ((), lambda: FAILED)
        methods = [slots.get(place, refused) for place in range(length)]
        self._functions = [
            CFUNCTYPE(c_int32, c_void_p, *takes)(lambda _this, *values, act=act: act(*values)) for takes, act in methods
        ]
        self._table = (c_void_p * length)(*(cast(each, c_void_p).value for each in self._functions))
        self._object = c_void_p(addressof(self._table))
        self.address = addressof(self._object)

    def _release(self) -> int:
        self.released += 1
        return 0


def give(result: Any, value: int) -> int:
    result[0] = value
    return 0


class Session(ComObject):
    def __init__(self, pid: int, state: int = 1) -> None:
        self.pid = pid
        self.state = state
        self.sinks: list[int] = []
        slots: Slots = {
            core_audio.QUERY_INTERFACE: ((c_void_p, POINTER(c_void_p)), self._query),
            core_audio.GET_STATE: ((POINTER(c_int),), lambda result: give(result, self.state)),
            core_audio.REGISTER_EVENTS: ((c_void_p,), lambda sink: self.sinks.append(sink) or 0),
            core_audio.UNREGISTER_EVENTS: ((c_void_p,), lambda sink: self.sinks.remove(sink) or 0),
            core_audio.GET_PROCESS_ID: ((POINTER(c_uint32),), lambda result: give(result, self.pid)),
        }
        super().__init__(slots, 17)

    def _query(self, interface: int, result: Any) -> int:
        assert string_at(interface, 16) == core_audio.IAUDIO_SESSION_CONTROL_2.bytes_le
        return give(result, self.address)


class Items(ComObject):
    """An enumerator or a collection."""

    def __init__(self, items: Sequence[ComObject]) -> None:
        super().__init__(
            {
                core_audio.COUNT: ((POINTER(c_int),), lambda result: give(result, len(items))),
                core_audio.ITEM: ((c_int, POINTER(c_void_p)), lambda place, result: give(result, items[place].address)),
            },
            5,
        )


class Device(ComObject):
    """An endpoint with its sessions; tells of new ones only to who has asked for those that are there."""

    def __init__(self, *sessions: Session) -> None:
        self.sessions = list(sessions)
        self.sinks: list[int] = []
        self.asked = False
        self.unplugged = False
        self._given: list[Items] = []
        self.manager = ComObject(
            {
                core_audio.GET_SESSION_ENUMERATOR: ((POINTER(c_void_p),), self._enumerate),
                core_audio.REGISTER_CREATED: ((c_void_p,), lambda sink: self.sinks.append(sink) or 0),
                core_audio.UNREGISTER_CREATED: ((c_void_p,), lambda sink: self.sinks.remove(sink) or 0),
            },
            10,
        )
        takes = (c_void_p, c_uint32, c_void_p, POINTER(c_void_p))
        super().__init__({core_audio.ACTIVATE: (takes, self._activate)}, 7)

    def _activate(self, interface: int, context: int, parameters: int | None, result: Any) -> int:
        assert string_at(interface, 16) == core_audio.IAUDIO_SESSION_MANAGER_2.bytes_le
        assert (context, parameters) == (core_audio.CLSCTX_ALL, None)
        return INVALIDATED if self.unplugged else give(result, self.manager.address)

    def _enumerate(self, result: Any) -> int:
        self.asked = True
        self._given.append(Items(self.sessions))
        return give(result, self._given[-1].address)


class Enumerator(ComObject):
    """IMMDeviceEnumerator: the devices, and who is told of them."""

    def __init__(self, *devices: Device) -> None:
        self.devices = list(devices)
        self.sinks: list[int] = []
        self._given: list[Items] = []
        super().__init__(
            {
                core_audio.ENUM_AUDIO_ENDPOINTS: ((c_int, c_uint32, POINTER(c_void_p)), self._enumerate),
                core_audio.REGISTER_CLIENT: ((c_void_p,), lambda sink: self.sinks.append(sink) or 0),
                core_audio.UNREGISTER_CLIENT: ((c_void_p,), lambda sink: self.sinks.remove(sink) or 0),
            },
            8,
        )

    def _enumerate(self, flow: int, states: int, result: Any) -> int:
        assert (flow, states) == (core_audio.CAPTURE, core_audio.DEVICE_STATE_ACTIVE)
        self._given.append(Items(self.devices))
        return give(result, self._given[-1].address)


def tell(sink: int, place: int, *arguments: tuple[Any, Any]) -> None:
    """Call a callback as Windows does."""
    core_audio.call(sink, place, *arguments)


def ask(sink: int, interface: UUID) -> int | None:
    """Ask a sink for an interface, as Windows does first; `None` when it has not got it."""
    wanted = core_audio.Guid.of(interface)
    try:
        return int(core_audio.result_of(sink, core_audio.QUERY_INTERFACE, (c_void_p, addressof(wanted))))
    except OSError:
        return None
