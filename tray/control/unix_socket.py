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
CHECK_SECONDS = 600.0  # between two looks at the socket, which cleaners of /tmp remove after days


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
        self._socket, self._file = _bound(path)
        self._woken, self._waker = os.pipe()

    def accept(self) -> SocketConnection | None:
        """Wait for the next conversation."""
        poll = select.poll()  # `select` cannot watch a descriptor above 1023
        poll.register(self._socket, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        ready = [descriptor for descriptor, _events in poll.poll(CHECK_SECONDS * 1000)]
        if not ready or self._woken in ready:
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

    def restore(self) -> None:
        """Listen anew if somebody has removed the socket, as cleaners of /tmp do; raise `TrayError`."""
        if not self._path.exists():
            files.private_folder(self._path.parent)
            lost = self._socket
            self._socket, self._file = _bound(self._path)
            lost.close()

    def close(self) -> None:
        """Stop listening and remove the socket, unless another process has its own there."""
        with suppress(FileNotFoundError):
            if _identity(self._path) == self._file:
                self._path.unlink()
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


def _bound(path: Path) -> tuple[socket.socket, tuple[int, int]]:
    """Return a socket that listens, and the identity of its file."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(str(path))
    except OSError as exc:
        listening.close()
        raise TrayError(*words.channel_failed(str(path), exc.strerror or str(exc))) from exc
    listening.listen(BACKLOG)
    listening.settimeout(0)  # a peer may leave between `poll` and `accept`
    return listening, _identity(path)


def _identity(path: Path) -> tuple[int, int]:
    """Return what tells a file from another that takes its place, the number of its inode with it."""
    found = path.lstat()
    return found.st_ino, found.st_ctime_ns


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
