"""The vault on memory, on Windows' keyring code over a stand-in, and on a real Secret Service."""

import json
import random
import signal
import string
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.testing.backend import BackendBasicTests

from tests.signin.secret_service import SecretService, needs_keyring, wait_for_store
from tray.core.things import KeyringState
from tray.signin import keyrings
from tray.signin.keyrings import KeyringStore, open_store
from tray.signin.vault import Store, Vault, VaultError

LETTERS = string.ascii_letters + string.digits


def cache(seed: int, size: int = 7000) -> str:
    """Return something like MSAL's cache: JSON, as large, as hard to compress."""
    noise = random.Random(seed)  # noqa: S311  test data
    return json.dumps({"AccessToken": {"secret": "".join(noise.choices(LETTERS, k=size))}, "n": seed}, indent=4)


def same(found: str | None, seed: int) -> bool:
    return found is not None and json.loads(found) == json.loads(cache(seed))


# --------------------------------------------------------------------------- stores


class MemoryStore:
    """Keeps secrets in this process."""

    part_size: int | None = None
    is_hung = False

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}

    def get(self, service: str, name: str) -> str | None:
        return self.secrets.get((service, name))

    def set(self, service: str, name: str, secret: str) -> None:
        self.secrets[service, name] = secret

    def delete(self, service: str, name: str) -> None:
        self.secrets.pop((service, name), None)


class FakeWin32Cred(types.ModuleType):
    """`win32cred` as far as keyring uses it, with the limit that the real one has."""

    CRED_TYPE_GENERIC = 1
    CRED_PERSIST_LOCAL_MACHINE = 2
    CRED_PERSIST_ENTERPRISE = 3

    def __init__(self, error: type[Exception]) -> None:
        super().__init__("win32cred")
        self.credentials: dict[str, dict[str, object]] = {}
        self._error = error

    def CredRead(self, Type: int, TargetName: str) -> dict[str, object]:  # noqa: N802, N803, ARG002  Windows' names
        if TargetName not in self.credentials:
            raise self._error(1168, "CredRead", "Element not found.")
        return self.credentials[TargetName]

    def CredWrite(self, credential: dict[str, object], flags: int) -> None:  # noqa: N802, ARG002
        blob = str(credential["CredentialBlob"])
        if len(blob.encode("utf-16-le")) > 2560:
            raise self._error(1783, "CredWrite", "The stub received bad data.")
        self.credentials[str(credential["TargetName"])] = credential | {"CredentialBlob": blob.encode("utf-16-le")}

    def CredDelete(self, Type: int, TargetName: str) -> None:  # noqa: N802, N803, ARG002
        if TargetName not in self.credentials:
            raise self._error(1168, "CredDelete", "Element not found.")
        del self.credentials[TargetName]


class CredentialError(Exception):
    """`pywintypes.error`: neither an OSError nor a KeyringError."""

    def __init__(self, winerror: int, funcname: str, strerror: str) -> None:
        super().__init__(winerror, funcname, strerror)
        self.winerror, self.funcname, self.strerror = winerror, funcname, strerror


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> tuple[object, FakeWin32Cred]:
    """Return keyring's own Windows backend over the stand-in."""
    from keyring.backends import Windows  # noqa: PLC0415

    credentials = FakeWin32Cred(CredentialError)
    names = types.SimpleNamespace(error=CredentialError)
    monkeypatch.setattr(Windows, "win32cred", credentials, raising=False)
    monkeypatch.setattr(Windows, "pywintypes", names, raising=False)
    monkeypatch.setattr(Windows, "missing_deps", None, raising=False)
    backend = Windows.WinVaultKeyring()
    backend.persist = "local machine"
    return backend, credentials


STORES = ["memory", "windows", pytest.param("secret-service", marks=needs_keyring)]


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Store:
    match request.param:
        case "memory":
            return MemoryStore()
        case "windows":
            backend, _ = request.getfixturevalue("windows")
            return KeyringStore(backend, part_size=keyrings.WINDOWS_PART)
        case _:
            request.getfixturevalue("service")
            return open_store(prompts=False)


def vault(store: Store, tmp_path: Path, authority: str = "https://login.test/a") -> Vault:
    return Vault(store, authority=authority, client_id="client", lock_file=tmp_path / "lock")


# --------------------------------------------------------------------------- the contract


class TestVault:
    """What holds on every store."""

    def test_what_was_saved_is_loaded(self, store: Store, tmp_path: Path) -> None:
        kept = vault(store, tmp_path)
        assert kept.load() is None
        for seed in range(3):
            with kept.locked():
                kept.save(cache(seed))
            assert same(vault(store, tmp_path).load(), seed)

    def test_after_delete_there_is_nothing(self, store: Store, tmp_path: Path) -> None:
        kept = vault(store, tmp_path)
        kept.save(cache(1))
        kept.save(cache(2))
        kept.delete()
        assert kept.load() is None
        kept.delete()

    def test_another_authority_finds_nothing(self, store: Store, tmp_path: Path) -> None:
        vault(store, tmp_path).save(cache(1))
        other = vault(store, tmp_path, "https://login.test/b")
        assert other.load() is None
        other.delete()
        assert same(vault(store, tmp_path).load(), 1)


