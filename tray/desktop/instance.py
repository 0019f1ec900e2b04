"""One instance for each user, by a lock on a file; must not know what the instance does.

By hand: filelock takes 10 ms and 4 MB of every login. The file is left in its place: who removed it could lock one
file while another process locks the next. The system lets go of the lock when the process ends, however it ends.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tray import files
from tray.errors import AlreadyRunning, TrayError
from tray.words import commands as words

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def claim(lock_file: Path) -> Iterator[None]:
    """Be the one instance for a while.

    Raise `AlreadyRunning`, or `TrayError` where that cannot be known.
    """
    files.private_folder(lock_file.parent)
    try:
        descriptor = os.open(lock_file, os.O_RDWR | os.O_CREAT, 0o600)  # not inherited: PEP 446
    except OSError as exc:
        raise TrayError(*words.lock_failed(str(lock_file), exc.strerror or str(exc))) from exc
    try:
        try:
            _lock(descriptor)
        except (BlockingIOError, PermissionError) as exc:  # Windows calls it the latter
            raise AlreadyRunning(*words.already_running()) from exc
        yield
    finally:
        os.close(descriptor)
