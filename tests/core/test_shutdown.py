"""Quit, logout, crashes and restarts: what is released, kept or set again."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.core.driver import ADELE, OFFLINE, OK, START, Drive, holding, knowing, names, shows, started
from tray.core.config import Config
from tray.core.effects import Exit, Save, SetPreferred, SetSession
from tray.core.engine import next_wake
from tray.core.events import (
    ChosenStatusClearAsked,
    LeaveAsked,
    Picked,
    Resumed,
    SignOutAsked,
    Started,
    Stopped,
    Suspending,
)
from tray.core.states import AVAILABLE, AWAY, BUSY, IN_A_CALL, PRESENTING, State
from tray.core.status import instant
from tray.core.values import (
    Account,
    AccountRead,
    Answer,
    AnswerKind,
    Hold,
    Lease,
    LeaveReason,
    Saved,
    SignInNeeded,
)

HOUR = timedelta(hours=1)
SOMEBODY_ELSE = Account("grady@example.test", "grady-key")


def test_quit_releases_and_then_goes() -> None:
    drive = holding(AWAY)
    assert names(drive.post(LeaveAsked(LeaveReason.QUIT))) == ["ReadPresence"]
    assert names(drive.answer(shows(AWAY.pair))) == ["ClearPreferred"]
    assert names(drive.answer(OK)) == ["ClearSession"]
    effects = drive.answer(OK)
    assert names(effects) == ["Exit"]
    assert effects[0].left is None
    assert next_wake(drive.engine) is None
    assert drive.saved.session is drive.saved.preferred is drive.saved.hold is None


def test_quit_with_nothing_held_goes_at_once() -> None:
    drive = started()
    assert names(drive.post(LeaveAsked(LeaveReason.QUIT))) == ["Exit"]


@pytest.mark.parametrize("failure", [OFFLINE, Answer(AnswerKind.FORBIDDEN), Answer(AnswerKind.THROTTLED)], ids=str)
def test_quit_tries_once_and_says_what_stayed(failure: Answer) -> None:
    drive = holding(AWAY)
    drive.post(LeaveAsked(LeaveReason.QUIT))
    drive.answer(failure)
    effects = drive.answer(failure)
    assert names(effects) == ["Exit"]
    assert "Away" in effects[0].left
    assert drive.saved.session is not None
    assert drive.saved.preferred is not None


def test_quit_is_over_in_three_seconds_whatever_hangs() -> None:
    drive = holding(AWAY)
    drive.post(LeaveAsked(LeaveReason.QUIT))
    begin = drive.now
    assert names(drive.wake()) == ["Abandon", "Exit"]
    assert drive.now - begin < timedelta(seconds=3)


def test_quit_does_not_wait_for_retry_after() -> None:
    drive = holding(IN_A_CALL)
    while not isinstance(drive.engine.calls.request, SetSession):
        drive.settle()
        drive.wake()
    drive.answer(Answer(AnswerKind.THROTTLED, retry_after=timedelta(seconds=60)))
    assert names(drive.post(LeaveAsked(LeaveReason.QUIT))) == ["Exit"]


def test_a_second_quit_goes_at_once() -> None:
    drive = holding()
    drive.post(LeaveAsked(LeaveReason.QUIT))
    assert names(drive.post(LeaveAsked(LeaveReason.QUIT))) == ["Abandon", "Exit"]


def test_quit_while_a_set_is_in_flight_clears_after_it() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    assert drive.post(LeaveAsked(LeaveReason.QUIT)) == ()
    assert names(drive.answer(OK)) == ["ClearSession"]
    assert names(drive.answer(OK)) == ["Exit"]


def test_quit_without_a_token_asks_for_one_and_gives_up_when_there_is_none() -> None:
    drive = holding()
    drive.engine = knowing(drive.engine, token=None)
    assert names(drive.post(LeaveAsked(LeaveReason.QUIT))) == ["ObtainToken"]
    assert names(drive.token(SignInNeeded("no"))) == ["Exit"]


def test_while_leaving_a_pick_is_too_late() -> None:
    drive = holding()
    drive.post(LeaveAsked(LeaveReason.QUIT))
    assert drive.pick(BUSY) == ()
    assert drive.status["hold"] is None


@pytest.mark.parametrize(
    ("leaving", "until", "foreground", "kept"),
    [
        (LeaveReason.QUIT, HOUR, False, False),
        (LeaveReason.ENDED, HOUR, False, True),
        (LeaveReason.ENDED, None, False, False),
        (LeaveReason.ENDED, HOUR, True, False),
    ],
)
def test_only_a_timed_hold_survives_and_only_when_the_user_did_not_quit(
    leaving: LeaveReason, until: timedelta | None, foreground: bool, kept: bool
) -> None:
    drive = holding(IN_A_CALL, until, Config(foreground=foreground))
    drive.post(LeaveAsked(leaving))
    drive.answer(OK)
    assert (drive.saved.hold is not None) is kept


def covers(saved: Lease, lease: Lease) -> bool:
    return saved.pair == lease.pair and saved.expires_at >= lease.expires_at


def test_a_crash_keeps_a_timed_hold_and_what_was_left_on_the_service() -> None:
    drive = holding(IN_A_CALL, HOUR)
    assert drive.saved.hold.state is IN_A_CALL
    assert covers(drive.saved.session, drive.engine.service.session.lease)


def saved_hold(until: timedelta) -> Saved:
    lease = Lease(BUSY.pair, START - HOUR / 6, START + HOUR / 3)
    return Saved(Hold(BUSY, START - HOUR, START + until), BUSY, lease, None, ADELE.key)


def test_the_next_start_takes_a_timed_hold_up() -> None:
    drive = Drive()
    assert names(drive.post(Started(saved_hold(HOUR)))) == ["ObtainToken"]
    assert names(drive.grant()) == ["SetSession"]
    assert drive.status["hold"]["until"] == "2026-01-05T10:00:00Z"


def test_the_next_start_takes_no_hold_up_that_would_last_for_more_than_a_week() -> None:
    drive = Drive()
    drive.post(Started(saved_hold(timedelta(days=8))))
    assert drive.status["hold"] is None


def test_the_next_start_takes_nothing_up_for_another_account() -> None:
    drive = Drive()
    drive.post(Started(saved_hold(HOUR)))
    assert drive.grant(account=SOMEBODY_ELSE) == ()
    assert drive.status["hold"] is None
    assert drive.engine.service.session.longest is None


def test_after_an_unclean_end_with_nothing_to_take_up_the_start_releases_what_was_left() -> None:
    drive = Drive()
    drive.post(Started(saved_hold(-HOUR)))
    assert names(drive.token(AccountRead(ADELE))) == ["ObtainToken"]
    assert names(drive.grant()) == ["ClearSession"]


def test_what_was_left_and_has_expired_is_not_cleared() -> None:
    drive = Drive()
    lease = Lease(BUSY.pair, START - 2 * HOUR, START - HOUR)
    drive.post(Started(Saved(session=lease, account_key=ADELE.key)))
    assert drive.token(AccountRead(ADELE)) == ()


@pytest.mark.parametrize(("at_launch", "state"), [("nothing", None), ("last", BUSY), ("away", AWAY)])
def test_an_untimed_hold_comes_back_only_if_the_settings_say_so(at_launch: str, state: State | None) -> None:
    drive = Drive(Config(at_launch=at_launch))
    drive.post(Started(Saved(last_state=BUSY)))
    hold = drive.engine.wish.hold
    assert (hold.state if hold else None) is state


def test_a_foreground_hold_takes_nothing_up() -> None:
    drive = Drive(Config(foreground=True))
    drive.post(Started(saved_hold(HOUR)))
    assert drive.engine.wish.hold is None


def test_a_preferred_state_survives_in_what_is_saved() -> None:
    drive = holding(AWAY)
    assert any(isinstance(effect, SetPreferred) for effect in drive.effects)
    assert covers(drive.saved.preferred, drive.engine.service.preferred.lease)


def test_a_set_that_fails_while_leaving_is_still_cleared() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.post(LeaveAsked(LeaveReason.QUIT))
    assert names(drive.answer(OFFLINE)) == ["ClearSession"]
    assert names(drive.answer(OK)) == ["Exit"]


def test_a_foreground_hold_ends_the_program_when_it_ends() -> None:
    drive = started(Config(foreground=True))
    drive.post(Picked(IN_A_CALL, START + HOUR, timed=True))
    drive.settle()
    drive.pass_time(3601)
    assert names(drive.effects)[-1] == "Exit"


def test_a_foreground_hold_fails_where_nobody_is_signed_in_and_outlives_a_sign_in_that_is_lost() -> None:
    drive = Drive(Config(foreground=True))
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.pick(BUSY)
    assert drive.token(SignInNeeded("Nobody is signed in."))[-1] == Exit(failed=True)
    lost = holding(IN_A_CALL, config=Config(foreground=True))
    lost.settle()
    lost.wake()
    lost.answer(AnswerKind.UNAUTHORIZED)
    lost.token(SignInNeeded("Your password has changed."))
    assert lost.status["hold"]
    assert lost.post(LeaveAsked(LeaveReason.QUIT))[-1] != Exit(failed=True)


def test_what_is_being_cleared_is_in_the_status_until_it_is_gone() -> None:
    drive = holding(IN_A_CALL)
    assert drive.status["clearing"] is None
    drive.post(Stopped())
    until = instant(drive.engine.service.session.longest.expires_at)  # type: ignore[union-attr]
    assert drive.status["clearing"] == [{"availability": "Busy", "activity": "InACall", "expires_at": until}]
    drive.answer(OFFLINE)
    drive.post(LeaveAsked(LeaveReason.QUIT))
    drive.answer(OFFLINE)
    assert drive.status["clearing"], "what could not be cleared stays in it to the end"


def test_what_was_cleared_is_out_of_the_status() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Stopped())
    drive.settle()
    assert drive.status["clearing"] is None


def test_a_logout_that_sends_more_than_one_signal_still_releases() -> None:
    drive = holding()
    assert names(drive.post(LeaveAsked(LeaveReason.ENDED))) == ["ClearSession"]
    assert drive.post(LeaveAsked(LeaveReason.ENDED)) == ()
    assert names(drive.answer(OK)) == ["Exit"]


def test_at_the_end_of_three_seconds_a_release_in_flight_is_named_with_its_lease() -> None:
    drive = holding(IN_A_CALL)
    drive.post(LeaveAsked(LeaveReason.ENDED))
    effects = drive.wake()
    assert names(effects) == ["Abandon", "Exit"]
    assert "“In a call” until 09:30" in effects[1].left


def test_left_after_a_change_that_may_not_have_landed_both_are_named_the_one_that_was_shown_first() -> None:
    drive = holding(PRESENTING)
    drive.pick(IN_A_CALL)
    drive.answer(OFFLINE)
    drive.post(LeaveAsked(LeaveReason.QUIT))
    effects = drive.answer(OFFLINE)
    assert names(effects) == ["Exit"]
    assert "see you as “Presenting” or “In a call” until 09:31." in effects[0].left


def test_a_sleep_and_a_sign_out_under_way_end_with_the_program() -> None:
    drive = holding()
    drive.post(SignOutAsked())
    drive.post(Suspending())
    assert drive.post(LeaveAsked(LeaveReason.QUIT)) == ()
    assert names(drive.answer(OK)) == ["Exit"]


def test_what_stayed_is_said_in_the_users_own_time() -> None:
    drive = holding(IN_A_CALL, config=Config(zone=ZoneInfo("Europe/Berlin")))
    drive.post(LeaveAsked(LeaveReason.QUIT))
    assert "until 10:30" in drive.wake()[1].left


def test_the_end_waits_for_a_clearing_that_the_user_asked_for() -> None:
    drive = started()
    assert names(drive.post(ChosenStatusClearAsked())) == ["ClearPreferred"]
    assert drive.post(LeaveAsked(LeaveReason.QUIT)) == ()
    assert names(drive.answer(OK)) == ["Exit"]


def test_quit_at_the_very_end_of_retry_after_still_releases() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.answer(Answer(AnswerKind.THROTTLED, retry_after=timedelta(seconds=60)))
    assert names(drive.post(LeaveAsked(LeaveReason.QUIT), after=60)) == ["ClearSession"]


def test_a_set_that_was_refused_for_haste_as_the_program_is_left_leaves_nothing_to_release() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.post(LeaveAsked(LeaveReason.QUIT))
    assert names(drive.answer(AnswerKind.THROTTLED)) == ["Exit"]


@pytest.mark.parametrize(
    ("ahead", "kept"), [(timedelta(minutes=2), True), (timedelta(), False), (-HOUR, False), (2 * HOUR, False)]
)
def test_what_a_service_asked_for_is_kept_over_a_restart_unless_a_clock_was_set(ahead: timedelta, kept: bool) -> None:
    drive = Drive()
    drive.post(Started(Saved(graph_wait=START + ahead, sign_in_wait=START + ahead)))
    drive.token(AccountRead(ADELE))
    drive.pick(BUSY)
    while drive.engine.calls.errand is None:
        drive.wake()
    assert drive.now == (START + ahead if kept else START), "no token is asked for before"
    drive.grant()
    assert names(drive.effects[-1:]) == ["SetSession"]


def test_what_graph_asked_for_is_saved_at_once() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(Answer(AnswerKind.THROTTLED, retry_after=timedelta(seconds=60)))
    saved = [effect.saved for effect in drive.effects if isinstance(effect, Save)][-1]
    assert saved.graph_wait is not None
    again = Drive(now=drive.now)
    again.post(Started(saved))
    assert again.engine.calls.retry.floor == saved.graph_wait
