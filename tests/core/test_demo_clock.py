"""A demo's clock may run faster; limits of real time stay as long."""

from datetime import timedelta

import pytest

from tests.core.driver import Drive, knowing, started
from tray.core.config import Config
from tray.core.effects import Abandon, ClearSession, Exit
from tray.core.engine import next_wake
from tray.core.events import LeaveAsked, Picked, SignOutAsked, Woke
from tray.core.readback import is_fresh
from tray.core.service import Seen
from tray.core.states import AWAY, BUSY, IN_A_CALL
from tray.core.values import LeaveReason

HASTE = 60


@pytest.fixture
def drive() -> Drive:
    return started(Config(speed=HASTE))


def test_a_call_has_ten_real_seconds(drive: Drive) -> None:
    drive.pick(IN_A_CALL)
    begin = drive.now
    assert isinstance(drive.wake()[0], Abandon)
    assert drive.now - begin == timedelta(seconds=10) * HASTE


def test_a_token_has_its_real_time() -> None:
    slow, hurried = Drive(), Drive(Config(speed=HASTE))
    for each in (slow, hurried):
        each.start(granted=False)
    waits = [(next_wake(each.engine) or each.now) - each.now for each in (slow, hurried)]
    assert waits[1] == waits[0] * HASTE


def test_a_newer_pick_waits_a_real_second_and_a_half_for_the_call_in_flight(drive: Drive) -> None:
    drive.pick(IN_A_CALL)
    drive.post(Picked(BUSY))
    begin = drive.now
    assert isinstance(drive.wake()[0], Abandon)
    assert drive.now - begin == timedelta(seconds=1.5) * HASTE


def test_a_read_back_is_fresh_for_five_real_seconds(drive: Drive) -> None:
    engine = knowing(drive.engine, seen=Seen(AWAY.pair, drive.now))
    assert is_fresh(engine, drive.now + timedelta(seconds=5) * HASTE)
    assert not is_fresh(engine, drive.now + timedelta(seconds=6) * HASTE)


@pytest.mark.parametrize("event", [LeaveAsked(LeaveReason.QUIT), SignOutAsked()])
def test_what_is_given_back_has_its_real_time(drive: Drive, event: LeaveAsked | SignOutAsked) -> None:
    drive.pick(IN_A_CALL)
    drive.settle()
    drive.post(event)
    drive.wake(until=drive.now + timedelta(seconds=2) * HASTE)
    assert isinstance(drive.engine.calls.request, ClearSession)
    assert not any(isinstance(effect, Exit) for effect in drive.effects)


def test_a_thread_that_came_late_is_no_sleep(drive: Drive) -> None:
    drive.pick(IN_A_CALL)
    drive.settle()
    drive.post(Woke(), after=80 * HASTE)
    assert drive.engine.phase.woke_at is None
    drive.post(Woke(), after=100 * HASTE)
    assert drive.engine.phase.woke_at is not None
