"""The D-Bus client: finds a bus, joins it, and exchanges calls, signals and answers without ever blocking its loop.

The session bus and the system bus are spoken to by the same class, on one loop. Source: the D-Bus specification
(https://dbus.freedesktop.org/doc/dbus-specification.html).
"""

import itertools
import logging
import os
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from queue import SimpleQueue
from typing import Any, NamedTuple

import jeepney
from jeepney.auth import BEGIN, NEGOTIATE_UNIX_FD, make_auth_external
from jeepney.bus import get_connectable_addresses
from jeepney.fds import FileDescriptor, NoFDError
from jeepney.low_level import calc_msg_size

from tray.desktop.linux.bus_objects import Call, Objects, RefusedCall, clean, encoded, find_method
from tray.errors import TrayError
from tray.messages import desktop as words

BUS = "org.freedesktop.DBus"
ERROR = "org.freedesktop.DBus.Error."
LOG = logging.getLogger("tray.desktop")
PAUSE = 0.1  # seconds after a failure of something that the loop called
JOIN_PATIENCE = 2.0  # seconds; a hung bus must not hold up the start
ANSWER_PATIENCE = 10.0  # seconds; it bounds how many unanswered calls are remembered
LARGEST_MESSAGE = 1 << 20  # bytes; no message for us comes near, so larger ones are passed over unread
LARGEST_READ = 1 << 16  # bytes
MOST_DESCRIPTORS = 16  # in one read; the kernel ends a read after the first message that brings any
MOST_DEFERRED = 100  # calls that wait for their answer; more are answered at once, so that no flood fills the memory
HEADER_START = 16  # bytes that tell a message's size
SYSTEM_BUS = "unix:path=/var/run/dbus/system_bus_socket"  # the specification's default

Heard = Callable[[str, tuple[Any, ...]], None]  # sender, values
Act = Callable[[], None]


class NoSessionBus(TrayError):  # noqa: N818  the words of the tree in tray/errors.py
    """There is no session bus to show a tray on."""


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


DAEMON = Target(BUS, "/org/freedesktop/DBus", BUS)


# ----------------------------------------------------------------------- finding and joining


def open_session_bus(environ: Mapping[str, str] = os.environ) -> "Bus":
    """Join the session bus, within seconds; raise `NoSessionBus`."""
    failure: Exception | None = None
    try:
        for address in _session_sockets(environ):
            try:
                return _join(address)
            except OSError as exc:
                failure = exc
    except (ValueError, RuntimeError) as exc:  # an address that makes no sense
        failure = exc
    raise NoSessionBus(*words.no_session_bus()) from failure


def _join(address: str) -> "Bus":
    bus = Bus(address)
    bus.serve_until(lambda: bool(bus.name), JOIN_PATIENCE)
    if not bus.name:
        bus.close()
        raise ConnectionError
    return bus


def open_system_bus(patience: timedelta, environ: Mapping[str, str] = os.environ) -> "Bus":
    """Begin to join the system bus, ready for file descriptors; raise `OSError`, `ValueError` or `RuntimeError`."""
    address = environ.get("DBUS_SYSTEM_BUS_ADDRESS") or SYSTEM_BUS
    return Bus(next(get_connectable_addresses(address)), takes_descriptors=True, patience=patience.total_seconds())


