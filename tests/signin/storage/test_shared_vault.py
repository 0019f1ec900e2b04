"""Processes that share one sign-in: one refresh for all, and a sign-out that lasts.

A few processes here; `tests/lanes/long_run` starts many.
"""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.effort import TIMES
from tests.signin.platform import nobody, registration_at, sign_in
from tray.core.effects import ObtainToken, ReadAccount, SignOut
from tray.core.values import AccountRead, SignedOut, SignInNeeded
from tray.sandbox.identity import LIFETIME, IdentityPlatform
from tray.signin.source import ChildSource

PROCESSES = min(3 * TIMES, 50)
AS_GOOD_AS_OVER = timedelta(minutes=4)  # MSAL refreshes what is good for less than five

pytestmark = pytest.mark.usefixtures("service")


def source_of(platform: IdentityPlatform, tmp_path: Path) -> ChildSource:
    return ChildSource(registration_at(platform), tmp_path / "vault.lock", limit=timedelta(seconds=60 + 2 * PROCESSES))


@pytest.mark.timeout(60 + 10 * PROCESSES)
def test_many_processes_refresh_an_expired_token_once(platform: IdentityPlatform, tmp_path: Path) -> None:
    platform.tokens.lifetime = AS_GOOD_AS_OVER
    sign_in(platform, tmp_path / "vault.lock")
    platform.tokens.lifetime = LIFETIME
    platform.expire_access()
    tokens: list[str] = []
    others: list[object] = []

    def refresh(number: int) -> None:
        reply = source_of(platform, tmp_path).carry_out(ObtainToken(number), nobody)
        if reply.token:
            tokens.append(reply.token.access_token)
        else:
            others.append(reply.outcome)

    threads = [threading.Thread(target=refresh, args=(number,)) for number in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert others == []
    assert len(tokens) == PROCESSES
    assert {platform.accepts(token) for token in tokens} == {platform.object_id}
    assert (platform.tokens.refreshes, len(set(tokens))) == (1, 1)
    assert platform.tokens.families[0].alive


def test_a_sign_out_in_one_process_is_not_undone_by_another(platform: IdentityPlatform, tmp_path: Path) -> None:
    tray, command_line = source_of(platform, tmp_path), source_of(platform, tmp_path)
    sign_in(platform, tmp_path / "vault.lock")
    assert command_line.carry_out(SignOut(1), nobody).outcome == SignedOut()
    assert isinstance(tray.carry_out(ObtainToken(2, fresh=True), nobody).outcome, SignInNeeded)
    assert command_line.carry_out(ReadAccount(3), nobody).outcome == AccountRead(None)
