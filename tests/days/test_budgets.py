"""What a fault-free hour costs the service, for each state, pinned or not, whatever pairs the service accepts."""

from collections import Counter
from datetime import timedelta

from tests.days.simulation import World
from tests.rows import for_each
from tray.core.events import Picked, Stopped
from tray.core.states import AVAILABLE, STATES, State
from tray.core.user_actions import is_pinnable

HALF_AN_HOUR = timedelta(minutes=30)
AVAILABLE_BUDGET, PINNED_BUDGET, SESSION_BUDGET, PREFERRED_BUDGET = 22, 28, 11, 20
CASES = [
    (profile, state, pinned)
    for profile in ("five", "table")
    for state in STATES
    for pinned in (False, True)
    if not pinned or is_pinnable(state)
]


def hour(world: World) -> int:
    """Return how many requests the next hour costs."""
    before = len(world.sent)
    world.run(world.now + 2 * HALF_AN_HOUR)
    return len(world.sent) - before


def budget(world: World, state: State) -> int:
    """Return what the design allows for a state as it is held now."""
    engine = world.engine
    assert engine is not None
    by_preferred = engine.service.preferred.lease is not None
    if state is AVAILABLE:
        return PINNED_BUDGET if by_preferred else AVAILABLE_BUDGET
    return PREFERRED_BUDGET if by_preferred else SESSION_BUDGET


@for_each(("profile", "state", "pinned"), CASES)
def test_an_hour_without_faults_stays_within_its_budget(profile: str, state: State, pinned: bool) -> None:
    world = World(5, profile=profile)
    world.start()
    world.post(Picked(state, None, pinned=pinned, timed=True))
    world.run(world.now + HALF_AN_HOUR)
    assert 0 < hour(world) <= budget(world, state), Counter(type(sent.request).__name__ for sent in world.sent)


def test_holding_nothing_costs_nothing() -> None:
    world = World(5)
    world.start()
    world.post(Picked(AVAILABLE, None, pinned=True, timed=True))
    world.run(world.now + HALF_AN_HOUR)
    world.post(Stopped())
    world.run(world.now + HALF_AN_HOUR)
    assert hour(world) == 0
