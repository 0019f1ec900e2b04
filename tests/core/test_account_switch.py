"""Signing in and out and a change of account: nothing is kept or released under another account."""

from datetime import timedelta

import pytest

from tests.core.driver import ADELE, OFFLINE, OK, Drive, holding, knowing, names, started
from tray.core.effects import (
    CancelSignIn,
    ObtainToken,
    SignIn,
    SignOut,
    UnlockKeyring,
)
from tray.core.events import (
    LeaveAsked,
    Looked,
    SignInAsked,
    SignInCancelled,
    SignInProgressed,
    SignOutAsked,
    TokenAnswered,
    UnlockAsked,
    VaultChanged,
)
from tray.core.service import Ours
from tray.core.states import AVAILABLE, BUSY, IN_A_CALL
from tray.core.values import (
    Account,
    AccountRead,
    Granted,
    KeyringState,
    KeyringTrouble,
    LeaveReason,
    NetworkFailure,
    SignedOut,
    SignInNeeded,
    SignInWay,
    TokenOutcome,
    TryLater,
)

HOUR = timedelta(hours=1)
SOMEBODY_ELSE = Account("grady@example.test", "grady-key")


def test_sign_out_releases_first_under_the_old_token() -> None:
    drive = holding(IN_A_CALL)
    assert names(drive.post(SignOutAsked())) == ["ClearSession"]
    effects = drive.answer(OK)
    assert effects == (SignOut(drive.engine.calls.errand.call),)
    drive.token(SignedOut())
    assert drive.status["account"] == {"username": None, "signed_in": False}
    assert drive.view.icon.shape == "signed-out"


def test_sign_out_offline_removes_the_tokens_all_the_same_and_names_the_lease() -> None:
    drive = holding(IN_A_CALL)
    drive.post(SignOutAsked())
    drive.answer(OFFLINE)
    while drive.engine.calls.errand is None:
        drive.wake()
    assert isinstance(drive.engine.calls.errand, SignOut)
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
    drive.engine = knowing(drive.engine, token=None)
    drive.pick(BUSY)
    drive.token(SignInNeeded("Your password changed."))
    assert [notice.remedy.event for notice in drive.notices] == [SignInAsked(SignInWay.BROWSER)]
    assert names(drive.post(SignInAsked(SignInWay.DEVICE_CODE))) == ["SignIn"]
    assert names(drive.grant()) == ["SetSession"]
    assert drive.status["trouble"] is None


def test_a_sign_in_shows_its_code_can_be_cancelled_and_runs_once() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.post(SignInAsked(SignInWay.DEVICE_CODE))
    call = drive.engine.calls.errand.call
    assert drive.post(SignInAsked()) == ()
    drive.post(SignInProgressed(call, "https://example.test/device", "ABCD", drive.now + HOUR))
    assert any("ABCD" in row.label for row in drive.view.rows)
    assert drive.post(SignInProgressed(call + 1, "https://example.test/device", "WXYZ")) == ()
    assert drive.post(SignInCancelled()) == (CancelSignIn(call),)
    drive.token(TryLater("You cancelled it.", "Sign in later."))
    assert drive.notices[-1].title == "You cancelled it."
    assert drive.status["trouble"] is None
    assert drive.post(SignInCancelled()) == ()


def test_a_sign_in_that_no_keyring_remembers_is_said() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(KeyringTrouble(KeyringState.ABSENT))
    drive.post(SignInAsked())
    assert isinstance(drive.engine.calls.errand, SignIn)
    granted = TokenAnswered(drive.engine.calls.errand.call, Granted(ADELE, drive.now + HOUR, remembered=False))
    drive.post(granted)
    assert "until you quit" in drive.notices[-1].title


def test_a_locked_keyring_offers_to_be_unlocked_and_is_not_signed_out() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(KeyringTrouble(KeyringState.LOCKED))
    assert drive.status["trouble"]["code"] == "keyring"
    assert drive.row("unlock").enabled
    assert drive.post(UnlockAsked()) == (UnlockKeyring(drive.engine.calls.errand.call),)
    assert drive.post(UnlockAsked()) == ()
    call = drive.engine.calls.errand.call
    drive.post(SignInProgressed(call, keyring=True))
    assert "Answer in your keyring's window." in [row.label for row in drive.view.rows]
    counted = {"sign_outs": 0, "unlocks": 0, "asking": True, "failure": None, "binned": False}
    assert counted.items() <= drive.view.errands.items()
    assert drive.token(AccountRead(ADELE)) == ()
    assert (counted | {"unlocks": 1, "asking": False}).items() <= drive.view.errands.items()
    assert drive.status["account"]["signed_in"] is True


def test_unlocking_that_is_asked_for_during_another_errand_comes_next() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(KeyringTrouble(KeyringState.LOCKED))
    assert names(drive.post(Looked())) == ["ReadAccount"]
    assert drive.post(UnlockAsked()) == ()
    assert names(drive.token(KeyringTrouble(KeyringState.LOCKED))) == ["UnlockKeyring"]
    assert drive.token(KeyringTrouble(KeyringState.LOCKED)) == ()


