"""Four hundred simulated days with seeded faults, every promise checked after every step."""

import time
from collections import Counter

import pytest

from tests.days.script import Script
from tests.days.simulation import World

BATCH = 50  # days
BATCHES = [("five", first) for first in range(0, 300, BATCH)] + [("table", first) for first in range(0, 100, BATCH)]


@pytest.mark.no_cover  # it would take twice the time, and shows promises, not lines: those are for tests/core
@pytest.mark.parametrize(("profile", "first"), BATCHES)
def test_every_promise_holds_on_every_step_of_every_simulated_day(
    profile: str, first: int, capsys: pytest.CaptureFixture[str]
) -> None:
    began, seen = time.monotonic(), Counter[str]()
    for seed in range(first, first + BATCH):
        script = Script(World(seed, profile=profile))
        try:
            script.play()
        except AssertionError as exc:
            raise AssertionError(f"day {seed} ({profile}), at {script.world.now:%H:%M:%S}: {exc}") from exc
        seen["steps"] += script.watch.steps
        seen["held, nothing excused"] += script.watch.judged
        seen["requests"] += len(script.world.sent)
    with capsys.disabled():
        print(f"\n{BATCH} days ({profile}): {dict(seen)}, {time.monotonic() - began:.1f} s")
    assert seen["requests"] > 50 * BATCH
    assert seen["held, nothing excused"] > 100 * BATCH
