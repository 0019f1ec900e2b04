"""Three hundred simulated days with seeded faults, every promise checked after every step."""

import time
from collections import Counter

import pytest

from tests.days.script import Script
from tests.days.simulation import World


@pytest.mark.parametrize(("profile", "days"), [("five", 300), ("table", 100)])
def test_every_promise_holds_on_every_step_of_every_simulated_day(
    profile: str, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    began, seen = time.monotonic(), Counter[str]()
    for seed in range(days):
        script = Script(World(seed, profile=profile))
        try:
            script.play()
        except AssertionError as exc:
            raise AssertionError(f"day {seed} ({profile}), at {script.world.now:%H:%M:%S}: {exc}") from exc
        seen["steps"] += script.watch.steps
        seen["requests"] += len(script.world.sent)
        seen["answers"] += len(script.world.answers)
    with capsys.disabled():
        print(f"\n{days} days ({profile}): {dict(seen)}, {time.monotonic() - began:.1f} s")
    assert seen["requests"] > 50 * days
