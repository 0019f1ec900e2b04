"""What is in the way: named for what it is, told once, and over when it is over."""

from datetime import timedelta

import pytest

from tests.core.driver import OK, START, holding, started
from tray.core.events import (
    Resumed,
    Stopped,
)
from tray.core.model import Trouble, TroubleCode
from tray.core.states import IN_A_CALL
from tray.core.values import Answer, AnswerKind, NetworkFailure
from tray.messages.notices import trouble_words

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=30)


def test_a_trouble_stays_as_long_as_something_of_ours_may_stay_on_the_service() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.answer(AnswerKind.FORBIDDEN)
    drive.post(Stopped())
    assert drive.status["trouble"]["code"] == "forbidden"
    drive.answer(OK)
    assert drive.status["trouble"] is None


@pytest.mark.parametrize(
    ("failure", "title"), [(NetworkFailure.NAME, "Microsoft's servers can't be found."), (None, "No connection.")]
)
def test_a_failure_is_named_for_what_it_was(failure: NetworkFailure | None, title: str) -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.answer(Answer(AnswerKind.UNREACHABLE, failure=failure))
    assert drive.status["trouble"]["title"] == title


def test_a_call_without_an_answer_is_named_for_that() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.wake()
    timeout = Trouble(TroubleCode.OFFLINE, START, failure=NetworkFailure.TIMEOUT)
    assert drive.status["trouble"]["title"] == trouble_words(timeout)[0]


def test_a_different_trouble_is_told_again_and_the_same_is_not() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    for kind, told in (
        (AnswerKind.FORBIDDEN, 1),
        (AnswerKind.FORBIDDEN, 1),
        (AnswerKind.NOT_FOUND, 2),
        (AnswerKind.FORBIDDEN, 3),
    ):
        drive.answer(kind)
        assert len(drive.notices) == told
        drive.post(Resumed(), after=600)


def test_passing_troubles_are_one_trouble_however_they_change() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    began = drive.now
    for kind in (AnswerKind.UNREACHABLE, AnswerKind.UNAVAILABLE) * 10:
        while drive.engine.calls.request is None and not drive.notices:
            drive.wake()
        if drive.notices:
            break
        drive.answer(kind)
    assert drive.now - began == timedelta(minutes=1)
