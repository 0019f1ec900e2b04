"""A stand-in for logind; the test holds the other end of each inhibitor."""

import os
import select
from typing import Self

from jeepney import DBusAddress, HeaderFields, Message, message_bus, new_error, new_method_return, new_signal
from jeepney.io.blocking import open_dbus_connection

from tray.desktop.linux import logind
from tray.desktop.linux.logind import NAME
from tray.messages import desktop as words

MANAGER = DBusAddress(logind.MANAGER.path, NAME, logind.MANAGER.interface)
PATIENCE = 10  # seconds for what is bound to come


class Inhibitor:
    """A granted delay, seen from logind's side: its pipe ends when it is given back."""

    def __init__(self, end: int) -> None:
        self._end = end

    def is_held(self, patience: float = 0) -> bool:
        return not select.select([self._end], [], [], patience)[0]

    def close(self) -> None:
        os.close(self._end)

    def wait_until_back(self) -> None:
        assert not self.is_held(PATIENCE)
        os.close(self._end)


class Logind:
    """The service, driven step by step: there is no thread."""

    def __init__(self, address: str) -> None:
        self._connection = open_dbus_connection(address, enable_fds=True)
        self._connection.send_and_get_reply(message_bus.RequestName(NAME))
        self.asked_by = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def _next_question(self) -> Message:
        while True:
            message = self._connection.receive(timeout=PATIENCE)
            if message.header.fields[HeaderFields.member] == "Inhibit":
                what, _who, why, mode = message.body
                assert (what, why, mode) == ("sleep:shutdown", words.inhibitor(), "delay")
                self.asked_by = message.header.fields[HeaderFields.sender]
                return message

    def grant(self) -> Inhibitor:
        question = self._next_question()
        read, write = os.pipe()
        self._connection.send(new_method_return(question, "h", (write,)))
        os.close(write)
        return Inhibitor(read)

    def refuse(self) -> None:
        self._connection.send(new_error(self._next_question(), NAME + ".OperationInProgress"))

    def tell(self, member: str, begins: bool) -> None:
        self._connection.send(new_signal(MANAGER, member, "b", (begins,)))
