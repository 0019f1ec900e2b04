"""Preferred presences whose answer was lost: one that is seen is never taken for the user's choice."""

from itertools import permutations

import pytest

from tests.core.driver import OFFLINE, OK, Drive, holding, names, shows, started
from tray.core.effects import ClearPreferred, ReadPresence, SetPreferred, SetSession
from tray.core.events import Picked, Stopped, Woke
from tray.core.states import APPEAR_OFFLINE, AWAY, BE_RIGHT_BACK, BUSY, DO_NOT_DISTURB, IN_A_CALL, State
from tray.core.values import Answer, AnswerKind

CHOSEN = (BE_RIGHT_BACK, AWAY, APPEAR_OFFLINE)


def pick_without_hearing(drive: Drive, state: State, landed: State | None) -> None:
    """Pick a state whose preferred pair gets no answer; read-backs show what has landed."""
    drive.pick(state)
    while not isinstance(drive.engine.calls.request, SetPreferred):
        assert drive.engine.wish.hold is not None
        assert drive.engine.wish.hold.state is state
        match drive.engine.calls.request:
            case SetSession():
                drive.answer(OK)
            case ReadPresence():
                drive.answer(shows((landed or state).preferred))
            case None:
                drive.wake()
    drive.answer(OFFLINE)


@pytest.mark.parametrize(
    "states", list(permutations(CHOSEN)), ids=lambda states: ", ".join(each.key for each in states)
)
def test_the_first_of_three_unheard_ones_is_still_ours(states: tuple[State, ...]) -> None:
    drive = started()
    first, second, third = states
    pick_without_hearing(drive, first, None)
    for state in (second, third, second, third):
        pick_without_hearing(drive, state, landed=first)
    assert drive.engine.wish.hold is not None
    assert drive.engine.wish.hold.state is third
    assert drive.notices == []


def test_what_a_read_back_shows_besides_ours_is_a_choice() -> None:
    drive = started()
    pick_without_hearing(drive, BE_RIGHT_BACK, None)
    pick_without_hearing(drive, AWAY, landed=BE_RIGHT_BACK)
    while not isinstance(drive.engine.calls.request, ReadPresence):
        drive.wake()
    drive.answer(shows(BUSY.preferred))
    assert drive.engine.wish.hold is None
    assert len(drive.notices) == 1


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


def clearing(answer: Answer) -> Drive:
    """Return a drive that held a preferred presence, and that gets such an answer to its clearing, without end."""
    drive = holding(BE_RIGHT_BACK)
    drive.pick(IN_A_CALL)
    while not isinstance(drive.engine.calls.request, ClearPreferred):
        drive.answer(OK if isinstance(drive.engine.calls.request, SetSession) else shows(BE_RIGHT_BACK.pair))
    drive.answer(answer)
    return drive


def test_a_clearing_that_landed_without_an_answer_does_not_make_ours_beneath_a_choice() -> None:
    drive = clearing(OFFLINE)
    drive.post(Picked(BUSY), after=60)
    drive.answer(Answer(AnswerKind.REFUSED))
    drive.answer(OK)  # Away, beneath what is preferred
    assert isinstance(drive.engine.calls.request, ReadPresence)
    drive.answer(shows(AWAY.pair))
    drive.settle(BUSY.pair)
    assert [notice.key for notice in drive.notices if notice.key == "chosen"] == []
    assert drive.status["hold"]["confirmed"]


def test_a_clearing_that_is_given_up_may_have_landed_too() -> None:
    drive = holding(BE_RIGHT_BACK)
    drive.pick(IN_A_CALL)
    while not isinstance(drive.engine.calls.request, ClearPreferred):
        drive.answer(OK if isinstance(drive.engine.calls.request, SetSession) else shows(BE_RIGHT_BACK.pair))
    drive.post(Woke(), after=11)
    drive.post(Picked(BUSY), after=60)
    drive.answer(Answer(AnswerKind.REFUSED))
    drive.answer(OK)
    drive.answer(shows(AWAY.pair))
    assert drive.engine.wish.hold is not None


@pytest.mark.parametrize("answer", [OFFLINE, Answer(AnswerKind.THROTTLED)], ids=["lost", "refused"])
def test_a_clearing_that_did_not_land_is_sent_again(answer: Answer) -> None:
    drive = clearing(answer)
    drive.pass_time_seeing(BE_RIGHT_BACK.pair, 120)
    assert sum(isinstance(effect, ClearPreferred) for effect in drive.effects) == 2
    assert drive.status["hold"]["confirmed"]
