"""How much of the time a hold could be kept it is kept: the engine, and what people use today, on the same days.

`python3 -m uv run python -m tests.benchmarks.held_time [--days 1000] [--plot docs/held_time.png]`
"""

import argparse
import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.benchmarks.held.day import DAY, Day, covered, draw, inside, length
from tests.benchmarks.held.policies import POLICIES, Heard, Policy, Set
from tray.core.effects import (
    ClearPreferred,
    ClearSession,
    Effect,
    ObtainToken,
    ReadAccount,
    ReadPresence,
    Save,
    SetPreferred,
    SetSession,
)
from tray.core.engine import begin, decide, next_wake
from tray.core.events import Answered, Event, Resumed, Started, Suspending, TokenAnswered, Woke
from tray.core.known import Config, Engine
from tray.core.states import AVAILABLE
from tray.core.things import Account, Answer, Granted, Kind, Known, Reach, Saved, TryLater

ORIGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LATENCY = 0.2
ADELE = Account("adele@example.test", "key")


@dataclass
class Result:
    """What a policy did on one day."""

    sets: list[float] = field(default_factory=list)  # landed
    ends: list[float] = field(default_factory=list)  # cleared, or the lease ran out
    requests: int = 0
    left_by_crash: list[float] = field(default_factory=list)  # seconds of lease
    left_by_sleep: list[float] = field(default_factory=list)


@dataclass
class Total:
    """What a policy did on all days."""

    held: float = 0.0
    holdable: float = 0.0
    requests: int = 0
    running: float = 0.0
    left_by_crash: list[float] = field(default_factory=list)
    left_by_sleep: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)


def answer(day: Day, number: int, at: float) -> Heard:
    """Return what the service and the network do with a call."""
    if inside(day.outages, at):
        return Heard(0)
    if window := inside(day.throttled, at):
        return Heard(429, max(1.0, window[1] - at))
    if inside(day.down, at) or day.fails(number):
        return Heard(503)
    return Heard(200)


# --------------------------------------------------------------------------- what people use today


def play_policy(day: Day, make: Callable[[], Policy]) -> Result:
    """Play a day to a policy; asleep, its timer stands still; after a crash it is started again."""
    result, at, lease_ends = Result(), 0.0, 0.0
    policy = make()
    heard: Heard | None = None
    started = False
    while at < DAY:
        if (gap := inside(day.dead, at)) is not None:
            result.left_by_crash.append(max(0.0, lease_ends - gap[0]))
            at, policy, started = gap[1], make(), False
            continue
        step = policy.send(heard) if started else next(policy)
        started, heard = True, None
        if isinstance(step, Set):
            result.requests += 1
            heard = answer(day, result.requests, at)
            if heard.status == 200:
                result.sets.append(at)
                lease_ends = at + step.lease
            at += LATENCY if heard.status else 10.0
        else:
            at = wait(day, at, step, lease_ends, result)
    return result


def wait(day: Day, at: float, seconds: float, lease_ends: float, result: Result) -> float:
    """Return when a wait ends: a machine asleep, or a program dead, does not count its seconds."""
    until = at + seconds
    for begins, ends in day.asleep:
        if at <= begins < until:
            result.left_by_sleep.append(max(0.0, lease_ends - begins))
            until += ends - begins
    for begins, _ in day.dead:
        if at <= begins < until:
            return begins
    return until


# --------------------------------------------------------------------------- the engine


