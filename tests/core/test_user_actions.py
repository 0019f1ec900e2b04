"""What a click or a command changes, and what it leaves alone."""

from datetime import timedelta

import pytest

from tests.core.driver import OK, START, holding, names, shows, started
from tray.core.events import (
    ChosenStatusClearAsked,
    EndChosen,
    Event,
    KeepChosen,
    Picked,
    PinToggled,
    Resumed,
    SignInAsked,
    SignOutAsked,
    Stopped,
    VaultChanged,
)
from tray.core.states import AVAILABLE, BUSY, IN_A_CALL, State
from tray.core.values import AnswerKind, Keep

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=30)


def test_another_end_is_the_picks_and_nobodys_without_one() -> None:
    drive = holding(AVAILABLE)
    drive.post(EndChosen(START + HOUR))
    assert drive.status["hold"]["until"] == "2026-01-05T10:00:00Z"
    assert not any(row.checked for row in drive.row("keep").rows)
    drive.post(Stopped())
    drive.settle()
    drive.post(EndChosen(START + 2 * HOUR))
    assert drive.row("keep").rows[0].checked


def test_stop_forgets_how_the_hold_was_to_be_kept() -> None:
    drive = holding(AVAILABLE)
    drive.post(KeepChosen(Keep.HOUR))
    drive.post(PinToggled())
    drive.post(Stopped())
    assert drive.row("keep-until-stopped").checked
    assert not drive.row("pin").checked


@pytest.mark.parametrize(("state", "left"), [(BUSY, None), (AVAILABLE, "available")])
def test_a_toggle_stops_what_is_held_and_sets_anything_else(state: State, left: str | None) -> None:
    drive = holding(BUSY)
    for _ in range(2):
        drive.pick(state, toggles=True)
        drive.settle()
        hold = drive.status["hold"]
        assert (hold["state"] if hold else None) == left  # type: ignore[index]
        state, left = BUSY, "busy"


def test_a_pin_set_again_forgets_the_choice_and_stays_for_the_next_hold() -> None:
    drive = holding(AVAILABLE)
    drive.post(PinToggled())
    drive.answer(shows(BUSY.pair))
    assert drive.row("clear-chosen").enabled
    assert len(drive.notices) == 1
    drive.post(PinToggled(), after=60)
    assert not drive.row("clear-chosen").enabled
    drive.answer(shows(AVAILABLE.pair), OK)
    drive.pick(BUSY)
    assert drive.status["hold"]["pinned"] is True


@pytest.mark.parametrize("event", [SignOutAsked(), SignInAsked(), VaultChanged(), ChosenStatusClearAsked()], ids=str)
def test_whatever_the_user_does_a_call_in_flight_is_waited_for_a_second_and_a_half(event: Event) -> None:
    drive = holding(IN_A_CALL)
    drive.post(Resumed(), after=600)
    drive.post(event)
    asked_at = drive.now
    assert names(drive.wake())[0] == "Abandon"
    assert drive.now - asked_at == timedelta(seconds=1.5)


def test_once_the_choice_is_cleared_there_is_nothing_to_clear() -> None:
    drive = holding(AVAILABLE)
    drive.post(PinToggled())
    drive.answer(shows(BUSY.pair))
    drive.post(ChosenStatusClearAsked())
    assert names(drive.answer(OK)) == ["ReadPresence"]
    assert drive.answer(shows(AVAILABLE.pair)) == ()
    assert not drive.row("clear-chosen").enabled


def test_a_hold_timed_from_the_command_line_is_as_long_as_said() -> None:
    drive = started()
    drive.post(Picked(BUSY, START + HOUR, timed=True))
    assert drive.status["hold"]["until"] == "2026-01-05T10:00:00Z"


def test_a_command_that_says_no_end_follows_keep_for_and_override_as_a_click_does() -> None:
    drive = started()
    drive.post(KeepChosen(Keep.HOUR))
    drive.post(PinToggled())
    drive.post(Picked(BUSY, by_command=True))
    held = drive.status["hold"]
    assert (held["until"], held["pinned"]) == ("2026-01-05T10:00:00Z", True)
    drive.post(Stopped())
    drive.post(Picked(BUSY, by_command=True))
    held = drive.status["hold"]
    assert (held["until"], held["pinned"]) == (None, False)


def test_a_pick_asks_anew_whatever_was_refused() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.answer(AnswerKind.FORBIDDEN)
    assert drive.status["trouble"]["code"] == "forbidden"
    assert names(drive.pick(AVAILABLE)) == ["SetSession"]
    assert drive.status["trouble"] is None
