"""Killed at random moments: the next start takes up or releases what was left, and the lease would have ended it.

A few kills here; `tests/lanes/long_run` does fifty.
"""

import random
import threading
import time
from typing import Any

import pytest

from tests.effort import TIMES
from tests.program.desktop import Desktop, needs_desktop
from tray import state_file
from tray.core.values import Hold
from tray.sandbox.graph import APPLICATION

pytestmark = needs_desktop

KILLS = 2 * TIMES
LEASE = 30 * 60
WISHES = (["available"], ["busy"], ["away"], ["in-a-call", "--for", "1h"], ["be-right-back", "--for", "1h"])


@pytest.mark.timeout(150 + 40 * KILLS)
def test_killed_at_any_moment_it_starts_again_as_it_must_and_leaves_at_most_its_lease(desktop: Desktop) -> None:
    dice = random.Random(7)  # noqa: S311  test data
    program = desktop.program
    desktop.sign_in()
    for _ in range(KILLS):
        with program.running("run"):
            if dice.random() < 0.25:
                time.sleep(dice.uniform(0, 1))  # killed while it starts
                continue
            wait_for_start(desktop)
            told = threading.Thread(target=program.run, args=("set", *dice.choice(WISHES)))
            told.start()
            time.sleep(dice.uniform(0, 0.6))  # killed while it is told
        told.join()
        for left in left_behind(desktop):
            assert (left.expires_at - desktop.cloud.graph.now()).total_seconds() <= LEASE
    with program.running("run"):
        wait_for_start(desktop)
        assert program.run("stop").returncode == 0
        assert left_behind(desktop) == []
        assert program.run("set", "in-a-call").returncode == 0


def wait_for_start(desktop: Desktop) -> None:
    """Wait until a start has taken a timed hold up, or else released what was left."""
    state = state_file.load(desktop.program.paths().state_file)
    saved = state.hold if state else None
    desktop.program.wait_for(lambda status: status["account"]["signed_in"] and is_right(desktop, saved, status))


def is_right(desktop: Desktop, saved: Hold | None, status: dict[str, Any]) -> bool:
    """Tell whether what is held and shown is what the last run left to do."""
    hold = status["hold"]
    if saved is None:
        return hold is None and status["session"] is None and left_behind(desktop) == []
    pair = saved.state.preferred if hold and hold["held_by"] == "preferred" else saved.state.pair
    return bool(hold) and hold["state"] == saved.state.key and desktop.shown == f"{pair.availability} / {pair.activity}"


def left_behind(desktop: Desktop) -> list[Any]:
    """Return what the service has of ours: the session, the preferred presence."""
    model, now = desktop.cloud.graph.model, desktop.cloud.graph.now()
    ours = (model.sessions.get(APPLICATION), model.preferred)
    return [each for each in ours if each is not None and now < each.expires_at]
