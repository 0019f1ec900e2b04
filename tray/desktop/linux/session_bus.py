"""Finding and joining the session bus, or saying in time that there is none; must not know what it is for."""

import os
import socket
from collections.abc import Iterator, Mapping

from jeepney.auth import BEGIN, Authenticator
from jeepney.bus import get_connectable_addresses

from tray.desktop.linux.bus import Bus, receive
from tray.errors import TrayError
from tray.messages import desktop as words

CONNECT_PATIENCE = 2.0  # seconds; a hung bus must not hold up the start


class NoSessionBus(TrayError):  # noqa: N818  the words of the tree in tray/errors.py
    """There is no session bus to show a tray on."""


def session_sockets(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield where the session bus may listen, best first."""
    address = environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    if address:
        yield from get_connectable_addresses(address)
    elif "XDG_RUNTIME_DIR" in environ:
        yield f"{environ['XDG_RUNTIME_DIR']}/bus"


def open_session_bus(environ: Mapping[str, str] = os.environ) -> Bus:
    """Connect to the session bus, within seconds; raises `NoSessionBus`."""
    failure: Exception | None = None
    try:
        for address in session_sockets(environ):
            try:
                return Bus(_log_in(address))
            except OSError as exc:
                failure = exc
    except (ValueError, RuntimeError) as exc:  # an address, or an answer, that makes no sense
        failure = exc
    raise NoSessionBus(*words.no_session_bus()) from failure


def _log_in(address: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        connection.settimeout(CONNECT_PATIENCE)
        connection.connect(address)
        login = Authenticator()
        for line in login:
            connection.sendall(line)
            login.feed(receive(connection))
        connection.sendall(BEGIN)
    except BaseException:
        connection.close()
        raise
    return connection
