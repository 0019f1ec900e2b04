"""How a state is set, negotiated, pinned and released, and what it is held by."""

from datetime import timedelta

import pytest

from tests.core.driver import OK, held, names, shows, started, without_call
from tests.rows import for_each
from tray.core.config import Config
from tray.core.effects import ClearPreferred, SetPreferred, SetSession
from tray.core.engine import next_wake
from tray.core.events import ChosenStatusClearAsked, PinToggled, Stopped
from tray.core.presence_rules import NO_SESSION
from tray.core.states import (
    APPEAR_OFFLINE,
    AVAILABLE,
    AWAY,
    BE_RIGHT_BACK,
    BUSY,
    DO_NOT_DISTURB,
    IN_A_CALL,
    STATES,
    Pair,
    PreferredUse,
    State,
)
from tray.core.values import AnswerKind

LEASE = timedelta(minutes=30)
MEETING = Pair("Busy", "InAMeeting")


@for_each("state", STATES)
def test_picking_a_state_asks_for_its_own_pair_first(state: State) -> None:
    drive = started()
    assert [without_call(effect) for effect in drive.pick(state)] == [SetSession(0, state.pair, LEASE)]


@for_each("state", STATES)
def test_an_accepted_state_is_held_by_session_with_preferred_only_where_the_table_says_so(state: State) -> None:
    drive = held(state)
    assert drive.status["hold"]["held_by"] == "session"
    assert (drive.engine.service.preferred.lease is not None) is (state.preferred_use is PreferredUse.ALWAYS)


@pytest.mark.parametrize("state", [s for s in STATES if s.preferred and s not in (AWAY, APPEAR_OFFLINE)], ids=str)
def test_a_declined_state_is_held_by_preferred_over_an_away_session(state: State) -> None:
    drive = started()
    drive.pick(state)
    asked = drive.answer(AnswerKind.REFUSED)
    assert [without_call(effect) for effect in asked] == [SetSession(0, AWAY.pair, LEASE)]
    assert names(drive.answer(OK)) == ["ReadPresence"]
    asked = drive.answer(shows(AWAY.pair))
    assert [without_call(effect) for effect in asked] == [SetPreferred(0, state.preferred, LEASE)]
    drive.answer(OK)
    assert drive.status["hold"]["held_by"] == "preferred"


def test_appear_offline_declined_needs_no_session_beneath() -> None:
    drive = started()
    drive.pick(APPEAR_OFFLINE)
    assert names(drive.answer(AnswerKind.REFUSED)) == ["ReadPresence"]
    assert names(drive.answer(shows(AVAILABLE.pair))) == ["SetPreferred"]
    drive.answer(OK)
    assert drive.engine.service.session.longest is None
    assert drive.status["hold"]["held_by"] == "preferred"


def test_an_earlier_session_is_released_once_appear_offline_hides_it() -> None:
    drive = held(IN_A_CALL)
    drive.pick(APPEAR_OFFLINE)
    drive.answer(AnswerKind.REFUSED, shows(IN_A_CALL.pair))
    assert names(drive.answer(OK)) == ["ClearSession"]


def test_the_decline_is_remembered_so_the_doomed_request_is_sent_once() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(AnswerKind.REFUSED)
    drive.settle()
    drive.pass_time(2 * 3600)
    drive.post(Stopped())
    drive.settle()
    drive.pick(BUSY)
    drive.settle()
    own = [e for e in drive.effects if isinstance(e, SetSession) and e.pair == BUSY.pair]
    assert len(own) == 1
    assert drive.status["hold"]["held_by"] == "preferred"


def test_a_declined_state_without_preferred_pair_is_trouble_and_the_former_hold_is_released() -> None:
    drive = held(AVAILABLE)
    drive.pick(IN_A_CALL)
    drive.answer(AnswerKind.REFUSED)
    assert names(drive.answer(OK)) == ["Notify", "ClearSession"]
    drive.answer(OK)
    assert drive.status["hold"] is None
    assert drive.status["trouble"]["code"] == "declined"
    assert "In a call" in drive.status["trouble"]["title"]


def test_a_declined_state_is_not_what_a_launch_sets_again() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.answer(AnswerKind.REFUSED, OK, OK)
    assert drive.saved.last_state is None
    drive.pick(AVAILABLE)
    drive.settle()
    drive.pick(IN_A_CALL)  # known by now
    assert drive.status["trouble"]["code"] == "declined"
    assert drive.saved.last_state is AVAILABLE


def test_picking_a_state_known_to_be_declined_without_a_way_to_show_it_sends_nothing() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.answer(AnswerKind.REFUSED, OK, OK)
    asked = drive.pick(IN_A_CALL)
    assert "SetSession" not in names(asked)
    assert drive.status["trouble"]["code"] == "declined"
    drive.pick(AVAILABLE)
    drive.settle()
    assert drive.status["trouble"] is None


