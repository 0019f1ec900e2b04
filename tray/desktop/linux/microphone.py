"""Who records from a microphone, as the sound server tells it: PulseAudio, or PipeWire in its place.

libpulse is called through ctypes rather than through pulsectl: pulsectl loads 7 MB that nothing else here needs, runs a
compiler's tools at import to find the library, and fails at import where it is missing. The few structures and
functions of the library that are needed here have not changed their layout since 2012.

| a stream does not count if it                             | because                                                 |
|-----------------------------------------------------------|---------------------------------------------------------|
| records from a sink's monitor                             | a level meter, a recording of what is played            |
| has no source                                             | Plasma's panel keeps such meters open                   |
| is corked                                                 | it is paused                                            |
| is a volume control's, or named "peak detect"             | a level meter; the list is GNOME Shell's                |
| is virtual                                                | echo cancellation: a part of the sound server           |
| is Teams' own, or in `microphone_ignore`                  | Teams knows better; some programs record all the time   |

Without a server the thread tries again after growing pauses. After the longest it sleeps until the server's socket
appears. A server that is there and does not let us in, or is not a socket on this machine, is tried once a minute.
"""

import ctypes
import errno
import logging
import os
import select
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_uint8, c_uint32, c_uint64, c_void_p
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tray.core.rules import CannotTell, Free, MicrophoneReading, Unknown, Used
from tray.desktop.sensors import Ignored, MicrophoneThread, TellMicrophone

LOG = logging.getLogger("tray.desktop")

LIBRARY = "libpulse.so.0"
NO_INDEX = 0xFFFFFFFF  # PA_INVALID_INDEX
VOLUME_CONTROLS = frozenset({"org.gnome.volumecontrol", "org.pulseaudio.pavucontrol"})
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two tries to reach a server

CONTEXT_READY, CONTEXT_FAILED = 4, 5  # pa_context_state_t; from CONTEXT_FAILED on the connection is over
NOBODY_LISTENS = 6  # PA_ERR_CONNECTIONREFUSED, also where there is no socket
NO_AUTOSPAWN = 1  # pa_context_flags_t: a sensor starts no sound server
SOURCE_OUTPUTS = 8  # pa_subscription_mask_t
READABLE = 1  # pa_io_event_flags_t

IN_CREATE, IN_MOVED_TO = 0x100, 0x80
IN_NONBLOCK, IN_CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC
INOTIFY_EVENT = struct.Struct("iIII")


# ------------------------------------------------------------------------------- what counts


@dataclass(frozen=True, slots=True)
class Stream:
    """A source output: something that records, or seems to."""

    index: int
    source: int
    corked: bool
    properties: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """Return what the program is called, the readable name first."""
        keys = ("application.name", "application.process.binary", "application.id", "media.name")
        return [name for key in keys if (name := self.properties.get(key))]


def reading_of(streams: list[Stream], monitors: frozenset[int], ignored: Ignored) -> MicrophoneReading:
    """Return what the streams mean; of several programs the one that has recorded longest is named."""
    counting = [stream for stream in streams if counts(stream, monitors, ignored)]
    if not counting:
        return Free()
    return Used(next(iter(min(counting, key=lambda stream: stream.index).names), ""))


def counts(stream: Stream, monitors: frozenset[int], ignored: Ignored) -> bool:
    """Tell whether a stream is a program that uses a microphone."""
    told, names = stream.properties, stream.names
    return not (
        stream.corked
        or stream.source == NO_INDEX
        or stream.source in monitors
        or told.get("stream.monitor") == "true"
        or told.get("node.virtual") == "true"
        or told.get("application.id", "").casefold() in VOLUME_CONTROLS
        or any("peak detect" in name.casefold() for name in names)
        or any(name in ignored for name in names)
    )


# ------------------------------------------------------------------------------- libpulse


