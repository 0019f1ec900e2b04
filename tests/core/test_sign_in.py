"""Accounts that change in another process, device codes that count down, keyrings that come back."""

from datetime import timedelta

import pytest

from tests.core.driver import ADELE, OK, START, Drive, held, names, started
from tray.core.effects import Open
from tray.core.engine import next_wake
from tray.core.events import (
    LeaveAsked,
    SignInAsked,
    SignInCancelled,
    SignInProgressed,
    Stopped,
    UnlockAsked,
    VaultChanged,
    Woke,
)
from tray.core.menu import HEADER
from tray.core.states import BY_KEY
from tray.core.values import (
    Account,
    AccountRead,
    Document,
    KeyringState,
    KeyringTrouble,
    LeaveReason,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.core.view_model import Icon, Shape
from tray.messages import signin

BUSY, IN_A_CALL = BY_KEY["busy"], BY_KEY["in-a-call"]
GRADY = Account("grady@example.test", "grady-key")
LINK = "https://example.test/device"


def test_somebody_else_who_signed_in_elsewhere_takes_over_after_a_release_under_the_old_token() -> None:
    drive = held()
    assert names(drive.post(VaultChanged())) == ["ReadAccount"]
    assert names(drive.token(AccountRead(GRADY))) == ["ClearSession"]
    assert drive.status["account"]["username"] == ADELE.username
    assert drive.answer(OK) == ()
    assert drive.status["account"]["username"] == GRADY.username
    assert drive.status["hold"] is None
    assert names(drive.pick(BUSY)) == ["ObtainToken"], "the old token is not the new account's"


def test_the_same_account_signed_in_again_elsewhere_changes_nothing() -> None:
    drive = held()
    drive.post(VaultChanged())
    assert drive.token(AccountRead(ADELE)) == ()
    assert drive.status["hold"]["state"] == IN_A_CALL.key


def signed_out() -> Drive:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    return drive


def test_a_pick_with_nobody_signed_in_leads_to_the_sign_in_and_is_set_after_it() -> None:
    drive = signed_out()
    drive.pick(IN_A_CALL)
    assert names(drive.token(SignInNeeded(*signin.nobody()))) == ["SignIn"]
    assert drive.status["hold"] is drive.status["trouble"] is None
    assert drive.view.icon == Icon(Shape.SIGNED_OUT)
    assert drive.view.rows[0].label == "Signing in…"
    assert names(drive.grant()) == ["SetSession"]
    assert drive.view.icon == Icon(Shape.ASKING)
    drive.settle()
    assert drive.view.icon == Icon(Shape.IN_A_CALL)
    assert drive.notices == []


@pytest.mark.parametrize("stops", [False, True])
def test_a_sign_in_that_is_given_up_leaves_the_pick_until_it_is_stopped(stops: bool) -> None:
    drive = signed_out()
    drive.pick(BUSY)
    drive.token(SignInNeeded(*signin.nobody()))
    drive.token(TryLater(*signin.cancelled()))
    assert (drive.view.rows[0].label, remark(drive)) == ("Not signed in", "Busy will be set once you have signed in.")
    if stops:
        drive.post(Stopped())
        assert remark(drive) == "To sign in, choose More › Sign in."
    drive.post(SignInAsked())
    assert names(drive.grant()) == ([] if stops else ["SetSession"])


def test_a_pick_that_waits_for_the_sign_in_is_over_at_its_end() -> None:
    drive = signed_out()
    drive.pick(BUSY, until=START + timedelta(minutes=5), timed=True)
    drive.token(SignInNeeded(*signin.nobody()))
    drive.post(SignInAsked(), after=600)
    assert drive.grant() == ()
    assert drive.status["hold"] is None


def test_a_command_with_nobody_signed_in_is_refused_and_opens_nothing() -> None:
    drive = signed_out()
    drive.pick(BUSY, by_command=True)
    assert names(drive.token(SignInNeeded(*signin.nobody()))) == ["Notify"]
    assert drive.status["hold"] is None
    assert drive.status["trouble"]["code"] == "sign-in-needed"


def test_with_nothing_set_up_a_pick_and_each_sign_in_say_so_and_open_the_settings() -> None:
    drive = signed_out()
    drive.pick(BUSY)
    effects = [drive.token(SignInNeeded(*signin.not_set_up(), setup=True))]
    for _ in range(2):
        drive.post(SignInAsked())
        effects.append(drive.token(SignInNeeded(*signin.not_set_up(), setup=True)))
    for each in effects:
        assert names(each) == ["Open", "Notify"]
        assert each[0] == Open(Document.SETTINGS)
    assert drive.view.icon.shape is Shape.SIGNED_OUT


def test_a_sign_in_that_the_keyring_is_in_the_way_of_says_so_each_time() -> None:
    drive = signed_out()
    for _ in range(2):
        drive.post(SignInAsked())
        assert names(drive.token(KeyringTrouble(KeyringState.LOCKED))) == ["Notify"]


def test_a_setup_that_is_done_now_is_no_trouble_any_more() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(SignInNeeded("Not set up.", setup=True))
    assert drive.status["trouble"]["title"] == "Not set up."
    drive.post(VaultChanged())
    drive.token(AccountRead(None))
    assert drive.status["trouble"] is None


def test_a_sign_in_elsewhere_heals_a_hold_that_waited_for_one() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.pick(IN_A_CALL)
    drive.token(SignInNeeded("Nobody is signed in."))
    drive.post(VaultChanged())
    assert names(drive.token(AccountRead(ADELE))) == ["ObtainToken"]
    assert names(drive.grant()) == ["SetSession"]


def test_a_sign_in_elsewhere_is_seen_by_the_errand_under_way() -> None:
    drive = Drive()
    drive.start(granted=False)
    assert drive.post(VaultChanged()) == ()


def with_a_code(minutes: float) -> Drive:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.post(SignInAsked(SignInWay.DEVICE_CODE))
    call = drive.engine.calls.errand.call
    drive.post(SignInProgressed(call, LINK, "ABCD", START + timedelta(minutes=minutes)))
    return drive


def remark(drive: Drive) -> str:
    return next(row.label for row in drive.view.rows if row.key == "header-teams")


def test_a_code_is_told_and_counts_down_in_the_menu() -> None:
    drive = with_a_code(15)
    told = f"{drive.notices[-1].title} {drive.notices[-1].message}"
    assert [part for part in ("ABCD", LINK, "09:15") if part not in told] == []
    assert remark(drive) == "Enter the code ABCD (15 min left)"
    for minutes, left in ((5, "(10 min left)"), (14.5, "(less than a minute left)")):
        while drive.now < START + timedelta(minutes=minutes):
            wake = next_wake(drive.engine)
            assert wake is not None
            drive.now = wake
            drive.post(Woke())
        assert remark(drive).endswith(left)


def test_a_code_without_an_end_has_no_countdown() -> None:
    drive = with_a_code(15)
    drive.post(SignInProgressed(drive.engine.calls.errand.call, LINK, "WXYZ"))
    assert remark(drive) == "Enter the code WXYZ"
    assert drive.notices[-1].message.endswith("enter the code WXYZ.")


def test_only_a_sign_in_is_cancelled() -> None:
    drive = Drive()
    drive.start(granted=False)
    assert drive.post(SignInCancelled()) == ()


def test_an_unlocked_keyring_is_used_at_once() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(ADELE))
    drive.pick(IN_A_CALL)
    drive.token(KeyringTrouble(KeyringState.LOCKED))
    assert drive.status["trouble"]["code"] == "keyring"
    drive.post(UnlockAsked())
    assert names(drive.token(AccountRead(ADELE))) == ["ObtainToken"]
    assert drive.status["trouble"] is None


