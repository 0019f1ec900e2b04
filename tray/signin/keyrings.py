"""The keyrings of operating systems as a store; the only place that knows the keyring package.

Only real ones are taken, made by hand: the package's own choice can be a plain-text file, a null backend or a chain,
whatever is installed or named in the environment. Background work never raises a prompt: a locked keyring is asked
whether it is locked, and reported.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

from tray.core.things import KeyringState
from tray.signin.vault import Store, VaultError

T = TypeVar("T")

PATIENCE = 8.0  # seconds for one call: a keyring that hangs blocks for ever
PROMPT_PATIENCE = 120.0  # while the user may be typing a password
WINDOWS_PART = 1200  # characters; a credential holds 1,280 UTF-16 units


class Backend(Protocol):
    """What the keyring package's backends have in common."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove a secret."""


class MemoryStore:
    """Keeps secrets in this process: the demo's store, and where there is no keyring."""

    part_size: int | None = None

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}

    def get(self, service: str, name: str) -> str | None:
        """Return a secret."""
        return self.secrets.get((service, name))

    def set(self, service: str, name: str, secret: str) -> None:
        """Keep a secret."""
        self.secrets[service, name] = secret

    def delete(self, service: str, name: str) -> None:
        """Remove a secret."""
        self.secrets.pop((service, name), None)


class KeyringStore:
    """Keeps secrets in a keyring; every call is bounded in time, whatever the keyring does."""

    def __init__(self, backend: Backend, *, part_size: int | None = None, patience: float = PATIENCE) -> None:
        self.part_size = part_size
        self._backend = backend
        self._patience = patience

    def get(self, service: str, name: str) -> str | None:
        """Return a secret. Raises VaultError."""
        return bounded(lambda: self._backend.get_password(service, name), self._patience)

    def set(self, service: str, name: str, secret: str) -> None:
        """Keep a secret. Raises VaultError."""
        bounded(lambda: self._backend.set_password(service, name, secret), self._patience)

    def delete(self, service: str, name: str) -> None:
        """Remove a secret. Raises VaultError."""
        bounded(lambda: self._delete(service, name), self._patience)

    def _delete(self, service: str, name: str) -> None:
        from keyring.errors import PasswordDeleteError  # noqa: PLC0415  the keyring package comes late

        with suppress(PasswordDeleteError):
            self._backend.delete_password(service, name)


def bounded(call: Callable[[], T], seconds: float) -> T:
    """Run a call on a thread and wait so long for it; raises VaultError for whatever goes wrong."""
    outcome: SimpleQueue[tuple[bool, Any]] = SimpleQueue()

    def run() -> None:
        try:
            outcome.put((True, call()))
        except Exception as exc:  # noqa: BLE001  backends leak errors of six libraries
            outcome.put((False, exc))

    Thread(target=run, name="keyring", daemon=True).start()
    try:
        done, result = outcome.get(timeout=seconds)
    except Empty:
        raise VaultError(KeyringState.HUNG) from None
    if done:
        return result  # type: ignore[no-any-return]  # the queue forgets the type
    raise result if isinstance(result, VaultError) else VaultError(_state_of(result)) from result


def _state_of(exc: Exception) -> KeyringState:
    """Tell what an error of a keyring means, by its name: importing six libraries to compare would cost more."""
    names = {kind.__name__ for kind in type(exc).__mro__}
    if names & {"KeyringLocked", "LockedException", "InitError", "PromptDismissedException"}:
        return KeyringState.LOCKED
    return KeyringState.ABSENT


def open_store(*, prompts: bool) -> Store:
    """Return this system's keyring, ready for use; may prompt only if it is told so. Raises VaultError."""
    patience = PROMPT_PATIENCE if prompts else PATIENCE
    backend = bounded(_first_viable, patience)
    if sys.platform == "linux" and not prompts and type(backend).__name__ == "Keyring":
        bounded(_check_unlocked, patience)
    part_size = WINDOWS_PART if sys.platform == "win32" else None
    return KeyringStore(backend, part_size=part_size, patience=patience)


def _first_viable() -> Backend:
    for make in _allowed():
        with suppress(Exception):
            backend = make()
            if backend.priority > 0:  # asking raises where it cannot work
                return backend  # type: ignore[no-any-return]  # the package's types are loose
    raise VaultError(KeyringState.ABSENT)


def _allowed() -> Iterator[Callable[[], Any]]:
    """Yield the makers of real keyrings, best first."""
    if sys.platform == "win32":
        yield _windows
    elif sys.platform == "darwin":
        yield lambda: _made("macOS", "Keyring")
    else:
        if "DBUS_SESSION_BUS_ADDRESS" not in os.environ and (folder := os.environ.get("XDG_RUNTIME_DIR")):
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={folder}/bus"
        yield lambda: _made("SecretService", "Keyring")
        yield lambda: _made("libsecret", "Keyring")
        yield lambda: _made("kwallet", "DBusKeyring")


def _windows() -> Any:
    backend = _made("Windows", "WinVaultKeyring")
    backend.persist = "local machine"  # the default roams with the profile
    return backend


def _made(module: str, name: str) -> Any:
    from importlib import import_module  # noqa: PLC0415  the keyring package comes late

    return getattr(import_module(f"keyring.backends.{module}"), name)()


def _check_unlocked() -> None:
    """Raise VaultError when using the Secret Service would raise a prompt."""
    import secretstorage  # noqa: PLC0415  the same

    with closing(secretstorage.dbus_init()) as connection:
        try:
            collection = secretstorage.Collection(connection)
        except secretstorage.ItemNotFoundException:
            raise VaultError(KeyringState.LOCKED) from None
        if collection.is_locked():
            raise VaultError(KeyringState.LOCKED)
