"""A D-Bus connection that never blocks once it is open; must not know trays, menus or notices."""

import itertools
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import jeepney
from jeepney.low_level import calc_msg_size

if TYPE_CHECKING:
    from tray.desktop.linux.bus_objects import Objects

BUS = "org.freedesktop.DBus"
ERROR = "org.freedesktop.DBus.Error."
ANSWER_PATIENCE = 10.0  # seconds, for answers nobody waits for: it bounds what is remembered
LARGEST_MESSAGE = 1 << 20  # bytes; nothing we understand comes near, so larger ones are passed over unread
HEADER_START = 16  # bytes that tell a message's size

Heard = Callable[[str, tuple[Any, ...]], None]  # sender, values


class Target(NamedTuple):
    """Where a call goes."""

    destination: str
    path: str
    interface: str


class Reply(NamedTuple):
    """What came of a call; `error` is D-Bus's name of what went wrong, `None` when nothing did."""

    body: tuple[Any, ...]
    sender: str = ""
    error: str | None = None


class _Waiting(NamedTuple):
    gives: str
    until: float  # on the monotonic clock
    then: Callable[[Reply], None]


def receive(connection: socket.socket) -> bytes:
    """Return what has arrived, at most 64 KiB; raises `OSError` when the other side hung up."""
    data = connection.recv(1 << 16)
    if not data:
        raise ConnectionResetError
    return data