def _session_sockets(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield where the session bus may listen, best first."""
    address = environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if address:
        yield from get_connectable_addresses(address)
    elif "XDG_RUNTIME_DIR" in environ:
        yield f"{environ['XDG_RUNTIME_DIR']}/bus"


# ----------------------------------------------------------------------- speaking


class Bus:
    """A connection to a message bus: calls, signals, and objects of ours that others call.

    Its owner polls `fileno()` and calls `read`, `flush` and `expire`; everything happens on the owner's thread.
    While something waits to be sent nothing more is read, so that a flood of calls cannot fill the memory.
    """

    def __init__(self, address: str, *, takes_descriptors: bool = False, patience: float = ANSWER_PATIENCE) -> None:
        self.objects: Objects = {}  # what others call
        self._deferred_interface = ""  # calls of it wait until they are released
        self._deferred: list[jeepney.Message] = []
        self.alive = True
        self.name = ""  # on the bus, once that has let us in
        self.patience = patience  # seconds
        self._serials = itertools.count(1)
        self._incoming = bytearray()
        self._passed_over = 0
        self._takes_descriptors = takes_descriptors
        self._descriptors: list[FileDescriptor] = []  # that came with what has not been taken in yet
        self._outgoing = bytearray()
        self._waiting: dict[int, _Waiting] = {}
        self._listeners: dict[tuple[str, str, str], list[Heard]] = {}
        self._connection = _connect(address)
        self._log_in()

    def _log_in(self) -> None:
        """Send everything that lets us in at once, as systemd's client does; the bus answers line by line."""
        self._outgoing += b"\0" + make_auth_external()
        self._greetings = [b"OK "]
        if self._takes_descriptors:
            self._outgoing += NEGOTIATE_UNIX_FD
            self._greetings.append(b"AGREE_UNIX_FD")
        self._outgoing += BEGIN
        self.call(DAEMON, "Hello", gives="s", then=self._welcomed)

    def _welcomed(self, reply: Reply) -> None:
        if reply.error is None:
            (self.name,) = reply.body

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
        """Send a call; `then` gets the answer, or the lack of one once the patience is over."""
        address = jeepney.DBusAddress(target.path, target.destination, target.interface)
        message = jeepney.new_method_call(address, member, signature or None, body)
        serial = self._send(message)
        self._waiting[serial] = _Waiting(gives, time.monotonic() + self.patience, then)

    def emit(self, path: str, interface: str, member: str, signature: str = "", *body: Any) -> None:
        """Send a signal to whoever listens."""
        emitter = jeepney.DBusAddress(path, interface=interface)
        self._send(jeepney.new_signal(emitter, member, signature or None, body))

    def listen(self, rule: Mapping[str, str], signature: str, heard: Heard) -> None:
        """Subscribe to a signal; rules that share interface, member and signature share their listeners."""
        listeners = self._listeners.setdefault((rule["interface"], rule["member"], signature), [])
        if heard not in listeners:
            listeners.append(heard)
        self.call(DAEMON, "AddMatch", "s", (_match(rule),))

    def stop_listening(self, rule: Mapping[str, str], signature: str, heard: Heard) -> None:
        """Take back what was asked of `listen`."""
        listeners = self._listeners[rule["interface"], rule["member"], signature]
        if heard in listeners:
            listeners.remove(heard)
        self.call(DAEMON, "RemoveMatch", "s", (_match(rule),))

    def _send(self, message: jeepney.Message) -> int:
        serial = next(self._serials)
        if self.alive:
            self._outgoing += encoded(message, serial)
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
            self._incoming += self._receive()
        except BlockingIOError:
            return
        except OSError:
            self.close()
            return
        for message, descriptors in self._messages():
            match message.header.message_type:
                case jeepney.MessageType.method_call:
                    self._answer(message)
                case jeepney.MessageType.signal:
                    self._hear(message)
                case _:
                    self._settle(message)
            _close(descriptors)

    def expire(self) -> None:
        """Give up on answers that are overdue."""
        now = time.monotonic()
        for serial in [serial for serial, each in self._waiting.items() if each.until <= now]:
            self._waiting.pop(serial).then(Reply((), error=ERROR + "NoReply"))

    def serve_until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Block until something holds, the time is up, or the bus is gone; for what has no loop."""
        until = time.monotonic() + seconds
        while self.alive and not condition() and (left := until - time.monotonic()) > 0:
            poll = select.poll()
            poll.register(self, select.POLLOUT if self.is_blocked else select.POLLIN)
            if poll.poll(left * 1000):
                (self.flush if self.is_blocked else self.read)()

    def close(self) -> None:
        """Hang up; afterwards calls and signals go nowhere."""
        if self.alive:
            self.alive = False
            self._connection.close()
            self._outgoing.clear()
            self._incoming.clear()
            self._waiting.clear()
            self._deferred.clear()
            self._drop_descriptors()

    # ------------------------------------------------------------------- hearing

    def _receive(self) -> bytes:
        """Return what has arrived; raise `OSError` when the other side hung up."""
        if self._takes_descriptors:
            data, descriptors, _flags, _address = socket.recv_fds(
                self._connection, LARGEST_READ, MOST_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
            )
            self._descriptors += map(FileDescriptor, descriptors)
        else:
            data = self._connection.recv(LARGEST_READ)
        if not data:
            raise ConnectionResetError
        return data

    def _messages(self) -> Iterator[tuple[jeepney.Message, list[FileDescriptor]]]:
        """Yield the messages that are complete, with the descriptors that came along.

        What jeepney cannot read is passed over: strangers send whatever a bus lets through.
        """
        if not self._is_let_in():
            return
        for raw in self._frames():
            try:
                message = jeepney.Message.from_buffer(raw, fds=self._descriptors)
            except (ValueError, KeyError, IndexError, AssertionError, struct.error):
                self._drop_descriptors()
                continue
            count = message.header.fields.get(jeepney.HeaderFields.unix_fds, 0)
            mine, self._descriptors = self._descriptors[:count], self._descriptors[count:]
            yield message, mine

    def _is_let_in(self) -> bool:
        """Take the lines with which the bus lets us in; hang up at any other."""
        while self._greetings:
            line, ends, rest = self._incoming.partition(b"\r\n")
            if ends and line.startswith(self._greetings[0]):
                del self._greetings[0]
                self._incoming = rest
            else:
                if ends or len(line) > LARGEST_READ:
                    self.close()
                return False
        return True

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

    def _hear(self, message: jeepney.Message) -> None:
        fields = message.header.fields
        named = (
            fields[jeepney.HeaderFields.interface],
            fields[jeepney.HeaderFields.member],
            fields.get(jeepney.HeaderFields.signature, ""),
        )
        for heard in tuple(self._listeners.get(named, ())):
            heard(fields.get(jeepney.HeaderFields.sender, ""), message.body)

    def _settle(self, message: jeepney.Message) -> None:
        """Give an answer to whoever waits for it."""
        fields = message.header.fields
        waiting = self._waiting.pop(fields[jeepney.HeaderFields.reply_serial], None)
        if waiting is None:
            return
        error = fields.get(jeepney.HeaderFields.error_name)
        if error is None and fields.get(jeepney.HeaderFields.signature, "") != waiting.gives:
            error = ERROR + "InvalidSignature"
        waiting.then(Reply(message.body, fields.get(jeepney.HeaderFields.sender, ""), error))

    def defer(self, interface: str) -> None:
        """Let the calls of an interface wait for their answers until `answer_deferred`."""
        self._deferred_interface = interface

    def answer_deferred(self) -> None:
        """Answer the calls that wait, in their order."""
        self._deferred_interface = ""
        deferred, self._deferred = self._deferred, []
        for message in deferred:
            self._answer(message)

    def _answer(self, message: jeepney.Message) -> None:
        """Carry out a call of one of our objects."""
        fields = message.header.fields
        deferred = self._deferred_interface and fields.get(jeepney.HeaderFields.interface) == self._deferred_interface
        if deferred and len(self._deferred) < MOST_DEFERRED:
            self._deferred.append(message)
            return
        call = Call(
            fields[jeepney.HeaderFields.path],
            fields.get(jeepney.HeaderFields.interface),
            fields[jeepney.HeaderFields.member],
            fields.get(jeepney.HeaderFields.signature, ""),
        )
        try:
            method = find_method(self.objects, call)
            reply = jeepney.new_method_return(message, method.gives or None, method.act(*message.body))
        except RefusedCall as exc:
            reply = jeepney.new_error(message, ERROR + exc.name, "s", (clean(exc.text),))
        if not message.header.flags & jeepney.MessageFlag.no_reply_expected:
            self._send(reply)

    def _drop_descriptors(self) -> None:
        _close(self._descriptors)
        self._descriptors = []


def _match(rule: Mapping[str, str]) -> str:
    return ",".join(f"{key}='{value}'" for key, value in {"type": "signal", **rule}.items())


def _connect(address: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.settimeout(JOIN_PATIENCE)  # waits only where more programs knock than the bus has room for
        connection.connect(address)
        connection.setblocking(False)  # noqa: FBT003  the socket's own signature
    except BaseException:
        connection.close()
        raise
    return connection


def _close(descriptors: list[FileDescriptor]) -> None:
    """Close what nobody took."""
    for each in descriptors:
        with suppress(NoFDError):  # somebody took it
            each.close()


# ----------------------------------------------------------------------- the loop


class Loop:
    """What one thread waits for: connections, times, and calls that other threads hand over. It never polls."""

    def __init__(self) -> None:
        self._buses: dict[Bus, Act] = {}  # with what is to be done when one is lost
        self._timers: dict[Act, float] = {}  # on the monotonic clock
        self._calls: SimpleQueue[Act] = SimpleQueue()
        # Never closed: another thread may hand over a call while the loop ends.
        self._bell, self.wake_fd = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)  # a byte in it ends a wait: signals too

    def serve(self, bus: Bus, lost: Act) -> None:
        """Serve a connection until it is gone; `lost` is called then."""
        self._buses[bus] = lost

    def call(self, act: Act) -> None:
        """Have something called on the loop's thread; callable from any thread, returns at once."""
        self._calls.put(act)
        with suppress(BlockingIOError):  # a full pipe ends the wait as well
            os.write(self.wake_fd, b"\0")

    def call_later(self, delay: timedelta, act: Act) -> None:
        """Call something once, after some time."""
        self._timers[act] = time.monotonic() + delay.total_seconds()

    def cancel(self, act: Act) -> None:
        """Call it no more."""
        self._timers.pop(act, None)

    def turn(self) -> None:
        """Sleep until something is to be done, and do it; what fails is logged, and the loop goes on."""
        for act in self.wait():
            try:
                act()
            except Exception:
                LOG.exception("the desktop's loop goes on after a failure")
                time.sleep(PAUSE)  # in case it fails at every turn

    def wait(self) -> list[Act]:
        """Sleep until something is to be done, and return it for the caller to call."""
        if due := self._take_due():
            return due
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        for bus in self._buses:
            poll.register(bus, select.POLLOUT if bus.is_blocked else select.POLLIN)
        ready = {descriptor for descriptor, _events in poll.poll(self._patience())}
        if self._bell in ready:
            os.read(self._bell, 4096)
        # A call that was handed over before a message was sent comes before it.
        calls = [self._calls.get() for _ in range(self._calls.qsize())]
        return calls + [bus.flush if bus.is_blocked else bus.read for bus in self._buses if bus.fileno() in ready]

    def hang_up(self) -> None:
        """Close every connection, at the end of the thread."""
        for bus in self._buses:
            bus.close()

    def _take_due(self) -> list[Act]:
        """Return what needs no waiting: connections that are lost, answers that are overdue, times that have come."""
        now = time.monotonic()
        lost = [self._buses.pop(bus) for bus in list(self._buses) if not bus.alive]
        overdue = [bus.expire for bus in self._buses if bus.deadline is not None and bus.deadline <= now]
        timers = [act for act, moment in self._timers.items() if moment <= now]
        for act in timers:
            del self._timers[act]
        return [*lost, *overdue, *timers]

    def _patience(self) -> float | None:
        """Return how long the loop may sleep, in milliseconds; `None`: until something happens."""
        moments = [bus.deadline for bus in self._buses if bus.deadline is not None]
        moments += self._timers.values()
        return max(0.0, min(moments) - time.monotonic()) * 1000 if moments else None
