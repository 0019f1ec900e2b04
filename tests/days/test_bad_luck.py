"""One request in four fails for no reason, at most three in a row: Available never fades."""

from datetime import datetime, timedelta
from itertools import pairwise

from tests.days.simulation import START, World
from tests.rows import for_each
from tray.core.effects import Request, SetSession
from tray.core.events import Picked
from tray.core.presence_rules import FADES_AFTER
from tray.core.states import AVAILABLE
from tray.core.values import Answer, AnswerKind, NetworkFailure

SEEDS, LENGTH = 20, timedelta(minutes=45)
MOST_IN_A_ROW = 3
THROTTLED = Answer(AnswerKind.THROTTLED, status=429)
FAILURES = (
    THROTTLED,
    THROTTLED,
    Answer(AnswerKind.UNAVAILABLE, status=503),
    Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.NETWORK),
)


class UnluckyWorld(World):
    """A world in which one request in four fails, at most three in a row."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.in_a_row = 0
        self.set_at: list[datetime] = []

    def act(self, request: Request) -> Answer:
        if self.in_a_row < MOST_IN_A_ROW and self.random.random() < 1 / 4:
            self.in_a_row += 1
            return self.random.choice(FAILURES)
        self.in_a_row = 0
        if isinstance(request, SetSession):
            self.set_at.append(self.now)
        return super().act(request)


def longest_gap(seed: int) -> timedelta:
    """Hold Available for a while; return the longest time between two sets that were accepted."""
    world = UnluckyWorld(seed)
    world.start()
    world.post(Picked(AVAILABLE))
    world.run(START + LENGTH)
    return max(later - earlier for earlier, later in pairwise([*world.set_at, world.now]))


@for_each("seed", range(SEEDS))
def test_available_never_fades(seed: int) -> None:
    assert longest_gap(seed) < FADES_AFTER