def test_a_keyring_that_comes_late_and_is_empty_is_no_trouble_any_more() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(KeyringTrouble(KeyringState.ABSENT))
    drive.post(VaultChanged())
    drive.token(AccountRead(None))
    assert drive.status["trouble"] is None
    assert drive.status["account"]["signed_in"] is False


def test_nobody_in_the_vault_any_more_is_nobody() -> None:
    drive = held()
    drive.post(VaultChanged())
    drive.token(AccountRead(None))
    assert drive.status["account"]["signed_in"] is False


def test_what_changes_in_the_vault_while_leaving_changes_nothing() -> None:
    drive = held()
    drive.post(LeaveAsked(LeaveReason.QUIT))
    assert drive.post(VaultChanged()) == ()


def test_a_sign_in_in_the_browser_needs_no_notice() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.post(SignInAsked(SignInWay.BROWSER))
    drive.post(SignInProgressed(drive.engine.calls.errand.call, "https://example.test/authorize", None, START))
    assert drive.notices == []
    assert "browser" in drive.view.rows[1].label


def test_a_browser_that_cannot_be_opened_is_told_and_the_menu_names_the_code() -> None:
    drive = started()
    drive.post(SignInAsked(SignInWay.BROWSER))
    assert drive.engine.calls.errand is not None
    told = drive.post(SignInProgressed(drive.engine.calls.errand.call, LINK, unopened=True))
    assert names(told) == ["Notify"]
    assert [drive.row(key).label for key in HEADER] == list(signin.no_browser())