class Bus:
    """A connection to a message bus: calls, signals, and objects of ours that others call.

    Its owner polls `fileno()` and calls `read`, `flush` and `expire`; everything happens on the owner's
    thread. While something waits to be sent nothing more is read, so a flood cannot grow in here.
    """

    def __init__(self, connection: socket.socket) -> None:
        self.objects: Objects = {}  # what others call
        self.alive = True
        self.name = ""
        self.patience = ANSWER_PATIENCE  # seconds
        self._connection = connection
        self._serials = itertools.count(1)
        self._incoming = bytearray()
        self._passed_over = 0
        self._outgoing = bytearray()
        self._waiting: dict[int, _Waiting] = {}
        self._listeners: dict[tuple[str, str, str], Heard] = {}
        self._say_hello()

    def _say_hello(self) -> None:
        """Take a name from the bus; the only exchange that waits."""

        def remember(reply: Reply) -> None:
            if reply.error is None:
                (self.name,) = reply.body

        self.call(Target(BUS, "/org/freedesktop/DBus", BUS), "Hello", gives="s", then=remember)
        while self._waiting and self.alive:
            self.read()
        if not self.name:
            self.close()
            raise ConnectionError
        self._connection.setblocking(False)  # noqa: FBT003  the socket's own signature

    # ------------------------------------------------------------------- speaking

    def call(  # noqa: PLR0913  a call has that many parts
        self,
        target: Target,
        member: str,
        signature: str = "",
        body: tuple[Any, ...] = (),
        *,
        gives: str = "",
        then: Callable[[Reply], None] = lambda _reply: None,
    ) -> None:
        """Send a call; `then` gets the answer, or the lack of one after ten seconds."""
        address = jeepney.DBusAddress(target.path, target.destination, target.interface)
        message = jeepney.new_method_call(address, member, signature or None, body)
        serial = self._send(message)
        self._waiting[serial] = _Waiting(gives, time.monotonic() + self.patience, then)

    def emit(self, path: str, interface: str, member: str, signature: str = "", *body: Any) -> None:
        """Send a signal to whoever listens."""
        emitter = jeepney.DBusAddress(path, interface=interface)
        self._send(jeepney.new_signal(emitter, member, signature or None, body))

    def listen(self, rule: Mapping[str, str], signature: str, heard: Heard) -> None:
        """Have `heard` called for the signal of a match rule; one listener for each."""
        self._listeners[rule["interface"], rule["member"], signature] = heard
        text = ",".join(f"{key}='{value}'" for key, value in {"type": "signal", **rule}.items())
        self.call(Target(BUS, "/org/freedesktop/DBus", BUS), "AddMatch", "s", (text,))

    def _send(self, message: jeepney.Message) -> int:
        serial = next(self._serials)
        if self.alive:
            self._outgoing += message.serialise(serial)
            self.flush()
        return serial

    # ------------------------------------------------------------------- the owner's loop

    def fileno(self) -> int:
        """Return the descriptor to poll, -1 when the connection is gone."""
        return self._connection.fileno()

    @property
    def is_blocked(self) -> bool:
        """Tell whether something waits to be sent: poll for writing then, not for reading."""
        return bool(self._outgoing)

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do, on the monotonic clock."""
        return min((each.until for each in self._waiting.values()), default=None)

    def flush(self) -> None:
        """Send as much as the bus takes."""
        try:
            while self._outgoing:
                del self._outgoing[: self._connection.send(self._outgoing)]
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def read(self) -> None:
        """Take in what has arrived, at most 64 KiB, and act on it."""
        try:
            self._incoming += receive(self._connection)
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        for raw in self._frames():
            message = _parse(raw)
            if message is not None:
                self._take(message)

    def expire(self) -> None:
        """Give up on answers that are overdue."""
        now = time.monotonic()
        for serial in [serial for serial, each in self._waiting.items() if each.until <= now]:
            self._waiting.pop(serial).then(Reply((), error=ERROR + "NoReply"))

    def close(self) -> None:
        """Hang up; afterwards calls and signals go nowhere."""
        if self.alive:
            self.alive = False
            self._connection.close()
            self._outgoing.clear()
            self._waiting.clear()

    # ------------------------------------------------------------------- hearing

    def _frames(self) -> Iterator[bytes]:
        """Yield complete messages, passing over those that are too large to be meant for us."""
        while True:
            skipped = min(self._passed_over, len(self._incoming))
            del self._incoming[:skipped]
            self._passed_over -= skipped
            if len(self._incoming) < HEADER_START:
                return
            size = calc_msg_size(bytes(self._incoming[:HEADER_START]))
            if size > LARGEST_MESSAGE:
                self._passed_over = size
            elif size <= len(self._incoming):
                raw = bytes(self._incoming[:size])
                del self._incoming[:size]
                yield raw
            else:
                return

    def _take(self, message: jeepney.Message) -> None:
        fields, kind = message.header.fields, message.header.message_type
        sender = fields.get(jeepney.HeaderFields.sender, "")
        signature = fields.get(jeepney.HeaderFields.signature, "")

        if kind is jeepney.MessageType.method_call:
            self._answer(message, signature)
        elif kind is jeepney.MessageType.signal:
            named = (fields[jeepney.HeaderFields.interface], fields[jeepney.HeaderFields.member], signature)
            if named in self._listeners:
                self._listeners[named](sender, message.body)
        else:
            waiting = self._waiting.pop(fields[jeepney.HeaderFields.reply_serial], None)
            if waiting is not None:
                error = fields.get(jeepney.HeaderFields.error_name)
                if error is None and signature != waiting.gives:
                    error = ERROR + "InvalidSignature"
                waiting.then(Reply(message.body, sender, error))

    def _answer(self, message: jeepney.Message, signature: str) -> None:
        from tray.desktop.linux.bus_objects import Call, RefusedCall, answer, clean  # noqa: PLC0415  not asked before it is there

        fields = message.header.fields
        call = Call(
            fields[jeepney.HeaderFields.path],
            fields.get(jeepney.HeaderFields.interface),
            fields[jeepney.HeaderFields.member],
            signature,
            message.body,
        )
        try:
            gives, body = answer(self.objects, call)
            reply = jeepney.new_method_return(message, gives or None, body)
        except RefusedCall as exc:
            reply = jeepney.new_error(message, ERROR + exc.name, "s", (clean(exc.text),))
        if not message.header.flags & jeepney.MessageFlag.no_reply_expected:
            self._send(reply)


def _parse(raw: bytes) -> jeepney.Message | None:
    """Return a message, `None` for what jeepney cannot read: strangers send whatever a bus lets through."""
    try:
        return jeepney.Message.from_buffer(raw)
    except (ValueError, KeyError, IndexError, AssertionError, struct.error):
        return None
