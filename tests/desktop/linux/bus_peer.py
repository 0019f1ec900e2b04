"""Another program on the bus, driven step by step: everything happens inside its own calls."""

import contextlib
import time
from collections.abc import Callable
from typing import Any, Self

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_error, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
REPLACE_NOBODY = 4  # RequestName: fail rather than wait in line


class CallFailed(Exception):  # noqa: N818  the words of the tests
    """The other side answered with an error."""

    def __init__(self, name: str, text: Any) -> None:
        super().__init__(name, text)
        self.name = name.removeprefix("org.freedesktop.DBus.Error.")


class BusPeer:
    """A connection that hears signals, answers calls and waits for what a test expects."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.connection: DBusConnection = open_dbus_connection(address)
        self.signals: list[tuple[str, tuple[Any, ...]]] = []  # (member, values), oldest first
        self._replies: dict[int, Message] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def own(self, name: str) -> None:
        """Take a well-known name."""
        self.send(BUS, "RequestName", "su", (name, REPLACE_NOBODY))

    def disown(self, name: str) -> None:
        """Give a well-known name up."""
        self.send(BUS, "ReleaseName", "s", (name,))

    def hear(self, interface: str) -> None:
        """Record the signals of an interface."""
        self.send(BUS, "AddMatch", "s", (f"type='signal',interface='{interface}'",))

    def wait_for(self, condition: Callable[[], bool], timeout: float = 10) -> None:
        """Handle what comes in until a condition holds; raises `TimeoutError`."""
        until = time.monotonic() + timeout
        while not condition():
            self._handle(self.connection.receive(timeout=max(0, until - time.monotonic())))

    def handle_until(self, condition: Callable[[], bool], timeout: float = 10) -> None:
        """Handle what comes in until something holds that no message tells; raises `TimeoutError`."""
        until = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError
            with contextlib.suppress(TimeoutError):
                self._handle(self.connection.receive(timeout=0.05))

    def send(
        self, address: DBusAddress, member: str, signature: str = "", values: tuple[Any, ...] = ()
    ) -> tuple[Any, ...]:
        """Call a method and return its answer; raises `CallFailed`."""
        serial = next(self.connection.outgoing_serial)
        self.connection.send(new_method_call(address, member, signature or None, values), serial=serial)
        self.wait_for(lambda: serial in self._replies)
        reply = self._replies.pop(serial)
        if reply.header.message_type is MessageType.error:
            raise CallFailed(reply.header.fields[HeaderFields.error_name], reply.body)
        return tuple(reply.body)

    def _handle(self, message: Message) -> None:
        fields = message.header.fields
        match message.header.message_type:
            case MessageType.signal:
                self.signals.append((fields[HeaderFields.member], message.body))
            case MessageType.method_call:
                answer = self.answer(message, fields[HeaderFields.member])
                if answer is not None:
                    self.connection.send(answer)
            case _:
                self._replies[fields[HeaderFields.reply_serial]] = message

    def answer(self, message: Message, _member: str) -> Message | None:
        """Return the answer to a call, `None` to leave it unanswered."""
        return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
