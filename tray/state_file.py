"""The state that survives the process, as a small JSON file.

It holds no object id and no token. A file of a newer version is left alone, a broken one is set aside. Whatever is in
the file, and wherever it lies, the program starts.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from tray import files
from tray.core.states import BY_KEY, Pair
from tray.core.values import Hold, Lease, Message, Saved, Silenced

VERSION = 1
LARGEST = 64 * 1024  # bytes that are read; a file has some 600

LOG = logging.getLogger("tray.state_file")

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
YEARS = range(2000, 2200)  # of a clock that is set; instants of other years cannot be computed with


class _Hold(msgspec.Struct):
    state: str
    since: Instant
    until: Instant | None
    pinned: bool


class _Lease(msgspec.Struct):
    availability: str
    activity: str
    confirmed_at: Instant
    expires_at: Instant


class _Silenced(msgspec.Struct):
    microphone: bool = False
    screen_lock: bool = False
    hours: str | None = None


class _Message(msgspec.Struct):
    text: str
    expires_at: Instant | None


class _File(msgspec.Struct):
    version: int
    hold: _Hold | None = None
    last_state: str | None = None
    session: _Lease | None = None
    preferred: _Lease | None = None
    account_key: str | None = None
    silenced: _Silenced = msgspec.field(default_factory=_Silenced)
    paused: bool = False
    message: _Message | None = None
    told: str | None = None
    graph_wait: Instant | None = None
    sign_in_wait: Instant | None = None


class _Version(msgspec.Struct):
    version: int


def load(file: Path) -> Saved | None:
    """Return what an earlier run saved; `None` when there is no file, or none that this version can read."""
    try:
        raw = _read(file)
        if raw is None:
            return None
        if _is_newer(raw):
            LOG.warning("%s is of a newer Presence Tray: left alone, no status is set again", file)
            return None
        return _saved(msgspec.json.decode(raw, type=_File))
    except OSError as exc:
        LOG.warning("%s cannot be read (%s): no status is set again", file, exc.strerror)
    except Exception as exc:  # noqa: BLE001  a file can be broken in any way
        LOG.warning("%s is broken (%s): %s", file, exc, _set_aside(file))
    return None


def adopt(nameless: Path, file: Path) -> None:
    """Take over, once, the file of a version that did not tell machines apart."""
    if file.exists():
        return
    try:
        files.rename(nameless, file)
    except FileNotFoundError:
        pass
    except OSError as exc:
        LOG.warning("%s cannot be renamed (%s): no status is set again", nameless, exc.strerror)


def save(file: Path, saved: Saved, is_wanted: Callable[[], bool] = lambda: True) -> None:
    """Write the state; a crash during the write leaves the old file, and so does one that is not wanted any more.

    `settle` is to follow: until then a power cut may cost the state. A file that cannot be written, or that a newer
    version wrote, is only logged: the hold does not depend on it.
    """
    try:
        if belongs_to_a_newer_version(file):
            LOG.warning("%s is of a newer Presence Tray: not overwritten", file)
            return
        files.replace(file, msgspec.json.encode(_file(saved)).decode() + "\n", is_wanted=is_wanted, settles=False)
    except OSError as exc:
        LOG.warning("%s cannot be written (%s): after a restart no status is set again", file, exc.strerror)


def settle(file: Path) -> None:
    """Wait until the state that was saved is on the disk."""
    try:
        files.settle(file)
    except OSError as exc:  # it was not written: `save` has said so
        LOG.info("%s is not settled: %s", file, exc.strerror)


def belongs_to_a_newer_version(file: Path) -> bool:
    """Tell whether a newer version wrote the file; raise `OSError` where it cannot be read."""
    raw = _read(file)
    return raw is not None and _is_newer(raw)


def _read(file: Path) -> bytes | None:
    try:
        return files.read(file, LARGEST)
    except FileNotFoundError:
        return None


def _is_newer(raw: bytes) -> bool:
    try:
        return msgspec.json.decode(raw, type=_Version).version > VERSION
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _set_aside(file: Path) -> str:
    """Set a file aside, if that can be done; return what came of it."""
    aside = file.with_name(f"{file.name}.broken")
    try:
        files.rename(file, aside)
    except OSError as exc:
        return f"it cannot be set aside ({exc.strerror})"
    return f"set aside as {aside}"


def _saved(read: _File) -> Saved:
    return Saved(
        hold=_hold(read.hold) if read.hold else None,
        last_state=BY_KEY.get(read.last_state or ""),
        session=_lease(read.session) if read.session else None,
        preferred=_lease(read.preferred) if read.preferred else None,
        account_key=read.account_key,
        silenced=Silenced(read.silenced.microphone, read.silenced.screen_lock, read.silenced.hours),
        paused=read.paused,
        message=_message(read.message) if read.message else None,
        told=read.told,
        graph_wait=read.graph_wait and _utc(read.graph_wait),
        sign_in_wait=read.sign_in_wait and _utc(read.sign_in_wait),
    )


def _hold(read: _Hold) -> Hold | None:
    """Return the hold, unless this version does not know its state or cannot compute with its times."""
    state, since, until = BY_KEY.get(read.state), _utc(read.since), read.until and _utc(read.until)
    if state is None or since is None or (read.until and until is None):
        LOG.warning("the saved status %s is not set again: this version does not know it", read.state[:40])
        return None
    return Hold(state, since, until, read.pinned)


def _lease(read: _Lease) -> Lease | None:
    confirmed_at, expires_at = _utc(read.confirmed_at), _utc(read.expires_at)
    if confirmed_at is None or expires_at is None:
        return None
    return Lease(Pair(read.availability, read.activity), confirmed_at, expires_at)


def _message(read: _Message) -> Message:
    return Message(read.text, read.expires_at and _utc(read.expires_at))


def _utc(instant: datetime) -> datetime | None:
    """Return an instant in UTC, `None` for one that can only be a mistake."""
    try:
        utc = instant.astimezone(UTC)
    except OverflowError:
        return None
    return utc if utc.year in YEARS else None


def _file(saved: Saved) -> _File:
    return _File(
        version=VERSION,
        hold=_written_hold(saved.hold) if saved.hold else None,
        last_state=saved.last_state.key if saved.last_state else None,
        session=_written_lease(saved.session) if saved.session else None,
        preferred=_written_lease(saved.preferred) if saved.preferred else None,
        account_key=saved.account_key,
        silenced=_Silenced(saved.silenced.microphone, saved.silenced.screen_lock, saved.silenced.hours),
        paused=saved.paused,
        message=_Message(saved.message.text, saved.message.expires_at) if saved.message else None,
        told=saved.told,
        graph_wait=saved.graph_wait,
        sign_in_wait=saved.sign_in_wait,
    )


def _written_hold(hold: Hold) -> _Hold:
    return _Hold(hold.state.key, hold.since, hold.until, hold.pinned)


def _written_lease(lease: Lease) -> _Lease:
    return _Lease(lease.pair.availability, lease.pair.activity, lease.confirmed_at, lease.expires_at)
