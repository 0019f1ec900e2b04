"""What an answer from Graph changes: 401, 403, 404, 429, 5xx, none at all, `Retry-After`; and the tries after it."""

from datetime import timedelta

import pytest

from tests.core.driver import OFFLINE, OK, Drive, holding, knowing, names, shows, started
from tray.core.effects import AbandonErrand, ObtainToken, ReadPresence, SetSession
from tray.core.engine import next_wake
from tray.core.events import (
    Answered,
    Looked,
    Picked,
    Resumed,
    Stopped,
    TokenAnswered,
    Woke,
)
from tray.core.schedule import CALL_LIMIT
from tray.core.states import AVAILABLE, AWAY, BE_RIGHT_BACK, BUSY, IN_A_CALL
from tray.core.values import (
    Answer,
    AnswerKind,
    KeyringState,
    KeyringTrouble,
    NetworkFailure,
    SignInNeeded,
    TokenOutcome,
    TryLater,
)

DOWN = Answer(AnswerKind.UNAVAILABLE, status=503)


def wait_for(after: float | None, kind: AnswerKind = AnswerKind.THROTTLED) -> Answer:
    return Answer(kind, retry_after=None if after is None else timedelta(seconds=after))


def next_set(drive: Drive) -> float:
    """Let time pass until a set is sent; return the seconds it took."""
    begin = drive.now
    while not isinstance(drive.engine.calls.request, SetSession):
        drive.settle()
        drive.wake()
    return (drive.now - begin).total_seconds()


def test_a_pick_while_a_call_is_in_flight_waits_for_it_a_second_and_a_half_at_most() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    first = drive.engine.calls.request
    assert drive.post(Picked(BUSY), after=1) == ()
    effects = drive.wake()
    assert names(effects) == ["Abandon", "SetSession"]
    assert effects[0].call == first.call
    assert drive.post(Answered(first.call, Answer(AnswerKind.FORBIDDEN))) == ()
    assert drive.status["trouble"] is None


def test_a_refusal_of_a_pair_nobody_wants_any_more_declines_nothing() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.pick(AVAILABLE)
    drive.answer(AnswerKind.REFUSED)
    drive.settle()
    assert drive.engine.service.declined == frozenset()
    assert drive.status["hold"]["held_by"] == "session"


def test_stop_waits_for_a_set_in_flight_and_then_clears_what_may_have_landed() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    assert drive.post(Stopped()) == ()
    assert names(drive.wake()) == ["Abandon", "ClearSession"]
    drive.answer(AnswerKind.NOT_FOUND)
    assert drive.engine.service.session.longest is None
    assert next_wake(drive.engine) is None


def test_a_call_without_an_answer_is_failed_after_ten_seconds() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    begin = drive.now
    effects = drive.wake()
    assert drive.now - begin == CALL_LIMIT
    assert names(effects) == ["Abandon"]
    assert drive.status["trouble"]["code"] == "offline"


def test_retries_double_up_to_thirty_seconds_before_the_deadline_and_forty_five_after() -> None:
    drive = holding(AVAILABLE)
    next_set(drive)
    pauses = []
    for _ in range(12):
        drive.answer(DOWN)
        pauses.append(next_set(drive))
    for pause, full in zip(pauses, [2, 4, 8, 16], strict=False):
        assert 0.75 * full <= pause <= full
    assert max(pauses) <= 45
    assert max(pauses) > 30
    drive.answer(OK)
    assert drive.status["trouble"] is None


def test_under_429_without_retry_after_pauses_grow_to_five_minutes() -> None:
    drive = holding(AVAILABLE)
    next_set(drive)
    pauses = []
    for _ in range(14):
        drive.answer(wait_for(None))
        pauses.append(next_set(drive))
    assert 225 <= max(pauses) <= 300


def test_retry_after_is_a_floor_for_every_call_a_pick_and_a_stop_too() -> None:
    drive = holding(AVAILABLE)
    next_set(drive)
    drive.answer(wait_for(100))
    floor = drive.now + timedelta(seconds=100)
    for event in (Picked(BUSY), Stopped(), Looked(), Resumed(), Picked(BUSY)):
        assert drive.post(event, after=2) == ()
    assert "limiting requests" in drive.view.tooltip
    drive.wake()
    assert drive.now >= floor


def test_reading_is_dropped_for_thirty_minutes_after_a_429() -> None:
    drive = holding(IN_A_CALL)
    while names(drive.wake()) != ["ReadPresence"]:
        drive.settle()
    drive.answer(wait_for(None))
    throttled_at, before = drive.now, len(drive.effects)
    assert drive.status["trouble"] is None
    drive.pass_time(29 * 60)
    assert "ReadPresence" not in names(drive.effects[before:])
    while "ReadPresence" not in names(drive.effects[before:]):
        drive.settle()
        drive.wake()
    assert drive.now - throttled_at >= timedelta(minutes=30)


