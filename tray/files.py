"""Private folders, and files that are written whole or not at all."""

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tray.errors import TrayError
from tray.messages import commands as words

LARGEST = 1024 * 1024  # bytes of a settings file
OPEN_LASTS = 1.0  # seconds for which somebody else may have a file open
SHORTLY = 0.02  # seconds
DRAFT = ".new"  # the end of the name under which a file is written


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
        with suppress(OSError):  # a file system without modes; who connects is asked for its user as well
            folder.chmod(0o700)


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, for this user alone whatever the umask; raise `OSError`.

    Source: the XDG Base Directory Specification, which asks for 0700.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileNotFoundError:
        if folder.parent.is_dir():  # /proc has no room for folders, and says so in this way
            raise
        make_folder(folder.parent)
        make_folder(folder)
    except OSError:
        if not folder.is_dir():
            raise


def read(file: Path, most: int) -> bytes:
    """Return what is in a file, so many bytes of it at most; raise `OSError`.

    Somebody may have put something in its place that never ends, or that nobody writes: neither is waited for.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(file, flags), "rb") as stream:
        return stream.read(most) or b""  # `None`: a pipe that says nothing


def read_whole(file: Path) -> bytes:
    """Return what is in a settings file; raise `OSError`, also where that is larger than any settings are."""
    content = read(file, LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


def read_text(file: Path) -> str:
    """Return a settings file's text, whatever editor wrote it; raise `OSError`, `UnicodeDecodeError`."""
    text = read_whole(file).decode("utf-8-sig")  # Windows editors begin UTF-8 with a byte order mark
    return text.replace("\r\n", "\n").replace("\r", "\n")


def replace(
    file: Path,
    text: str,
    newline: str = os.linesep,
    is_wanted: Callable[[], bool] = lambda: True,
    *,
    settles: bool = True,
) -> None:
    """Write a file so that a crash at any instant leaves the old text or the new one; raise `OSError`.

    Each line ends with `newline`; an empty one leaves line ends as they are. `is_wanted` is asked when all is written
    but the name: a slow disk may have held this up until a newer text was there. Where the disk is not waited for,
    `settle` must follow soon: until then a power cut may leave the file empty.
    """
    target = Path(os.path.realpath(file))  # a link into a user's own collection of settings stays a link
    if is_no_file(target):  # by a link to /dev/null, for instance
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
    make_folder(target.parent)
    content = (text.replace("\n", newline) if newline else text).encode()
    draft = target.with_name(f"{target.name}.{os.urandom(4).hex()}{DRAFT}")
    # Nobody else's file, and no link that somebody else put there in case the folder is open to all.
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        # Each stream of text would leave a name in CPython's cache of methods, which takes some seventy of them.
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            if settles:
                os.fsync(stream.fileno())
        if not is_wanted():
            draft.unlink()
            return
        _patiently(lambda: draft.replace(target))
    except OSError:  # the disk is full
        with suppress(OSError):
            draft.unlink()
        raise
    if settles:
        _settle_folder(target.parent)


def settle(file: Path) -> None:
    """Wait until a file that was replaced is on the disk; raise `OSError`."""
    target = Path(os.path.realpath(file))
    descriptor = os.open(target, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _settle_folder(target.parent)


def is_no_file(file: Path) -> bool:
    """Tell whether something else than a file or a link stands there, such as a device or a pipe."""
    try:
        kind = file.lstat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISLNK(kind))


def drafts(file: Path) -> list[Path]:
    """Return what writers that were killed left beside a file."""
    target = Path(os.path.realpath(file))
    with suppress(OSError):  # there is no such folder
        beside = target.parent.iterdir()
        return [each for each in beside if each.name.startswith(f"{target.name}.") and each.name.endswith(DRAFT)]
    return []


def remove_drafts(file: Path, older_than: float = 0.0) -> None:
    """Remove what killed writers left beside a file; what is younger than so many seconds may still be written."""
    for draft in drafts(file):
        with suppress(OSError):
            if time.time() - draft.lstat().st_mtime >= older_than:
                draft.unlink()


def rename(file: Path, to: Path) -> None:
    """Give a file another name, in whose place nothing or a file may be; raise `OSError`."""
    _patiently(lambda: file.replace(to))


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


def _settle_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the file system can; Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    with suppress(OSError):  # the file itself has been written
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
