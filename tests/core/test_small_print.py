"""What the larger tests do not look at: exact pauses, edges, what is forgotten and what is told with it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.core.driving import OFFLINE, OK, START, Drive, holding, knowing, names, shows, without_call
from tray.core.effects import ReadAccount, ReadPresence, SetPreferred, SetSession
from tray.core.events import (
    ChosenStatusClearAsked,
    Event,
    KeepChosen,
    LeaveAsked,
    Picked,
    PinToggled,
    Resumed,
    SignInAsked,
    SignOutAsked,
    Stopped,
    Suspending,
    VaultChanged,
)
from tray.core.model import Config
from tray.core.schedule import Retry, asked_pause, pause
from tray.core.service import Seen
from tray.core.states import AVAILABLE, AWAY, BE_RIGHT_BACK, BUSY, DO_NOT_DISTURB, IN_A_CALL
from tray.core.values import Answer, Keep, Kind, Leaving, Reach

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=30)


def started() -> Drive:
    drive = Drive()
    drive.start()
    return drive


def test_stop_forgets_how_the_hold_was_to_be_kept() -> None:
    drive = holding(AVAILABLE)
    drive.post(KeepChosen(Keep.HOUR))
    drive.post(PinToggled())
    drive.answer(OK)
    drive.answer(shows(BUSY.pair))
    assert (drive.engine.wish.keep, drive.engine.wish.pin, drive.engine.wish.chosen) == (Keep.HOUR, True, BUSY.pair)
    drive.post(Stopped())
    assert (drive.engine.wish.keep, drive.engine.wish.pin, drive.engine.wish.chosen) == (
        Keep.UNTIL_STOPPED,
        False,
        None,
    )


def test_a_trouble_stays_as_long_as_something_of_ours_may_stay_on_the_service() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.answer(Kind.FORBIDDEN)
    drive.post(Stopped())
    assert drive.status["trouble"]["code"] == "forbidden"
    drive.answer(OK)
    assert drive.status["trouble"] is None


def test_the_pin_of_a_hold_is_the_next_ones_too_and_a_choice_is_forgotten_with_it() -> None:
    drive = holding(AVAILABLE)
    drive.post(PinToggled())
    drive.answer(shows(BUSY.pair))
    assert drive.engine.wish.chosen == BUSY.pair
    assert "no longer overrides" in drive.notices[-1].message
    drive.post(PinToggled(), after=60)
    assert drive.engine.wish.chosen is None
    drive.answer(shows(AVAILABLE.pair), OK)
    drive.pick(BUSY)
    assert drive.status["hold"]["pinned"] is True


@pytest.mark.parametrize(("reach", "title"), [(Reach.NAME, "Microsoft cannot be found."), (None, "No network.")])
def test_a_failure_is_named_for_what_it_was(reach: Reach | None, title: str) -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.answer(Answer(Kind.UNREACHABLE, reach=reach))
    assert drive.status["trouble"]["title"] == title


def test_a_call_without_an_answer_is_named_for_that() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.wake()
    assert drive.engine.trouble.reach is Reach.TIMEOUT


def test_a_reading_that_failed_is_done_again_half_a_minute_later_and_counts_as_no_failure() -> None:
    drive = holding(IN_A_CALL)
    while not isinstance(drive.engine.calls.request, ReadPresence):
        drive.settle()
        drive.wake()
    drive.answer(OFFLINE)
    failed_at = drive.now
    assert drive.engine.calls.retry.failures == 0
    assert names(drive.wake()) == ["ReadPresence"]
    assert drive.now - failed_at == timedelta(seconds=30)


def test_a_preferred_state_is_set_again_at_half_its_lease() -> None:
    drive = started()
    drive.pick(AWAY)
    drive.settle()
    for minutes, set_at in ((14, START), (2, START + LEASE / 2)):
        drive.pass_time(60 * minutes)
        assert drive.engine.service.preferred.lease.confirmed_at == set_at


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


def test_what_stayed_is_said_in_the_users_own_time() -> None:
    drive = holding(IN_A_CALL, config=Config(zone=ZoneInfo("Europe/Berlin")))
    drive.post(LeaveAsked(Leaving.QUIT))
    assert "until 10:30" in drive.wake()[1].left


def test_a_different_trouble_is_told_again_and_the_same_is_not() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    for kind, told in ((Kind.FORBIDDEN, 1), (Kind.FORBIDDEN, 1), (Kind.NOT_FOUND, 2), (Kind.FORBIDDEN, 3)):
        drive.answer(kind)
        assert len(drive.notices) == told
        drive.post(Resumed(), after=600)
    assert drive.engine.trouble.since == drive.now - timedelta(seconds=600)


def test_passing_troubles_are_one_trouble_however_they_change() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.answer(OFFLINE)
    since = drive.engine.trouble.since
    drive.wake()
    drive.answer(Kind.UNAVAILABLE)
    assert drive.status["trouble"]["code"] == "service"
    assert drive.engine.trouble.since == since < drive.now


def test_a_refusal_after_stop_says_nothing_of_the_pair() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.post(Stopped())
    assert drive.answer(Kind.REFUSED) == ()
    assert drive.engine.service.declined == frozenset()
    assert drive.status["trouble"] is None


def test_a_preferred_pair_that_ours_replaced_is_still_ours_while_it_is_shown() -> None:
    drive = holding(BE_RIGHT_BACK)
    drive.pick(DO_NOT_DISTURB, pinned=True)
    drive.answer(OK, shows(BE_RIGHT_BACK.pair), OK)
    drive.post(Stopped(), after=6)
    assert names(drive.answer(shows(BE_RIGHT_BACK.pair))) == ["ClearPreferred"]
    assert drive.notices == []


def test_a_preferred_pair_that_ours_replaced_long_ago_is_a_choice_when_it_is_seen() -> None:
    drive = holding(BE_RIGHT_BACK)
    drive.pick(DO_NOT_DISTURB, pinned=True)
    drive.answer(OK, shows(BE_RIGHT_BACK.pair), OK)
    drive.post(Stopped(), after=60)
    assert "ClearPreferred" not in names(drive.answer(shows(BE_RIGHT_BACK.pair)))


@pytest.mark.parametrize("event", [SignOutAsked(), SignInAsked(), VaultChanged(), ChosenStatusClearAsked()], ids=str)
def test_whatever_the_user_does_a_call_in_flight_is_waited_for_a_second_and_a_half(event: Event) -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    assert isinstance(drive.engine.calls.request, SetSession)
    drive.post(event)
    assert drive.engine.calls.patience == drive.now + timedelta(seconds=1.5)


def test_a_word_from_another_process_is_looked_up_with_the_next_number() -> None:
    drive = holding(IN_A_CALL)
    calls = drive.engine.calls.count
    assert drive.post(VaultChanged()) == (ReadAccount(calls + 1),)


def test_the_end_waits_for_a_clearing_that_the_user_asked_for() -> None:
    drive = started()
    assert names(drive.post(ChosenStatusClearAsked())) == ["ClearPreferred"]
    assert drive.post(LeaveAsked(Leaving.QUIT)) == ()
    assert names(drive.answer(OK)) == ["Exit"]


def test_a_cleared_choice_is_forgotten_before_it_is_looked_at_again() -> None:
    drive = holding(AVAILABLE)
    drive.post(PinToggled())
    drive.answer(shows(BUSY.pair))
    drive.post(ChosenStatusClearAsked())
    drive.answer(OK)
    assert drive.engine.wish.chosen is None
    assert drive.engine.wish.clear_chosen is False


def test_quit_at_the_very_end_of_retry_after_still_releases() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.answer(Answer(Kind.THROTTLED, retry_after=timedelta(seconds=60)))
    assert names(drive.post(LeaveAsked(Leaving.QUIT), after=60)) == ["ClearSession"]


def test_a_failure_after_the_user_acted_leaves_the_decline_to_be_found_out_anew() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(Kind.REFUSED)
    drive.post(PinToggled())
    effects = drive.answer(OFFLINE)
    assert [without_call(effect) for effect in effects] == [SetSession(0, BUSY.pair, LEASE)]


def test_a_decline_is_trouble_since_it_was_found_out() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.answer(Kind.REFUSED)
    drive.answer(OK, after=1)
    assert drive.engine.trouble.since == drive.now


@pytest.mark.parametrize(("asked", "most"), [(20, 22), (50, 55), (100, 105)])
def test_a_pause_that_graph_names_is_kept_and_a_moment_more(asked: float, most: float) -> None:
    pauses = [asked_pause(0.3, timedelta(seconds=asked), count).total_seconds() for count in range(300)]
    assert asked <= min(pauses) < asked + 0.1 * (most - asked)
    assert most - 0.1 * (most - asked) < max(pauses) < most


@pytest.mark.parametrize(("failures", "full"), [(1, 2), (4, 16), (5, 30), (20, 30)])
def test_pauses_before_the_deadline_are_a_quarter_shorter_at_most(failures: int, full: float) -> None:
    due, retry = START + HOUR, Retry(failures=failures)
    pauses = [pause(0.3, retry, due, START, count).total_seconds() for count in range(300)]
    assert 0.75 * full <= min(pauses) < 0.76 * full
    assert 0.99 * full < max(pauses) <= full


def test_from_the_deadline_on_pauses_may_be_longer() -> None:
    retry = Retry(failures=9)
    for due, longest in ((START + HOUR, 30), (START, 45), (None, 45)):
        pauses = [pause(0.3, retry, due, START, count).total_seconds() for count in range(99)]
        assert 0.95 * longest < max(pauses) <= longest


def test_a_hold_timed_from_the_command_line_is_as_long_as_said() -> None:
    drive = started()
    drive.post(Picked(BUSY, START + HOUR, timed=True))
    assert drive.engine.wish.hold.until == START + HOUR


def test_a_set_that_was_refused_for_haste_as_the_program_is_left_leaves_nothing_to_release() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.post(LeaveAsked(Leaving.QUIT))
    assert names(drive.answer(Kind.THROTTLED)) == ["Exit"]


def test_while_a_hold_rests_for_the_night_there_is_nothing_to_explain() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Suspending())
    drive.answer(OK)
    drive.engine = knowing(drive.engine, seen=Seen(AWAY.pair, drive.now))
    assert drive.status["teams_shows"]["availability"] == "Away"
    assert drive.status["why"] is None


def test_once_a_call_is_accepted_the_pauses_begin_anew() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    for kind in (Kind.UNAVAILABLE, Kind.UNAVAILABLE, Kind.THROTTLED):
        drive.answer(kind)
        while drive.engine.calls.request is None:
            drive.wake()
    drive.answer(OK)
    assert (drive.engine.calls.retry.failures, drive.engine.calls.retry.throttles, drive.engine.calls.retry.at) == (
        0,
        0,
        None,
    )


def test_a_pick_asks_anew_whatever_was_refused() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.answer(Kind.FORBIDDEN)
    assert drive.status["trouble"]["code"] == "forbidden"
    assert names(drive.pick(AVAILABLE)) == ["SetSession"]
    assert drive.status["trouble"] is None
