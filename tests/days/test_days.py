"""Simulated days with seeded faults, every promise checked after every step; `tests/lanes/long_run` plays many more."""

from collections import Counter

import pytest

from tests.days.script import Script
from tests.days.simulation import World
from tests.effort import TIMES

BATCH = 4  # days
BATCHES = [
    (profile, first)
    for profile, days in (("five", 12 * TIMES), ("table", 8 * TIMES))
    for first in range(0, days, BATCH)
]


@pytest.mark.parametrize(("profile", "first"), BATCHES)
def test_every_promise_holds_on_every_step_of_every_simulated_day(profile: str, first: int) -> None:
    seen = Counter[str]()
    for seed in range(first, first + BATCH):
        script = Script(World(seed, profile=profile))
        try:
            script.play()
        except AssertionError as exc:
            raise AssertionError(f"day {seed} ({profile}), at {script.world.now:%H:%M:%S}: {exc}") from exc
        seen["held, nothing excused"] += script.watch.judged
        seen["requests"] += len(script.world.sent)
    assert seen["requests"] > 50 * BATCH
    assert seen["held, nothing excused"] > 100 * BATCH
