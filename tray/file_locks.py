"""Locks on files: each user has one instance of the program, and writers of one file take turns.

By hand: filelock takes 10 ms and 4 MB of every login. The file is left in its place: a process that removed it
could lock one file while another process locks the next. The system lets go of the lock when the process ends,
however it ends.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tray import files
from tray.errors import AlreadyRunning, TrayError
from tray.messages import commands as words

if sys.platform == "win32":
    import ctypes
    import msvcrt

    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.LockFile.argtypes = [ctypes.c_void_p, *[ctypes.c_ulong] * 4]

    def _lock(descriptor: int) -> None:
        """Lock the first byte; `msvcrt.locking` has only an errno to say why it cannot, and Wine sets none."""
        if not _kernel.LockFile(msvcrt.get_osfhandle(descriptor), 0, 0, 1, 0):
            raise ctypes.WinError(ctypes.get_last_error())
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


TURN_SECONDS = 5.0  # seconds; a turn takes milliseconds
SHORTLY = 0.01  # seconds


class InstanceLock:
    """The right to be the one instance, until it is given up.

    Raise `AlreadyRunning`, or `TrayError` where that cannot be known.
    """

    def __init__(self, lock_file: Path) -> None:
        self._lock_file = lock_file
        self._descriptor = _locked(lock_file)

    def restore(self) -> None:
        """Lock the file anew if somebody has removed it, as cleaners of /tmp do; raise as the first time."""
        if not self._lock_file.exists():
            lost, self._descriptor = self._descriptor, _locked(self._lock_file)
            os.close(lost)

    def give_up(self) -> None:
        """Let another process be the one instance."""
        os.close(self._descriptor)


@contextmanager
def claim(lock_file: Path) -> Iterator[InstanceLock]:
    """Be the one instance for a while; raise as `InstanceLock` does."""
    made = InstanceLock(lock_file)
    try:
        yield made
    finally:
        made.give_up()


@contextmanager
def turn(lock_file: Path, seconds: float = TURN_SECONDS) -> Iterator[None]:
    """Do something while no other process or thread does it.

    Nobody who holds a turn for too long is waited for. On a file system without locks there are no turns.
    """
    until = time.monotonic() + seconds
    descriptor = None
    while descriptor is None and time.monotonic() < until:
        try:
            descriptor = _locked(lock_file)
        except AlreadyRunning:
            time.sleep(SHORTLY)
        except TrayError:
            break
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _locked(lock_file: Path) -> int:
    """Return the descriptor of the file, locked."""
    files.private_folder(lock_file.parent)
    try:
        descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)  # not inherited: PEP 446
    except OSError as exc:
        raise TrayError(*words.lock_failed(str(lock_file), exc.strerror or str(exc))) from exc
    try:
        _lock(descriptor)
    except (BlockingIOError, PermissionError) as exc:  # Windows calls it the latter
        os.close(descriptor)
        raise AlreadyRunning(*words.already_running()) from exc
    except OSError as exc:  # ENOSYS, ENOLCK, EIO, EOPNOTSUPP: of network file systems and their like
        os.close(descriptor)
        raise TrayError(*words.no_locks(str(lock_file.parent), exc.strerror or str(exc))) from exc
    return descriptor
