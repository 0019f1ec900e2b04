"""The keyrings: they pass the keyring package's contract, are bounded in time and raise no prompt."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from keyring.testing.backend import BackendBasicTests

from tests.signin.secret_service import SecretService, needs_keyring, wait_for_store
from tests.signin.storage.stores import wallet_keyring, windows_keyring
from tests.signin.storage.test_vault import cache, same, vault
from tray.core.values import KeyringState
from tray.signin.storage import keyrings
from tray.signin.storage.keyrings import KeyringStore, Patience, UnavailableStore, open_store
from tray.signin.storage.vault import VaultError


class Basics(BackendBasicTests):
    """keyring's own tests; the keyring comes from a fixture."""

    @pytest.fixture(autouse=True)
    def _init_properties(self, backend: object) -> Iterator[None]:
        self.keyring = backend
        self.credentials_created = set()
        yield
        self.cleanup()


class TestWindows(Basics):
    @pytest.fixture
    def backend(self, monkeypatch: pytest.MonkeyPatch) -> object:
        return windows_keyring(monkeypatch)[0]


@needs_keyring
class TestSecretService(Basics):
    @pytest.fixture
    def backend(self, service: SecretService) -> object:
        from tray.signin.storage.linux_keyrings import SecretServiceConnection, SecretServiceKeyring  # noqa: PLC0415

        assert service.process.poll() is None
        connection = SecretServiceConnection()
        return SecretServiceKeyring(connection, connection.collections()[0])


class TestWallet(Basics):
    @pytest.fixture
    def backend(self, monkeypatch: pytest.MonkeyPatch) -> object:
        return wallet_keyring(monkeypatch)[0]


# --------------------------------------------------------------------------- locked


def lock_collection(service: SecretService) -> None:
    code = (
        "import secretstorage;c=secretstorage.dbus_init();k=secretstorage.Collection(c);k.lock();"
        "assert k.is_locked();c.close()"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=service.environ, check=True)


@needs_keyring
def test_a_locked_keyring_is_reported_whenever_it_is_used(service: SecretService, tmp_path: Path) -> None:
    store = open_store(prompts=False)
    vault(store, tmp_path).save(cache(1))
    lock_collection(service)
    for use in (lambda: open_store(prompts=False), vault(store, tmp_path).load, vault(store, tmp_path).delete):
        with pytest.raises(VaultError) as trouble:
            use()
        assert trouble.value.state is KeyringState.LOCKED


def test_a_closed_wallet_is_reported_and_opened_only_for_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    backend, wallets = wallet_keyring(monkeypatch)
    wallets.is_closed = True
    with pytest.raises(VaultError) as trouble:
        KeyringStore(backend).get("service", "name")
    assert trouble.value.state is KeyringState.LOCKED
    assert wallets.prompts == 0
    with pytest.raises(VaultError):
        keyrings.bounded(backend.let_user_unlock, 5)
    assert wallets.prompts == 1


# --------------------------------------------------------------------------- hung, absent


@needs_keyring
def test_a_hung_keyring_is_given_up_in_time_and_used_again_afterwards(
    service: SecretService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault(open_store(prompts=False), tmp_path).save(cache(1))
    monkeypatch.setattr(keyrings, "PATIENCE", 1.0)
    service.process.send_signal(signal.SIGSTOP)
    with pytest.raises(VaultError) as trouble:
        open_store(prompts=True)
    assert trouble.value.state is KeyringState.HUNG
    service.process.send_signal(signal.SIGCONT)
    wait_for_store()
    assert same(vault(open_store(prompts=False), tmp_path).load(), 1)


class Sleepy:
    """A keyring that hangs."""

    def get_password(self, _service: str, _username: str) -> str | None:
        time.sleep(30)
        return None

    set_password = delete_password = get_password


def test_a_store_waits_once_for_a_keyring_that_hangs() -> None:
    store = KeyringStore(Sleepy(), patience=Patience(0.2))  # type: ignore[arg-type]
    assert not store.is_hung
    for _ in range(5):
        with pytest.raises(VaultError) as trouble:
            store.get("service", "name")
        assert trouble.value.state is KeyringState.HUNG
    assert store.is_hung


@pytest.mark.parametrize("instead", ["keyring.backends.null.Keyring", "keyrings.alt.file.PlaintextKeyring"])
def test_without_a_bus_there_is_no_keyring_whatever_else_is_installed(
    monkeypatch: pytest.MonkeyPatch, instead: str
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", instead)
    for prompts in (False, True):
        with pytest.raises(VaultError) as trouble:
            open_store(prompts=prompts)
        assert trouble.value.state is KeyringState.ABSENT


def test_an_unavailable_store_gives_its_reason() -> None:
    store = UnavailableStore(KeyringState.LOCKED)
    for use in (lambda: store.get("a", "b"), lambda: store.set("a", "b", "c"), lambda: store.delete("a", "b")):
        with pytest.raises(VaultError) as trouble:
            use()
        assert trouble.value.state is KeyringState.LOCKED


# --------------------------------------------------------------------------- the Secret Service


def items() -> list[tuple[str, str, str]]:
    """Return label, application and service of every item of the default collection."""
    import secretstorage  # noqa: PLC0415  Linux's own

    with closing(secretstorage.dbus_init()) as connection:
        found = [
            (item.get_label(), item.get_attributes()) for item in secretstorage.Collection(connection).get_all_items()
        ]
    return [(label, attributes["application"], attributes["service"]) for label, attributes in found]


@needs_keyring
@pytest.mark.usefixtures("service")
def test_saves_overwrite_two_entries_that_a_user_recognises(tmp_path: Path) -> None:
    for seed in range(12):
        vault(open_store(prompts=False), tmp_path).save(cache(seed))
    assert [(label, application) for label, application, _ in items()] == [
        ("Presence Tray: sign-in", "presence-tray"),
        ("Presence Tray: sign-in", "presence-tray"),
    ]
    assert same(vault(open_store(prompts=False), tmp_path).load(), 11)


@needs_keyring
@pytest.mark.usefixtures("service")
def test_what_an_older_version_stored_is_found_renamed_and_removed(tmp_path: Path) -> None:
    from keyring.backends import SecretService as package  # noqa: N813, PLC0415  Linux's own

    vault(KeyringStore(package.Keyring()), tmp_path).save(cache(1))
    assert {application for _, application, _ in items()} == {"Python keyring library"}
    kept = vault(open_store(prompts=False), tmp_path)
    assert same(kept.load(), 1)
    kept.save(cache(2))
    kept.save(cache(3))
    assert {label for label, _, service in items() if service.endswith("manifest")} == {"Presence Tray: sign-in"}
    assert same(vault(open_store(prompts=False), tmp_path).load(), 3)
    kept.delete()
    assert items() == []
