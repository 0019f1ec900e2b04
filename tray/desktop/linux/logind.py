"""What logind says on the system bus, and the delay it grants; must not know what the delay is used for.

See systemd's "Inhibitor Locks" for the protocol: https://systemd.io/INHIBITOR_LOCKS/. Nothing here waits for an
answer: while it did, it would be deaf to the signals.
"""

import logging
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.wrappers import DBusErrorResponse

from tray.core.events import Event, LeaveAsked, Resumed, Suspending
from tray.core.values import Leaving

LOG = logging.getLogger("tray.desktop")

BUS = "org.freedesktop.DBus"
LOGIND = "org.freedesktop.login1"
MANAGER = DBusAddress("/org/freedesktop/login1", LOGIND, "org.freedesktop.login1.Manager")
INHIBIT = ("sleep:shutdown", "Presence Tray", "Give the Teams presence back", "delay")


def listen(post: Callable[[Event], None], bell: socket.socket) -> None:
    """Post what logind tells until the bell hangs up or the bus is gone; a byte from the bell allows."""
    try:
        with open_dbus_connection("SYSTEM", enable_fds=True) as connection, Logind(connection, post) as logind:
            logind.begin()
            poll = select.poll()
            poll.register(connection.sock, select.POLLIN)
            poll.register(bell, select.POLLIN)
            while True:
                ready = [number for number, _ in poll.poll()]
                if bell.fileno() in ready:
                    if not bell.recv(1):
                        return
                    logind.allow()
                if connection.sock.fileno() in ready:
                    logind.read()
    except (OSError, RuntimeError, ValueError, DBusErrorResponse) as exc:
        # No system bus, one that refuses us, an address that makes no sense, or a bus that went away.
        LOG.info("Sleep is noticed afterwards only (%s).", exc)


class Logind:
    """One connection's dealings with logind; reads only when there is something."""

    def __init__(self, connection: DBusConnection, post: Callable[[Event], None]) -> None:
        self._connection = connection
        self._post = post
        self._owner = ""  # logind's own name on the bus: anybody may send us a signal that looks like its
        self._inhibitor: Any = None
        self._is_going_down = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._give_back()

    def begin(self) -> None:
        """Subscribe, and ask for the delay."""
        owner = MatchRule(
            type="signal", sender=BUS, interface=BUS, member="NameOwnerChanged", path="/org/freedesktop/DBus"
        )
        owner.add_arg_condition(0, LOGIND)
        for rule in (MatchRule(type="signal", sender=LOGIND, interface=MANAGER.interface), owner):
            self._connection.send(message_bus.AddMatch(rule))
        self._ask()

    def allow(self) -> None:
        """Give the delay back; only what is going down is held up, so a late word does no harm."""
        if self._is_going_down:
            self._give_back()

    def read(self) -> None:
        """Take in one message if all of it is here: before the next the bell is heard; raise `OSError` at the end."""
        with suppress(TimeoutError):
            self._take(self._connection.receive(timeout=0))

    # ------------------------------------------------------------------- the inhibitor

    def _ask(self) -> None:
        self._connection.send(new_method_call(MANAGER, "Inhibit", "ssss", INHIBIT))

    def _hold(self, inhibitor: Any) -> None:
        self._give_back()
        self._inhibitor = inhibitor

    def _give_back(self) -> None:
        if self._inhibitor:
            self._inhibitor.close()
            self._inhibitor = None

    # ------------------------------------------------------------------- hearing

    def _take(self, message: Message) -> None:
        fields = message.header.fields
        sender = fields.get(HeaderFields.sender)
        match message.header.message_type:
            case MessageType.signal if sender == BUS and fields[HeaderFields.member] == "NameOwnerChanged":
                _name, _old, new = message.body
                if new:  # a logind that started anew may not know our inhibitor
                    self._ask()
            case MessageType.signal if sender == self._owner:
                self._hear(fields[HeaderFields.member], message.body)
            case MessageType.method_return if message.body:  # of all we call only `Inhibit` returns something
                self._owner = sender
                self._hold(message.body[0])
            case MessageType.error:
                self._owner = sender
                LOG.info("Sleep does not wait for us (%s).", fields[HeaderFields.error_name])
            case _:
                pass

    def _hear(self, member: str, body: tuple[Any, ...]) -> None:
        match member, body:
            case "PrepareForSleep", (True,):
                self._is_going_down = True
                self._post(Suspending())
            case "PrepareForSleep", (False,):
                self._is_going_down = False
                self._post(Resumed())
                if self._inhibitor is None:
                    self._ask()
            case "PrepareForShutdown", (True,):
                self._is_going_down = True
                self._post(LeaveAsked(Leaving.ENDED))
            case _:
                pass
