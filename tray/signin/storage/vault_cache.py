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
EMPTY_VAULT = "-"  # the digest of an empty vault


class VaultCache:
    """A vault and what waits to be saved in it.

    `carried` is the digest of what it may replace in the vault, a blank, and the cache; `None` when nothing waits. A
    cache that was saved is handed over as well where reading it again may need the user.
    """

    def __init__(self, vault: Vault, carried: str | None = None) -> None:
        self.carried = carried
        self._vault = vault
        self._found = ANYTHING  # the digest of what was loaded
        self._is_kept = carried is None

    @property
    def remembers(self) -> bool:
        """Return whether what was saved is in the vault."""
        return self._is_kept

    def locked(self) -> AbstractContextManager[None]:
        """Return a context manager that keeps other processes out; raise `TimeoutError`."""
        return self._vault.locked()

    def check(self) -> None:
        """Raise `VaultError` if the vault cannot be used."""
        self._vault.check()

    def load(self) -> str | None:
        """Return the newest cache; raise `VaultError` when the vault cannot be used and nothing waits to be saved."""
        if self.carried is not None:
            self._found, cache = self.carried.split(" ", 1)
            try:
                self._save_carried(self._found, cache)
            except VaultError:
                return cache
        kept = self._vault.load()
        self._found = _digest(kept)
        self._hand_over(kept)
        return kept

    def _hand_over(self, kept: str | None) -> None:
        """Note that the vault has a cache, and give it to the tray where reading it again may need the user."""
        self._is_kept = True
        self.carried = f"{_digest(kept)} {kept}" if kept and self._vault.asks_each_process else None

    def _save_carried(self, replaces: str, cache: str) -> None:
        """Save a cache that waited, or drop it when the vault has a newer one; raise `VaultError`."""
        kept = self._vault.load()
        if _digest(kept) != _digest(cache) and replaces in {ANYTHING, _digest(kept)}:
            self._vault.save(cache)
        self.carried = None

    def save(self, cache: str) -> None:
        """Save a cache, or let it wait if the vault cannot take it."""
        try:
            self._vault.save(cache)
            self._hand_over(cache)
        except VaultError:
            self.carried, self._is_kept = f"{self._found} {cache}", False

    def delete(self) -> bool:
        """Remove everything, and return whether the keyring keeps what was removed in a bin.

        Raise `VaultError`, unless there was no keyring to save anything in.
        """
        binned = False
        try:
            binned = self._vault.delete()
        except VaultError as exc:
            if self.carried is None or exc.state is not KeyringState.ABSENT:
                raise
        self.carried = None
        return binned


def _digest(cache: str | None) -> str:
    """Return what names a cache, with MSAL's blanks or without: the vault keeps none of them."""
    return EMPTY_VAULT if cache is None else hashlib.sha256("".join(cache.split()).encode()).hexdigest()
