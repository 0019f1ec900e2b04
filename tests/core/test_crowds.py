"""Many installs of one tenant: each asks at a time of its own, and looks for another when it is refused."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.core.driver import OK, Drive, held, started
from tray.core.config import Config
from tray.core.effects import SetSession
from tray.core.presence_rules import FADES_AFTER
from tray.core.schedule import (
    AVAILABLE_PERIOD,
    CHANCE_FAILURES,
    CROWDED_FOR_GOOD,
    LONGEST_GRID_MOVE,
    SPARING_FOR,
    THROTTLED_PERIOD,
    Retry,
    next_shift,
    refresh_at,
)
from tray.core.states import AVAILABLE
from tray.core.values import Answer, AnswerKind, Lease

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SOON = timedelta(seconds=15)
BUSY = Answer(AnswerKind.THROTTLED, status=429)


def next_set(drive: Drive) -> datetime:
    """Let time pass until the next set is sent."""
    while not isinstance(drive.engine.calls.request, SetSession):
        drive.settle()
        drive.wake()
    return drive.now


def test_installs_that_log_in_together_refresh_evenly_spread_over_the_period() -> None:
    counts = [0] * 8
    for number in range(400):
        config, at = Config(offset=number / 400), NOW
        for _ in range(20):
            at = refresh_at(Lease(AVAILABLE.pair, at, at + timedelta(minutes=30)), config.offset, Retry(), at)
        counts[int((at.timestamp() % AVAILABLE_PERIOD.total_seconds()) / 30)] += 1
    assert counts == [50] * 8


def refusals(drive: Drive, count: int) -> list[timedelta]:
    """Let the next sets be refused; return the pauses between them."""
    tries = []
    for _ in range(count):
        tries.append(next_set(drive))
        drive.answer(BUSY)
    return [later - earlier for earlier, later in pairwise(tries)]


def test_an_install_of_a_tenant_known_to_be_large_asks_once_a_period_however_often_it_is_refused() -> None:
    drive = started(Config(offset=0.3, at_launch="available"))
    pauses = refusals(drive, 12)
    assert pauses[0] < timedelta(seconds=31)  # once soon: it may have been bad luck
    assert all(
        THROTTLED_PERIOD - LONGEST_GRID_MOVE <= pause <= THROTTLED_PERIOD + LONGEST_GRID_MOVE for pause in pauses[2:]
    )
    assert max(pauses) <= timedelta(minutes=5)


def test_a_pick_that_is_refused_twice_is_tried_again_within_15_seconds_and_then_is_in_no_hurry() -> None:
    drive = started(Config(offset=0.3))
    drive.pick(AVAILABLE)
    first, second, third = refusals(drive, 4)
    assert first + second < SOON < third


def test_three_refusals_before_the_deadline_are_bad_luck_and_the_fourth_is_a_crowd() -> None:
    drive = held(AVAILABLE, Config(offset=0.3))
    set_at = drive.now
    next_set(drive)
    pauses = refusals(drive, 5)
    assert drive.now - pauses[-1] < set_at + FADES_AFTER
    assert max(pauses[:3]) < timedelta(seconds=31)
    assert pauses[3] >= LONGEST_GRID_MOVE


def test_in_a_known_crowd_a_refusal_waits_for_the_slot_until_hours_have_gone_by_without_a_crowd() -> None:
    drive = held(AVAILABLE, Config(offset=0.3))
    refusals(drive, CHANCE_FAILURES + 1)
    next_set(drive)
    drive.answer(OK)
    assert refusals(drive, 2)[0] >= LONGEST_GRID_MOVE
    assert not drive.engine.calls.retry.is_crowded(drive.now + SPARING_FOR)


def test_accepted_where_there_was_room_it_stays_there() -> None:
    drive = started(Config(offset=0.3))
    drive.pick(AVAILABLE)
    for _ in range(CROWDED_FOR_GOOD + 1):
        next_set(drive)
        drive.answer(BUSY)
    places = []
    for _ in range(3):
        places.append(next_set(drive).timestamp() % THROTTLED_PERIOD.total_seconds())
        drive.answer(OK)
    assert places == pytest.approx([places[0]] * 3, abs=1)
    assert abs(places[0] - 0.3 * 255) > 1


def test_those_who_share_a_crowded_place_leave_it_in_all_directions() -> None:
    retry = Retry(throttles=CROWDED_FOR_GOOD)
    moves = sorted(next_shift(0.5 + number / 10_000, retry, 7) for number in range(100))
    assert -LONGEST_GRID_MOVE <= moves[0] < -LONGEST_GRID_MOVE / 2
    assert LONGEST_GRID_MOVE / 2 < moves[-1] <= LONGEST_GRID_MOVE
    assert len(set(moves)) == 100


def test_refused_a_few_times_it_keeps_its_place() -> None:
    assert next_shift(0.5, Retry(throttles=CROWDED_FOR_GOOD - 1), 7) == timedelta()