class _SampleSpec(Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class _ChannelMap(Structure):
    _fields_ = (("channels", c_uint8), ("map", c_int * 32))


class _Volume(Structure):
    _fields_ = (("channels", c_uint8), ("values", c_uint32 * 32))


class _SourceOutputInfo(Structure):
    """pa_source_output_info, as far as it is read."""

    _fields_ = (
        ("index", c_uint32),
        ("name", c_char_p),
        ("owner_module", c_uint32),
        ("client", c_uint32),
        ("source", c_uint32),
        ("sample_spec", _SampleSpec),
        ("channel_map", _ChannelMap),
        ("buffer_usec", c_uint64),
        ("source_usec", c_uint64),
        ("resample_method", c_char_p),
        ("driver", c_char_p),
        ("proplist", c_void_p),
        ("corked", c_int),
    )


class _SourceInfo(Structure):
    """pa_source_info, as far as it is read."""

    _fields_ = (
        ("name", c_char_p),
        ("index", c_uint32),
        ("description", c_char_p),
        ("sample_spec", _SampleSpec),
        ("channel_map", _ChannelMap),
        ("owner_module", c_uint32),
        ("volume", _Volume),
        ("mute", c_int),
        ("monitor_of_sink", c_uint32),
    )


class _MainloopApi(Structure):
    """pa_mainloop_api, as far as it is used."""

    _fields_ = (("userdata", c_void_p), ("io_new", c_void_p))


_Io = CFUNCTYPE(None, c_void_p, c_void_p, c_int, c_int, c_void_p)
_IoNew = CFUNCTYPE(c_void_p, c_void_p, c_int, c_int, _Io, c_void_p)
_Subscribed = CFUNCTYPE(None, c_void_p, c_int, c_uint32, c_void_p)
_SourceHeard = CFUNCTYPE(None, c_void_p, POINTER(_SourceInfo), c_int, c_void_p)
_StreamHeard = CFUNCTYPE(None, c_void_p, POINTER(_SourceOutputInfo), c_int, c_void_p)

_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "pa_mainloop_new": (c_void_p, ()),
    "pa_mainloop_free": (None, (c_void_p,)),
    "pa_mainloop_get_api": (POINTER(_MainloopApi), (c_void_p,)),
    "pa_mainloop_iterate": (c_int, (c_void_p, c_int, c_void_p)),
    "pa_context_new": (c_void_p, (c_void_p, c_char_p)),
    "pa_context_unref": (None, (c_void_p,)),
    "pa_context_connect": (c_int, (c_void_p, c_char_p, c_int, c_void_p)),
    "pa_context_disconnect": (None, (c_void_p,)),
    "pa_context_errno": (c_int, (c_void_p,)),
    "pa_context_get_state": (c_int, (c_void_p,)),
    "pa_context_set_subscribe_callback": (None, (c_void_p, _Subscribed, c_void_p)),
    "pa_context_subscribe": (c_void_p, (c_void_p, c_int, c_void_p, c_void_p)),
    "pa_context_get_source_info_list": (c_void_p, (c_void_p, _SourceHeard, c_void_p)),
    "pa_context_get_source_output_info_list": (c_void_p, (c_void_p, _StreamHeard, c_void_p)),
    "pa_operation_unref": (None, (c_void_p,)),
    "pa_proplist_gets": (c_char_p, (c_void_p, c_char_p)),
}
_PROPERTIES = (
    "application.name",
    "application.id",
    "application.process.binary",
    "media.name",
    "stream.monitor",
    "node.virtual",
)


def pulse_library() -> Any:
    """Load libpulse; raise `OSError` where it is missing."""
    pulse = ctypes.CDLL(LIBRARY)
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(pulse, name)
        function.restype, function.argtypes = result, arguments
    return pulse


