"""Stand-ins for Windows' and KDE's keyrings, below the keyring package's own code for them."""

import sys
import types
from collections.abc import Callable

import pytest

from tray.signin.storage.keyrings import Backend


class MemoryStore:
    """Keeps secrets in this process."""

    is_hung = overwrites = asks_each_process = has_bin = False
    others = ()

    def __init__(self, part_size: int | None = None) -> None:
        self.part_size = part_size
        self.secrets: dict[tuple[str, str], str] = {}

    def get(self, service: str, name: str) -> str | None:
        return self.secrets.get((service, name))

    def set(self, service: str, name: str, secret: str) -> None:
        self.secrets[service, name] = secret

    def delete(self, service: str, name: str) -> None:
        self.secrets.pop((service, name), None)


# --------------------------------------------------------------------------- Windows


class CredentialError(Exception):
    """`pywintypes.error`: neither an OSError nor a KeyringError."""

    def __init__(self, winerror: int, funcname: str, strerror: str) -> None:
        super().__init__(winerror, funcname, strerror)
        self.winerror, self.funcname, self.strerror = winerror, funcname, strerror


class FakeWin32Cred(types.ModuleType):
    """`win32cred` as far as keyring uses it, with the limit that the real one has: 2,560 bytes of UTF-16."""

    CRED_TYPE_GENERIC = 1
    CRED_PERSIST_LOCAL_MACHINE = 2
    CRED_PERSIST_ENTERPRISE = 3

    def __init__(self) -> None:
        super().__init__("win32cred")
        self.credentials: dict[str, dict[str, object]] = {}

    def CredRead(self, Type: int, TargetName: str) -> dict[str, object]:  # noqa: N802, N803, ARG002  Windows' names
        if TargetName not in self.credentials:
            raise CredentialError(1168, "CredRead", "Element not found.")
        return self.credentials[TargetName]

    def CredWrite(self, credential: dict[str, object], flags: int) -> None:  # noqa: N802, ARG002
        blob = str(credential["CredentialBlob"]).encode("utf-16-le")
        if len(blob) > 2560:
            raise CredentialError(1783, "CredWrite", "The stub received bad data.")
        self.credentials[str(credential["TargetName"])] = credential | {"CredentialBlob": blob}

    def CredDelete(self, Type: int, TargetName: str) -> None:  # noqa: N802, N803, ARG002
        if TargetName not in self.credentials:
            raise CredentialError(1168, "CredDelete", "Element not found.")
        del self.credentials[TargetName]


def windows_keyring(monkeypatch: pytest.MonkeyPatch) -> tuple[Backend, FakeWin32Cred]:
    """Return keyring's own Windows backend over the stand-in."""
    from keyring.backends import Windows  # noqa: PLC0415

    credentials = FakeWin32Cred()
    monkeypatch.setattr(Windows, "win32cred", credentials, raising=False)
    monkeypatch.setattr(Windows, "pywintypes", types.SimpleNamespace(error=CredentialError), raising=False)
    monkeypatch.setattr(Windows, "missing_deps", None, raising=False)
    backend = Windows.WinVaultKeyring()
    backend.persist = "local machine"
    return backend, credentials


# --------------------------------------------------------------------------- KWallet


class FakeWallets:
    """`org.kde.KWallet` on D-Bus as far as keyring uses it; opening a closed wallet asks the user."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.is_closed = False
        self.prompts = 0
        self.opened: set[int] = set()

    def networkWallet(self) -> str:  # noqa: N802  KWallet's names
        return "kdewallet"

    def isOpen(self, wallet: str | int) -> bool:  # noqa: N802
        return not self.is_closed if isinstance(wallet, str) else wallet in self.opened

    def open(self, _wallet: str, _window: int, _app: str) -> int:
        if self.is_closed:
            self.prompts += 1
            return -1  # the user dismissed it
        self.opened.add(7)
        return 7

    def hasFolder(self, *_: object) -> bool:  # noqa: N802
        return False

    def hasEntry(self, _handle: int, folder: str, key: str, _app: str) -> bool:  # noqa: N802
        return (folder, key) in self.entries

    def readPassword(self, _handle: int, folder: str, key: str, _app: str) -> str:  # noqa: N802
        return self.entries[folder, key]

    def writePassword(self, _handle: int, folder: str, key: str, value: str, _app: str) -> int:  # noqa: N802
        self.entries[folder, key] = value
        return 0

    def removeEntry(self, _handle: int, folder: str, key: str, _app: str) -> int:  # noqa: N802
        del self.entries[folder, key]
        return 0

    def entryList(self, _handle: int, folder: str, _app: str) -> list[str]:  # noqa: N802
        return [key for each, key in self.entries if each == folder]


def wallet_keyring(monkeypatch: pytest.MonkeyPatch) -> tuple[Backend, FakeWallets]:
    """Return our KWallet over keyring's own code for it, over a stand-in for dbus-python."""
    from keyring.backends import kwallet  # noqa: PLC0415

    from tray.signin.storage.linux_keyrings import PromptFreeKWallet  # noqa: PLC0415

    wallets = FakeWallets()
    same: Callable[..., object] = lambda *_, **__: wallets  # noqa: E731
    bus = types.SimpleNamespace(get_object=same, name_has_owner=lambda _: True, list_activatable_names=lambda: NAMES)
    dbus = types.SimpleNamespace(
        SessionBus=lambda **_: bus, Interface=lambda remote, _name: remote, DBusException=RuntimeError
    )
    monkeypatch.setitem(sys.modules, "dbus", dbus)  # type: ignore[arg-type]
    monkeypatch.setattr(kwallet, "dbus", dbus, raising=False)
    monkeypatch.setattr(kwallet, "DBusGMainLoop", lambda: None, raising=False)
    return PromptFreeKWallet(), wallets


NAMES = ["org.kde.kwalletd5"]
