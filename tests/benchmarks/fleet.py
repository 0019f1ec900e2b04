"""One tenant with N users under Graph's limit of 1,500 requests in 30 s: do they all hold, and after an outage again?

`python3 -m uv run python -m tests.benchmarks.fleet [--users 10000] [--scale 1] [--reading accepted|all]`

All log in within fifteen minutes and hold Available; then half an hour of steady state is measured; then the service is
gone (503) for thirty minutes, and half an hour follows. The limiter looks at the last 30 s. Under the reading
`accepted` only accepted calls count, under `all` rejected ones too. Its 429 carries no Retry-After: presence is not on
the list of resources that send one. `--scale 10` plays a tenth of the users under a tenth of the limit.
"""

import argparse
import heapq
import random
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tray.core.config import Config
from tray.core.effects import ClearSession, ObtainToken, ReadAccount, ReadPresence, SetSession
from tray.core.engine import begin, decide, next_wake
from tray.core.events import Answered, Event, SleepWatched, Started, TokenAnswered, Woke
from tray.core.model import Engine
from tray.core.states import AVAILABLE
from tray.core.values import Account, Answer, AnswerKind, Granted

ORIGIN = datetime(2026, 1, 5, 8, 45, tzinfo=UTC)
LIMIT, WINDOW = 1500, 30.0
LOGIN, STEADY, OUTAGE, AFTER = 900.0, 1800.0, 1800.0, 1800.0
FADES = 300.0
LATENCY = 0.2
ADELE = Account("user", "key")


@dataclass(slots=True)
class User:
    """One install."""

    engine: Engine
    version: int = 0  # of its planned wake; an older one is void
    last_set: float = -FADES
    lost: float = 0.0  # seconds not held in steady state
    lost_late: float = 0.0  # the same, from fifteen minutes after the outage
    back_at: float | None = None  # first set after the outage


class Limiter:
    """Graph's limit over the last thirty seconds."""

    def __init__(self, limit: int, *, rejected_count: bool) -> None:
        self._limit = limit
        self._rejected_count = rejected_count
        self._counted: deque[float] = deque()

    def admits(self, at: float) -> bool:
        """Count a call and tell whether it is let through."""
        while self._counted and self._counted[0] <= at - WINDOW:
            self._counted.popleft()
        admitted = len(self._counted) < self._limit
        if admitted or self._rejected_count:
            self._counted.append(at)
        return admitted


