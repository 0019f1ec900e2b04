"""The vault's contract: on memory, on Windows' keyring code over a stand-in, on Secret Services real and played."""

import base64
import json
import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.signin.secret_service import needs_keyring
from tests.signin.storage.fake_secret_service import ALL
from tests.signin.storage.stores import MemoryStore, windows_keyring
from tray.core.values import KeyringState
from tray.signin.storage import vault as module
from tray.signin.storage.keyrings import WINDOWS_PART, KeyringStore, open_store
from tray.signin.storage.vault import Store, Vault, VaultError


def cache(seed: int, size: int = 7000) -> str:
    """Return something like MSAL's cache: JSON, as large, as hard to compress."""
    noise = base64.b64encode(random.Random(seed).randbytes(size)).decode()  # noqa: S311  test data
    return json.dumps({"AccessToken": {"secret": noise[:size]}, "n": seed}, indent=4)


def same(found: str | None, seed: int) -> bool:
    return found is not None and json.loads(found)["n"] == seed and json.loads(found) == json.loads(cache(seed))


class Place(NamedTuple):
    """A store, and a look at what is really in it."""

    store: Store
    names: Callable[[], list[str]]


def secret_service_names() -> list[str]:
    import secretstorage  # noqa: PLC0415  Linux's own

    with closing(secretstorage.dbus_init()) as connection:
        return [item.get_label() for item in secretstorage.Collection(connection).get_all_items()]


FAKES = ("gnome-keyring", "keepassxc", "keepassxc-without-bin", "kwallet")


@pytest.fixture(
    params=[
        "memory",
        "windows",
        pytest.param("secret-service", marks=needs_keyring),
        *(pytest.param(name, marks=pytest.mark.needs("dbus-daemon")) for name in FAKES),
    ]
)
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Place:
    match request.param:
        case "memory":
            memory = MemoryStore(WINDOWS_PART)
            return Place(memory, lambda: [service for service, _ in memory.secrets])
        case "windows":
            backend, win32cred = windows_keyring(monkeypatch)
            return Place(KeyringStore(backend, part_size=WINDOWS_PART), lambda: list(win32cred.credentials))
        case name if name in FAKES:
            fake = request.getfixturevalue("started")(ALL[name])
            return Place(open_store(prompts=True, everywhere=True), lambda: [item.label for item in fake.items])
        case _:
            request.getfixturevalue("service")
            return Place(open_store(prompts=False), secret_service_names)


class Crash(BaseException):
    """The process is killed."""


class Crashing:
    """A store whose process is killed before its n-th write or delete."""

    is_hung = has_bin = False

    def __init__(self, store: Store, crash_at: int) -> None:
        self.part_size, self.others, self.overwrites = store.part_size, store.others, store.overwrites
        self._store, self._left = store, crash_at

    def get(self, service: str, name: str) -> str | None:
        return self._store.get(service, name)

    def set(self, service: str, name: str, secret: str) -> None:
        self._count()
        assert self.overwrites or self._store.get(service, name) is None, "a secret entry is never overwritten"
        self._store.set(service, name, secret)

    def delete(self, service: str, name: str) -> None:
        self._count()
        self._store.delete(service, name)

    def _count(self) -> None:
        if self._left == 0:
            raise Crash
        self._left -= 1


def vault(store: Store, tmp_path: Path, authority: str = "https://login.test/a") -> Vault:
    return Vault(store, authority=authority, client_id="client", lock_file=tmp_path / "lock")