def test_a_refusal_of_away_itself_is_trouble_of_the_service_not_a_decline() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(AnswerKind.REFUSED, AnswerKind.REFUSED)
    assert drive.status["trouble"]["code"] == "service"
    assert drive.engine.service.declined == frozenset()
    assert [without_call(e) for e in drive.wake()] == [SetSession(0, BUSY.pair, LEASE)]


def test_a_refusal_of_the_preferred_pair_is_trouble_of_the_service() -> None:
    drive = started()
    drive.pick(APPEAR_OFFLINE)
    drive.answer(AnswerKind.REFUSED, shows(AVAILABLE.pair), AnswerKind.REFUSED)
    assert drive.status["trouble"]["code"] == "service"
    assert drive.engine.service.declined == frozenset()


def test_pinning_writes_preferred_on_top_and_unpinning_takes_it_back() -> None:
    drive = held(AVAILABLE)
    assert names(drive.post(PinToggled(), after=60)) == ["ReadPresence"]
    assert names(drive.answer(shows(AVAILABLE.pair))) == ["SetPreferred"]
    drive.answer(OK)
    assert drive.status["hold"]["pinned"] is True
    assert names(drive.post(PinToggled(), after=60)) == ["ReadPresence"]
    assert names(drive.answer(shows(AVAILABLE.pair))) == ["ClearPreferred"]
    drive.answer(OK)
    assert drive.engine.service.preferred.longest is None
    assert drive.engine.service.session.lease is not None


def test_a_pin_chosen_with_nothing_held_is_for_the_next_hold_and_stop_resets_it() -> None:
    drive = started()
    drive.post(PinToggled())
    drive.pick(BUSY)
    drive.settle()
    assert drive.status["hold"]["pinned"] is True
    drive.post(Stopped())
    drive.settle()
    drive.pick(BUSY)
    assert drive.status["hold"]["pinned"] is False


def test_a_state_without_preferred_pair_cannot_be_pinned() -> None:
    drive = held(IN_A_CALL)
    assert drive.post(PinToggled()) == ()
    assert drive.status["hold"]["pinned"] is False


def test_a_read_back_a_minute_old_is_not_enough_to_write_a_preferred_state() -> None:
    drive = held(DO_NOT_DISTURB)
    asked = drive.post(PinToggled(), after=6)
    assert names(asked) == ["ReadPresence"]


@pytest.mark.parametrize("chosen", [BUSY.pair, DO_NOT_DISTURB.pair, APPEAR_OFFLINE.pair], ids=str)
def test_a_status_chosen_in_teams_is_left_alone_and_ends_a_hold_by_preferred_with_one_notice(
    chosen: Pair,
) -> None:
    drive = held(BE_RIGHT_BACK)
    drive.pass_time(60)
    assert names(drive.wake()) == ["ReadPresence"]
    drive.answer(shows(chosen))
    drive.settle(seen=chosen)
    assert drive.status["hold"] is None
    assert [notice.key for notice in drive.notices] == ["chosen"]
    assert not any(isinstance(effect, ClearPreferred) for effect in drive.effects)
    assert drive.engine.service.session.longest is None


def test_a_pick_of_what_is_set_in_teams_already_says_so() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(AnswerKind.REFUSED, OK, shows(BUSY.pair))
    drive.settle(seen=BUSY.pair)
    assert drive.status["hold"] is None
    assert [notice.title for notice in drive.notices] == ["“Busy” is already set in Teams."]


def test_a_reset_in_teams_is_not_told_as_a_choice_for_it_shows_what_a_choice_would() -> None:
    drive = held(BE_RIGHT_BACK)
    drive.pass_time_seeing(AVAILABLE.pair, 60)
    assert [notice.title for notice in drive.notices] == ["Your status was changed in Teams: “Available”."]


def test_a_status_chosen_in_teams_ends_the_pin_of_a_hold_by_session_but_not_the_hold() -> None:
    drive = held(AVAILABLE)
    drive.post(PinToggled(), after=60)
    drive.answer(shows(DO_NOT_DISTURB.pair))
    assert drive.status["hold"]["state"] == "available"
    assert drive.status["hold"]["pinned"] is False
    assert drive.status["why"]["code"] == "chosen-in-teams"
    assert drive.notices[-1].remedy.event == ChosenStatusClearAsked()


def test_clearing_the_status_chosen_in_teams_happens_on_the_users_word_only() -> None:
    drive = held(AVAILABLE)
    drive.post(PinToggled(), after=60)
    drive.answer(shows(BUSY.pair))
    assert names(drive.post(ChosenStatusClearAsked())) == ["ClearPreferred"]
    assert names(drive.answer(OK)) == ["ReadPresence"]
    drive.answer(shows(AVAILABLE.pair))
    assert drive.status["why"] is None
    assert drive.engine.wish.chosen is None


