"""Tokens: asked for when one is needed, and again after a growing pause, never before the platform's own floor."""

from datetime import timedelta

import pytest

from tests.core.driver import ADELE, OK, START, Drive, holding, knowing, names, started
from tray.core.effects import CancelSignIn, ObtainToken, SignIn, UnlockKeyring
from tray.core.events import (
    ChosenStatusClearAsked,
    Picked,
    PinToggled,
    Resumed,
    SignInAsked,
    SignInCancelled,
    SignInProgressed,
    TokenAnswered,
    UnlockAsked,
)
from tray.core.next_request import has_token
from tray.core.record import replace
from tray.core.states import AVAILABLE, BUSY, IN_A_CALL
from tray.core.values import (
    Answer,
    AnswerKind,
    Granted,
    KeyringState,
    KeyringTrouble,
    NetworkFailure,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.messages import signin

BUSY_PLATFORM = TryLater(*signin.busy())
HOUR = timedelta(hours=1)


def wanting_a_token() -> Drive:
    drive = started()
    drive.engine = knowing(drive.engine, token=None)
    drive.pick(BUSY)
    return drive


def next_errand(drive: Drive) -> float:
    """Let time pass until a token is asked for; return the seconds it took."""
    begin = drive.now
    while drive.engine.calls.errand is None:
        drive.wake()
    return (drive.now - begin).total_seconds()


def test_pauses_between_errands_double_up_to_forty_five_seconds() -> None:
    drive = wanting_a_token()
    pauses = []
    for _ in range(9):
        drive.token(BUSY_PLATFORM)
        pauses.append(next_errand(drive))
    for pause, full in zip(pauses, [2, 4, 8, 16, 32, 45, 45, 45, 45], strict=True):
        assert 0.75 * full <= pause <= full
    drive.grant()
    assert drive.engine.calls.token_retry.failures == 0


@pytest.mark.parametrize("life", [30, 100, 200, 3600])
def test_a_token_is_used_for_what_it_is_good_for(life: float) -> None:
    drive = wanting_a_token()
    assert names(drive.token(Granted(ADELE, drive.now + timedelta(seconds=life)))) == ["SetSession"]
    margin = min(120, life / 2)
    assert has_token(drive.engine, drive.now + timedelta(seconds=life - margin - 1))
    assert not has_token(drive.engine, drive.now + timedelta(seconds=life - margin))


@pytest.mark.parametrize("life", [-3600, -5, 0, 10])
def test_a_token_that_is_useless_on_arrival_is_a_failure_with_a_growing_pause(life: float) -> None:
    drive = wanting_a_token()
    for full in (2, 4, 8, 16, 32, 45):
        drive.token(Granted(ADELE, drive.now + timedelta(seconds=life)))
        assert drive.view.status["trouble"]["code"] == "service"
        assert 0.75 * full <= next_errand(drive) <= full
    assert names(drive.grant()) == ["SetSession"]


@pytest.mark.parametrize("act", [Picked(BUSY), PinToggled(), Resumed(), ChosenStatusClearAsked()], ids=str)
def test_the_platforms_own_floor_holds_even_when_the_user_acts_and_then_ends(act: object) -> None:
    drive = wanting_a_token()
    drive.token(TryLater(*signin.busy(), timedelta(seconds=90)))
    asked_at = drive.now
    assert drive.post(act, after=5) == ()  # type: ignore[arg-type]
    next_errand(drive)
    assert drive.now - asked_at == timedelta(seconds=90)
    drive.grant()
    drive.settle()
    drive.engine = knowing(drive.engine, token=None)
    assert names(drive.pick(AVAILABLE)) == ["ObtainToken"]


@pytest.mark.parametrize(
    ("outcome", "code", "title", "message"),
    [
        (TryLater("Odd.", failure=NetworkFailure.NAME), "offline", "Microsoft's servers can't be found.", "Check your"),
        (
            TryLater(*signin.unknown_tenant()),
            "service",
            "Microsoft doesn't know this tenant.",
            "presence-tray setup",
        ),
        (TryLater(*signin.child_broke()), "service", "The sign-in stopped unexpectedly.", "keeps trying"),
        (TryLater(""), "service", "Microsoft's service has a problem.", "keeps trying"),
        (SignInNeeded("You changed it."), "sign-in-needed", "You changed it.", "More › Sign in"),
        (
            SignInNeeded(*signin.not_set_up(), True),
            "sign-in-needed",
            "Presence Tray isn't set up yet.",
            "presence-tray settings",
        ),
        (KeyringTrouble(KeyringState.HUNG), "keyring", "The keyring isn't responding.", "Log out of your desktop"),
    ],
    ids=str,
)
def test_why_there_is_no_token_is_said_with_what_helps(outcome: object, code: str, title: str, message: str) -> None:
    drive = wanting_a_token()
    drive.token(outcome)  # type: ignore[arg-type]
    trouble = drive.status["trouble"]
    assert (trouble["code"], trouble["title"]) == (code, title)
    assert message in trouble["message"]
    assert drive.engine.trouble.since == drive.now


@pytest.mark.parametrize(
    ("outcome", "pause"),
    [
        (SignInNeeded("You changed it."), timedelta(minutes=30)),
        (KeyringTrouble(KeyringState.LOCKED), timedelta(minutes=1)),
    ],
    ids=str,
)
def test_where_only_the_user_helps_it_is_asked_again_seldom(outcome: object, pause: timedelta) -> None:
    drive = wanting_a_token()
    drive.token(outcome)  # type: ignore[arg-type]
    assert timedelta(seconds=next_errand(drive)) == pause


def test_a_claims_challenge_is_in_no_representation_of_the_engine() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.answer(Answer(AnswerKind.UNAUTHORIZED, claims="a secret challenge"))
    assert drive.engine.identity.claims == "a secret challenge"
    assert "secret" not in repr(drive.engine.identity)


def test_a_fresh_token_is_asked_for_once_and_its_claims_are_forgotten_with_it() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.answer(Answer(AnswerKind.UNAUTHORIZED, claims="{}"))
    assert drive.engine.identity.token is None
    drive.grant()
    assert (drive.engine.identity.fresh, drive.engine.identity.fresh_tried, drive.engine.identity.claims) == (
        False,
        True,
        None,
    )
    drive.answer(OK)
    assert drive.engine.identity.fresh_tried is False
    drive.engine = knowing(drive.engine, token=None)
    drive.post(Resumed(), after=600)
    assert drive.engine.calls.errand == ObtainToken(drive.engine.calls.count, fresh=False, claims=None)


def test_a_sign_in_that_is_needed_ends_the_token_and_the_challenge() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.answer(Answer(AnswerKind.UNAUTHORIZED, claims="{}"))
    drive.token(SignInNeeded("You changed it."))
    engine = drive.engine
    assert (engine.identity.token, engine.identity.signed_in, engine.identity.fresh, engine.identity.claims) == (
        None,
        False,
        False,
        None,
    )


def test_every_errand_has_the_next_number_of_all_calls() -> None:
    drive = holding(IN_A_CALL)
    calls = drive.engine.calls.count
    assert drive.post(UnlockAsked()) == (UnlockKeyring(calls + 1),)
    drive.token(KeyringTrouble(KeyringState.LOCKED))
    drive.engine = knowing(drive.engine, token=None)
    assert drive.post(Resumed(), after=100) == (ObtainToken(calls + 2),)
    drive.token(SignInNeeded(""))
    assert drive.post(SignInAsked(SignInWay.DEVICE_CODE)) == (SignIn(calls + 3, SignInWay.DEVICE_CODE),)
    assert drive.post(SignInCancelled()) == (CancelSignIn(calls + 3),)


def test_a_sign_in_asked_for_in_another_trouble_releases_first() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.answer(AnswerKind.FORBIDDEN)
    drive.post(SignInAsked())
    assert drive.engine.wish.hold is None
    assert drive.engine.phase.handover.releases is True


def test_the_first_sign_in_keeps_what_was_picked_before_it() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(SignInNeeded(""))
    drive.engine = replace(drive.engine, trouble=None)
    drive.pick(BUSY)
    assert names(drive.token(SignInNeeded(""))) == ["SignIn"]
    drive.token(Granted(ADELE, START + HOUR))
    assert drive.engine.wish.hold.state is BUSY
    assert names(drive.effects)[-1] == "SetSession"


def test_a_word_of_a_sign_in_that_nobody_waits_for_is_nothing() -> None:
    drive = holding(IN_A_CALL)
    drive.post(SignInProgressed(1, "https://example.test", "ABCD"))
    assert drive.engine.calls.prompt is None
    drive.post(TokenAnswered(1, Granted(ADELE, START)))
    assert drive.engine.identity.token.expires_at > START + HOUR
