"""The keyrings of the operating systems as stores for the vault.

The backends are named here: the keyring package's own choice can be a plain-text file, a null backend or a chain,
depending on what is installed or named in the environment. Background work never raises a prompt.
"""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from typing import Any, NoReturn, Protocol, TypeVar

from keyring.errors import PasswordDeleteError

from tray.core.values import KeyringState
from tray.signin.storage.vault import Store, VaultError

T = TypeVar("T")

PATIENCE = 8.0  # seconds for one call; a keyring that hangs would block for ever
PROMPT_PATIENCE = 120.0  # while the user may be typing a password
WINDOW_AFTER = 1.0  # seconds; a prompt that shows no window has ended by then
WINDOWS_PART = 1200  # characters; a credential holds 1,280 UTF-16 units
LOCKED = frozenset({"KeyringLocked", "LockedException", "InitError", "PromptDismissedException"})


class Backend(Protocol):
    """A backend of the keyring package."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove a secret."""


class KeyringStore:
    """Keeps secrets in a keyring; no call takes longer than `patience` seconds."""

    def __init__(self, backend: Backend, *, part_size: int | None = None, patience: float = PATIENCE) -> None:
        self.part_size = part_size
        self.is_hung = False
        self._backend = backend
        self._patience = patience

    def get(self, service: str, name: str) -> str | None:
        """Return a secret; raise `VaultError`."""
        return self._call(lambda: self._backend.get_password(service, name))

    def set(self, service: str, name: str, secret: str) -> None:
        """Keep a secret; raise `VaultError`."""
        self._call(lambda: self._backend.set_password(service, name, secret))

    def delete(self, service: str, name: str) -> None:
        """Remove a secret; raise `VaultError`."""
        self._call(lambda: self._delete(service, name))

    def _delete(self, service: str, name: str) -> None:
        with suppress(PasswordDeleteError):
            self._backend.delete_password(service, name)

    def _call(self, call: Callable[[], T]) -> T:
        if self.is_hung:
            raise VaultError(KeyringState.HUNG)  # it has been waited for once
        try:
            return bounded(call, self._patience)
        except VaultError as exc:
            self.is_hung = exc.state is KeyringState.HUNG
            raise


class UnavailableStore:
    """A keyring that cannot be used: every call raises the reason."""

    part_size: int | None = None
    is_hung = False

    def __init__(self, state: KeyringState) -> None:
        self._state = state

    def _refuse(self, *_: str, **__: str) -> NoReturn:
        raise VaultError(self._state)

    get = set = delete = _refuse


def bounded(call: Callable[[], T], seconds: float) -> T:
    """Run a call on a thread and wait at most so long; raise `VaultError` for whatever goes wrong."""
    outcome: SimpleQueue[tuple[bool, Any]] = SimpleQueue()

    def run() -> None:
        try:
            outcome.put((True, call()))
        except Exception as exc:  # noqa: BLE001  backends let errors of six libraries through
            outcome.put((False, exc))

    Thread(target=run, name="keyring", daemon=True).start()
    try:
        done, result = outcome.get(timeout=seconds)
    except Empty:
        raise VaultError(KeyringState.HUNG) from None
    if done:
        return result  # type: ignore[no-any-return]  # the queue forgets the type
    raise result if isinstance(result, VaultError) else VaultError(_state_of(result)) from result


def asked_of_the_user(call: Callable[[], T], asking: Callable[[], object]) -> T:
    """Run a call that may wait for the user; raise `VaultError`, which says *locked* if nobody answers.

    A prompt that ends by itself shows no window: `asking` is called for one that lasts.
    """
    window = Timer(WINDOW_AFTER, asking)
    window.daemon = True
    window.start()
    try:
        return bounded(call, PROMPT_PATIENCE)
    except VaultError as exc:
        if exc.state is KeyringState.HUNG:
            raise VaultError(KeyringState.LOCKED) from exc
        raise
    finally:
        window.cancel()


def _state_of(exc: Exception) -> KeyringState:
    """Return what an error means, by the names of its classes: comparing would import six libraries."""
    is_locked = any(kind.__name__ in LOCKED for kind in type(exc).__mro__)
    return KeyringState.LOCKED if is_locked else KeyringState.ABSENT


def open_store(*, prompts: bool, asking: Callable[[], object] = lambda: None) -> Store:
    """Return this system's keyring, ready for use, and let it prompt if `prompts`; raise `VaultError`.

    `asking` is called when a prompt waits for the user.
    """
    backend = bounded(_first_viable, PATIENCE)
    if sys.platform == "win32":
        backend.persist = "local machine"  # the default roams with the profile
        return KeyringStore(backend, part_size=WINDOWS_PART)
    if sys.platform == "darwin":  # the Keychain cannot be asked whether it would prompt
        return KeyringStore(backend, patience=PROMPT_PATIENCE if prompts else PATIENCE)
    try:
        bounded(backend.check, PATIENCE)
    except VaultError as exc:
        if exc.state is not KeyringState.LOCKED or not prompts:
            raise
        asked_of_the_user(backend.let_user_unlock, asking)
    return KeyringStore(backend)


def _first_viable() -> Any:
    for make in _allowed():
        with suppress(Exception):
            backend = make()
            if backend.priority > 0:  # reading it raises where the backend cannot work
                return backend
    raise VaultError(KeyringState.ABSENT)


def _allowed() -> tuple[Callable[[], Any], ...]:
    """Return what makes this system's real keyrings, best first; its modules exist on this system alone."""
    if sys.platform == "win32":
        from keyring.backends.Windows import WinVaultKeyring  # noqa: PLC0415

        return (WinVaultKeyring,)
    if sys.platform == "darwin":
        from keyring.backends.macOS import Keyring  # noqa: PLC0415

        return (Keyring,)
    from tray.signin.storage.linux_keyrings import PromptFreeKWallet, PromptFreeSecretService  # noqa: PLC0415

    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ and (folder := os.environ.get("XDG_RUNTIME_DIR")):
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={folder}/bus"
    return (PromptFreeSecretService, PromptFreeKWallet)
