"""A working day's faults, drawn once for each seed and played to every policy alike; intervals in seconds."""

import random
from bisect import bisect_right
from dataclasses import dataclass

DAY = 8 * 3600.0
FADES = 300.0
GRACE = 60.0  # after an outage nobody could be expected to hold yet

Interval = tuple[float, float]


@dataclass(frozen=True)
class Day:
    """What goes wrong in eight hours."""

    seed: int
    outages: tuple[Interval, ...]  # no network
    down: tuple[Interval, ...]  # the service answers 503
    throttled: tuple[Interval, ...]  # the service answers 429 with Retry-After
    outranked: tuple[Interval, ...]  # a Teams session ranks above ours
    asleep: tuple[Interval, ...]
    dead: tuple[Interval, ...]  # the program crashed, until somebody starts it again

    def fails(self, number: int) -> bool:
        """Tell whether this day's call number so-and-so meets a passing 503 of its own."""
        return random.Random(f"{self.seed}/{number}").random() < 0.005  # noqa: S311  seeded faults

    def holdable(self) -> list[Interval]:
        """Return when a hold could have been kept by anybody."""
        excluded = [*self.outranked, *self.throttled, *self.asleep, *self.dead]
        after = [*self.outages, *self.down, *self.asleep, *self.dead]
        excluded += [(begin, end + GRACE) for begin, end in after] + [(0.0, GRACE)]
        return without([(0.0, DAY)], excluded)


def draw(seed: int) -> Day:
    """Draw a day: on average two outages, one bad spell of the service, one 429, one nap, a crash every fifth day."""
    dice = random.Random(seed)  # noqa: S311  the same

    def some(mean: float, shortest: float, longest: float) -> tuple[Interval, ...]:
        count = int(mean) + (dice.random() < mean % 1)
        found = []
        for _ in range(count):
            begin = dice.uniform(300, DAY - longest - 600)
            found.append((begin, begin + shortest * (longest / shortest) ** dice.random()))
        return tuple(sorted(found))

    asleep, dead = some(0.8, 300, 5400), some(0.2, 60, 1800)
    awake = without(list(dead), [(begin - 10, end + 10) for begin, end in asleep])
    return Day(
        seed,
        outages=some(2, 10, 1800),
        down=some(1, 20, 900),
        throttled=some(1, 10, 300),
        outranked=some(2, 900, 3600),
        asleep=asleep,
        dead=tuple(piece for piece in awake if piece in dead),  # nothing crashes in its sleep
    )


def inside(intervals: tuple[Interval, ...], at: float) -> Interval | None:
    """Return the interval that holds an instant."""
    for begin, end in intervals:
        if begin <= at < end:
            return begin, end
    return None


def without(kept: list[Interval], taken: list[Interval]) -> list[Interval]:
    """Subtract intervals from intervals."""
    for begin, end in taken:
        kept = [
            piece
            for first, last in kept
            for piece in ((first, min(last, begin)), (max(first, end), last))
            if piece[0] < piece[1]
        ]
    return kept


def length(intervals: list[Interval]) -> float:
    """Return how long intervals are together."""
    return sum(end - begin for begin, end in intervals)


def covered(intervals: list[Interval], sets: list[float], ends: list[float]) -> float:
    """Return how much of the intervals an Available session covers that was set then and ended then.

    `sets` are ascending; each holds until it fades, is set again, or is ended.
    """
    total = 0.0
    for begin, end in intervals:
        at = begin
        while at < end:
            index = bisect_right(sets, at) - 1
            following = sets[index + 1] if index + 1 < len(sets) else float("inf")
            ended = next((each for each in ends if index >= 0 and sets[index] <= each < following), float("inf"))
            fresh_until = min(sets[index] + FADES, ended) if index >= 0 else at
            until = min(end, following)
            total += max(0.0, min(until, fresh_until) - at)
            at = until
    return total
