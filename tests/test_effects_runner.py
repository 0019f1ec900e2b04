"""The lanes that effects run on: what fails, hangs or is given up while it waits."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from typing import TypeVar

import pytest

from tray.backend import Backend
from tray.core.effects import (
    Abandon,
    AbandonErrand,
    CancelSignIn,
    ClearSession,
    Effect,
    Exit,
    ObtainToken,
    Open,
    Request,
    Save,
    SetSession,
    SignIn,
    TokenErrand,
)
from tray.core.events import Answered, Event, TokenAnswered
from tray.core.states import AVAILABLE, AWAY
from tray.core.values import Account, Answer, AnswerKind, Document, Granted, Saved, SignInWay
from tray.effects_runner import Adapters, EffectsRunner, Lane
from tray.graph.requests import Token
from tray.signin.pipe import Reply

PATIENCE = 10
TOKEN = Token("token", datetime(2030, 1, 1, tzinfo=UTC), "user")
LEASE = timedelta(minutes=30)

Some = TypeVar("Some", bound=Event)


class Service:
    """Graph and the token side, and what they were asked."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.closed = 0

    def send(self, request: Request, _token: Token) -> Answer:
        self.sent.append(request.call)
        return Answer(AnswerKind.ACCEPTED)

    def close(self) -> None:
        self.closed += 1

    def carry_out(self, _errand: object, _progress: Callable[[Event], None]) -> Reply:
        return Reply(Granted(Account("user", "key"), TOKEN.expires_at), TOKEN)

    def cancel(self, _call: int) -> None:
        pass

    def abandon(self, _call: int) -> None:
        pass


def ignore(_effect: Effect | None = None) -> None:
    pass


def wait_for(posted: SimpleQueue[Event], kind: type[Some]) -> Some:
    while not isinstance(event := posted.get(timeout=PATIENCE), kind):
        pass
    return event


@pytest.fixture
def posted() -> SimpleQueue[Event]:
    return SimpleQueue()


def test_a_call_given_up_behind_slow_desk_work_is_never_sent(posted: SimpleQueue[Event]) -> None:
    service, begun, go_on = Service(), SimpleQueue[None](), SimpleQueue[None]()

    def open_slowly(_effect: Open) -> None:
        begun.put(None)
        go_on.get(timeout=PATIENCE)

    adapters = Adapters(ignore, open_slowly, ignore, ignore, ignore)
    backend = Backend(graph=lambda: service, source=lambda: service)
    runner = EffectsRunner(backend, adapters, posted.put)
    runner.start()
    runner.perform(ObtainToken(1))
    wait_for(posted, TokenAnswered)
    runner.perform(Open(Document.LOG))
    begun.get(timeout=PATIENCE)
    for effect in (
        SetSession(2, AVAILABLE.pair, LEASE),
        Abandon(2),
        SetSession(3, AWAY.pair, LEASE),
        ClearSession(4),
    ):
        runner.perform(effect)
    go_on.put(None)
    assert [wait_for(posted, Answered).call for _ in range(2)] == [3, 4]
    assert service.sent == [3, 4]
    runner.stop()


def test_a_sign_in_cancelled_while_the_token_side_is_imported_is_cancelled(posted: SimpleQueue[Event]) -> None:
    importing, go_on, cancelled = SimpleQueue[None](), SimpleQueue[None](), list[int]()

    class Source(Service):
        def cancel(self, call: int) -> None:
            cancelled.append(call)

    def import_slowly() -> Source:
        importing.put(None)
        go_on.get(timeout=PATIENCE)
        return Source()

    adapters = Adapters(ignore, ignore, ignore, ignore, ignore)
    runner = EffectsRunner(Backend(graph=Service, source=import_slowly), adapters, posted.put)
    runner.start()
    runner.perform(SignIn(7, SignInWay.BROWSER))
    importing.get(timeout=PATIENCE)
    runner.perform(CancelSignIn(7))
    go_on.put(None)
    wait_for(posted, TokenAnswered)
    assert cancelled == [7]
    runner.stop()


def test_the_program_leaves_though_a_save_hangs(posted: SimpleQueue[Event]) -> None:
    hung, left = threading.Event(), SimpleQueue[Exit]()
    adapters = Adapters(lambda _effect: hung.wait(PATIENCE), ignore, ignore, ignore, left.put)
    runner = EffectsRunner(Backend(graph=Service, source=Service), adapters, posted.put)
    runner.start()
    runner.perform(Save(Saved()))
    runner.perform(Exit())
    assert left.get(timeout=PATIENCE / 2) == Exit()
    hung.set()
    runner.stop()


