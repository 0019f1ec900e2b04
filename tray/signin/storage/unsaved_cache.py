"""Where a token cache is kept: the vault and, until the tray quits, a pocket for what no keyring could take.

A refresh token may be good once only: a cache that cannot be saved must not be lost, or the user signs in twice. It
goes back to the tray as an opaque text, comes with the next errand, and is put into the vault as soon as that can be
used, unless another process has put something there meanwhile. It never touches a disk.
"""

import hashlib
from contextlib import AbstractContextManager

from tray.core.values import KeyringState
from tray.signin.storage.vault import Vault, VaultError

ANYTHING = "*"  # a sign-in replaces whatever was kept
NOTHING = "-"


class Pocket:
    """A vault, and what waits to get into it: the digest of what it may replace, a blank, and the cache."""

    def __init__(self, vault: Vault, text: str | None = None) -> None:
        self.text = text
        self._vault = vault
        self._found = ANYTHING

    @property
    def remembers(self) -> bool:
        """Return whether what was saved is in the vault."""
        return self.text is None

    def locked(self) -> AbstractContextManager[None]:
        """Keep other processes out, as a context manager. Raises TimeoutError."""
        return self._vault.locked()

    def load(self) -> str | None:
        """Return the newest cache, from the vault if it can be used. Raises VaultError when there is none at all."""
        if self.text is not None:
            self._found, cache = self.text.split(" ", 1)
            try:
                self._empty(self._found, cache)
            except VaultError:
                return cache
        kept = self._vault.load()
        self._found = _digest(kept)
        return kept

    def _empty(self, replaces: str, cache: str) -> None:
        """Put what the pocket holds into the vault, or drop it for what is newer there. Raises VaultError."""
        if replaces in {ANYTHING, _digest(self._vault.load())}:
            self._vault.save(cache)
        self.text = None

    def save(self, cache: str) -> None:
        """Keep a cache, in the pocket if the vault cannot take it."""
        try:
            self._vault.save(cache)
            self.text = None
        except VaultError:
            self.text = f"{self._found} {cache}"

    def delete(self) -> None:
        """Remove everything. Raises VaultError, unless there is no keyring and so nothing in it."""
        held, self.text = self.text, None
        try:
            self._vault.delete()
        except VaultError as exc:
            if held is None or exc.state is not KeyringState.ABSENT:
                raise


def _digest(cache: str | None) -> str:
    return NOTHING if cache is None else hashlib.sha256(cache.encode()).hexdigest()
