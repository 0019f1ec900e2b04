"""What is in the way: named for what it is, told once, and over when it is over."""

from datetime import timedelta

import pytest

from tests.core.driving import OK, START, holding, started
from tray.core.events import (
    Resumed,
    Stopped,
)
from tray.core.model import Trouble, TroubleCode
from tray.core.states import IN_A_CALL
from tray.core.values import Answer, Kind, Reach
from tray.messages.notices import trouble_words

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=30)


def test_a_trouble_stays_as_long_as_something_of_ours_may_stay_on_the_service() -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.answer(Kind.FORBIDDEN)
    drive.post(Stopped())
    assert drive.status["trouble"]["code"] == "forbidden"
    drive.answer(OK)
    assert drive.status["trouble"] is None


@pytest.mark.parametrize(
    ("reach", "title"), [(Reach.NAME, "Microsoft's servers can't be found."), (None, "No connection.")]
)
def test_a_failure_is_named_for_what_it_was(reach: Reach | None, title: str) -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.answer(Answer(Kind.UNREACHABLE, reach=reach))
    assert drive.status["trouble"]["title"] == title


def test_a_call_without_an_answer_is_named_for_that() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.wake()
    timeout = Trouble(TroubleCode.OFFLINE, START, reach=Reach.TIMEOUT)
    assert drive.status["trouble"]["title"] == trouble_words(timeout)[0]


def test_a_different_trouble_is_told_again_and_the_same_is_not() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    for kind, told in ((Kind.FORBIDDEN, 1), (Kind.FORBIDDEN, 1), (Kind.NOT_FOUND, 2), (Kind.FORBIDDEN, 3)):
        drive.answer(kind)
        assert len(drive.notices) == told
        drive.post(Resumed(), after=600)


def test_passing_troubles_are_one_trouble_however_they_change() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    began = drive.now
    for kind in (Kind.UNREACHABLE, Kind.UNAVAILABLE) * 10:
        while drive.engine.calls.request is None and not drive.notices:
            drive.wake()
        if drive.notices:
            break
        drive.answer(kind)
    assert drive.now - began == timedelta(minutes=1)
