"""The vault: the token cache of one sign-in in the OS keyring, whole or not at all.

It has two slots, so that a crash at any write leaves the old cache or the new one. How depends on the store:
- Most: it writes the other slot's parts, then its manifest (serial, count, digest), then deletes the old slot. No
  entry is overwritten, because Windows keeps a copy of what was there.
- A store that replaces an entry in one step, without asking: a slot is one entry, the slots take turns, and nothing is
  deleted, because there deleting asks the user and fills recycle bins.
Entries are named by authority and client id, so that a changed settings file cannot send one tenant's token elsewhere.
"""

import base64
import binascii
import errno
import hashlib
import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

from filelock import FileLock

from tray.core.values import KeyringState
from tray.files import make_folder

SLOTS = (0, 1)
MOST_PARTS = 64  # of 1,200 characters: ten times the largest cache seen
NAME = "token-cache"
PATIENCE = 35.0  # seconds for the lock: another process may be waiting for Entra
_KEPT_LOCKS: list[FileLock] = []  # a lock without a reference to it is released


class VaultError(Exception):
    """The vault cannot be used; `state` says why."""

    def __init__(self, state: KeyringState) -> None:
        super().__init__(state)
        self.state = state


class Store(Protocol):
    """Keeps secrets by service and name; every call may raise `VaultError`."""

    part_size: int | None  # characters of the longest secret; `None`: no limit
    overwrites: bool  # a new secret takes the place of the old one, at once and without a trace
    asks_each_process: bool  # the user allows reading to one process at a time: what was read is worth keeping

    has_bin: bool  # what is deleted, and what was overwritten, stays for the user to remove

    @property
    def others(self) -> "tuple[Store, ...]":
        """Return other places in which a sign-in may lie."""

    @property
    def is_hung(self) -> bool:
        """Return whether a call was given up and may still take effect."""

    def get(self, service: str, name: str) -> str | None:
        """Return a secret, `None` when there is none."""

    def set(self, service: str, name: str, secret: str) -> None:
        """Keep a secret, where there is none unless the store overwrites."""

    def delete(self, service: str, name: str) -> None:
        """Remove a secret, if there is one."""


class Manifest(NamedTuple):
    """What makes a slot whole; `packed` is the cache itself where it fits into the same entry."""

    serial: int
    parts: int
    digest: str
    packed: str = ""


class Slot(NamedTuple):
    """One of two places for a cache, in one of the stores."""

    store: Store
    number: int


