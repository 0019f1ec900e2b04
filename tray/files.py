"""Folders that are ours alone, and files written whole or not at all; must not know what they hold."""

import os
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tray.errors import TrayError
from tray.messages import commands as words

OPEN_LASTS = 1.0  # seconds for which somebody else may have a file open
SHORTLY = 0.02  # seconds


def private_folder(folder: Path) -> None:
    """Make a folder that only this user can enter.

    Raise `TrayError` where it cannot be made, somebody else owns it or put a link in its place (it may lie under /tmp).
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise TrayError(*words.folder_failed(str(folder), exc.strerror or str(exc))) from exc
    if sys.platform == "win32":
        return  # the user's profile has an ACL of its own, and modes mean nothing
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid():
        raise TrayError(*words.folder_taken(str(folder)))
    if stat.S_IMODE(seen.st_mode) != 0o700:  # noqa: PLR2004  the mode itself
        folder.chmod(0o700)


def replace(file: Path, text: str, newline: str | None = None) -> None:
    """Write a file so that a crash at any instant leaves the old text or the new one; raise `OSError`.

    Line ends become the system's; an empty `newline` leaves them as they are.
    """
    target = Path(os.path.realpath(file))  # a link into a user's own collection of settings stays a link
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline=newline) as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        _patiently(lambda: draft.replace(target))
    except (OSError, UnicodeEncodeError):  # the disk is full; a path in the text is not UTF-8
        with suppress(OSError):
            draft.unlink()
        raise
    _settle(target.parent)


def remove(file: Path) -> None:
    """Remove a file, if it is there; raise `OSError`."""
    _patiently(lambda: file.unlink(missing_ok=True))


def _patiently(act: Callable[[], object]) -> None:
    """Do something to a file that somebody else may have open, which Windows refuses meanwhile; raise `OSError`.

    Another command reads it, a program that ends has not closed it yet, a virus scanner looks at it.
    """
    until = time.monotonic() + OPEN_LASTS
    while True:
        try:
            act()
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > until:
                raise
            time.sleep(SHORTLY)
        else:
            return


def _settle(folder: Path) -> None:
    """Make a rename survive a power cut; Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