def test_while_throttled_available_is_set_every_255_seconds() -> None:
    drive = holding(AVAILABLE)
    next_set(drive)
    drive.answer(wait_for(1))
    next_set(drive)
    drive.answer(OK)
    next_set(drive)
    drive.answer(OK)
    assert 240 <= next_set(drive) <= 255


def test_a_reading_that_fails_is_no_trouble() -> None:
    drive = holding(IN_A_CALL)
    while names(drive.wake()) != ["ReadPresence"]:
        drive.settle()
    drive.answer(OFFLINE)
    assert drive.status["trouble"] is None
    assert drive.engine.calls.retry.at is None


def test_a_read_back_that_a_preferred_write_waits_for_is_trouble_when_it_fails() -> None:
    drive = started()
    drive.pick(AWAY)
    drive.answer(OK)
    drive.answer(AnswerKind.FORBIDDEN)
    assert drive.status["trouble"]["code"] == "forbidden"
    assert drive.engine.service.preferred.longest is None


def test_401_brings_one_fresh_token_with_the_claims_and_one_retry() -> None:
    drive = holding(AVAILABLE)
    next_set(drive)
    effects = drive.answer(Answer(AnswerKind.UNAUTHORIZED, claims="{}"))
    assert effects == (ObtainToken(drive.engine.calls.errand.call, fresh=True, claims="{}"),)
    assert names(drive.grant()) == ["SetSession"]
    drive.answer(AnswerKind.UNAUTHORIZED)
    assert drive.status["trouble"]["code"] == "service"
    begin = drive.now
    assert names(drive.wake()) in (["Notify"], ["ObtainToken"])
    while drive.engine.calls.errand is None:
        drive.wake()
    assert drive.now - begin <= timedelta(minutes=5)
    drive.grant()
    drive.answer(OK)
    assert drive.status["trouble"] is None


def test_403_with_a_claims_challenge_is_answered_like_401() -> None:
    drive = holding(AVAILABLE)
    next_set(drive)
    assert names(drive.answer(Answer(AnswerKind.FORBIDDEN, claims="{}"))) == ["ObtainToken"]


@pytest.mark.parametrize(
    ("kind", "code"), [(AnswerKind.FORBIDDEN, "forbidden"), (AnswerKind.NOT_FOUND, "not-a-teams-user")], ids=str
)
def test_403_and_404_are_told_at_once_and_tried_again_in_half_an_hour_or_when_the_user_acts(
    kind: AnswerKind, code: str
) -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    assert names(drive.answer(kind)) == ["Notify"]
    assert drive.status["trouble"]["code"] == code
    assert next_set(drive) == 1800
    drive.answer(kind)
    assert len(drive.notices) == 1
    assert names(drive.post(Resumed())) == ["SetSession"]
    drive.answer(kind)
    assert names(drive.pick(AVAILABLE)) == ["SetSession"]


def test_an_outage_is_told_once_after_a_minute_and_its_end_once() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    begin = drive.now
    while drive.now - begin < timedelta(minutes=10):
        if drive.engine.calls.request:
            drive.answer(OFFLINE)
        drive.wake()
    assert len(drive.notices) == 1
    drive.settle()
    next_set(drive) if drive.engine.service.session.lease is None else None
    drive.settle()
    assert [notice.key for notice in drive.notices] == ["trouble", "trouble"]
    assert drive.status["trouble"] is None


def test_an_outage_that_a_running_lease_covers_is_never_told() -> None:
    drive = holding(IN_A_CALL)
    next_set(drive)
    begin = drive.now
    while drive.now - begin < timedelta(minutes=10):
        if drive.engine.calls.request:
            drive.answer(OFFLINE)
        drive.wake()
    next_set(drive)
    drive.settle()
    assert drive.notices == []


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (TryLater("no network", failure=NetworkFailure.NETWORK), "offline"),
        (TryLater("busy", after=timedelta(seconds=90)), "service"),
        (SignInNeeded("Your password changed."), "sign-in-needed"),
        (KeyringTrouble(KeyringState.LOCKED), "keyring"),
    ],
    ids=str,
)
def test_without_a_token_the_hold_stays_wanted_and_is_taken_up_when_there_is_one(
    outcome: TokenOutcome, code: str
) -> None:
    drive = started()
    drive.post(TokenAnswered(999, outcome))
    drive.engine = knowing(drive.engine, token=None)
    assert names(drive.pick(BUSY)) == ["ObtainToken"]
    drive.token(outcome)
    assert drive.status["trouble"]["code"] == code
    while drive.engine.calls.errand is None:
        drive.wake()
    assert names(drive.grant()) == ["SetSession"]
    drive.settle()
    assert drive.status["trouble"] is None
    assert drive.status["hold"]["state"] == "busy"


