"""A cache that no keyring could take: it is not lost, and does not undo what another process did."""

from pathlib import Path

import pytest

from tests.signin.storage.stores import MemoryStore
from tests.signin.storage.test_vault import cache, same, vault
from tray.core.values import KeyringState
from tray.signin.storage.keyrings import UnavailableStore
from tray.signin.storage.vault import VaultError
from tray.signin.storage.vault_cache import VaultCache


def without_keyring(tmp_path: Path, text: str | None = None, state: KeyringState = KeyringState.ABSENT) -> VaultCache:
    return VaultCache(vault(UnavailableStore(state), tmp_path), text)


class ReadOnly(MemoryStore):
    """A keyring that is locked between a load and a save."""

    def set(self, *_: str) -> None:
        raise VaultError(KeyringState.LOCKED)

    delete = set  # noqa: A003  the method


def read_only(store: MemoryStore) -> ReadOnly:
    locked = ReadOnly()
    locked.secrets = dict(store.secrets)
    return locked


@pytest.mark.parametrize("state", KeyringState)
def test_a_sign_in_that_no_keyring_takes_goes_from_errand_to_errand(tmp_path: Path, state: KeyringState) -> None:
    cached = without_keyring(tmp_path, state=state)
    cached.save(cache(1))
    assert not cached.remembers
    assert same(without_keyring(tmp_path, cached.carried, state).load(), 1)


def test_it_replaces_what_a_keyring_that_comes_later_holds(tmp_path: Path) -> None:
    cached = without_keyring(tmp_path)
    cached.save(cache(2))
    store = MemoryStore()
    vault(store, tmp_path).save(cache(1))
    later = VaultCache(vault(store, tmp_path), cached.carried)
    assert same(later.load(), 2)
    assert later.remembers
    assert same(vault(store, tmp_path).load(), 2)


def refreshed_while_locked(tmp_path: Path, store: MemoryStore) -> str | None:
    cached = VaultCache(vault(read_only(store), tmp_path))
    assert same(cached.load(), 1)
    cached.save(cache(2))
    return cached.carried


def test_a_refresh_that_could_not_be_saved_is_used_and_saved_later(tmp_path: Path) -> None:
    store = MemoryStore()
    vault(store, tmp_path).save(cache(1))
    text = refreshed_while_locked(tmp_path, store)
    still_locked = VaultCache(vault(read_only(store), tmp_path), text)
    assert same(still_locked.load(), 2)
    still_locked.save(cache(3))
    later = VaultCache(vault(store, tmp_path), still_locked.carried)
    assert same(later.load(), 3)
    assert later.carried is None
    assert same(vault(store, tmp_path).load(), 3)


class Guarded(MemoryStore):
    """A keyring that the user allows each process to read anew."""

    asks_each_process = True


def test_a_refresh_by_what_the_tray_remembers_is_saved_once_the_keyring_opens(tmp_path: Path) -> None:
    """The vault keeps none of MSAL's blanks: what was saved and what is read are one cache all the same."""
    store = Guarded()
    signed_in = VaultCache(vault(store, tmp_path))
    signed_in.save(cache(1))
    assert signed_in.carried is not None
    while_locked = VaultCache(vault(read_only(store), tmp_path), signed_in.carried)
    assert same(while_locked.load(), 1)
    while_locked.save(cache(2))
    later = VaultCache(vault(store, tmp_path), while_locked.carried)
    assert same(later.load(), 2)
    assert same(vault(store, tmp_path).load(), 2)


@pytest.mark.parametrize("signs_in_again", [False, True])
def test_it_does_not_undo_what_another_process_did_meanwhile(tmp_path: Path, *, signs_in_again: bool) -> None:
    store = MemoryStore()
    vault(store, tmp_path).save(cache(1))
    text = refreshed_while_locked(tmp_path, store)
    vault(store, tmp_path).delete()
    if signs_in_again:
        vault(store, tmp_path).save(cache(9))
    later = VaultCache(vault(store, tmp_path), text)
    found = later.load()
    assert same(found, 9) if signs_in_again else found is None
    assert later.carried is None


def test_sign_out_removes_it_also_without_a_keyring(tmp_path: Path) -> None:
    cached = without_keyring(tmp_path)
    cached.save(cache(1))
    cached.delete()
    assert cached.carried is None
    with pytest.raises(VaultError):
        cached.load()
    with pytest.raises(VaultError):
        without_keyring(tmp_path).delete()
