"""Notes every prompt for a keyring's password on a session bus."""

from contextlib import suppress
from threading import Thread
from typing import Self

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

MONITORING = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus.Monitoring")
RULES = [
    "type='method_call',interface='org.freedesktop.Secret.Prompt'",
    "type='method_call',interface='org.freedesktop.Secret.Service',member='Unlock'",
    "type='method_call',interface='org.freedesktop.Secret.Service',member='CreateCollection'",
    "type='method_call',interface='org.gnome.keyring.internal.Prompter'",
]


class Prompts:
    """Members called, in order, from `with` to its end."""

    def __init__(self, address: str) -> None:
        self.heard: list[str] = []
        self._connection = open_dbus_connection(address)
        become = new_method_call(MONITORING, "BecomeMonitor", "asu", (RULES, 0))
        self._connection.send_and_get_reply(become)
        self._thread = Thread(target=self._listen, name="prompts", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.sock.shutdown(2)
        self._thread.join()
        self._connection.close()

    def _listen(self) -> None:
        with suppress(OSError):  # the end
            while True:
                message = self._connection.receive()
                if message.header.message_type is MessageType.method_call:
                    self.heard.append(message.header.fields[HeaderFields.member])
