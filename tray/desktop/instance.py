"""One instance for each user; must not know what the instance does."""

from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from tray import files
from tray.errors import AlreadyRunning, TrayError
from tray.words import commands as words


def claim(lock_file: Path) -> BaseFileLock:
    """Become the one instance, until the process ends or the claim is released.

    Raise `AlreadyRunning`, or `TrayError` where that cannot be known.
    """
    files.private_folder(lock_file.parent)
    lock = FileLock(lock_file, thread_local=False)  # released by whichever thread ends the program
    try:
        lock.acquire(timeout=0)
    except Timeout as exc:
        raise AlreadyRunning(*words.already_running()) from exc
    except OSError as exc:
        raise TrayError(*words.lock_failed(str(lock_file), exc.strerror or str(exc))) from exc
    return lock
