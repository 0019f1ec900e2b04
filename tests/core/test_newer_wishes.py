"""What the user does between a request and its answer: the newer wish makes the older answer irrelevant."""

from datetime import timedelta

import pytest

from tests.core.driver import OFFLINE, OK, START, holding, names, shows, started, without_call
from tray.core.effects import SetPreferred, SetSession
from tray.core.events import (
    LeaveAsked,
    Picked,
    PinToggled,
    Stopped,
    Suspending,
)
from tray.core.states import AVAILABLE, AWAY, BUSY, DO_NOT_DISTURB, IN_A_CALL
from tray.core.values import Answer, AnswerKind, LeaveReason

LEASE = timedelta(minutes=30)


FAILURES = [
    OFFLINE,
    Answer(AnswerKind.FORBIDDEN),
    Answer(AnswerKind.NOT_FOUND),
    Answer(AnswerKind.UNAVAILABLE),
    Answer(AnswerKind.REFUSED),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda answer: answer.kind)
def test_a_newer_pick_is_sent_at_once_whatever_came_of_the_older(failure: Answer) -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.pick(IN_A_CALL)
    assert [without_call(effect) for effect in drive.answer(failure, after=1)] == [
        SetSession(0, IN_A_CALL.pair, timedelta(minutes=30))
    ]
    assert drive.status["trouble"] is None


def test_a_429_counts_for_the_newer_pick_too() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.pick(IN_A_CALL)
    assert drive.answer(Answer(AnswerKind.THROTTLED, retry_after=timedelta(seconds=20))) == ()
    drive.wake()
    assert drive.now >= START + timedelta(seconds=20)


def test_an_older_set_that_lands_before_sleep_does_not_stand_for_the_one_that_lasts_the_night() -> None:
    drive = holding(until=timedelta(hours=9))
    while not isinstance(drive.engine.calls.request, SetSession):
        drive.settle()
        drive.wake()
    assert drive.post(Suspending()) == ()
    effects = drive.answer(OK)
    assert [without_call(effect) for effect in effects] == [SetSession(0, IN_A_CALL.pair, timedelta(hours=4))]


def test_a_reading_that_fails_as_the_program_is_left_is_done_once_more() -> None:
    drive = started()
    drive.pick(AWAY)
    drive.settle()
    drive.pass_time(60)
    assert names(drive.wake()) == ["ReadPresence"]
    assert drive.post(LeaveAsked(LeaveReason.QUIT)) == ()
    assert names(drive.answer(OFFLINE)) == ["ReadPresence"]
    assert names(drive.answer(shows(AWAY.pair))) == ["ClearPreferred"]


def test_a_pick_of_the_same_state_while_its_decline_is_found_out_asks_again() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(AnswerKind.REFUSED)
    drive.pick(BUSY)
    drive.settle_as_five()
    assert drive.status["hold"]["held_by"] == "preferred"
    assert drive.engine.service.declined == {"busy"}


@pytest.mark.parametrize("failure", [OFFLINE, Answer(AnswerKind.UNAVAILABLE), Answer(AnswerKind.THROTTLED)], ids=str)
def test_a_decline_is_found_out_all_the_same_when_the_network_fails_in_between(failure: Answer) -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(AnswerKind.REFUSED)
    drive.answer(failure)
    assert drive.engine.service.declined == frozenset()
    drive.wake()
    drive.settle_as_five()
    assert drive.engine.service.declined == {"busy"}
    assert drive.status["hold"]["held_by"] == "preferred"
    assert drive.status["trouble"] is None


def test_a_decline_found_out_under_a_new_token_counts() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(AnswerKind.REFUSED)
    assert names(drive.answer(AnswerKind.UNAUTHORIZED)) == ["ObtainToken"]
    drive.grant()
    drive.settle_as_five()
    assert drive.engine.service.declined == {"busy"}


def test_a_preferred_state_that_may_have_landed_is_not_taken_for_a_choice_when_another_follows() -> None:
    drive = started()
    for state in (BUSY, DO_NOT_DISTURB):  # both are declined as sessions
        drive.pick(state)
        drive.settle_as_five()
    drive.post(Stopped(), after=60)
    drive.settle(seen=DO_NOT_DISTURB.pair)
    drive.post(Picked(BUSY), after=60)
    drive.answer(OK, shows(AWAY.pair), OFFLINE)  # Busy has landed, the answer was lost
    drive.post(Picked(DO_NOT_DISTURB), after=60)
    drive.answer(OK)
    assert names(drive.answer(shows(BUSY.pair))) == ["SetPreferred"]
    drive.answer(OFFLINE)  # this one has not landed
    drive.post(Picked(DO_NOT_DISTURB), after=60)
    drive.answer(OK)
    assert names(drive.answer(shows(BUSY.pair))) == ["SetPreferred"]
    assert [notice.key for notice in drive.notices] == ["trouble"]  # no connection; nothing was chosen


def test_a_pin_switched_twice_before_an_answer_leaves_nothing_behind() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.settle()
    drive.post(PinToggled(), after=60)
    drive.post(PinToggled())
    drive.settle(seen=AVAILABLE.pair)
    assert drive.engine.service.preferred.longest is None
    assert not any(isinstance(effect, SetPreferred) for effect in drive.effects)


def test_a_refusal_after_stop_says_nothing_of_the_pair() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.post(Stopped())
    assert drive.answer(AnswerKind.REFUSED) == ()
    assert drive.status["trouble"] is None
    assert [without_call(effect) for effect in drive.pick(BUSY)] == [SetSession(0, BUSY.pair, LEASE)]


def test_a_failure_after_the_user_acted_leaves_the_decline_to_be_found_out_anew() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(AnswerKind.REFUSED)
    drive.post(PinToggled())
    effects = drive.answer(OFFLINE)
    assert [without_call(effect) for effect in effects] == [SetSession(0, BUSY.pair, LEASE)]