class TestVault:
    """What holds on every store."""

    def test_what_was_saved_is_loaded(self, place: Place, tmp_path: Path) -> None:
        kept = vault(place.store, tmp_path)
        assert kept.load() is None
        for seed in range(3):
            with kept.locked():
                kept.save(cache(seed))
            assert same(vault(place.store, tmp_path).load(), seed)

    def test_after_delete_nothing_is_left_anywhere(self, place: Place, tmp_path: Path) -> None:
        kept = vault(place.store, tmp_path)
        kept.save(cache(1))
        kept.save(cache(2))
        assert place.names() != []
        kept.delete()
        assert kept.load() is None
        assert place.names() == []
        kept.delete()

    def test_another_authority_finds_nothing_and_takes_nothing(self, place: Place, tmp_path: Path) -> None:
        vault(place.store, tmp_path).save(cache(1))
        other = vault(place.store, tmp_path, "https://login.test/b")
        assert other.load() is None
        other.delete()
        assert same(vault(place.store, tmp_path).load(), 1)

    def test_killed_before_any_write_or_delete_of_a_save_the_old_cache_or_the_new_one_is_there(
        self, place: Place, tmp_path: Path
    ) -> None:
        crash_at, finished, met = 0, False, set[int]()
        while not finished:
            vault(place.store, tmp_path).save(cache(1))
            try:
                vault(Crashing(place.store, crash_at), tmp_path).save(cache(2))
                finished = True
            except Crash:
                crash_at += 1
            found = vault(place.store, tmp_path).load()
            assert same(found, 1) or same(found, 2)
            met.add(json.loads(found or "{}")["n"])
            vault(place.store, tmp_path).save(cache(3))
            assert same(vault(place.store, tmp_path).load(), 3)
        assert met == {1, 2}
        assert crash_at >= (1 if place.store.overwrites else 4)

    def test_killed_before_any_write_or_delete_of_anything_a_sign_out_still_leaves_nothing(
        self, place: Place, tmp_path: Path
    ) -> None:
        for step in (lambda kept: kept.save(cache(2)), lambda kept: kept.delete()):
            crash_at, finished = 0, False
            while not finished:
                vault(place.store, tmp_path).save(cache(1))
                try:
                    step(vault(Crashing(place.store, crash_at), tmp_path))
                    finished = True
                except Crash:
                    crash_at += 1
                vault(place.store, tmp_path).delete()
                assert place.names() == []
            assert crash_at >= (1 if place.store.overwrites else 2)


def test_windows_keeps_no_copy_of_a_secret_and_no_part_is_too_long(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backend, win32cred = windows_keyring(monkeypatch)
    kept = vault(KeyringStore(backend, part_size=WINDOWS_PART), tmp_path)
    for seed in range(4):
        kept.save(cache(seed, 7000 - 2000 * (seed % 2)))
        assert not any("@" in name for name in win32cred.credentials)
    assert len(win32cred.credentials) > 4


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the child tells the tray of it
def test_windows_refuses_a_cache_in_one_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    backend, _ = windows_keyring(monkeypatch)
    with pytest.raises(VaultError):
        vault(KeyringStore(backend), tmp_path).save(cache(1))


@pytest.mark.parametrize("spoilt", ["x", "1 2", "5 1 abc", "9" * 40 + " 1 x", "1 64 abc"])
def test_a_damaged_vault_is_reported_and_can_be_saved_over_or_deleted(tmp_path: Path, spoilt: str) -> None:
    for cure in (lambda kept: kept.save(cache(2)), lambda kept: kept.delete()):
        store = MemoryStore(WINDOWS_PART)
        vault(store, tmp_path).save(cache(1))
        store.secrets = dict.fromkeys(store.secrets, spoilt)
        with pytest.raises(VaultError) as damaged:
            vault(store, tmp_path).load()
        assert damaged.value.state is KeyringState.DAMAGED
        cure(vault(store, tmp_path))
        assert vault(store, tmp_path).load() is None or same(vault(store, tmp_path).load(), 2)


def test_a_vault_that_lost_an_entry_is_never_half_a_cache(tmp_path: Path) -> None:
    whole = MemoryStore(WINDOWS_PART)
    vault(whole, tmp_path).save(cache(1))
    assert len(whole.secrets) > 4
    for lost in whole.secrets:
        store = MemoryStore(WINDOWS_PART)
        store.secrets = {key: secret for key, secret in whole.secrets.items() if key != lost}
        if "manifest" in lost[0]:
            assert vault(store, tmp_path).load() is None
            continue
        with pytest.raises(VaultError) as damaged:
            vault(store, tmp_path).load()
        assert damaged.value.state is KeyringState.DAMAGED


def test_a_cache_too_large_to_load_replaces_nothing(tmp_path: Path) -> None:
    kept = vault(MemoryStore(WINDOWS_PART), tmp_path)
    kept.save(cache(1))
    with pytest.raises(VaultError):
        kept.save(cache(2, 200_000))
    assert same(kept.load(), 1)


class Hung(MemoryStore):
    """A store with a call that may still land."""

    is_hung = True


def test_while_a_call_may_still_take_effect_the_lock_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    monkeypatch.setattr(module, "_KEPT_LOCKS", [])
    with vault(MemoryStore(), tmp_path).locked():
        pass
    with vault(Hung(), tmp_path).locked():
        pass
    with pytest.raises(TimeoutError), vault(MemoryStore(), tmp_path).locked():
        pass


def test_each_vault_has_its_own_lock_whatever_the_home(tmp_path: Path) -> None:
    with vault(MemoryStore(), tmp_path).locked(), vault(MemoryStore(), tmp_path, "https://login.test/b").locked():
        assert len(list(tmp_path.glob("lock-*"))) == 2


def test_a_folder_that_takes_no_lock_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), vault(MemoryStore(), tmp_path / "file").locked():
        pass