@pytest.mark.parametrize(
    ("outcome", "code", "title"),
    [
        (KeyringTrouble(KeyringState.LOCKED), "keyring", "The keyring is locked."),
        (TryLater("Another one is at work."), "service", "Another one is at work."),
        (SignInNeeded("You're not set up."), "service", "You're not set up."),
    ],
    ids=str,
)
def test_a_sign_out_that_fails_is_told_and_ends_as_a_failure(outcome: TokenOutcome, code: str, title: str) -> None:
    drive = started()
    assert names(drive.post(SignOutAsked())) == ["SignOut"]
    drive.token(outcome)
    assert drive.notices[0].title == "You're not signed out yet."
    assert title in drive.notices[0].message
    failure = drive.view.errands["failure"]
    assert (drive.view.errands["sign_outs"], failure["code"], failure["title"]) == (1, code, title)
    assert drive.status["account"]["signed_in"] is True
    drive.post(SignOutAsked())
    drive.token(SignedOut())
    assert (drive.view.errands["sign_outs"], drive.view.errands["failure"]) == (2, None)


def test_a_sign_out_that_leaves_something_in_a_recycle_bin_says_so() -> None:
    drive = started()
    drive.post(SignOutAsked())
    drive.token(SignedOut(binned=True))
    assert [(each.title, "recycle bin" in each.message) for each in drive.notices] == [("Signed out.", True)]
    assert drive.view.errands["binned"]
    assert drive.status["account"]["signed_in"] is False


def test_a_sign_out_waits_for_the_end_of_the_errand_under_way() -> None:
    drive = Drive()
    drive.start(granted=False)
    assert drive.post(SignOutAsked()) == ()
    assert drive.view.errands["sign_outs"] == 0
    assert names(drive.token(AccountRead(ADELE))) == ["SignOut"]
    drive.token(SignedOut())
    assert drive.view.errands["sign_outs"] == 1


def test_a_sign_out_gives_up_a_sign_in_that_waits_for_the_user() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.post(SignInAsked())
    assert names(drive.post(SignOutAsked())) == ["CancelSignIn"]


def test_looking_asks_the_vault_again_while_nobody_is_known() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    assert names(drive.post(Looked())) == ["ReadAccount"]
    assert drive.post(Looked()) == ()


def test_an_answer_to_an_older_errand_is_nobodys() -> None:
    drive = started()
    assert drive.post(TokenAnswered(999, SignedOut())) == ()
    assert drive.status["account"]["signed_in"] is True


def test_a_sign_out_that_waits_for_an_answer_with_nothing_left_behind_names_nothing() -> None:
    drive = holding(IN_A_CALL)
    drive.post(SignOutAsked())
    drive.engine = knowing(drive.engine, session=Ours())
    while drive.engine.calls.errand is None:
        drive.wake()
    assert drive.notices == []


def test_sign_out_gets_a_token_for_the_release_when_the_old_one_has_run_out() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.grant(lives=timedelta(minutes=10))
    drive.pick(IN_A_CALL)
    drive.settle()
    assert names(drive.post(SignOutAsked(), after=9 * 60)) == ["ObtainToken"]
    assert names(drive.grant()) == ["ClearSession"]
    assert names(drive.answer(OK)) == ["SignOut"]


def test_sign_out_without_any_token_waits_for_none_longer_than_the_release_may_take() -> None:
    drive = holding(IN_A_CALL)
    drive.engine = knowing(drive.engine, token=None)
    assert names(drive.post(SignOutAsked())) == ["ObtainToken"]
    drive.token(TryLater("No network.", failure=NetworkFailure.NETWORK))
    begin = drive.now
    while not isinstance(drive.engine.calls.errand, SignOut):
        drive.wake()
        if isinstance(drive.engine.calls.errand, ObtainToken):
            drive.token(TryLater("No network.", failure=NetworkFailure.NETWORK))
    assert drive.now - begin <= timedelta(seconds=3)
    assert "In a call" in drive.notices[-1].message


def test_the_vault_is_asked_once_in_thirty_seconds_at_most_however_often_somebody_looks() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    assert names(drive.post(Looked())) == ["ReadAccount"]
    drive.token(AccountRead(None))
    assert drive.post(Looked(), after=29) == ()
    assert names(drive.post(Looked(), after=1)) == ["ReadAccount"]


def test_what_is_picked_during_a_sign_out_is_not_left_behind_on_the_service() -> None:
    drive = holding(IN_A_CALL)
    assert names(drive.post(SignOutAsked())) == ["ClearSession"]
    assert drive.pick(BUSY) == ()
    assert names(drive.answer(OK)) == ["SignOut"]
    assert drive.pick(AVAILABLE) == ()
    assert drive.view.icon.shape == "asking"
    drive.token(SignedOut())
    assert drive.engine.wish.hold is None
    assert drive.engine.service.session.longest is None


def test_what_is_picked_while_somebody_else_signs_in_waits_for_the_sign_in() -> None:
    drive = holding(IN_A_CALL)
    drive.post(SignInAsked())
    drive.answer(OK)
    assert isinstance(drive.engine.calls.errand, SignIn)
    assert drive.pick(BUSY) == ()
    assert drive.view.icon.shape == "asking"
    assert names(drive.token(TryLater("You cancelled it.", "Sign in later."))) == ["Notify", "SetSession"]


def test_the_program_left_in_the_middle_of_a_sign_in_still_releases() -> None:
    drive = holding(IN_A_CALL)
    drive.engine = knowing(drive.engine, errand=SignIn(7, SignInWay.BROWSER), errand_at=drive.now)
    assert names(drive.post(LeaveAsked(LeaveReason.QUIT))) == ["ClearSession"]


def test_a_sign_in_elsewhere_is_looked_up_in_the_vault() -> None:
    assert names(holding(IN_A_CALL).post(VaultChanged())) == ["ReadAccount"]
