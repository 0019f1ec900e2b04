"""The engine's thread, its lanes and its ring: what was decided can be read and decided again."""

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from tray.clock import Clock
from tray.core.effects import Effect, Exit, ObtainToken, ReadAccount, Save, SetSession
from tray.core.engine import begin, decide
from tray.core.events import LeaveAsked, Picked, Started, Stopped, TokenAnswered
from tray.core.model import Config
from tray.core.states import BUSY
from tray.core.values import Account, Granted, Leaving
from tray.core.view_model import View
from tray.messages import notices
from tray.runtime import Lane, Runtime
from tray.trace import Step, line

ADELE = Account("adele@example.test", "the-key")


def wait_until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.005)


def started() -> tuple[Runtime, list[Effect]]:
    clock, done = Clock(), list[Effect]()
    runtime = Runtime(begin(Config(), clock.now()), clock, done.append, lambda _view: None)
    runtime.start()
    runtime.post(Started())
    wait_until(lambda: any(isinstance(effect, ReadAccount) for effect in done))
    runtime.post(TokenAnswered(1, Granted(ADELE, clock.now() + timedelta(hours=1))))
    runtime.post(Picked(BUSY))
    return runtime, done


def test_every_decision_in_the_ring_can_be_made_again() -> None:
    runtime, done = started()
    runtime.post(Stopped())
    runtime.post(LeaveAsked(Leaving.QUIT))
    runtime.post(LeaveAsked(Leaving.QUIT))
    wait_until(lambda: any(isinstance(effect, Exit) for effect in done))
    runtime.stop(5)
    assert len(runtime.ring) >= 5
    for step in runtime.ring:
        assert decide(step.before, step.event, step.now)[1] == step.effects
    assert [effect for step in runtime.ring for effect in step.effects] == done


def test_a_trace_is_json_and_names_nobody() -> None:
    runtime, _ = started()
    wait_until(lambda: len(runtime.ring) >= 3)
    lines = runtime.trace(after=-1)
    kinds = [json.loads(each)["event"]["is"] for each in lines[1:]]
    assert kinds[:3] == ["Started", "TokenAnswered", "Picked"]
    assert not any(secret in each for each in lines for secret in (ADELE.username, ADELE.key))
    assert json.loads(lines[3])["event"]["state"] == "busy"
    runtime.post(LeaveAsked(Leaving.QUIT))
    runtime.post(LeaveAsked(Leaving.QUIT))
    runtime.stop(5)


def test_every_value_of_a_decision_can_be_written() -> None:
    clock = Clock()
    engine = begin(Config(), clock.now())
    for event in (Started(), Picked(BUSY, clock.now() + timedelta(minutes=5), timed=True)):
        before = engine
        engine, effects = decide(engine, event, clock.now())
        assert any(isinstance(effect, Save | ReadAccount | ObtainToken) for effect in effects)
        json.loads(line(Step(1, clock.now(), before, event, effects)))


def test_a_lane_goes_on_after_work_that_fails_and_is_replaced_when_work_hangs() -> None:
    lane, done, hung = Lane("lane"), list[str](), threading.Event()
    lane.start()
    lane.put(lambda: 1 / 0)  # type: ignore[func-returns-value]
    lane.put(lambda: done.append("after a failure"))
    wait_until(lambda: done == ["after a failure"])
    lane.put(lambda: hung.wait(10))  # type: ignore[func-returns-value]
    lane.put(lambda: done.append("behind what hangs"))
    lane.start()
    wait_until(lambda: len(done) == 2)
    hung.set()
    lane.stop(5)
    assert done == ["after a failure", "behind what hangs"]


def test_an_adapter_that_fails_does_not_end_the_hold() -> None:
    clock, done, shown = Clock(), list[Effect](), list[View]()

    def perform(effect: Effect) -> None:
        done.append(effect)
        raise OSError("the disk is full")

    def publish(view: View) -> None:
        shown.append(view)
        raise OSError("the panel is gone")

    runtime = Runtime(begin(Config(), clock.now()), clock, perform, publish)
    runtime.start()
    runtime.post(Started())
    wait_until(lambda: bool(done))
    runtime.post(TokenAnswered(1, Granted(ADELE, clock.now() + timedelta(hours=1))))
    runtime.post(Picked(BUSY))
    wait_until(lambda: any(isinstance(effect, SetSession) for effect in done))
    runtime.post(LeaveAsked(Leaving.QUIT))
    runtime.post(LeaveAsked(Leaving.QUIT))
    runtime.stop(5)
    assert isinstance(done[-1], Exit)
    assert not runtime.failed
    assert len(shown) > 1


def test_a_fault_of_the_engine_ends_the_program_and_says_so() -> None:
    runtime, done = started()
    runtime.post("no event at all")  # type: ignore[arg-type]
    wait_until(lambda: any(isinstance(effect, Exit) for effect in done))
    assert done[-1] == Exit(notices.FAILED)
    assert runtime.failed
