"""The control channel as a Unix socket in a private folder, with the peer's credentials checked."""

import _socket
import os
import select
import socket
import stat
import sys
from contextlib import suppress
from pathlib import Path

from tray import files
from tray.control.protocol import CHUNK
from tray.control.unix_client import connect_to, peer
from tray.errors import AlreadyRunning, NotRunning, TrayError
from tray.messages import commands as words

assert sys.platform != "win32"  # noqa: S101  for the type checker

BACKLOG = 64


class SocketConnection:
    """A connected socket."""

    def __init__(self, connected: _socket.socket) -> None:
        self._socket = connected

    def receive(self, seconds: float) -> bytes:
        """Return the next bytes, none at the end."""
        self._socket.settimeout(max(seconds, 0.001))  # zero would make the socket non-blocking
        return self._socket.recv(CHUNK)

    def send(self, data: bytes, seconds: float) -> None:
        """Send everything."""
        self._socket.settimeout(max(seconds, 0.001))
        self._socket.sendall(data)

    def abort(self) -> None:
        """Let the calls of another thread end."""
        with suppress(OSError):  # the peer has gone
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End the conversation."""
        self._socket.close()


class SocketListener:
    """A listening socket that accepts only processes of `owner`."""

    def __init__(self, path: Path, owner: int) -> None:
        self._path = path
        self._owner = owner
        self._woken, self._waker = os.pipe()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(str(path))
        except OSError as exc:
            self._close_all()
            raise TrayError(*words.channel_failed(str(path), exc.strerror or str(exc))) from exc
        self._socket.listen(BACKLOG)
        self._socket.settimeout(0)  # a peer may leave between `poll` and `accept`

    def accept(self) -> SocketConnection | None:
        """Wait for the next conversation."""
        poll = select.poll()  # `select` knows no descriptor above 1023
        poll.register(self._socket, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        if any(descriptor == self._woken for descriptor, _events in poll.poll()):
            return None
        try:
            connected, _ = self._socket.accept()
        except (BlockingIOError, ConnectionError):
            return None
        if peer(connected) != self._owner:
            connected.close()
            return None
        return SocketConnection(connected)

    def wake(self) -> None:
        """Make `accept` return."""
        os.write(self._waker, b"x")

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._path.unlink(missing_ok=True)
        self._close_all()

    def _close_all(self) -> None:
        self._socket.close()
        os.close(self._woken)
        os.close(self._waker)


def listen(address: str, owner: int | None = None) -> SocketListener:
    """Listen for processes of `owner`, by default of this user.

    Replace the socket of a process that has died. Raise `AlreadyRunning` where one answers at the address, `TrayError`
    where nobody can listen there.
    """
    path = Path(address)
    files.private_folder(path.parent)
    _clear(path)
    return SocketListener(path, os.getuid() if owner is None else owner)


def connect(address: str, seconds: float) -> SocketConnection:
    """Connect to a listener of this user; raise `NotRunning` where there is none, `OSError`."""
    found = connect_to(address, seconds)
    if found is None:
        raise NotRunning(*words.not_running())
    return SocketConnection(found)


def _clear(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise TrayError(*words.channel_taken(str(path)))
    try:
        connect(str(path), 1).close()
    except (NotRunning, OSError):
        path.unlink(missing_ok=True)
    else:
        raise AlreadyRunning(*words.already_running())