def test_a_preferred_state_that_teams_lost_meanwhile_is_not_cleared_on_stop() -> None:
    drive = held(AWAY)
    drive.pass_time(100)
    drive.post(Stopped())
    drive.answer(shows(BUSY.pair))
    drive.settle()
    assert not any(isinstance(effect, ClearPreferred) for effect in drive.effects)
    assert drive.engine.service.session.longest is None


def test_an_unknown_value_in_the_read_back_delays_the_write() -> None:
    drive = started()
    drive.pick(AWAY)
    drive.answer(OK)
    drive.answer(shows(Pair("Strange", "New")))
    assert drive.engine.calls.request is None
    assert names(drive.wake(until=drive.now + timedelta(seconds=2))) == []
    seen = []
    for _ in range(3):
        seen += names(drive.wake())
        drive.settle(seen=AWAY.pair)
    assert "ReadPresence" in seen
    assert drive.engine.service.preferred.lease is not None


def test_a_missing_session_is_set_again_once_at_once() -> None:
    drive = held(IN_A_CALL)
    gone = Pair("Offline", "Offline")
    drive.wake()
    drive.answer(shows(gone))
    assert drive.status["why"]["code"] == "not-yet-shown"
    drive.wake()
    assert names(drive.answer(shows(gone))) == ["SetSession"]
    drive.answer(OK)
    drive.wake()
    drive.answer(shows(gone))
    drive.wake()
    assert drive.answer(shows(gone)) == ()
    assert drive.status["why"]["code"] == "another-computer"


def test_a_meeting_that_outranks_is_explained_and_the_hold_goes_on() -> None:
    drive = held(AVAILABLE)
    drive.wake()
    drive.answer(shows(MEETING))
    assert drive.status["why"]["code"] == "teams-in-a-meeting"
    assert "Override Teams" in drive.status["why"]["message"]
    assert drive.status["hold"]["state"] == "available"


@pytest.mark.parametrize("notices", [True, False])
def test_after_a_choice_in_teams_ended_the_hold_nothing_is_asked_any_more(notices: bool) -> None:
    drive = started(Config(notices=notices))
    drive.pick(BE_RIGHT_BACK)
    drive.settle()
    drive.pass_time(60)
    drive.wake()
    drive.answer(shows(BUSY.pair))
    drive.settle(seen=BUSY.pair)
    assert drive.status["hold"] is None
    assert next_wake(drive.engine) is None
    assert len(drive.notices) == notices


def test_switching_the_pin_off_is_a_change_that_is_read_back() -> None:
    drive = held(AVAILABLE)
    drive.post(PinToggled(), after=60)
    drive.settle()
    drive.pass_time(60)
    drive.post(PinToggled())
    drive.answer(shows(AVAILABLE.pair), after=1)
    assert isinstance(drive.engine.calls.request, ClearPreferred)
    drive.answer(OK, after=1)
    cleared_at = drive.now
    assert drive.status["teams_shows"] is None
    assert names(drive.wake()) == ["ReadPresence"]
    assert drive.now - cleared_at == timedelta(seconds=3)
    drive.answer(shows(MEETING))
    assert drive.status["why"]["code"] == "teams-in-a-meeting"


def test_what_teams_shows_is_not_known_any_more_once_the_state_is_given_back() -> None:
    drive = held(IN_A_CALL)
    drive.wake()
    drive.settle()
    assert drive.status["teams_shows"]["activity"] == "InACall"
    drive.post(Stopped())
    drive.settle()
    assert drive.status["teams_shows"] is None


def test_right_after_a_change_a_lower_presence_is_no_proof_of_a_choice_but_later_it_is() -> None:
    drive = started()
    drive.pick(AVAILABLE, pinned=True)
    drive.answer(OK)
    assert drive.answer(shows(AWAY.pair)) == ()
    assert drive.notices == []
    assert names(drive.wake()) == ["ReadPresence"]
    assert names(drive.answer(shows(AVAILABLE.pair))) == ["SetPreferred"]

    drive = started()
    drive.pick(AVAILABLE, pinned=True)
    drive.answer(OK)
    drive.pass_time_seeing(AWAY.pair, 40)
    assert [notice.key for notice in drive.notices] == ["chosen"]
    assert not any(isinstance(effect, SetPreferred) for effect in drive.effects)


def test_a_status_chosen_in_teams_that_is_seen_no_more_is_forgotten() -> None:
    drive = held(AVAILABLE)
    drive.post(PinToggled(), after=60)
    drive.answer(shows(DO_NOT_DISTURB.pair))
    assert drive.engine.wish.chosen == DO_NOT_DISTURB.pair
    drive.pass_time_seeing(NO_SESSION, 700)
    assert drive.engine.wish.chosen == DO_NOT_DISTURB.pair
    drive.pass_time_seeing(AVAILABLE.pair, 1300)
    assert drive.engine.wish.chosen is None
