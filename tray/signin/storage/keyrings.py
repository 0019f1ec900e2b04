"""The keyrings of operating systems as a store; the only place that knows which there are.

Only real ones are taken, made by hand: the keyring package's own choice can be a plain-text file, a null backend or a
chain, whatever is installed or named in the environment. Background work never raises a prompt.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, NoReturn, Protocol, TypeVar

from tray.core.values import KeyringState
from tray.signin.storage.vault import Store, VaultError

T = TypeVar("T")

PATIENCE = 8.0  # seconds for one call: a keyring that hangs blocks for ever
PROMPT_PATIENCE = 120.0  # while the user may be typing a password
WINDOWS_PART = 1200  # characters; a credential holds 1,280 UTF-16 units
LOCKED = frozenset({"KeyringLocked", "LockedException", "InitError", "PromptDismissedException"})


class Backend(Protocol):
    """What the keyring package's backends have in common."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove a secret."""


class KeyringStore:
    """Keeps secrets in a keyring; every call is bounded in time, whatever the keyring does."""

    def __init__(self, backend: Backend, *, part_size: int | None = None, patience: float = PATIENCE) -> None:
        self.part_size = part_size
        self.is_hung = False
        self._backend = backend
        self._patience = patience

    def get(self, service: str, name: str) -> str | None:
        """Return a secret. Raises VaultError."""
        return self._call(lambda: self._backend.get_password(service, name))

    def set(self, service: str, name: str, secret: str) -> None:
        """Keep a secret. Raises VaultError."""
        self._call(lambda: self._backend.set_password(service, name, secret))

    def delete(self, service: str, name: str) -> None:
        """Remove a secret. Raises VaultError."""
        self._call(lambda: self._delete(service, name))

    def _delete(self, service: str, name: str) -> None:
        from keyring.errors import PasswordDeleteError  # noqa: PLC0415  the keyring package comes late

        with suppress(PasswordDeleteError):
            self._backend.delete_password(service, name)

    def _call(self, call: Callable[[], T]) -> T:
        if self.is_hung:
            raise VaultError(KeyringState.HUNG)  # one wait is enough
        try:
            return bounded(call, self._patience)
        except VaultError as exc:
            self.is_hung = exc.state is KeyringState.HUNG
            raise


class ClosedStore:
    """The keyring that cannot be used: every call says why."""

    part_size: int | None = None
    is_hung = False

    def __init__(self, state: KeyringState) -> None:
        self._state = state

    def _refuse(self, *_: str, **__: str) -> NoReturn:
        raise VaultError(self._state)

    get = set = delete = _refuse


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
    is_locked = any(kind.__name__ in LOCKED for kind in type(exc).__mro__)
    return KeyringState.LOCKED if is_locked else KeyringState.ABSENT


def open_store(*, prompts: bool) -> Store:
    """Return this system's keyring, ready for use; may prompt only if it is told so. Raises VaultError."""
    backend = bounded(_first_viable, PATIENCE)
    if sys.platform == "win32":
        return KeyringStore(backend, part_size=WINDOWS_PART)
    if sys.platform == "darwin":  # it cannot be asked whether it would prompt
        return KeyringStore(backend, patience=PROMPT_PATIENCE if prompts else PATIENCE)
    try:
        bounded(backend.check, PATIENCE)
    except VaultError as exc:
        if exc.state is not KeyringState.LOCKED or not prompts:
            raise
        bounded(backend.let_user_unlock, PROMPT_PATIENCE)
    return KeyringStore(backend)


def _first_viable() -> Any:
    for make in _allowed():
        with suppress(Exception):
            backend = make()
            if backend.priority > 0:  # asking raises where it cannot work
                return backend
    raise VaultError(KeyringState.ABSENT)


def _allowed() -> tuple[Callable[[], Any], ...]:
    """Return the makers of real keyrings, best first."""
    if sys.platform == "win32":
        return (_windows,)
    if sys.platform == "darwin":
        return (_mac,)
    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ and (folder := os.environ.get("XDG_RUNTIME_DIR")):
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={folder}/bus"
    return (_secret_service, _wallet)


# The keyring package takes its time, so it comes late; by import statements, which a packager can follow.


def _windows() -> Any:
    from keyring.backends.Windows import WinVaultKeyring  # noqa: PLC0415

    backend = WinVaultKeyring()  # type: ignore[no-untyped-call]  # the package ships no types for it
    backend.persist = "local machine"  # the default roams with the profile
    return backend


def _mac() -> Any:
    from keyring.backends.macOS import Keyring  # noqa: PLC0415

    return Keyring()  # type: ignore[no-untyped-call]  # the package ships no types for it


def _secret_service() -> Any:
    from tray.signin.storage.linux_keyrings import QuietKeyring  # noqa: PLC0415

    return QuietKeyring()  # type: ignore[no-untyped-call]  # the same


def _wallet() -> Any:
    from tray.signin.storage.linux_keyrings import QuietWallet  # noqa: PLC0415

    return QuietWallet()  # type: ignore[no-untyped-call]  # the same
