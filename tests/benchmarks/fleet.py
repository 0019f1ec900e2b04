"""One tenant with N users under Graph's limit of 1,500 requests in 30 s: do they all hold, and after an outage again?

`python3 -m uv run python -m tests.benchmarks.fleet [--users 10000] [--reading accepted|all]`

All log in within fifteen minutes and hold Available; then half an hour of steady state is measured; then the service is
gone (503) for thirty minutes. The limiter looks at the last 30 s. Under the reading `accepted` only accepted calls
count, under `all` rejected ones too. Its 429 carries no Retry-After: presence is not on the list of resources that
send one.
"""

import argparse
import heapq
import random
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tray.core.effects import ClearSession, ObtainToken, ReadAccount, ReadPresence, SetSession
from tray.core.engine import begin, decide, next_wake
from tray.core.events import Answered, Event, Started, TokenAnswered, Woke
from tray.core.known import Config, Engine
from tray.core.states import AVAILABLE
from tray.core.things import Account, Answer, Granted, Kind

ORIGIN = datetime(2026, 1, 5, 8, 45, tzinfo=UTC)
LIMIT, WINDOW = 1500, 30.0
LOGIN, STEADY, OUTAGE, AFTER = 900.0, 1800.0, 1800.0, 1800.0
FADES = 300.0
LATENCY = 0.2
DOZE = 85.0  # the engine's own half-minute wakes do nothing here; a longer gap would look like sleep
ADELE = Account("user", "key")


@dataclass(slots=True)
class User:
    """One install."""

    engine: Engine
    version: int = 0  # of its planned wake; an older one is void
    last_set: float | None = None
    lost: float = 0.0  # seconds faded in steady state
    back_at: float | None = None  # first set after the outage


class Limiter:
    """Graph's limit over the last thirty seconds."""

    def __init__(self, *, rejected_count: bool) -> None:
        self._rejected_count = rejected_count
        self._counted: deque[float] = deque()

    def admits(self, at: float) -> bool:
        """Count a call and tell whether it is let through."""
        while self._counted and self._counted[0] <= at - WINDOW:
            self._counted.popleft()
        admitted = len(self._counted) < LIMIT
        if admitted or self._rejected_count:
            self._counted.append(at)
        return admitted


class Fleet:
    """All users, one heap of what happens next."""

    def __init__(self, users: int, *, rejected_count: bool) -> None:
        dice = random.Random(1)  # noqa: S311  a seeded morning
        self.limiter = Limiter(rejected_count=rejected_count)
        self.calls: dict[int, int] = {}  # by ten seconds
        self.throttled = 0
        self.decisions = 0
        self.users = [self._user(dice) for _ in range(users)]
        self._heap: list[tuple[float, int, int, Event | None]] = []
        self._order = 0
        self.steady = (LOGIN + 600, LOGIN + 600 + STEADY)
        self.outage = (self.steady[1], self.steady[1] + OUTAGE)
        for number in range(users):
            self._push(dice.uniform(0, LOGIN), number, Started())

    @staticmethod
    def _user(dice: random.Random) -> User:
        return User(begin(Config(phase=dice.random(), at_launch="available"), ORIGIN))

    def _push(self, at: float, number: int, event: Event | None) -> None:
        self._order += 1
        heapq.heappush(self._heap, (at, self._order, number, event))

    def run(self) -> None:
        """Run to the end."""
        end = self.outage[1] + AFTER
        while self._heap and self._heap[0][0] < end:
            at, order, number, event = heapq.heappop(self._heap)
            user = self.users[number]
            if event is None:
                if order != user.version:
                    continue
                event = Woke()
            self._decide(user, number, event, at)

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
            seconds = (wake - ORIGIN).total_seconds()
            dozing = user.engine.request is None and seconds - at > 29.9
            self._push(self._doze(user, at) if dozing else max(at, seconds), number, None)
            user.version = self._order

    @staticmethod
    def _doze(user: User, at: float) -> float:
        """Return when to look again: the next need, at most `DOZE` ahead."""
        from tray.core.planning import need_wake  # noqa: PLC0415  only what the engine itself would ask

        need = need_wake(user.engine, user.engine.clock)
        return min(at + DOZE, (need - ORIGIN).total_seconds() if need else at + DOZE)

    def _serve(self, user: User, number: int, request: SetSession | ClearSession | ReadPresence, at: float) -> None:
        slot = int(at / 10)
        self.calls[slot] = self.calls.get(slot, 0) + 1
        if self.outage[0] <= at < self.outage[1]:
            answer = Answer(Kind.UNAVAILABLE, status=503)
        elif not self.limiter.admits(at):
            self.throttled += 1
            answer = Answer(Kind.THROTTLED, status=429)
        else:
            answer = Answer(Kind.ACCEPTED, seen=AVAILABLE.pair)
            if isinstance(request, SetSession):
                self._note_set(user, at)
        self._push(at + LATENCY, number, Answered(request.call, answer))

    def _note_set(self, user: User, at: float) -> None:
        if user.last_set is not None:
            faded_from = max(user.last_set + FADES, self.steady[0])
            user.lost += max(0.0, min(at, self.steady[1]) - faded_from)
        if at >= self.outage[1] and user.back_at is None:
            user.back_at = at - self.outage[1]
        user.last_set = at


def main() -> None:
    """Run a tenant's morning and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--reading", choices=("accepted", "all"), action="append")
    options = parser.parse_args()
    for reading in options.reading or ("accepted", "all"):
        began = time.process_time()
        fleet = Fleet(options.users, rejected_count=reading == "all")
        fleet.run()
        report(fleet, reading, time.process_time() - began)


def report(fleet: Fleet, reading: str, cpu: float) -> None:
    """Print one run."""
    users = len(fleet.users)
    never = sum(user.last_set is None for user in fleet.users)
    held = 1 - sum(user.lost for user in fleet.users) / (users * STEADY)
    back = sorted(user.back_at if user.back_at is not None else float("inf") for user in fleet.users)
    before, after = int(fleet.outage[0] / 10), int(fleet.outage[1] / 10)
    steady_rate = sum(fleet.calls.get(slot, 0) for slot in range(int(fleet.steady[0] / 10), before)) / STEADY
    peak = max(fleet.calls.get(slot, 0) for slot in range(after, after + int(AFTER / 10))) / 10
    hours = (fleet.outage[1] + AFTER) / 3600
    print(f"{users} users, limiter counts {reading} calls: held in steady state {100 * held:.3f} %, never held {never}")
    print(f"  {steady_rate:.1f} calls/s in steady state (limit 50), {fleet.throttled} calls throttled in all")
    print(f"  after the outage: 50 % back in {back[users // 2]:.0f} s, 99 % in {back[int(users * 0.99)]:.0f} s,")
    print(f"  peak {peak:.0f} calls/s in ten seconds")
    print(
        f"  {fleet.decisions} decisions, {cpu:.0f} s CPU: {cpu / users / hours * 8:.3f} s for a user's eight-hour day"
    )


if __name__ == "__main__":
    main()