class Vault:
    """One application's cache at one authority."""

    def __init__(self, store: Store, *, authority: str, client_id: str, lock_file: Path) -> None:
        key = hashlib.sha256(f"{authority.casefold()}\n{client_id.casefold()}".encode()).hexdigest()[:24]
        self._stores = (store, *store.others)
        self._prefix = f"presence-tray/{key}"
        self._lock_file = lock_file.with_stem(f"{lock_file.stem}-{key}")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process out, so that what is loaded inside is the newest.

        Raise `TimeoutError` if another process has it, `OSError` where the file system has no locks or no room.

        While a call that was given up may still take effect, the lock stays: the end of this process frees it.
        """
        make_folder(self._lock_file.parent)
        lock = FileLock(self._lock_file)
        try:
            lock.acquire(timeout=PATIENCE)
        except NotImplementedError as exc:  # filelock's word for a file system without locks
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(self._lock_file)) from exc
        try:
            yield
        finally:
            if self._stores[0].is_hung:
                _KEPT_LOCKS.append(lock)
            else:
                lock.release()

    def check(self) -> None:
        """Raise `VaultError` if the store cannot be used; a damaged vault can be saved over."""
        self._manifests()

    @property
    def asks_each_process(self) -> bool:
        """Return whether what was read is worth keeping in memory, because reading it again may need the user."""
        return self._stores[0].asks_each_process

    def load(self) -> str | None:
        """Return the newest whole cache, `None` when there is none; raise `VaultError`."""
        found = sorted(self._manifests().items(), key=lambda each: each[1].serial, reverse=True)
        for slot, manifest in found:
            if (cache := self._read(slot, manifest)) is not None:
                return cache
        if found:
            raise VaultError(KeyringState.DAMAGED)
        return None

    def save(self, cache: str) -> None:
        """Keep a cache instead of the one before, in the store where that one was found; raise `VaultError`.

        The serial is the time, so that the newest of two copies is known although one was locked when the other was
        written.
        """
        manifests = self._manifests()
        newest = max(manifests, key=lambda slot: manifests[slot].serial, default=Slot(self._stores[0], 1))
        serial = max(manifests[newest].serial + 1 if newest in manifests else 1, int(time.time()))
        slot, packed = Slot(newest.store, 1 - newest.number), _pack(cache)
        if slot.store.overwrites:
            self._set_manifest(slot, Manifest(serial, 0, _digest(packed), packed))
            return
        self._empty(slot)
        size = slot.store.part_size or max(len(packed), 1)
        parts = [packed[start : start + size] for start in range(0, len(packed), size)]
        if len(parts) > MOST_PARTS:
            raise VaultError(KeyringState.DAMAGED)  # so large a cache could not be loaded again
        for number, part in enumerate(parts):
            slot.store.set(self._part(slot, number), NAME, part)
        self._set_manifest(slot, Manifest(serial, len(parts), _digest(packed)))
        self._empty(newest)

    def delete(self) -> bool:
        """Remove everything, and return whether the store keeps what was removed in a bin; raise `VaultError`."""
        binned = bool(self._manifests()) and any(store.has_bin for store in self._stores)
        for slot in self._slots():
            self._empty(slot)
        return binned

    def _slots(self) -> Iterator[Slot]:
        for store in self._stores:
            for number in SLOTS:
                yield Slot(store, number)

    def _manifests(self) -> dict[Slot, Manifest]:
        found = {}
        for slot in self._slots():
            text = slot.store.get(self._manifest(slot), NAME)
            match (text or "").split():
                case [serial, count, digest, *packed] if serial.isdigit() and count.isdigit():
                    found[slot] = Manifest(int(serial), min(int(count), MOST_PARTS), digest, "".join(packed))
                case []:
                    pass
                case _:
                    found[slot] = Manifest(0, 0, "")
        return found

    def _set_manifest(self, slot: Slot, manifest: Manifest) -> None:
        slot.store.set(self._manifest(slot), NAME, " ".join(map(str, manifest)).strip())

    def _read(self, slot: Slot, manifest: Manifest) -> str | None:
        """Return a slot's cache, `None` when it is not whole."""
        parts = [slot.store.get(self._part(slot, number), NAME) for number in range(manifest.parts)]
        packed = "".join(part or "" for part in parts) or manifest.packed
        return _unpack(packed) if _digest(packed) == manifest.digest else None

    def _empty(self, slot: Slot) -> None:
        """Remove a slot, its manifest first, so that half a slot is never taken for a whole one."""
        if slot.store.get(self._manifest(slot), NAME) is not None:
            slot.store.delete(self._manifest(slot), NAME)
        count = next(number for number in range(MOST_PARTS + 1) if not self._has(slot, number))
        for number in reversed(range(count)):  # last to first: what a crash leaves is found, counted from the first
            slot.store.delete(self._part(slot, number), NAME)

    def _has(self, slot: Slot, number: int) -> bool:
        return number < MOST_PARTS and slot.store.get(self._part(slot, number), NAME) is not None

    def _manifest(self, slot: Slot) -> str:
        return f"{self._prefix}/{slot.number}/manifest"

    def _part(self, slot: Slot, number: int) -> str:
        return f"{self._prefix}/{slot.number}/{number}"


def _digest(packed: str) -> str:
    return hashlib.sha256(packed.encode()).hexdigest()


def _pack(cache: str) -> str:
    compact = json.dumps(json.loads(cache), separators=(",", ":"))
    return base64.b64encode(zlib.compress(compact.encode(), 9)).decode()


def _unpack(packed: str) -> str | None:
    try:
        return zlib.decompress(base64.b64decode(packed)).decode()
    except (zlib.error, binascii.Error, ValueError):
        return None
