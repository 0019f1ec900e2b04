"""Killed at random moments: the next start works, and the lease ends what was left.

A few kills each here; `PRESENCE_TRAY_KILLS=100 python3 -m uv run pytest tests/program/test_kills.py` does a hundred.
"""

import os
import random
import threading
import time

import pytest

from tests.program.desktop import Desktop
from tests.signin.secret_service import needs_keyring
from tray.sandbox.service import APPLICATION

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
