"""The client's end of the control channel's Unix socket, with the credentials of the peer checked.

A key that a command is bound to waits for this, so it imports only what is written in C: `socket` takes as long to
import as Python takes to start.
"""

import _socket
import os
import struct
import sys
import time

assert sys.platform != "win32"  # noqa: S101  for the type checker

FULL_SECONDS = 0.01  # between two attempts, while the backlog is full
ABSENT = (FileNotFoundError, NotADirectoryError, ConnectionRefusedError, PermissionError)


def connect_to(address: str, seconds: float) -> _socket.socket | None:
    """Return a socket connected to a listener of this user, `None` where there is none; raise `OSError`."""
    connecting = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        _connect(connecting, address, time.monotonic() + seconds)
        if peer(connecting) == os.getuid():
            return connecting
    except ABSENT:
        pass
    except BaseException:
        connecting.close()
        raise
    connecting.close()
    return None


def _connect(connecting: _socket.socket, address: str, until: float) -> None:
    """Connect until a monotonic instant, trying again while more peers than the backlog holds stand in the queue."""
    connecting.settimeout(max(until - time.monotonic(), 0.001))
    while True:
        try:
            return connecting.connect(address)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise
            time.sleep(FULL_SECONDS)


def peer(of: _socket.socket) -> int:
    """Return the id of the user at the other end, as the kernel knows it; -1 where it does not."""
    if sys.platform == "linux":
        credentials = of.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, struct.calcsize("3i"))
        _pid, uid, _gid = struct.unpack("3i", credentials)
        return int(uid)
    import ctypes  # noqa: PLC0415  only macOS needs it

    uid, gid = ctypes.c_uint32(), ctypes.c_uint32()
    if ctypes.CDLL(None).getpeereid(of.fileno(), ctypes.byref(uid), ctypes.byref(gid)) != 0:
        return -1
    return uid.value