class Computer:
    """The engine on one computer for a day."""

    def __init__(self, day: Day) -> None:
        self.day, self.result = day, Result()
        self.at = 0.0
        self._config = Config(phase=(day.seed * 0.618) % 1, at_launch="available")
        self._engine: Engine | None = None
        self._saved: Saved | None = None
        self._asleep = False
        self._lease_ends = 0.0
        self._run = 0
        self._order = count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []

    def play(self) -> Result:
        """Play the day."""
        for begins, ends in self.day.asleep:
            self._later(begins, lambda: self._post(Suspending()))
            self._later(begins + 4.5, self._fall_asleep)
            self._later(ends, self._wake_up)
        for begins, ends in self.day.dead:
            self._later(begins, self._crash)
            self._later(ends, self._start)
        self._start()
        while self.at < DAY:
            wake = next_wake(self._engine) if self._engine and not self._asleep else None
            due = (wake - ORIGIN).total_seconds() if wake else DAY
            if self._queue and self._queue[0][0] <= max(due, self.at):
                at, _, action = heapq.heappop(self._queue)
                self.at = max(self.at, at)
                action()
            else:
                self.at = max(self.at, min(due, DAY))
                self._post(Woke())
        return self.result

    def _later(self, at: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (at, next(self._order), action))

    def _post(self, event: Event) -> None:
        if self._engine is None or self._asleep:
            return
        self._engine, effects = decide(self._engine, event, ORIGIN + timedelta(seconds=self.at))
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        now = ORIGIN + timedelta(seconds=self.at)
        match effect:
            case SetSession() | ClearSession() | SetPreferred() | ClearPreferred() | ReadPresence():
                self._send(effect)
            case ReadAccount():
                self._reply(TokenAnswered(effect.call, Known(ADELE)))
            case ObtainToken():
                offline = inside(self.day.outages, self.at)
                outcome = TryLater("", reach=Reach.NETWORK) if offline else Granted(ADELE, now + timedelta(minutes=65))
                self._reply(TokenAnswered(effect.call, outcome))
            case Save(saved=saved):
                self._saved = saved
            case _:
                pass

    def _reply(self, event: Event, after: float = LATENCY) -> None:
        run = self._run
        self._later(self.at + after, lambda: self._post(event) if run == self._run else None)

    def _send(self, request: Effect) -> None:
        self.result.requests += 1
        heard = answer(self.day, self.result.requests, self.at)
        match heard.status, request:
            case 200, SetSession(lease=lease):
                self.result.sets.append(self.at)
                self._lease_ends = self.at + lease.total_seconds()
            case 200, ClearSession():
                self.result.ends.append(self.at)
                self._lease_ends = self.at
        kinds = {0: Kind.UNREACHABLE, 200: Kind.ACCEPTED, 429: Kind.THROTTLED, 503: Kind.UNAVAILABLE}
        wait_for = timedelta(seconds=heard.retry_after) if heard.retry_after else None
        seen = AVAILABLE.pair if isinstance(request, ReadPresence) and heard.status == 200 else None
        self._reply(
            Answered(request.call, Answer(kinds[heard.status], seen, wait_for)),  # type: ignore[union-attr]  # requests
            LATENCY if heard.status else 0.5,
        )

    def _start(self) -> None:
        self._run += 1
        self._engine = begin(self._config, ORIGIN + timedelta(seconds=self.at))
        self._post(Started(self._saved))

    def _crash(self) -> None:
        self._run += 1
        self._engine = None
        self.result.left_by_crash.append(max(0.0, self._lease_ends - self.at))

    def _fall_asleep(self) -> None:
        self._asleep = True
        self.result.left_by_sleep.append(max(0.0, self._lease_ends - self.at))

    def _wake_up(self) -> None:
        self._asleep = False
        self._post(Resumed())


# --------------------------------------------------------------------------- the table


def add(total: Total, day: Day, result: Result) -> None:
    """Add a day to a policy's total."""
    holdable = day.holdable()
    held = covered(holdable, result.sets, result.ends)
    total.held += held
    total.holdable += length(holdable)
    total.shares.append(held / length(holdable))
    total.requests += result.requests
    total.running += DAY - length(list(day.asleep)) - length(list(day.dead))
    total.left_by_crash += result.left_by_crash
    total.left_by_sleep += result.left_by_sleep


def mean_minutes(seconds: list[float]) -> float:
    """Return the mean in minutes."""
    return sum(seconds) / len(seconds) / 60 if seconds else 0.0


def plot(totals: dict[str, Total], path: Path) -> None:
    """Draw each policy's worst days: the share not held, by day, worst first."""
    image = Image.new("RGB", (900, 460), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    colours = ("#157f3b", "#b3261e", "#b26a00", "#3b5bdb")
    left, top, width, height = 70, 40, 800, 340
    pen.text((left, 10), "share of holdable time not held, by day, worst day first", fill="black", font=font)
    worst = max(1 - min(total.shares) for total in totals.values()) or 1.0
    for mark in range(5):
        y = top + height - height * mark / 4
        pen.line((left, y, left + width, y), fill="#dddddd")
        pen.text((10, y - 8), f"{100 * worst * mark / 4:.0f} %", fill="black", font=font)
    for number, (name, total) in enumerate(totals.items()):
        lost = sorted((1 - share for share in total.shares), reverse=True)
        step = width / max(1, len(lost) - 1)
        points = [(left + step * day, top + height * (1 - each / worst)) for day, each in enumerate(lost)]
        pen.line(points, fill=colours[number % 4], width=3)
        pen.line((left + 200 * number, 420, left + 200 * number + 20, 420), fill=colours[number % 4], width=4)
        pen.text((left + 200 * number + 26, 411), name, fill="black", font=font)
    pen.text((left, top + height + 6), f"{len(total.shares)} days", fill="black", font=font)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, optimize=True)


def main() -> None:
    """Play the days and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    totals = {"Presence Tray": Total()} | {name: Total() for name in POLICIES}
    began, excluded = time.monotonic(), 0.0
    for seed in range(options.days):
        day = draw(seed)
        excluded += DAY - length(day.holdable())
        add(totals["Presence Tray"], day, Computer(day).play())
        for name, make in POLICIES.items():
            add(totals[name], day, play_policy(day, make))
        if seed % 100 == 99:
            print(f"… {seed + 1} days", flush=True)
    print(f"{options.days} eight-hour days, {100 * excluded / (options.days * DAY):.1f} % of the time not holdable")
    print(f"{'policy':24}{'held %':>10}{'requests/h':>12}{'left by a crash':>18}{'left by sleep':>16}  (minutes, mean)")
    for name, total in totals.items():
        row = f"{name:24}{100 * total.held / total.holdable:>10.4f}{total.requests / total.running * 3600:>12.1f}"
        print(row + f"{mean_minutes(total.left_by_crash):>18.1f}{mean_minutes(total.left_by_sleep):>16.1f}")
    print(f"{time.monotonic() - began:.0f} s")
    if options.plot:
        plot(totals, options.plot)


if __name__ == "__main__":
    main()