def test_the_program_leaves_after_the_last_save(posted: SimpleQueue[Event]) -> None:
    done = SimpleQueue[str]()
    adapters = Adapters(lambda _effect: done.put("saved"), ignore, ignore, ignore, lambda _effect: done.put("left"))
    runner = EffectsRunner(Backend(graph=Service, source=Service), adapters, posted.put)
    runner.start()
    runner.perform(Save(Saved()))
    runner.perform(Exit())
    assert [done.get(timeout=PATIENCE) for _ in range(2)] == ["saved", "left"]
    runner.stop()


def test_what_is_saved_is_there_before_the_request_and_the_disk_is_waited_for_after_it(
    posted: SimpleQueue[Event],
) -> None:
    done = SimpleQueue[str]()

    class Listening(Service):
        def send(self, request: Request, token: Token) -> Answer:
            done.put("sent")
            return super().send(request, token)

    begun, go_on = SimpleQueue[None](), SimpleQueue[None]()

    def open_slowly(_effect: Open) -> None:
        begun.put(None)
        go_on.get(timeout=PATIENCE)

    def save(_effect: Save) -> None:
        done.put("saved")

    adapters = Adapters(save, open_slowly, ignore, ignore, ignore, settle=lambda: done.put("settled"))
    runner = EffectsRunner(Backend(graph=Listening, source=Service), adapters, posted.put)
    runner.start()
    runner.perform(ObtainToken(1))
    wait_for(posted, TokenAnswered)
    runner.perform(Open(Document.LOG))
    begun.get(timeout=PATIENCE)
    runner.perform(Save(Saved()))
    runner.perform(SetSession(2, AWAY.pair, LEASE))
    go_on.put(None)
    assert [done.get(timeout=PATIENCE) for _ in range(3)] == ["saved", "sent", "settled"]
    runner.stop()


def test_a_lane_started_again_before_its_thread_has_begun_does_one_work_at_a_time() -> None:
    lane, at_once, most, done = Lane("lane"), [0], [0], SimpleQueue[None]()

    def work() -> None:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        time.sleep(0.01)
        at_once[0] -= 1
        done.put(None)

    for _ in range(3):
        lane.start()
    for _ in range(10):
        lane.put(work)
    for _ in range(10):
        done.get(timeout=PATIENCE)
    assert most == [1]
    lane.stop(5)


def test_a_call_given_up_when_its_answer_is_on_its_way_keeps_its_connection(posted: SimpleQueue[Event]) -> None:
    service = Service()
    backend = Backend(graph=lambda: service, source=lambda: service)
    runner = EffectsRunner(backend, Adapters(ignore, ignore, ignore, ignore, ignore), posted.put)
    runner.start()
    runner.perform(ObtainToken(1))
    wait_for(posted, TokenAnswered)
    runner.perform(ClearSession(2))
    wait_for(posted, Answered)
    runner.perform(Abandon(2))
    assert service.closed == 0
    runner.stop()
    assert service.closed == 1


@pytest.mark.defect_in("effects_runner.Lane.start")
def test_a_lane_goes_on_after_work_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    lane, done = Lane("lane"), SimpleQueue[str]()
    lane.start()
    lane.put(lambda: 1 / 0)
    lane.put(lambda: done.put("after a failure"))
    assert done.get(timeout=PATIENCE) == "after a failure"
    assert "ZeroDivisionError" in caplog.text
    lane.stop(5)


def test_an_errand_that_nothing_ends_holds_up_no_other(posted: SimpleQueue[Event]) -> None:
    begun, hung, abandoned = threading.Event(), threading.Event(), list[int]()

    class Source(Service):
        def carry_out(self, errand: TokenErrand, _progress: Callable[[Event], None]) -> Reply:
            if errand.call == 1:
                begun.set()
                hung.wait(PATIENCE)
            return super().carry_out(errand, _progress)

        def abandon(self, call: int) -> None:
            abandoned.append(call)

    runner = EffectsRunner(
        Backend(graph=Service, source=Source), Adapters(ignore, ignore, ignore, ignore, ignore), posted.put
    )
    runner.perform(AbandonErrand(0))  # before there is a token side
    runner.start()
    runner.perform(ObtainToken(1))
    begun.wait(PATIENCE)
    runner.perform(AbandonErrand(1))
    runner.perform(ObtainToken(2))
    assert wait_for(posted, TokenAnswered).call == 2
    assert abandoned == [1]
    hung.set()
    runner.stop()


def test_a_lane_whose_work_hangs_is_replaced() -> None:
    lane, done, begun, hung = Lane("lane"), SimpleQueue[str](), threading.Event(), threading.Event()
    lane.start()
    lane.put(begun.set)
    lane.put(lambda: hung.wait(PATIENCE))
    begun.wait(PATIENCE)
    time.sleep(0.1)  # the first thread has taken what hangs
    lane.put(lambda: done.put("behind what hangs"))
    lane.start()
    assert done.get(timeout=PATIENCE) == "behind what hangs"
    hung.set()
    lane.stop(5)
