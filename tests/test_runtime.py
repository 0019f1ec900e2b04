"""The engine's thread and its ring: what was decided can be read and decided again."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from queue import SimpleQueue

import pytest

from tray.clock import Clock
from tray.core.config import Config
from tray.core.effects import Effect, Exit, ObtainToken, ReadAccount, Save, SetSession
from tray.core.engine import begin, decide
from tray.core.events import Event, LeaveAsked, MenuMissed, Picked, Started, Stopped, TokenAnswered, TrayMissed
from tray.core.states import BUSY
from tray.core.values import Account, Granted, LeaveReason
from tray.core.view_model import View
from tray.messages import notices
from tray.runtime import Runtime, TimeLimit
from tray.trace import Step, line

ADELE = Account("adele@example.test", "the-key")


def wait_until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.005)


def failing(_value: object) -> None:
    raise OSError("the disk is full, the panel is gone")


class Running:
    """An engine's thread and what it hands out; signed in and holding Busy."""

    def __init__(self, act: Callable[[object], None] = lambda _value: None) -> None:
        self.effects: list[Effect] = []
        self.views: list[View] = []
        self.inbox: SimpleQueue[Event] = SimpleQueue()

        def perform(effect: Effect) -> None:
            self.effects.append(effect)
            act(effect)

        def publish(view: View) -> None:
            self.views.append(view)
            act(view)

        clock = Clock()
        self.runtime = Runtime(begin(Config(), clock.now()), clock, self.inbox, perform, publish)
        self.runtime.start(Started())
        self.wait_for(ReadAccount)
        self.inbox.put(TokenAnswered(1, Granted(ADELE, clock.now() + timedelta(hours=1))))
        self.inbox.put(Picked(BUSY))
        self.wait_for(SetSession)

    def wait_for(self, kind: type[Effect]) -> None:
        wait_until(lambda: any(isinstance(effect, kind) for effect in self.effects))

    def leave(self) -> None:
        self.inbox.put(LeaveAsked(LeaveReason.QUIT))
        self.inbox.put(LeaveAsked(LeaveReason.QUIT))
        self.wait_for(Exit)
        self.runtime.stop(5)


def test_every_decision_in_the_ring_can_be_made_again() -> None:
    running = Running()
    running.inbox.put(Stopped())
    running.leave()
    ring = running.runtime.recent
    assert len(ring) >= 5
    for step in ring:
        assert decide(step.before, step.event, step.now)[1] == step.effects
    assert [effect for step in ring for effect in step.effects] == running.effects


def test_what_waits_in_the_inbox_is_taken_after_the_start() -> None:
    clock, inbox, effects = Clock(), SimpleQueue[Event](), list[Effect]()
    inbox.put(LeaveAsked(LeaveReason.ENDED))
    runtime = Runtime(begin(Config(), clock.now()), clock, inbox, effects.append, lambda _view: None)
    runtime.start(Started())
    wait_until(lambda: any(isinstance(effect, Exit) for effect in effects))
    assert [type(step.event) for step in runtime.recent][:2] == [Started, LeaveAsked]


def test_the_request_of_a_click_goes_before_the_menu_that_shows_it() -> None:
    handed_out = list[object]()
    running = Running(handed_out.append)
    running.runtime.post_and_wait(Stopped(), running.inbox.put, 10)
    request = next(n for n, each in enumerate(handed_out) if isinstance(each, SetSession))
    shown = next(n for n, each in enumerate(handed_out) if isinstance(each, View) and each.status["hold"])
    assert request < shown
    running.leave()


def test_what_comes_while_the_request_of_a_click_leaves_is_taken_next() -> None:
    clock, inbox = Clock(), SimpleQueue[Event]()

    def perform(effect: Effect) -> None:
        if isinstance(effect, SetSession):
            inbox.put(MenuMissed())
            inbox.put(TrayMissed())

    runtime = Runtime(begin(Config(), clock.now()), clock, inbox, perform, lambda _view: None)
    inbox.put(TokenAnswered(1, Granted(ADELE, clock.now() + timedelta(hours=1))))
    inbox.put(Picked(BUSY))
    runtime.start(Started())
    wait_until(lambda: any(isinstance(step.event, TrayMissed) for step in runtime.recent))
    assert [type(step.event) for step in runtime.recent][2:] == [Picked, MenuMissed, TrayMissed]


def test_a_trace_is_json_and_names_nobody() -> None:
    running = Running()
    lines = running.runtime.trace(after=-1)
    kinds = [json.loads(each)["event"]["is"] for each in lines[1:]]
    assert kinds[:3] == ["Started", "TokenAnswered", "Picked"]
    assert not any(secret in each for each in lines for secret in (ADELE.username, ADELE.key))
    assert json.loads(lines[3])["event"]["state"] == "busy"
    running.leave()


def test_every_value_of_a_decision_can_be_written() -> None:
    clock = Clock()
    engine = begin(Config(), clock.now())
    for event in (Started(), Picked(BUSY, clock.now() + timedelta(minutes=5), timed=True)):
        before = engine
        engine, effects = decide(engine, event, clock.now())
        assert any(isinstance(effect, Save | ReadAccount | ObtainToken) for effect in effects)
        json.loads(line(Step(1, clock.now(), before, event, effects)))


def test_an_adapter_that_fails_does_not_end_the_hold() -> None:
    running = Running(failing)
    running.leave()
    assert isinstance(running.effects[-1], Exit)
    assert not running.runtime.failed
    assert len(running.views) > 1


@pytest.mark.defect_in("runtime.Runtime.start")
def test_a_fault_of_the_engine_ends_the_program_and_says_so() -> None:
    running = Running()
    running.inbox.put("no event at all")  # type: ignore[arg-type]
    running.wait_for(Exit)
    assert running.effects[-1] == Exit(notices.crashed())
    assert running.runtime.failed


def test_a_process_that_hangs_when_it_should_end_is_ended() -> None:
    program = (
        "import threading\n"
        "from tray.runtime import TimeLimit\n"
        "limit = TimeLimit()\n"
        "limit.begin(0.1)\n"
        "limit.begin(3600)\n"
        "threading.Event().wait()\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 1


def test_a_process_that_ends_in_time_is_left_alone() -> None:
    limit = TimeLimit()
    limit.begin(0.1)
    limit.lift()
    time.sleep(0.2)


def test_whoever_waits_for_an_event_sees_what_came_of_it() -> None:
    running = Running()
    for event in (Stopped(), picked := Picked(BUSY), Stopped(), picked, Stopped()):
        running.runtime.post_and_wait(event, running.inbox.put, 10)
        assert (running.runtime.view.status["hold"] is not None) is (event is picked)
    running.leave()


def test_nobody_waits_for_an_event_that_is_never_taken() -> None:
    running = Running()
    running.runtime.post_and_wait(Stopped(), lambda _event: None, 0.01)
    running.leave()
