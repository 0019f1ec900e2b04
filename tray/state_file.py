"""The state that survives the process, as a small JSON file.

It holds no object id and no token. A file of a newer version is left alone, a broken one is set aside.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from tray import files
from tray.core.states import BY_KEY, Pair
from tray.core.values import Hold, Lease, Saved

VERSION = 1
LARGEST = 64 * 1024  # bytes that are read; a file has some 600

log = logging.getLogger(__name__)

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Key = Annotated[str, msgspec.Meta(pattern=rf"^({'|'.join(BY_KEY)})\Z")]


class _Hold(msgspec.Struct):
    state: Key
    since: Instant
    until: Instant | None
    pinned: bool


class _Lease(msgspec.Struct):
    availability: str
    activity: str
    confirmed_at: Instant
    expires_at: Instant


class _File(msgspec.Struct):
    version: int
    hold: _Hold | None = None
    last_state: Key | None = None
    session: _Lease | None = None
    preferred: _Lease | None = None
    account_key: str | None = None


class _Version(msgspec.Struct):
    version: int


def load(file: Path) -> Saved | None:
    """Return what an earlier run saved; `None` when there is no file, or none that this version can read."""
    try:
        raw = _read(file)
        if raw is None:
            return None
        if _is_newer(raw):
            log.warning("%s is of a newer Presence Tray: left alone, no status is set again", file)
            return None
        return _saved(msgspec.json.decode(raw, type=_File))
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        log.warning("%s is broken (%s): set aside as %s", file, exc, _set_aside(file))
        return None
    except OSError as exc:
        log.warning("%s cannot be read (%s): no status is set again", file, exc.strerror)
        return None


def adopt(nameless: Path, file: Path) -> None:
    """Take over, once, the file of a version that did not tell machines apart."""
    if file.exists():
        return
    try:
        nameless.rename(file)
    except FileNotFoundError:
        pass
    except OSError as exc:
        log.warning("%s cannot be renamed (%s): no status is set again", nameless, exc.strerror)


def save(file: Path, saved: Saved) -> None:
    """Write the state; a crash during the write leaves the old file.

    A file that cannot be written, or that a newer version wrote, is only logged: the hold does not depend on it.
    """
    try:
        if belongs_to_a_newer_version(file):
            log.warning("%s is of a newer Presence Tray: not overwritten", file)
            return
        files.replace(file, msgspec.json.encode(_file(saved)).decode() + "\n")
    except OSError as exc:
        log.warning("%s cannot be written (%s): after a restart no status is set again", file, exc.strerror)


def belongs_to_a_newer_version(file: Path) -> bool:
    """Tell whether a newer version wrote the file; raise `OSError` where it cannot be read."""
    raw = _read(file)
    return raw is not None and _is_newer(raw)


def _read(file: Path) -> bytes | None:
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST)
    except FileNotFoundError:
        return None


def _is_newer(raw: bytes) -> bool:
    try:
        return msgspec.json.decode(raw, type=_Version).version > VERSION
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _set_aside(file: Path) -> Path:
    aside = file.with_name(f"{file.name}.broken")
    file.replace(aside)
    return aside


def _saved(read: _File) -> Saved:
    return Saved(
        hold=_hold(read.hold) if read.hold else None,
        last_state=BY_KEY[read.last_state] if read.last_state else None,
        session=_lease(read.session) if read.session else None,
        preferred=_lease(read.preferred) if read.preferred else None,
        account_key=read.account_key,
    )


def _hold(read: _Hold) -> Hold:
    return Hold(BY_KEY[read.state], _utc(read.since), read.until and _utc(read.until), read.pinned)


def _lease(read: _Lease) -> Lease:
    return Lease(Pair(read.availability, read.activity), _utc(read.confirmed_at), _utc(read.expires_at))


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


def _file(saved: Saved) -> _File:
    return _File(
        version=VERSION,
        hold=_written_hold(saved.hold) if saved.hold else None,
        last_state=saved.last_state.key if saved.last_state else None,
        session=_written_lease(saved.session) if saved.session else None,
        preferred=_written_lease(saved.preferred) if saved.preferred else None,
        account_key=saved.account_key,
    )


def _written_hold(hold: Hold) -> _Hold:
    return _Hold(hold.state.key, hold.since, hold.until, hold.pinned)


def _written_lease(lease: Lease) -> _Lease:
    return _Lease(lease.pair.availability, lease.pair.activity, lease.confirmed_at, lease.expires_at)
