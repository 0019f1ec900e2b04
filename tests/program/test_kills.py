"""Killed at random moments: the next start works, the vault is whole, and the lease ends what was left.

A few kills each here; `PRESENCE_TRAY_KILLS=100 python3 -m uv run pytest tests/program/test_kills.py` does a hundred.
"""

import os
import random
import threading
import time

import pytest

from tests.program.desktop import Desktop
from tests.program.running import Program
from tests.signin.secret_service import needs_keyring
from tray.core.effects import ObtainToken, ReadAccount
from tray.core.things import Known
from tray.sandbox.service import APPLICATION
from tray.signin.child import ChildSource
from tray.signin.identity import Identity

pytestmark = needs_keyring

KILLS = int(os.environ.get("PRESENCE_TRAY_KILLS", "4"))
LEASE = 30 * 60


@pytest.mark.timeout(60 + 10 * KILLS)
def test_the_program_killed_at_any_moment_starts_again_and_leaves_at_most_its_lease(desktop: Desktop) -> None:
    dice = random.Random(7)  # noqa: S311  test data
    program = desktop.program
    assert program.run("sign-in", "--device-code").returncode == 0
    for _ in range(KILLS):
        with program.running("run"):
            program.wait_for(lambda status: status["account"]["signed_in"])
            told = threading.Thread(target=program.run, args=("set", dice.choice(["available", "busy", "away"])))
            told.start()
            time.sleep(dice.uniform(0, 0.6))
        told.join()
        session = desktop.cloud.graph.model.sessions.get(APPLICATION)
        assert session is None or (session.expires_at - desktop.cloud.graph.now()).total_seconds() <= LEASE
    with program.running("run"):
        program.wait_for(lambda status: status["account"]["signed_in"] and status["session"] is None)
        assert APPLICATION not in desktop.cloud.graph.model.sessions
        assert program.run("set", "in-a-call").returncode == 0


@pytest.mark.timeout(60 + 5 * KILLS)
def test_the_token_child_killed_at_any_moment_leaves_a_whole_vault(desktop: Desktop) -> None:
    dice = random.Random(8)  # noqa: S311  the same
    assert desktop.program.run("sign-in", "--device-code").returncode == 0
    source = source_of(desktop)
    for number in range(KILLS):
        timer = threading.Timer(dice.uniform(0.1, 0.9), source.cancel)
        timer.start()
        source.carry_out(ObtainToken(number, fresh=True), lambda _: None)
        timer.cancel()
        timer.join()
        outcome = source.carry_out(ReadAccount(0), lambda _: None).outcome
        assert isinstance(outcome, Known), outcome
        assert outcome.account is not None


def source_of(desktop: Desktop) -> ChildSource:
    """Return the token side that the program would use, in the program's environment."""
    program: Program = desktop.program
    os.environ["SSL_CERT_FILE"] = program.environ["SSL_CERT_FILE"]
    platform = desktop.cloud.platform
    identity = Identity(platform.client_id, platform.authority, platform.origin)
    return ChildSource(identity, desktop.home / "vault.lock")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "")