class _Connection:
    """One connection to a sound server, from the first try to its end; used by its own thread alone.

    Each change asks for everything anew: a change that comes while an answer is under way asks once more afterwards.
    """

    def __init__(self, pulse: Any, loop: int, tell: TellMicrophone, ignored: Ignored) -> None:
        self._pulse = pulse
        self._tell = tell
        self._ignored = ignored
        self._asking = False
        self._changed = True
        self._subscribed = False
        self._monitors: set[int] = set()
        self._streams: list[Stream] = []
        # libpulse calls these: they live as long as the connection.
        self._callbacks = (_Subscribed(self._note_change), _SourceHeard(self._hear_source), _StreamHeard(self._hear))
        self._context = pulse.pa_context_new(pulse.pa_mainloop_get_api(loop), b"Presence Tray")
        pulse.pa_context_set_subscribe_callback(self._context, self._callbacks[0], None)
        pulse.pa_context_connect(self._context, None, NO_AUTOSPAWN, None)

    @property
    def state(self) -> int:
        """Return libpulse's state of the connection."""
        return int(self._pulse.pa_context_get_state(self._context))

    @property
    def finds_nobody(self) -> bool:
        """Tell whether a connection that is over found no server."""
        return bool(self._pulse.pa_context_errno(self._context) == NOBODY_LISTENS)

    def proceed(self) -> None:
        """Ask what is to be asked, once the server is there."""
        if self.state != CONTEXT_READY:
            return
        if not self._subscribed:
            self._subscribed = True
            self._done(self._pulse.pa_context_subscribe(self._context, SOURCE_OUTPUTS, None, None))
        if self._changed and not self._asking:
            self._changed, self._asking = False, True
            self._monitors, self._streams = set(), []
            _, sources, streams = self._callbacks
            self._done(self._pulse.pa_context_get_source_info_list(self._context, sources, None))
            self._done(self._pulse.pa_context_get_source_output_info_list(self._context, streams, None))

    def close(self) -> None:
        """Hang up."""
        self._pulse.pa_context_disconnect(self._context)
        self._pulse.pa_context_unref(self._context)

    def _done(self, operation: int | None) -> None:
        if operation:
            self._pulse.pa_operation_unref(operation)

    def _note_change(self, *_: Any) -> None:
        self._changed = True

    def _hear_source(self, _context: Any, info: Any, _end: int, _data: Any) -> None:
        if info and info.contents.monitor_of_sink != NO_INDEX:
            self._monitors.add(info.contents.index)

    def _hear(self, _context: Any, info: Any, end: int, _data: Any) -> None:
        if not end:
            self._streams.append(self._stream(info.contents))
            return
        self._asking = False
        if not self._changed:
            found = reading_of(self._streams, frozenset(self._monitors), self._ignored)
            self._tell(found if end > 0 else CannotTell(Unknown.FAILED))

    def _stream(self, info: Any) -> Stream:
        read = ((key, self._pulse.pa_proplist_gets(info.proplist, key.encode())) for key in _PROPERTIES)
        told = {key: value.decode("utf-8", "replace") for key, value in read if value}
        return Stream(info.index, info.source, bool(info.corked), told)


# ------------------------------------------------------------------------------- the sensor