def test_a_token_about_to_end_is_replaced_before_the_call() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.grant(lives=timedelta(minutes=10))
    drive.now += timedelta(minutes=8)
    assert names(drive.pick(BUSY)) == ["ObtainToken"]


def test_holding_nothing_a_look_reads_what_teams_shows_once_in_thirty_seconds() -> None:
    drive = started()
    assert names(drive.post(Looked())) == ["ReadPresence"]
    drive.settle(seen=BUSY.pair)
    assert drive.status["teams_shows"]["availability"] == "Busy"
    assert drive.post(Looked(), after=29) == ()
    assert names(drive.post(Looked(), after=1)) == ["ReadPresence"]
    drive.answer(OFFLINE)
    assert next_wake(drive.engine) is None
    assert drive.post(Woke(), after=100) == ()


def test_a_seen_answer_of_an_abandoned_call_is_nobodys() -> None:
    drive = started()
    assert drive.post(Answered(77, shows(BUSY.pair))) == ()
    assert drive.status["teams_shows"] is None


def preferred_in_doubt() -> Drive:
    """Return a hold whose preferred presence was sent and never answered."""
    drive = started()
    drive.pick(AWAY)
    drive.answer(OK, shows(AWAY.pair), OFFLINE)
    assert drive.engine.service.preferred.unconfirmed is not None
    return drive


def test_a_preferred_state_that_may_have_landed_is_ours_if_it_is_seen_and_is_cleared_on_stop() -> None:
    drive = preferred_in_doubt()
    drive.post(Stopped(), after=60)
    assert names(drive.answer(shows(AWAY.pair))) == ["ClearPreferred"]


def test_a_preferred_state_that_did_not_land_is_forgotten() -> None:
    drive = preferred_in_doubt()
    drive.post(Stopped(), after=60)
    assert names(drive.answer(shows(AVAILABLE.pair))) == ["ClearSession"]
    assert drive.engine.service.preferred.longest is None


def test_a_new_preferred_pair_may_be_written_right_after_our_own_whatever_the_service_shows_yet() -> None:
    drive = started()
    drive.pick(AWAY)
    drive.answer(OK, shows(AWAY.pair), OK)
    drive.pick(BE_RIGHT_BACK)
    drive.answer(OK, after=8)
    assert names(drive.answer(shows(AVAILABLE.pair))) == ["SetPreferred"]
    assert drive.notices == []


def test_stopping_with_nothing_on_the_service_drops_the_trouble() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(AnswerKind.FORBIDDEN)
    drive.post(Stopped())
    assert drive.status["trouble"] is None


def test_a_look_lets_a_keyring_in_trouble_be_asked_again_at_once() -> None:
    drive = started()
    drive.engine = knowing(drive.engine, token=None)
    drive.pick(BUSY)
    drive.token(KeyringTrouble(KeyringState.LOCKED))
    assert names(drive.post(Looked())) == ["ObtainToken"]


def test_an_errand_without_an_answer_is_given_up_and_tried_again() -> None:
    drive = started()
    drive.engine = knowing(drive.engine, token=None)
    drive.pick(BUSY)
    first = drive.engine.calls.errand
    assert names(drive.wake()) == ["AbandonErrand"]
    assert AbandonErrand(first.call) in drive.effects
    assert names(drive.wake()) == ["ObtainToken"]
    assert drive.post(TokenAnswered(first.call, SignInNeeded("late"))) == ()
    assert drive.status["trouble"]["code"] == "service"


def test_a_reading_that_failed_is_done_again_half_a_minute_later() -> None:
    drive = holding(IN_A_CALL)
    while not isinstance(drive.engine.calls.request, ReadPresence):
        drive.settle()
        drive.wake()
    drive.answer(OFFLINE)
    failed_at = drive.now
    assert names(drive.wake()) == ["ReadPresence"]
    assert drive.now - failed_at == timedelta(seconds=30)


def test_readings_that_failed_do_not_lengthen_the_first_pause_of_a_refresh() -> None:
    drive = holding(IN_A_CALL)
    while not isinstance(drive.engine.calls.request, SetSession):
        if drive.engine.calls.request:
            drive.answer(OFFLINE)
        drive.wake()
    drive.answer(OFFLINE)
    failed_at = drive.now
    drive.wake()
    assert drive.now - failed_at <= timedelta(seconds=2)


def test_once_a_call_is_accepted_the_pauses_begin_anew() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    for kind in (AnswerKind.UNAVAILABLE, AnswerKind.UNAVAILABLE, AnswerKind.THROTTLED):
        drive.answer(kind)
        while drive.engine.calls.request is None:
            drive.wake()
    drive.answer(OK)
    while not isinstance(drive.engine.calls.request, SetSession):
        drive.settle()
        drive.wake()
    drive.answer(AnswerKind.UNAVAILABLE)
    failed_at = drive.now
    drive.wake()
    assert drive.now - failed_at <= timedelta(seconds=2)
