"""The keyrings of the operating systems as stores for the vault.

The backends are named here: the keyring package's own choice can be a plain-text file, a null backend or a chain,
depending on what is installed or named in the environment. Background work never raises a prompt.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread, Timer, current_thread
from typing import Any, NoReturn, Protocol, TypeVar

from keyring.errors import PasswordDeleteError

from tray.core.values import UNLOCKABLE, KeyringState
from tray.signin.storage.vault import NAME, Store, VaultError

T = TypeVar("T")

PATIENCE = 8.0  # seconds for one call; a keyring that hangs would block for ever
PROMPT_PATIENCE = 120.0  # while the user may be typing a password
WINDOW_AFTER = 1.0  # seconds; a prompt that shows no window has ended by then
WINDOWS_PART = 1200  # characters; a credential holds 1,280 UTF-16 units
STATES: dict[str | int, KeyringState] = {  # by names and numbers: comparing classes would import six libraries
    "NotAllowedError": KeyringState.GUARDED,
    "NothingSharedError": KeyringState.NOTHING_SHARED,
    "KeyringLocked": KeyringState.LOCKED,
    "LockedException": KeyringState.LOCKED,
    "InitError": KeyringState.LOCKED,
    "PromptDismissedException": KeyringState.LOCKED,
    "org.freedesktop.Secret.Error.IsLocked": KeyringState.LOCKED,  # D-Bus' own name of an error
    -25308: KeyringState.GUARDED,  # macOS' errSecInteractionNotAllowed: it would have asked the user
    -25293: KeyringState.GUARDED,  # and errSecAuthFailed: another version of the program stored it
}
SECURITY = "/System/Library/Frameworks/Security.framework/Security"


class Backend(Protocol):
    """A backend of the keyring package."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return a secret."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""

    def delete_password(self, service: str, username: str) -> None:
        """Remove a secret."""


