"""The token child killed at random moments of a refresh: the vault holds the old cache or the new one, whole.

A few kills here; `tests/lanes/long_run` does fifty.
"""

import json
import random
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.effort import TIMES
from tests.signin.platform import registration_at, sign_in
from tray.core.effects import ObtainToken, SignOut
from tray.core.values import Granted, SignedOut
from tray.sandbox.identity import IdentityPlatform
from tray.signin.source import ChildSource
from tray.signin.storage.keyrings import open_store
from tray.signin.storage.vault import Vault

KILLS = 2 * TIMES
MANY = 50  # enough that both ends must have been met

pytestmark = pytest.mark.usefixtures("service")


def refresh_token(platform: IdentityPlatform, lock_file: Path) -> str:
    """Return the refresh token of a vault that has to be whole."""
    registration = registration_at(platform)
    names = {"authority": registration.authority, "client_id": registration.client_id}
    cache = Vault(open_store(prompts=False), **names, lock_file=lock_file).load()
    assert cache is not None
    (entry,) = json.loads(cache)["RefreshToken"].values()
    return str(entry["secret"])


def kept_in_the_keyring() -> list[str]:
    import secretstorage  # noqa: PLC0415  Linux's own

    with closing(secretstorage.dbus_init()) as connection:
        found = [item.get_attributes() for item in secretstorage.Collection(connection).get_all_items()]
    return [name for each in found if (name := each.get("service", "")).startswith("presence-tray/")]


@pytest.mark.timeout(60 + 5 * KILLS)
def test_a_refresh_killed_at_any_moment_leaves_the_old_cache_or_the_new_one(
    platform: IdentityPlatform, tmp_path: Path
) -> None:
    dice = random.Random(8)  # noqa: S311  test data
    platform.tokens.reuse_ends_family = False  # as Entra: what was used and not saved can be used again
    lock_file = tmp_path / "vault.lock"
    source = ChildSource(registration_at(platform), lock_file)
    sign_in(platform, lock_file)
    began = time.monotonic()
    assert isinstance(source.carry_out(ObtainToken(0, fresh=True), lambda _: None).outcome, Granted)
    whole = time.monotonic() - began
    met = {"old": 0, "new": 0}
    for number in range(KILLS):
        old = refresh_token(platform, lock_file)
        timer = threading.Timer(dice.uniform(0.2, 1.1) * whole, lambda: source._child and source._child.kill())
        timer.start()
        source.carry_out(ObtainToken(number, fresh=True), lambda _: None)
        timer.cancel()
        timer.join()
        found = refresh_token(platform, lock_file)
        assert found in {old, platform.tokens.families[0].good}
        met["old" if found == old else "new"] += 1
    assert KILLS < MANY or min(met.values()) > 0, met
    assert isinstance(source.carry_out(ObtainToken(0, fresh=True), lambda _: None).outcome, Granted)
    assert kept_in_the_keyring() != []
    assert source.carry_out(SignOut(0), lambda _: None).outcome == SignedOut()
    assert kept_in_the_keyring() == []
