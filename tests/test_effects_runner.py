"""The performer's lanes: what is given up while it stands in the queue is not sent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue

import pytest

from tray.backend import World
from tray.core.effects import Abandon, ClearSession, Effect, ObtainToken, Open, Request, SetSession
from tray.core.events import Event, TokenAnswered
from tray.core.states import AVAILABLE, AWAY
from tray.core.values import Account, Answer, Document, Granted, Kind
from tray.effects_runner import Performer, Surroundings
from tray.graph.requests import Token
from tray.signin.pipe import Reply

PATIENCE = 10
TOKEN = Token("token", datetime(2030, 1, 1, tzinfo=UTC), "user")
LEASE = timedelta(minutes=30)


class Service:
    """Graph and the token side, and what they were asked."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send(self, request: Request, _token: Token) -> Answer:
        self.sent.append(request.call)
        return Answer(Kind.ACCEPTED)

    def close(self) -> None:
        pass

    def carry_out(self, _errand: object, _progress: Callable[[Event], None]) -> Reply:
        return Reply(Granted(Account("user", "key"), TOKEN.expires_at), TOKEN)

    def cancel(self, _call: int) -> None:
        pass


def ignore(_effect: Effect | None = None) -> None:
    pass


@pytest.fixture
def posted() -> SimpleQueue[Event]:
    return SimpleQueue()


def test_a_call_given_up_behind_slow_desk_work_is_never_sent(posted: SimpleQueue[Event]) -> None:
    service, begun, go_on = Service(), SimpleQueue[None](), SimpleQueue[None]()

    def open_slowly(_effect: Open) -> None:
        begun.put(None)
        go_on.get(timeout=PATIENCE)

    around = Surroundings(ignore, open_slowly, ignore, ignore, ignore)
    performer = Performer(World(graph=lambda: service, source=lambda: service), around, posted.put)
    performer.start()
    performer.perform(ObtainToken(1))
    assert isinstance(posted.get(timeout=PATIENCE), TokenAnswered)
    performer.perform(Open(Document.LOG))
    begun.get(timeout=PATIENCE)
    for effect in (
        SetSession(2, AVAILABLE.pair, LEASE),
        Abandon(2),
        SetSession(3, AWAY.pair, LEASE),
        ClearSession(4),
    ):
        performer.perform(effect)
    go_on.put(None)
    assert [posted.get(timeout=PATIENCE).call for _ in range(2)] == [3, 4]
    assert service.sent == [3, 4]
    performer.stop()