class Patience:
    """How long calls may take, in seconds, and whether one has taken longer."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False


class KeyringStore:
    """Keeps secrets in a keyring; no call takes longer than its patience.

    `others` are other places of the same keyring in which a sign-in may lie.
    """

    overwrites = False
    asks_each_process = has_bin = False

    def __init__(self, backend: Backend, *, part_size: int | None = None, patience: Patience | None = None) -> None:
        self.part_size = part_size
        self.others: tuple[Store, ...] = ()
        self._backend = backend
        self._patience = patience or Patience(PATIENCE)

    @property
    def is_hung(self) -> bool:
        """Return whether a call was given up and may still take effect."""
        return self._patience.is_over

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
        try:
            self._backend.delete_password(service, name)
        except PasswordDeleteError as exc:  # there is none; macOS' backend says so of whatever goes wrong
            if exc.__cause__ and type(exc.__cause__).__name__ != "NotFound":
                raise

    def _call(self, call: Callable[[], T]) -> T:
        if self.is_hung:
            raise VaultError(KeyringState.HUNG)  # it has been waited for once
        try:
            return bounded(call, self._patience.seconds)
        except VaultError as exc:
            self._patience.is_over = exc.state is KeyringState.HUNG
            raise


class CollectionStore(KeyringStore):
    """Keeps secrets in a collection of the Secret Service, where a new secret takes the place of the old one."""

    overwrites = True

    def __init__(self, backend: Any, patience: Patience) -> None:
        super().__init__(backend, patience=patience)
        self.asks_each_process = self.has_bin = bool(backend.connection.is_keepassxc)


class UnavailableStore:
    """A keyring that cannot be used: every call raises the reason."""

    part_size: int | None = None
    is_hung = overwrites = asks_each_process = has_bin = False
    others: tuple[Store, ...] = ()

    def __init__(self, state: KeyringState) -> None:
        self._state = state

    def _refuse(self, *_: str, **__: str) -> NoReturn:
        raise VaultError(self._state)

    get = set = delete = _refuse


def bounded(call: Callable[[], T], seconds: float) -> T:
    """Run a call on a thread and wait at most so long; raise `VaultError` for whatever goes wrong."""
    outcome: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
    given_up = Flag()

    def run() -> None:
        try:
            outcome.put((True, call()))
        except Exception as exc:  # noqa: BLE001  backends let errors of six libraries through
            if not (isinstance(exc, VaultError | OSError) or _known_state(exc) or given_up.is_set()):
                # The caller would know only that there is no keyring.
                threading.excepthook(threading.ExceptHookArgs((type(exc), exc, exc.__traceback__, current_thread())))
            outcome.put((False, exc))

    Thread(target=run, name="keyring", daemon=True).start()
    try:
        done, result = outcome.get(timeout=seconds)
    except Empty:
        given_up.set()
        raise VaultError(KeyringState.HUNG) from None
    if done:
        return result  # type: ignore[no-any-return]  # the queue forgets the type
    if isinstance(result, VaultError):
        raise result
    raise VaultError(_known_state(result) or KeyringState.ABSENT) from result


def asked_of_the_user(call: Callable[[], T], asking: Callable[[], object]) -> T:
    """Run a call that may wait for the user; raise `VaultError`, which says *locked* if nobody answers.

    A prompt that ends by itself shows no window: `asking` is called for one that lasts.
    """
    window = Timer(WINDOW_AFTER, asking)
    window.name, window.daemon = "keyring-window", True
    window.start()
    try:
        return bounded(call, PROMPT_PATIENCE)
    except VaultError as exc:
        if exc.state is KeyringState.HUNG:
            raise VaultError(KeyringState.LOCKED) from exc
        raise
    finally:
        window.cancel()


def _known_state(exc: Exception) -> KeyringState | None:
    """Return what an error means, or the one that caused it; `None` where nobody knows."""
    for each in (exc, exc.__cause__):
        names = [
            *(kind.__name__ for kind in type(each).__mro__),
            getattr(each, "name", None),
            *getattr(each, "args", ()),
        ]
        for name in names:
            if isinstance(name, str | int) and name in STATES:
                return STATES[name]
    return None


def open_store(*, prompts: bool, everywhere: bool = False, asking: Callable[[], object] = lambda: None) -> Store:
    """Return this system's keyring, ready for use, and let it prompt if `prompts`; raise `VaultError`.

    `everywhere`: nothing of ours may stay hidden in a locked place. `asking` is called when a prompt waits.
    """
    backend = bounded(_first_viable, PATIENCE)
    if sys.platform == "win32":
        backend.persist = "local machine"  # the default roams with the profile
        return KeyringStore(backend, part_size=WINDOWS_PART)
    if sys.platform == "darwin":
        let_keychain_ask(asks=prompts)
        return KeyringStore(backend, patience=Patience(PROMPT_PATIENCE if prompts else PATIENCE))
    if not hasattr(backend, "open_collections"):
        _open_wallet(backend, asking if prompts else None)
        return KeyringStore(backend)
    return _collections_of(backend, everywhere=everywhere, asking=asking if prompts else None)


def let_keychain_ask(*, asks: bool) -> None:
    """Allow or forbid the Keychain's dialog for this process.

    The dialog appears where another build of the program stored the entry, as after an update.
    """
    ctypes.CDLL(SECURITY).SecKeychainSetUserInteractionAllowed(asks)


def _open_wallet(backend: Any, asking: Callable[[], object] | None) -> None:
    try:
        bounded(backend.check, PATIENCE)
    except VaultError as exc:
        if exc.state is not KeyringState.LOCKED or asking is None:
            raise
        asked_of_the_user(backend.let_user_unlock, asking)


def _collections_of(search: Any, *, everywhere: bool, asking: Callable[[], object] | None) -> Store:
    """Return the collection to write to, with the others; `asking` is `None` where nobody may be asked."""

    def look() -> list[Any]:
        found: list[Any] = search.open_collections(everywhere=everywhere)
        return found

    try:
        found = bounded(look, PATIENCE)
    except VaultError as exc:
        if exc.state not in UNLOCKABLE or asking is None:
            raise
        asked_of_the_user(lambda: search.let_user_open(everywhere=everywhere), asking)
        found = bounded(look, PATIENCE)
    patience = Patience(PROMPT_PATIENCE if everywhere and asking else PATIENCE)  # deleting may ask as well
    first, *others = (CollectionStore(each, patience) for each in found)
    first.others = tuple(others)
    return first


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
    from tray.signin.storage.linux_keyrings import PromptFreeKWallet, SecretServiceSearch  # noqa: PLC0415

    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ and (folder := os.environ.get("XDG_RUNTIME_DIR")):
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={folder}/bus"
    return (lambda: SecretServiceSearch(NAME).connected(), PromptFreeKWallet)
