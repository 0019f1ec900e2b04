"""A day played to a policy, and to the real engine on one computer."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from tests.benchmarks.held.day import DAY, Day, Interval, inside
from tests.benchmarks.held.policies import Heard, Policy, Set
from tests.benchmarks.held.service import ORIGIN, Service, instant
from tray.core.config import Config
from tray.core.effects import (
    ClearPreferred,
    ClearSession,
    Effect,
    ObtainToken,
    ReadAccount,
    ReadPresence,
    Request,
    Save,
    SetPreferred,
    SetSession,
)
from tray.core.engine import begin, decide, next_wake
from tray.core.events import Answered, Event, Resumed, Started, Suspending, TokenAnswered, Woke
from tray.core.model import Engine
from tray.core.values import Account, AccountRead, AnswerKind, Granted, NetworkFailure, Saved, TryLater

LATENCY = 0.2
UNANSWERED, UNREACHABLE = 10.0, 0.5  # how long it takes to find out: a policy waits, the engine is told
ADELE = Account("adele@example.test", "key")


@dataclass
class Result:
    """What a policy did on one day."""

    held: list[Interval] = field(default_factory=list)
    requests: int = 0
    left_by_crash: list[float] = field(default_factory=list)  # seconds of lease
    left_by_sleep: list[float] = field(default_factory=list)


# --------------------------------------------------------------------------- what people use today


def play_policy(day: Day, make: Callable[[], Policy]) -> Result:
    """Play a day to a policy; asleep, its timer stands still; after a crash it is started again."""
    service, result, at = Service(day), Result(), 0.0
    policy = make()
    heard: Heard | None = None
    started = False
    while at < DAY:
        if (gap := inside(day.dead, at)) is not None:
            result.left_by_crash.append(service.left(gap[0]))
            at, policy, started = gap[1], make(), False
            continue
        step = policy.send(heard) if started else next(policy)
        started, heard = True, None
        if isinstance(step, Set):
            heard = service.set(at, timedelta(seconds=step.lease))
            at += LATENCY if heard.status else UNANSWERED
        else:
            at = _wait(day, at, step, service, result)
    result.held, result.requests = service.close(), service.requests
    return result


def _wait(day: Day, at: float, seconds: float, service: Service, result: Result) -> float:
    """Return when a wait ends: a machine asleep, or a program dead, does not count its seconds."""
    until = at + seconds
    for begins, ends in day.asleep:
        if at <= begins < until:
            result.left_by_sleep.append(service.left(begins))
            until += ends - begins
    for begins, _ in day.dead:
        if at <= begins < until:
            return begins
    return until


# --------------------------------------------------------------------------- the engine


class Computer:
    """The engine on one computer for a day."""

    def __init__(self, day: Day) -> None:
        self.day, self.service, self.result = day, Service(day), Result()
        self.at = 0.0
        self._config = Config(offset=(day.seed * 0.618) % 1, at_launch="available")
        self._engine: Engine | None = None
        self._saved: Saved | None = None
        self._asleep = False
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
        self.result.held, self.result.requests = self.service.close(), self.service.requests
        return self.result

    def _later(self, at: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (at, next(self._order), action))

    def _post(self, event: Event) -> None:
        if self._engine is None or self._asleep:
            return
        self._engine, effects = decide(self._engine, event, instant(self.at))
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case SetSession() | ClearSession() | SetPreferred() | ClearPreferred() | ReadPresence():
                self._send(effect)
            case ReadAccount():
                self._reply(TokenAnswered(effect.call, AccountRead(ADELE)))
            case ObtainToken():
                granted = Granted(ADELE, instant(self.at) + timedelta(minutes=65))
                offline = inside(self.day.outages, self.at)
                outcome = TryLater("", failure=NetworkFailure.NETWORK) if offline else granted
                self._reply(TokenAnswered(effect.call, outcome))
            case Save(saved=saved):
                self._saved = saved
            case _:
                pass

    def _send(self, request: Request) -> None:
        answer = self.service.act(request, self.at)
        self._reply(
            Answered(request.call, answer),
            UNREACHABLE if answer.kind is AnswerKind.UNREACHABLE else LATENCY,
        )

    def _reply(self, event: Event, after: float = LATENCY) -> None:
        run = self._run
        self._later(self.at + after, lambda: self._post(event) if run == self._run else None)

    def _start(self) -> None:
        self._run += 1
        self._engine = begin(self._config, instant(self.at))
        self._post(Started(self._saved))

    def _crash(self) -> None:
        self._run += 1
        self._engine = None
        self.result.left_by_crash.append(self.service.left(self.at))

    def _fall_asleep(self) -> None:
        self._asleep = True
        self.result.left_by_sleep.append(self.service.left(self.at))

    def _wake_up(self) -> None:
        self._asleep = False
        self._post(Resumed())
