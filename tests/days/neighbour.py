"""A second computer of the same user: a real engine of its own, on the same session and the same preferred presence."""

from datetime import timedelta

from tests.days.simulation import ADELE, World
from tray.core.config import Config
from tray.core.effects import (
    ClearPreferred,
    ClearSession,
    Effect,
    Exit,
    ObtainToken,
    ReadAccount,
    ReadPresence,
    Request,
    SetPreferred,
    SetSession,
)
from tray.core.engine import begin, decide, next_wake
from tray.core.events import Answered, Event, Started, TokenAnswered, Woke
from tray.core.model import Engine
from tray.core.values import AccountRead, Granted

LATENCY = 0.1  # seconds


class Neighbour:
    """Another computer in the same world: it sees the same service at the same time, and its network never fails."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.engine: Engine = begin(Config(offset=0.7), world.now)
        self.sent: list[Request] = []
        self._waits = 0
        self.post(Started())

    def post(self, event: Event) -> None:
        """Let its program take an event in."""
        self.engine, effects = decide(self.engine, event, self.world.now)
        for effect in effects:
            self._perform(effect)
        self._waits += 1
        wake, number = next_wake(self.engine), self._waits
        if wake:
            self.world.later(max(0.0, (wake - self.world.now).total_seconds()), lambda: self._wake(number))

    def _wake(self, number: int) -> None:
        if number == self._waits:
            self.post(Woke())

    def _perform(self, effect: Effect) -> None:
        match effect:
            case SetSession() | ClearSession() | SetPreferred() | ClearPreferred() | ReadPresence():
                self.sent.append(effect)
                self.world.later(LATENCY, lambda: self._land(effect))
            case ReadAccount(call=call):
                self.world.later(LATENCY, lambda: self.post(TokenAnswered(call, AccountRead(ADELE))))
            case ObtainToken(call=call):
                token = Granted(ADELE, self.world.now + timedelta(hours=1))
                self.world.later(LATENCY, lambda: self.post(TokenAnswered(call, token)))
            case Exit():
                raise AssertionError("nobody asked it to leave")
            case _:
                pass

    def _land(self, request: Request) -> None:
        answer = self.world.act(request)
        self.world.tell("neighbour", (request, answer))
        self.post(Answered(request.call, answer))