class Fleet:
    """All users, one heap of what happens next."""

    def __init__(self, users: int, limit: int = LIMIT, *, rejected_count: bool) -> None:
        dice = random.Random(1)  # noqa: S311  a seeded morning
        self.limiter = Limiter(limit, rejected_count=rejected_count)
        self.calls: dict[int, int] = {}  # by ten seconds
        self.throttled = 0
        self.decisions = 0
        self.users = [self._user(dice) for _ in range(users)]
        self._heap: list[tuple[float, int, int, Event | None]] = []
        self._order = 0
        self.steady = (LOGIN + 600, LOGIN + 600 + STEADY)
        self.outage = (self.steady[1], self.steady[1] + OUTAGE)
        self.late = (self.outage[1] + AFTER / 2, self.outage[1] + AFTER)
        for number in range(users):
            self._push(dice.uniform(0, LOGIN), number, Started())

    @staticmethod
    def _user(dice: random.Random) -> User:
        engine = begin(Config(offset=dice.random(), at_launch="available"), ORIGIN)
        return User(decide(engine, SleepWatched(announced=True), ORIGIN)[0])

    def _push(self, at: float, number: int, event: Event | None) -> None:
        self._order += 1
        heapq.heappush(self._heap, (at, self._order, number, event))

    def run(self) -> None:
        """Run to the end."""
        end = self.late[1]
        while self._heap and self._heap[0][0] < end:
            at, order, number, event = heapq.heappop(self._heap)
            user = self.users[number]
            if event is None:
                if order != user.version:
                    continue
                event = Woke()
            self._decide(user, number, event, at)
        for user in self.users:
            self._note_until(user, end)

    def _decide(self, user: User, number: int, event: Event, at: float) -> None:
        self.decisions += 1
        user.engine, effects = decide(user.engine, event, ORIGIN + timedelta(seconds=at))
        for effect in effects:
            match effect:
                case SetSession() | ClearSession() | ReadPresence():
                    self._serve(user, number, effect, at)
                case ObtainToken() | ReadAccount():
                    granted = Granted(ADELE, ORIGIN + timedelta(days=1))
                    self._push(at + LATENCY, number, TokenAnswered(effect.call, granted))
                case _:
                    pass
        wake = next_wake(user.engine)
        if wake:
            self._push(max(at, (wake - ORIGIN).total_seconds()), number, None)
            user.version = self._order

    def _serve(self, user: User, number: int, request: SetSession | ClearSession | ReadPresence, at: float) -> None:
        slot = int(at / 10)
        self.calls[slot] = self.calls.get(slot, 0) + 1
        if self.outage[0] <= at < self.outage[1]:
            answer = Answer(AnswerKind.UNAVAILABLE, status=503)
        elif not self.limiter.admits(at):
            self.throttled += 1
            answer = Answer(AnswerKind.THROTTLED, status=429)
        else:
            answer = Answer(AnswerKind.ACCEPTED, seen=AVAILABLE.pair)
            if isinstance(request, SetSession):
                self._note_set(user, at)
        self._push(at + LATENCY, number, Answered(request.call, answer))

    def _note_set(self, user: User, at: float) -> None:
        self._note_until(user, at)
        if at >= self.outage[1] and user.back_at is None:
            user.back_at = at - self.outage[1]
        user.last_set = at

    def _note_until(self, user: User, at: float) -> None:
        """Note for how long nothing was held since the last set."""
        faded = user.last_set + FADES, at
        user.lost += _overlap(faded, self.steady)
        user.lost_late += _overlap(faded, self.late)


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    return max(0.0, min(one[1], other[1]) - max(one[0], other[0]))


def main() -> None:
    """Run a tenant's morning and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, action="append")
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--reading", choices=("accepted", "all"), action="append")
    options = parser.parse_args()
    print("| users | calls that count | held, steady | calls/s, steady | 50 % back | 99 % back | ", end="")
    print("held, from 15 min after | peak calls/s | 429s | CPU s a user-day |")
    print("|" + "---|" * 10)
    for users in options.users or [10_000]:
        for reading in options.reading or ("accepted", "all"):
            began = time.process_time()
            fleet = Fleet(users // options.scale, LIMIT // options.scale, rejected_count=reading == "all")
            fleet.run()
            print(row(fleet, reading, options.scale, time.process_time() - began), flush=True)


def row(fleet: Fleet, reading: str, scale: int, cpu: float) -> str:
    """Return one run as a line of the table."""
    users = len(fleet.users)
    back = sorted(user.back_at if user.back_at is not None else float("inf") for user in fleet.users)
    before, after = int(fleet.outage[0] / 10), int(fleet.outage[1] / 10)
    calls = sum(fleet.calls.get(slot, 0) for slot in range(int(fleet.steady[0] / 10), before))
    peak = max(fleet.calls.get(slot, 0) for slot in range(after, after + int(AFTER / 10)))
    columns = (
        f"{users * scale:,}",
        reading,
        f"{100 * held(fleet):.3f} %",
        f"{scale * calls / STEADY:.1f}",
        f"{back[users // 2]:.0f} s",
        f"{back[int(users * 0.99)]:.0f} s",
        f"{100 * (1 - sum(user.lost_late for user in fleet.users) / (users * AFTER / 2)):.3f} %",
        f"{scale * peak / 10:.0f}",
        f"{scale * fleet.throttled:,}",
        f"{cpu / users / (fleet.late[1] / 3600) * 8:.3f}",
    )
    return f"| {' | '.join(columns)} |"


def held(fleet: Fleet) -> float:
    """Return the share of the steady state in which the users' presence was held."""
    return 1 - sum(user.lost for user in fleet.users) / (len(fleet.users) * STEADY)


if __name__ == "__main__":
    main()
