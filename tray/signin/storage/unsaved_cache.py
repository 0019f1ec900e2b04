"""The token cache in the vault, and in the tray's memory while no keyring can take it.

A refresh token may be good for one use only: if a cache that could not be saved were lost, the user would have to sign
in again. It goes back to the tray as an opaque text, comes with the next errand, and is saved as soon as the vault can
be used, unless another process has saved something newer meanwhile. It is never written to a disk.
"""

import hashlib
from contextlib import AbstractContextManager

from tray.core.values import KeyringState
from tray.signin.storage.vault import Vault, VaultError

ANYTHING = "*"  # what a sign-in may replace in the vault
NOTHING = "-"  # the digest of an empty vault


class VaultCache:
    """A vault and what waits to be saved in it.

    `unsaved` is the digest of what it may replace in the vault, a blank, and the cache; `None` when nothing waits.
    """

    def __init__(self, vault: Vault, unsaved: str | None = None) -> None:
        self.unsaved = unsaved
        self._vault = vault
        self._found = ANYTHING  # the digest of what was loaded

    @property
    def remembers(self) -> bool:
        """Return whether what was saved is in the vault."""
        return self.unsaved is None

    def locked(self) -> AbstractContextManager[None]:
        """Return a context manager that keeps other processes out; raise `TimeoutError`."""
        return self._vault.locked()

    def check(self) -> None:
        """Raise `VaultError` if the vault cannot be used."""
        self._vault.check()

    def load(self) -> str | None:
        """Return the newest cache; raise `VaultError` when the vault cannot be used and nothing waits to be saved."""
        if self.unsaved is not None:
            self._found, cache = self.unsaved.split(" ", 1)
            try:
                self._save_unsaved(self._found, cache)
            except VaultError:
                return cache
        kept = self._vault.load()
        self._found = _digest(kept)
        return kept

    def _save_unsaved(self, replaces: str, cache: str) -> None:
        """Save a cache that waited, or drop it when the vault has a newer one; raise `VaultError`."""
        if replaces in {ANYTHING, _digest(self._vault.load())}:
            self._vault.save(cache)
        self.unsaved = None

    def save(self, cache: str) -> None:
        """Save a cache, or let it wait if the vault cannot take it."""
        try:
            self._vault.save(cache)
            self.unsaved = None
        except VaultError:
            self.unsaved = f"{self._found} {cache}"

    def delete(self) -> None:
        """Remove everything; raise `VaultError`, unless there was no keyring to save anything in."""
        try:
            self._vault.delete()
        except VaultError as exc:
            if self.unsaved is None or exc.state is not KeyringState.ABSENT:
                raise
        self.unsaved = None


def _digest(cache: str | None) -> str:
    return NOTHING if cache is None else hashlib.sha256(cache.encode()).hexdigest()