def test_windows_keeps_no_copy_and_no_part_is_too_long(windows: tuple[object, FakeWin32Cred], tmp_path: Path) -> None:
    backend, credentials = windows
    kept = vault(KeyringStore(backend, part_size=keyrings.WINDOWS_PART), tmp_path)
    for seed in range(4):
        kept.save(cache(seed, 7000 - 2000 * (seed % 2)))
        assert not any("@" in name for name in credentials.credentials)
    assert len(credentials.credentials) > 4
    kept.delete()
    assert credentials.credentials == {}


class Crashing:
    """A store that dies before its n-th write or delete."""

    def __init__(self, store: MemoryStore, crash_at: int, part_size: int) -> None:
        self.part_size: int | None = part_size
        self.is_hung = False
        self._store, self._left = store, crash_at

    def get(self, service: str, name: str) -> str | None:
        return self._store.get(service, name)

    def set(self, service: str, name: str, secret: str) -> None:
        self._count()
        assert self._store.get(service, name) is None, "a secret entry is never overwritten"
        self._store.set(service, name, secret)

    def delete(self, service: str, name: str) -> None:
        self._count()
        self._store.delete(service, name)

    def _count(self) -> None:
        if self._left == 0:
            raise KeyboardInterrupt
        self._left -= 1


def test_a_crash_at_any_write_or_delete_leaves_the_old_cache_or_the_new_one(tmp_path: Path) -> None:
    crash_at, finished = 0, False
    while not finished:
        store = MemoryStore()
        vault(Crashing(store, 10_000, 1200), tmp_path).save(cache(1))
        try:
            vault(Crashing(store, crash_at, 1200), tmp_path).save(cache(2))
            finished = True
        except KeyboardInterrupt:
            pass
        found = vault(store, tmp_path).load()
        assert same(found, 1) or same(found, 2)
        vault(Crashing(store, 10_000, 1200), tmp_path).save(cache(3))
        assert same(vault(store, tmp_path).load(), 3)
        crash_at += 1
    assert crash_at > 10


@pytest.mark.parametrize("spoil", ["x", "", "1 2", "5 1 abc"])
def test_a_damaged_vault_is_told_apart_and_can_be_saved_over(tmp_path: Path, spoil: str) -> None:
    store = MemoryStore()
    vault(store, tmp_path).save(cache(1))
    for key in list(store.secrets):
        store.secrets[key] = spoil or "x"
    with pytest.raises(VaultError) as damaged:
        vault(store, tmp_path).load()
    assert damaged.value.state is KeyringState.DAMAGED
    vault(store, tmp_path).save(cache(2))
    assert same(vault(store, tmp_path).load(), 2)


# --------------------------------------------------------------------------- keyrings in trouble


@needs_keyring
def test_a_locked_keyring_is_reported_without_a_prompt(service: SecretService) -> None:
    lock_collection(service)
    with pytest.raises(VaultError) as trouble:
        open_store(prompts=False)
    assert trouble.value.state is KeyringState.LOCKED


def lock_collection(service: SecretService) -> None:
    code = (
        "import secretstorage;c=secretstorage.dbus_init();k=secretstorage.Collection(c);k.lock();"
        "assert k.is_locked();c.close()"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=service.environ, check=True)


@needs_keyring
def test_a_hung_keyring_is_given_up_in_time_and_good_again_afterwards(
    service: SecretService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault(open_store(prompts=False), tmp_path).save(cache(1))
    monkeypatch.setattr(keyrings, "PATIENCE", 1.0)
    service.process.send_signal(signal.SIGSTOP)
    with pytest.raises(VaultError) as trouble:
        open_store(prompts=False)
    assert trouble.value.state is KeyringState.HUNG
    service.process.send_signal(signal.SIGCONT)
    wait_for_store()
    assert same(vault(open_store(prompts=False), tmp_path).load(), 1)


def test_no_bus_means_no_keyring_whatever_else_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(VaultError) as trouble:
        open_store(prompts=False)
    assert trouble.value.state is KeyringState.ABSENT


class TestWindowsStandIn(BackendBasicTests):
    """keyring's own tests: the stand-in is as good as what they expect of Windows."""

    @pytest.fixture(autouse=True)
    def _init_properties(self, windows: tuple[object, FakeWin32Cred]) -> Iterator[None]:
        self.keyring = windows[0]
        self.credentials_created = set()
        yield
        self.cleanup()


@needs_keyring
class TestSecretService(BackendBasicTests):
    """The same on the real Secret Service that the other tests use."""

    @pytest.fixture(autouse=True)
    def _init_properties(self, service: SecretService) -> Iterator[None]:
        from keyring.backends.SecretService import Keyring  # noqa: PLC0415

        assert service.process.poll() is None
        self.keyring = Keyring()
        self.credentials_created = set()
        yield
        self.cleanup()
