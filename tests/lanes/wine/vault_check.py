"""The vault in the real Credential Manager (here Wine's) through keyring's CredWrite; run by Windows' Python."""

import ctypes
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tray.signin.storage.keyrings import WINDOWS_PART, open_store
from tray.signin.storage.vault import Vault

AUTHORITY, CLIENT = "https://login.example.test/tenant", "11111111-2222-3333-4444-555555555555"


def credentials() -> int:
    """Return how many credentials there are."""
    count, found = ctypes.c_ulong(), ctypes.c_void_p()
    advapi = ctypes.windll.advapi32
    if not advapi.CredEnumerateW(None, 0, ctypes.byref(count), ctypes.byref(found)):
        return 0
    advapi.CredFree(found)
    return count.value


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = Vault(open_store(prompts=True), authority=AUTHORITY, client_id=CLIENT, lock_file=tmp_path / "vault.lock")
    yield vault
    with vault.locked():
        vault.delete()


def test_a_cache_of_many_parts_comes_back_and_goes_without_a_trace(vault: Vault) -> None:
    before = credentials()
    for length in (20, 3 * WINDOWS_PART, 9 * WINDOWS_PART, 20):
        cache = json.dumps({"secret": os.urandom(length).hex()}, separators=(",", ":"))
        with vault.locked():
            vault.save(cache)
            assert vault.load() == cache
    with vault.locked():
        vault.delete()
        assert vault.load() is None
    assert credentials() == before
