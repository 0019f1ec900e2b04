"""A working day's faults, drawn once for each seed and played to every policy alike; intervals in seconds."""

import random
from dataclasses import dataclass

DAY = 8 * 3600.0
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
        return without([(0.0, DAY)], [each for _, intervals in self._not_holdable() for each in intervals])

    def excluded(self) -> dict[str, float]:
        """Return for how many seconds it could not, by reason; of two at once the first counts."""
        kept, seconds = [(0.0, DAY)], {}
        for reason, intervals in self._not_holdable():
            before, kept = kept, without(kept, list(intervals))
            seconds[reason] = length(before) - length(kept)
        return seconds

    def running(self) -> list[Interval]:
        """Return when machine and program ran and nothing outranked, whatever else went wrong."""
        return without([(0.0, DAY)], [*self.asleep, *self.dead, *self.outranked])

    def _not_holdable(self) -> tuple[tuple[str, tuple[Interval, ...]], ...]:
        ends = [end for _, end in (*self.outages, *self.down)]
        return (
            ("asleep", self.asleep),
            ("not started", self.dead),
            ("no network", self.outages),
            ("service down", self.down),
            ("inside a Retry-After", self.throttled),
            ("outranked", self.outranked),
            ("first minute after an outage", tuple((end, end + GRACE) for end in ends)),
        )


def draw(seed: int) -> Day:
    """Draw a day: on average two outages, one bad spell of the service, one 429, one nap, a crash every fifth day."""
    dice = random.Random(seed)  # noqa: S311  a day that can be repeated

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


def common(one: list[Interval], other: list[Interval]) -> list[Interval]:
    """Return where intervals of both overlap."""
    return [
        (max(begin, first), min(end, last))
        for begin, end in one
        for first, last in other
        if max(begin, first) < min(end, last)
    ]
