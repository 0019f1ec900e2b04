"""Quit, logout, sleep, restarts, sign-out and a change of account: each releases, keeps or takes up as promised."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.core.driving import ADELE, OK, START, Drive, names, shows
from tray.core.effects import (
    CancelSignIn,
    SetPreferred,
    SetSession,
    SignIn,
    SignOut,
    UnlockKeyring,
)
from tray.core.engine import next_wake
from tray.core.events import (
    LeaveAsked,
    Looked,
    Picked,
    Resumed,
    SignInAsked,
    SignInCancelled,
    SignInProgressed,
    SignOutAsked,
    Started,
    Suspending,
    TokenAnswered,
    UnlockAsked,
)
from tray.core.known import Config, Ours
from tray.core.states import APPEAR_OFFLINE, AVAILABLE, AWAY, BUSY, IN_A_CALL, State
from tray.core.things import (
    Account,
    Answer,
    Granted,
    Hold,
    KeyringState,
    KeyringTrouble,
    Kind,
    Known,
    Lease,
    Leaving,
    Reach,
    Saved,
    SignedOut,
    SignInNeeded,
    SignInWay,
    TryLater,
)

OFFLINE = Answer(Kind.UNREACHABLE, reach=Reach.NETWORK)
HOUR = timedelta(hours=1)
SOMEBODY_ELSE = Account("grady@example.test", "grady-key")


def holding(state: State = IN_A_CALL, until: timedelta | None = None, config: Config | None = None) -> Drive:
    drive = Drive(config)
    drive.start()
    drive.post(Picked(state, START + until if until else None, timed=True))
    drive.settle()
    drive.pass_time(60)
    return drive


def test_quit_releases_and_then_goes() -> None:
    drive = holding(AWAY)
    assert names(drive.post(LeaveAsked(Leaving.QUIT))) == ["ReadPresence"]
    assert names(drive.answer(shows(AWAY.pair))) == ["ClearPreferred"]
    assert names(drive.answer(OK)) == ["ClearSession"]
    effects = drive.answer(OK)
    assert names(effects) == ["Exit"]
    assert effects[0].left is None
    assert next_wake(drive.engine) is None
    assert drive.saved.session is drive.saved.preferred is drive.saved.hold is None


def test_quit_with_nothing_held_goes_at_once() -> None:
    drive = Drive()
    drive.start()
    assert names(drive.post(LeaveAsked(Leaving.QUIT))) == ["Exit"]


@pytest.mark.parametrize("failure", [OFFLINE, Answer(Kind.FORBIDDEN), Answer(Kind.THROTTLED)], ids=str)
def test_quit_tries_once_and_says_what_stayed(failure: Answer) -> None:
    drive = holding(AWAY)
    drive.post(LeaveAsked(Leaving.QUIT))
    drive.answer(failure)
    effects = drive.answer(failure)
    assert names(effects) == ["Exit"]
    assert "Away" in effects[0].left
    assert drive.saved.session is not None
    assert drive.saved.preferred is not None


def test_quit_is_over_in_three_seconds_whatever_hangs() -> None:
    drive = holding(AWAY)
    drive.post(LeaveAsked(Leaving.QUIT))
    begin = drive.now
    assert names(drive.wake()) == ["Abandon", "Exit"]
    assert drive.now - begin < timedelta(seconds=3)


def test_quit_does_not_wait_for_retry_after() -> None:
    drive = holding(IN_A_CALL)
    while not isinstance(drive.engine.request, SetSession):
        drive.settle()
        drive.wake()
    drive.answer(Answer(Kind.THROTTLED, retry_after=timedelta(seconds=60)))
    assert names(drive.post(LeaveAsked(Leaving.QUIT))) == ["Exit"]


def test_a_second_quit_goes_at_once() -> None:
    drive = holding()
    drive.post(LeaveAsked(Leaving.QUIT))
    assert names(drive.post(LeaveAsked(Leaving.QUIT))) == ["Abandon", "Exit"]


def test_quit_while_a_set_is_in_flight_clears_after_it() -> None:
    drive = Drive()
    drive.start()
    drive.pick(AVAILABLE)
    assert drive.post(LeaveAsked(Leaving.QUIT)) == ()
    assert names(drive.answer(OK)) == ["ClearSession"]
    assert names(drive.answer(OK)) == ["Exit"]


def test_quit_without_a_token_asks_for_one_and_gives_up_when_there_is_none() -> None:
    drive = holding()
    drive.engine = replace(drive.engine, token=None)
    assert names(drive.post(LeaveAsked(Leaving.QUIT))) == ["ObtainToken"]
    assert names(drive.token(SignInNeeded("no"))) == ["Exit"]


def test_while_leaving_a_pick_is_too_late() -> None:
    drive = holding()
    drive.post(LeaveAsked(Leaving.QUIT))
    assert drive.pick(BUSY) == ()
    assert drive.status["hold"] is None


@pytest.mark.parametrize(
    ("leaving", "until", "foreground", "kept"),
    [
        (Leaving.QUIT, HOUR, False, False),
        (Leaving.ENDED, HOUR, False, True),
        (Leaving.ENDED, None, False, False),
        (Leaving.ENDED, HOUR, True, False),
    ],
)
def test_only_a_timed_hold_survives_and_only_when_the_user_did_not_quit(
    leaving: Leaving, until: timedelta | None, foreground: bool, kept: bool
) -> None:
    drive = holding(IN_A_CALL, until, Config(foreground=foreground))
    drive.post(LeaveAsked(leaving))
    drive.answer(OK)
    assert (drive.saved.hold is not None) is kept


def test_a_crash_keeps_a_timed_hold_and_what_was_left_on_the_service() -> None:
    drive = holding(IN_A_CALL, HOUR)
    assert drive.saved.hold.state is IN_A_CALL
    assert drive.saved.session == drive.engine.session.lease


def saved_hold(until: timedelta) -> Saved:
    lease = Lease(BUSY.pair, START - HOUR / 6, START + HOUR / 3)
    return Saved(Hold(BUSY, START - HOUR, START + until), BUSY, lease, None, ADELE.key)


def test_the_next_start_takes_a_timed_hold_up() -> None:
    drive = Drive()
    assert names(drive.post(Started(saved_hold(HOUR)))) == ["ObtainToken"]
    assert names(drive.grant()) == ["SetSession"]
    assert drive.status["hold"]["until"] == "2026-01-05T10:00:00Z"


def test_the_next_start_takes_nothing_up_for_another_account() -> None:
    drive = Drive()
    drive.post(Started(saved_hold(HOUR)))
    assert drive.grant(account=SOMEBODY_ELSE) == ()
    assert drive.status["hold"] is None
    assert drive.engine.session.any is None


def test_after_an_unclean_end_with_nothing_to_take_up_the_start_releases_what_was_left() -> None:
    drive = Drive()
    drive.post(Started(saved_hold(-HOUR)))
    assert names(drive.token(Known(ADELE))) == ["ObtainToken"]
    assert names(drive.grant()) == ["ClearSession"]


def test_what_was_left_and_has_expired_is_not_cleared() -> None:
    drive = Drive()
    lease = Lease(BUSY.pair, START - 2 * HOUR, START - HOUR)
    drive.post(Started(Saved(session=lease, account_key=ADELE.key)))
    assert drive.token(Known(ADELE)) == ()


@pytest.mark.parametrize(("at_launch", "state"), [("nothing", None), ("last", BUSY), ("away", AWAY)])
def test_an_untimed_hold_comes_back_only_if_the_settings_say_so(at_launch: str, state: State | None) -> None:
    drive = Drive(Config(at_launch=at_launch))
    drive.post(Started(Saved(last_state=BUSY)))
    hold = drive.engine.hold
    assert (hold.state if hold else None) is state


def test_a_foreground_hold_takes_nothing_up() -> None:
    drive = Drive(Config(foreground=True))
    drive.post(Started(saved_hold(HOUR)))
    assert drive.engine.hold is None


# --------------------------------------------------------------------------- sleep


def test_before_sleep_an_untimed_hold_is_released_and_taken_up_again_on_resume() -> None:
    drive = holding(IN_A_CALL)
    assert names(drive.post(Suspending())) == ["ClearSession"]
    assert names(drive.answer(OK)) == ["AllowSuspend"]
    assert drive.status["hold"]["state"] == "in-a-call"
    drive.jump(3600)
    assert names(drive.post(Resumed())) == ["SetSession"]
    assert drive.notices == []


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
    assert drive.engine.sleep.allowed
    for ours in (drive.engine.session, drive.engine.preferred):
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
    drive = Drive()
    drive.start()
    assert names(drive.post(Suspending())) == ["AllowSuspend"]


def test_a_timed_hold_that_ended_in_sleep_is_released_on_resume() -> None:
    drive = holding(IN_A_CALL, HOUR)
    drive.post(Suspending())
    drive.settle()
    drive.jump(2 * 3600)
    drive.post(Resumed())
    assert drive.status["hold"] is None


# --------------------------------------------------------------------------- accounts


def test_sign_out_releases_first_under_the_old_token() -> None:
    drive = holding(IN_A_CALL)
    assert names(drive.post(SignOutAsked())) == ["ClearSession"]
    effects = drive.answer(OK)
    assert effects == (SignOut(drive.engine.errand.call),)
    drive.token(SignedOut())
    assert drive.status["account"] == {"username": None, "signed_in": False}
    assert drive.view.icon.shape == "signed-out"


def test_sign_out_offline_removes_the_tokens_all_the_same_and_names_the_lease() -> None:
    drive = holding(IN_A_CALL)
    drive.post(SignOutAsked())
    drive.answer(OFFLINE)
    while drive.engine.errand is None:
        drive.wake()
    assert isinstance(drive.engine.errand, SignOut)
    assert "In a call" in drive.notices[-1].message


def test_a_change_of_account_releases_first_and_drops_the_hold() -> None:
    drive = holding(IN_A_CALL)
    assert names(drive.post(SignInAsked())) == ["ClearSession"]
    assert names(drive.answer(OK)) == ["SignIn"]
    drive.grant(account=SOMEBODY_ELSE)
    assert drive.status["hold"] is None
    assert drive.status["account"]["username"] == SOMEBODY_ELSE.username


def test_signing_in_again_keeps_the_hold() -> None:
    drive = holding(IN_A_CALL)
    drive.engine = replace(drive.engine, token=None)
    drive.pick(BUSY)
    drive.token(SignInNeeded("Your password changed."))
    assert [notice.remedy.event for notice in drive.notices] == [SignInAsked(SignInWay.BROWSER)]
    assert names(drive.post(SignInAsked(SignInWay.DEVICE_CODE))) == ["SignIn"]
    assert names(drive.grant()) == ["SetSession"]
    assert drive.status["trouble"] is None


def test_a_sign_in_shows_its_code_can_be_cancelled_and_runs_once() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(Known(None))
    drive.post(SignInAsked(SignInWay.DEVICE_CODE))
    call = drive.engine.errand.call
    assert drive.post(SignInAsked()) == ()
    drive.post(SignInProgressed(call, "https://example.test/device", "ABCD", drive.now + HOUR))
    assert any("ABCD" in row.label for row in drive.view.rows)
    assert drive.post(SignInProgressed(call + 1, "https://example.test/device", "WXYZ")) == ()
    assert drive.post(SignInCancelled()) == (CancelSignIn(call),)
    drive.token(TryLater("You cancelled it."))
    assert drive.notices[-1].message == "You cancelled it."
    assert drive.status["trouble"] is None
    assert drive.post(SignInCancelled()) == ()


def test_a_sign_in_that_no_keyring_remembers_is_said() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(KeyringTrouble(KeyringState.ABSENT))
    drive.post(SignInAsked())
    assert isinstance(drive.engine.errand, SignIn)
    granted = TokenAnswered(drive.engine.errand.call, Granted(ADELE, drive.now + HOUR, remembered=False))
    drive.post(granted)
    assert "until you quit" in drive.notices[-1].title


def test_a_locked_keyring_offers_to_be_unlocked_and_is_not_signed_out() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(KeyringTrouble(KeyringState.LOCKED))
    assert drive.status["trouble"]["code"] == "keyring"
    account = next(row for row in drive.view.rows if row.key == "account")
    assert "unlock" in [row.key for row in account.rows]
    assert drive.post(UnlockAsked()) == (UnlockKeyring(drive.engine.errand.call),)
    assert drive.post(UnlockAsked()) == ()
    drive.token(Known(ADELE))
    assert drive.status["account"]["signed_in"] is True


def test_looking_asks_the_vault_again_while_nobody_is_known() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(Known(None))
    assert names(drive.post(Looked())) == ["ReadAccount"]
    assert drive.post(Looked()) == ()


def test_an_answer_to_an_older_errand_is_nobodys() -> None:
    drive = Drive()
    drive.start()
    assert drive.post(TokenAnswered(999, SignedOut())) == ()
    assert drive.status["account"]["signed_in"] is True


def test_a_preferred_state_survives_in_what_is_saved() -> None:
    drive = holding(AWAY)
    assert any(isinstance(effect, SetPreferred) for effect in drive.effects)
    assert drive.saved.preferred == drive.engine.preferred.lease


def test_a_set_that_fails_while_leaving_is_still_cleared() -> None:
    drive = Drive()
    drive.start()
    drive.pick(AVAILABLE)
    drive.post(LeaveAsked(Leaving.QUIT))
    assert names(drive.answer(OFFLINE)) == ["ClearSession"]
    assert names(drive.answer(OK)) == ["Exit"]


def test_a_sign_out_that_waits_for_an_answer_with_nothing_left_behind_names_nothing() -> None:
    drive = holding(IN_A_CALL)
    drive.post(SignOutAsked())
    drive.engine = replace(drive.engine, session=Ours())
    while drive.engine.errand is None:
        drive.wake()
    assert drive.notices == []


def test_a_foreground_hold_ends_the_program_when_it_ends() -> None:
    drive = Drive(Config(foreground=True))
    drive.start()
    drive.post(Picked(IN_A_CALL, START + HOUR, timed=True))
    drive.settle()
    drive.pass_time(3601)
    assert names(drive.effects)[-1] == "Exit"
