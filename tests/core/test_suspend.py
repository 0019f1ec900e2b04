"""Suspend and resume: a hold is released or set for the night, and set again, announced or not."""

from datetime import timedelta

import pytest

from tests.core.driver import OFFLINE, OK, Drive, holding, knowing, names, shows, started
from tray.core.config import Config
from tray.core.effects import SetPreferred, SetSession
from tray.core.events import (
    Looked,
    Picked,
    Resumed,
    Stopped,
    Suspending,
    Woke,
)
from tray.core.service import Seen
from tray.core.states import APPEAR_OFFLINE, AVAILABLE, AWAY, IN_A_CALL, State

HOUR = timedelta(hours=1)


def test_before_sleep_an_untimed_hold_is_released_and_taken_up_again_on_resume() -> None:
    drive = holding(IN_A_CALL)
    assert names(drive.post(Suspending())) == ["ClearSession"]
    assert names(drive.answer(OK)) == ["AllowSuspend"]
    assert drive.status["hold"]["state"] == "in-a-call"
    drive.jump(3600)
    assert names(drive.post(Resumed())) == ["SetSession"]
    assert drive.notices == []


def test_a_fast_clock_leaves_a_demo_as_much_real_time_for_the_release() -> None:
    drive = Drive(Config(speed=60))
    drive.start()
    drive.pick(IN_A_CALL)
    drive.settle()
    drive.post(Suspending())
    assert names(drive.post(Woke(), after=60)) == []  # a second of real time
    assert "AllowSuspend" in names(drive.post(Woke(), after=240))


def test_after_more_than_four_hours_asleep_the_user_is_asked_whether_it_is_still_wanted() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Suspending())
    drive.answer(OK)
    drive.jump(4 * 3600 + 1)
    drive.post(Resumed())
    assert drive.notices[-1].remedy.label == "Stop"


@pytest.mark.parametrize(("state", "until"), [(IN_A_CALL, 9 * HOUR), (APPEAR_OFFLINE, None)], ids=str)
def test_before_sleep_a_timed_hold_and_appear_offline_are_set_once_more_for_up_to_four_hours(
    state: State, until: timedelta | None
) -> None:
    drive = holding(state, until)
    drive.post(Suspending())
    drive.settle()
    assert drive.engine.phase.sleep.allowed
    for ours in (drive.engine.service.session, drive.engine.service.preferred):
        assert ours.lease is None or ours.lease.expires_at - drive.now == 4 * HOUR
    assert names(drive.effects).count("AllowSuspend") == 1


def test_a_release_that_hangs_does_not_keep_the_machine_awake() -> None:
    drive = holding(IN_A_CALL)
    begin = drive.now
    drive.post(Suspending())
    while "AllowSuspend" not in names(drive.effects):
        drive.wake()
    assert drive.now - begin < timedelta(seconds=5)


def test_with_nothing_held_the_machine_may_sleep_at_once() -> None:
    drive = started()
    assert names(drive.post(Suspending())) == ["AllowSuspend"]


def test_a_timed_hold_that_ended_in_sleep_is_released_on_resume() -> None:
    drive = holding(IN_A_CALL, HOUR)
    drive.post(Suspending())
    drive.settle()
    drive.jump(2 * 3600)
    drive.post(Resumed())
    assert drive.status["hold"] is None


def test_a_sleep_that_does_not_come_and_whose_end_nobody_tells_is_over_by_the_clock() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Suspending())
    drive.answer(OK)
    assert drive.engine.service.session.longest is None
    begin = drive.now
    while not isinstance(drive.engine.calls.request, SetSession):
        drive.wake()
    assert timedelta(seconds=90) < drive.now - begin <= timedelta(seconds=120)


@pytest.mark.parametrize("signals", [1, 2])
def test_a_resume_that_the_clock_told_first_is_not_done_again_when_its_signal_comes(signals: int) -> None:
    drive = holding(IN_A_CALL)
    drive.post(Suspending())
    drive.answer(OK)
    drive.jump(3600)
    assert names(drive.post(Woke())) == ["SetSession"]
    for _ in range(signals):
        assert drive.post(Resumed(), after=0.1) == ()
    drive.answer(OK)
    assert drive.engine.calls.request is None


def test_a_resume_without_a_word_before_it_sets_the_hold_again_at_once() -> None:
    drive = holding(IN_A_CALL)
    assert names(drive.post(Resumed(), after=20)) == ["SetSession"]


def test_a_call_from_before_the_sleep_is_given_up_on_resume() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.post(Resumed(), after=5)
    assert names(drive.wake()) == ["Abandon", "SetSession"]


def test_a_second_sleep_soon_after_the_first_is_told_apart() -> None:
    drive = holding(IN_A_CALL)
    for _ in range(2):
        drive.post(Suspending(), after=10)
        assert names(drive.answer(OK)) == ["AllowSuspend"]
        assert names(drive.post(Resumed(), after=10)) == ["SetSession"]
        drive.answer(OK)


def test_a_state_picked_before_the_machine_sleeps_rests_too_if_it_has_no_end() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Suspending())
    drive.pick(AVAILABLE)
    assert names(drive.answer(OK)) == ["AllowSuspend"]
    assert drive.engine.service.session.longest is None
    assert names(drive.post(Resumed(), after=3600)) == ["SetSession"]


def test_a_timed_state_picked_before_the_machine_sleeps_is_set_for_the_night() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Suspending())
    drive.post(Picked(AVAILABLE, drive.now + 9 * HOUR, timed=True))
    assert names(drive.answer(OK)) == ["SetSession"]
    assert names(drive.answer(OK)) == ["AllowSuspend"]
    assert drive.engine.service.session.lease.expires_at == drive.now + 4 * HOUR


def test_a_state_picked_after_the_machine_was_to_sleep_is_set_at_once() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Suspending())
    drive.answer(OK)
    assert names(drive.pick(AVAILABLE)) == ["SetSession"]


def test_a_stop_before_sleep_releases_what_was_to_be_kept_for_the_night() -> None:
    drive = holding(APPEAR_OFFLINE)
    drive.post(Suspending())
    drive.post(Stopped())
    drive.settle()
    assert drive.engine.service.session.longest is drive.engine.service.preferred.longest is None
    assert names(drive.effects)[-1] == "AllowSuspend"


def test_before_sleep_nothing_is_read_that_no_write_waits_for() -> None:
    drive = started()
    drive.post(Suspending())
    assert drive.post(Looked()) == ()
    assert names(drive.post(Resumed())) == ["ReadPresence"]


def test_offline_a_timed_hold_that_ended_in_sleep_leaves_nothing_wanted() -> None:
    drive = holding(IN_A_CALL, HOUR)
    drive.post(Suspending())
    drive.answer(OFFLINE)
    drive.jump(2 * 3600)
    assert drive.post(Resumed()) == ()
    assert drive.status["hold"] is None


def test_on_resume_the_preferred_state_is_set_again_as_well() -> None:
    drive = holding(AWAY)
    drive.post(Resumed(), after=20)
    drive.answer(OK, shows(AWAY.pair))
    assert isinstance(drive.engine.calls.request, SetPreferred)


def test_a_sleep_of_four_hours_is_not_a_long_one() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Suspending())
    drive.answer(OK)
    drive.jump(4 * 3600)
    drive.post(Resumed())
    assert drive.notices == []


def test_while_a_hold_rests_for_the_night_there_is_nothing_to_explain() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Suspending())
    drive.answer(OK)
    drive.engine = knowing(drive.engine, seen=Seen(AWAY.pair, drive.now))
    assert drive.status["teams_shows"]["availability"] == "Away"
    assert drive.status["why"] is None