class PulseMicrophone(MicrophoneThread):
    """Watches the sound server."""

    def __init__(
        self,
        tell: TellMicrophone,
        ignored: Ignored,
        environ: Mapping[str, str] = os.environ,
        load: Callable[[], Any] = pulse_library,
    ) -> None:
        super().__init__(tell, ignored)
        self._socket = server_socket(environ)
        self._load = load
        self._bell, self._heard = socket.socketpair()

    def _wake(self) -> None:
        self._bell.close()

    def _run(self) -> None:
        with self._heard:
            super()._run()

    def _watch(self) -> None:
        try:
            pulse = self._load()
        except OSError:
            LOG.info("Nobody tells who uses the microphone: %s is missing.", LIBRARY)
            self._say(CannotTell(Unknown.NO_LIBRARY))
            return
        self._listen(pulse)

    def _listen(self, pulse: Any) -> None:
        """Stay with one server after the other until the bell hangs up."""
        loop = pulse.pa_mainloop_new()
        api = pulse.pa_mainloop_get_api(loop)
        rung = _Io(lambda *_: None)  # it wakes the loop, which looks at the bell
        ctypes.cast(api.contents.io_new, _IoNew)(api, self._heard.fileno(), READABLE, rung, None)
        pause = FIRST_PAUSE
        with watched(self._socket) as appeared:
            while not self._over.is_set():
                was_there, is_absent = self._serve(pulse, loop)
                if was_there:
                    pause = FIRST_PAUSE
                self._say(CannotTell(Unknown.NO_SERVER if was_there or is_absent else Unknown.FAILED))
                pause = self._wait(pause, appeared if is_absent else None)
        pulse.pa_mainloop_free(loop)

    def _serve(self, pulse: Any, loop: int) -> tuple[bool, bool]:
        """Stay with a server as long as it lasts; return whether it let us in, and whether there is none."""
        connection = _Connection(pulse, loop, self._say, self._ignored)
        was_ready = False
        while (state := connection.state) < CONTEXT_FAILED and not self._over.is_set():
            was_ready = was_ready or state == CONTEXT_READY
            connection.proceed()
            pulse.pa_mainloop_iterate(loop, 1, None)
        is_absent = connection.finds_nobody
        connection.close()
        return was_ready, is_absent

    def _wait(self, pause: float, appeared: "Appeared | None") -> float:
        """Wait for a server to appear, or for a while; return how long to wait the next time."""
        poll = select.poll()
        poll.register(self._heard, select.POLLIN)
        if appeared:
            poll.register(appeared.fileno, select.POLLIN)
        limit = None if appeared and pause >= LONGEST_PAUSE else pause * 1000
        while True:
            ready = [number for number, _ in poll.poll(limit)]
            if not ready or self._heard.fileno() in ready:
                return min(2 * pause, LONGEST_PAUSE)
            if appeared and appeared.read():
                return FIRST_PAUSE


def server_socket(environ: Mapping[str, str]) -> Path | None:
    """Return where the sound server listens; `None` where it is no socket on this machine."""
    if server := environ.get("PULSE_SERVER", "").strip():
        address = server.split()[0].rpartition("}")[2].removeprefix("unix:")  # the first of several
        return Path(address) if address.startswith("/") else None
    if folder := environ.get("PULSE_RUNTIME_PATH"):
        return Path(folder) / "native"
    return Path(environ["XDG_RUNTIME_DIR"]) / "pulse" / "native" if "XDG_RUNTIME_DIR" in environ else None


class Appeared:
    """Tells that a socket, or the folder it belongs in, has appeared; `inotify` of Linux."""

    def __init__(self, path: Path) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)
        self._path = path
        self.fileno: int = self._library.inotify_init1(IN_NONBLOCK | IN_CLOEXEC)
        if self.fileno < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        try:
            self._watch()
        except OSError:
            os.close(self.fileno)
            raise

    def _watch(self) -> None:
        """Watch both folders as far as they are there; raise `OSError` where the user's programs watch too much."""
        for folder in (self._path.parent.parent, self._path.parent):
            watch = self._library.inotify_add_watch(self.fileno, os.fsencode(folder), IN_CREATE | IN_MOVED_TO)
            if watch < 0 and ctypes.get_errno() != errno.ENOENT:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def read(self) -> bool:
        """Take in what happened; tell whether it was the socket or its folder."""
        data, names = b"", []
        with suppress(BlockingIOError):
            data = os.read(self.fileno, 1 << 16)
        while data:
            *_, length = INOTIFY_EVENT.unpack_from(data)
            names.append(os.fsdecode(data[INOTIFY_EVENT.size : INOTIFY_EVENT.size + length].rstrip(b"\0")))
            data = data[INOTIFY_EVENT.size + length :]
        if self._path.parent.name in names:
            self._watch()  # the folder is there now
        return bool({self._path.name, self._path.parent.name} & set(names))


@contextmanager
def watched(path: Path | None) -> Iterator[Appeared | None]:
    """Watch for a socket to appear; `None` where there is nothing to watch."""
    appeared = None
    if path and path.parent.parent.is_dir():
        with suppress(OSError):  # then a server is looked for once a minute
            appeared = Appeared(path)
    try:
        yield appeared
    finally:
        if appeared:
            os.close(appeared.fileno)
