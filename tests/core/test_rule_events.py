"""The rules in the engine: which hold is in force, what is asked of Graph for it, what is saved and shown."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from tests.core.driver import ADELE, START, Drive, started
from tests.rows import for_each
from tray.core.account_switch import taken_over
from tray.core.config import Config
from tray.core.effects import ClearSession, ReadSettings, SetMessage, SetPreferred, SetSession, SwitchRule, Watch
from tray.core.engine import next_wake
from tray.core.events import (
    ClockSet,
    Event,
    KeepChosen,
    LeaveAsked,
    MessageAsked,
    PauseToggled,
    PinToggled,
    RuleToggled,
    SensorChanged,
    SettingsChanged,
    SettingsRefused,
    SettingsWritten,
    SignOutAsked,
    Started,
    Stopped,
    Woke,
)
from tray.core.hours import Hours
from tray.core.record import replace
from tray.core.rules import (
    CannotTell,
    Free,
    Locked,
    LockReading,
    MicrophoneReading,
    RuleSettings,
    Unknown,
    Unlocked,
    Used,
    WhenLocked,
)
from tray.core.states import AVAILABLE, AWAY, BUSY, BY_KEY, DO_NOT_DISTURB, IN_A_CALL, State
from tray.core.values import (
    Account,
    AccountRead,
    Answer,
    AnswerKind,
    Keep,
    LeaveReason,
    Message,
    Origin,
    Saved,
    SignedOut,
)

ZOOM = Used("Zoom")
CALLS = RuleSettings(microphone=IN_A_CALL, has_rule_keys=True)
LOCKS = RuleSettings(when_locked=WhenLocked.RELEASE)
HOUR = timedelta(hours=1)
NINE_THIRTY = START + HOUR / 2
WORK = RuleSettings(hours=(Hours(time(9, 30), time(17, 30), AVAILABLE),), has_hours=True, has_rule_keys=True)


def following(rules: RuleSettings, state: State | None = None) -> Drive:
    """Return a drive whose account is known, with some rules on and perhaps a state picked."""
    drive = started(Config(rules=rules))
    drive.settle()
    if state:
        drive.pick(state)
        drive.settle()
    return drive


def hear(drive: Drive, reading: MicrophoneReading | LockReading, after: float = 0.0) -> None:
    """Let a sensor say something."""
    sensor = Origin.SCREEN_LOCK if isinstance(reading, Locked | Unlocked) else Origin.MICROPHONE
    drive.post(SensorChanged(sensor, reading), after=after)


def held(drive: Drive) -> tuple[str, str] | None:
    """Return what the status document says is held, and by whom."""
    hold = drive.status["hold"]
    return (hold["state"], hold["origin"]) if isinstance(hold, dict) else None


def sets(drive: Drive) -> list[SetSession]:
    """Return the sessions that were asked for."""
    return [effect for effect in drive.effects if isinstance(effect, SetSession)]


def a_call(drive: Drive) -> None:
    """Let Zoom use the microphone until it counts."""
    hear(drive, ZOOM)
    drive.pass_time(6)


def test_another_program_in_the_same_call_sets_nothing_again() -> None:
    drive = following(CALLS)
    a_call(drive)
    drive.settle()
    before = len(sets(drive))
    hear(drive, Used("Webex"))
    drive.settle()
    assert drive.status["hold"]["by"] == "Webex"
    assert len(sets(drive)) == before


def test_a_call_shows_and_what_was_picked_shows_again_after_it() -> None:
    drive = following(CALLS, AVAILABLE)
    a_call(drive)
    assert held(drive) == ("in-a-call", "microphone")
    assert sets(drive)[-1].pair == IN_A_CALL.pair
    hear(drive, Free())
    drive.pass_time(11)
    assert held(drive) == ("available", "user")
    assert [each.pair for each in sets(drive)] == [AVAILABLE.pair, IN_A_CALL.pair, AVAILABLE.pair]
    assert not drive.notices


def test_a_call_costs_as_many_requests_as_a_click() -> None:
    clicked, called = following(RuleSettings(), AVAILABLE), following(CALLS, AVAILABLE)
    hear(called, ZOOM)
    clicked.pass_time(5)
    clicked.pick(IN_A_CALL)
    clicked.pass_time(3600)
    called.pass_time(3605)
    assert len(sets(clicked)) == len(sets(called))
    assert clicked.engine.calls.count == called.engine.calls.count


def test_another_program_in_the_same_call_is_named_and_costs_no_request() -> None:
    drive = following(CALLS)
    a_call(drive)
    before = drive.engine.calls.count
    hear(drive, Used("Firefox"))
    assert drive.view.rows[0].label == "In a call: Firefox uses the microphone"
    assert drive.engine.calls.count == before


def test_a_call_with_nothing_picked_ends_with_nothing_set() -> None:
    drive = following(CALLS)
    a_call(drive)
    assert held(drive) == ("in-a-call", "microphone")
    hear(drive, Free())
    drive.pass_time(11)
    assert held(drive) is None
    assert any(isinstance(effect, ClearSession) for effect in drive.effects)


def test_a_pick_during_a_call_stays_and_the_next_call_shows_again() -> None:
    drive = following(CALLS, AVAILABLE)
    a_call(drive)
    drive.pick(AVAILABLE)
    drive.pass_time(60)
    assert held(drive) == ("available", "user")
    hear(drive, Free())
    drive.pass_time(11)
    a_call(drive)
    assert held(drive) == ("in-a-call", "microphone")


def test_busy_picked_by_hand_is_not_hidden_by_a_call() -> None:
    drive = following(CALLS, BUSY)
    a_call(drive)
    assert held(drive) == ("busy", "user")


def test_stop_during_a_call_shows_the_pick_and_a_second_stop_nothing() -> None:
    drive = following(CALLS, AVAILABLE)
    a_call(drive)
    drive.post(Stopped())
    assert held(drive) == ("available", "user")
    drive.post(Stopped())
    drive.settle()
    assert held(drive) is None


def test_a_timed_pick_runs_on_beneath_a_call_and_its_end_is_its_own() -> None:
    drive = following(CALLS)
    drive.post(KeepChosen(Keep.HALF_HOUR))
    drive.pick(AVAILABLE)
    until = drive.now + timedelta(minutes=30)
    a_call(drive)
    assert drive.status["then"] == {"state": "available", "until": f"{until:%Y-%m-%dT%H:%M:%SZ}", "origin": "user"}
    assert drive.saved.hold is not None
    drive.pass_time(1800)
    assert held(drive) == ("in-a-call", "microphone")
    assert drive.status["then"] is None
    assert drive.saved.hold is None


def test_keep_for_during_a_call_is_the_picks() -> None:
    drive = following(CALLS, AVAILABLE)
    a_call(drive)
    drive.post(KeepChosen(Keep.HOUR))
    assert drive.row("keep-1h").checked
    hear(drive, Free())
    drive.pass_time(11)
    assert drive.engine.wish.hold is not None
    assert drive.engine.wish.hold.until is not None


def test_a_rules_hold_is_not_pinned() -> None:
    drive = following(RuleSettings(microphone=BUSY), AVAILABLE)
    a_call(drive)
    assert not drive.row("pin").enabled
    assert drive.row("pin").label == "Override Teams (not for an automatic status)"
    drive.post(PinToggled())
    assert drive.status["hold"]["pinned"] is False  # type: ignore[index]


def test_a_locked_screen_releases_and_unlocking_sets_the_pick_again() -> None:
    drive = following(LOCKS, AVAILABLE)
    hear(drive, Locked())
    drive.settle()
    assert held(drive) is None
    assert drive.row("stop").enabled
    assert drive.status["then"] == {"state": "available", "until": None, "origin": "user"}
    hear(drive, Unlocked(), after=600)
    drive.settle()
    assert held(drive) == ("available", "user")


def test_a_locked_screen_with_a_timed_pick_ends_it_in_time() -> None:
    drive = following(LOCKS)
    drive.post(KeepChosen(Keep.HALF_HOUR))
    drive.pick(AVAILABLE)
    drive.settle()
    hear(drive, Locked())
    drive.pass_time(1801)
    hear(drive, Unlocked())
    assert held(drive) is None


def test_stop_while_the_screen_is_locked_ends_the_pick() -> None:
    drive = following(LOCKS, AVAILABLE)
    hear(drive, Locked())
    drive.post(Stopped())
    hear(drive, Unlocked(), after=60)
    assert held(drive) is None


def test_away_while_locked_is_a_preferred_status() -> None:
    drive = following(RuleSettings(when_locked=WhenLocked.AWAY), AVAILABLE)
    hear(drive, Locked())
    drive.settle()
    assert held(drive) == ("away", "screen-lock")
    assert any(isinstance(effect, SetPreferred) and effect.pair == AWAY.pair for effect in drive.effects)


def test_a_status_chosen_in_teams_overrules_away_while_locked_without_a_notice() -> None:
    drive = following(RuleSettings(when_locked=WhenLocked.AWAY))
    hear(drive, Locked())
    drive.settle()
    assert held(drive) == ("away", "screen-lock")
    drive.pass_time_seeing(DO_NOT_DISTURB.pair, 1200)
    assert held(drive) is None
    assert not drive.notices


def test_hours_begin_and_end_by_themselves() -> None:
    drive = following(WORK)
    assert held(drive) is None
    drive.pass_time(1801)
    assert held(drive) == ("available", "hours")
    drive.pass_time(8 * 3600)
    drive.settle()
    assert held(drive) is None
    assert drive.engine.service.session.longest is None


def test_nothing_wakes_for_the_hours_before_they_begin_but_to_see_that_the_clock_was_set() -> None:
    drive = following(WORK)
    drive.pass_time(120)
    assert next_wake(drive.engine) == drive.now + timedelta(minutes=15)
    drive.wake(until=NINE_THIRTY - timedelta(minutes=5))
    assert next_wake(drive.engine) == NINE_THIRTY
    drive.post(PauseToggled())
    assert next_wake(drive.engine) is None


def test_a_pick_in_the_hours_silences_them_until_the_next_span() -> None:
    drive = following(WORK)
    drive.pass_time(1801)
    drive.post(KeepChosen(Keep.HALF_HOUR))
    drive.pick(BUSY)
    drive.settle()
    drive.pass_time(1801)
    assert held(drive) is None, "the pick silenced the span that runs"


# Edges of the hours at 09:30 and 17:30, which this install follows 18 s late.
LATE = 18
MORNING, EVENING = time(9, 30), time(17, 30)
EDGES = [
    # tables, when the pick ends → what shows from then on
    ([(MORNING, EVENING, AVAILABLE)], EVENING, None),
    ([(MORNING, EVENING, AVAILABLE), (EVENING, time(20), None)], EVENING, None),
    ([(time(8), MORNING, AVAILABLE), (MORNING, EVENING, AWAY)], EVENING, None),
    ([(MORNING, EVENING, AVAILABLE)], MORNING, "available"),
    ([(time(8), MORNING, AVAILABLE), (MORNING, EVENING, AWAY)], MORNING, "away"),
    ([(time(8), MORNING, None), (MORNING, EVENING, AWAY)], MORNING, "away"),
    ([(MORNING, EVENING, AVAILABLE), (EVENING, time(20), AWAY)], EVENING, "away"),
]


@for_each("state", [BUSY, AVAILABLE])
@for_each(("tables", "ends", "shows"), EDGES)
def test_a_pick_that_ends_with_an_edge_of_the_hours_hands_over_at_once(
    state: State, tables: list[tuple[time, time, State | None]], ends: time, shows: str | None
) -> None:
    drive = started(Config(rules=RuleSettings(hours=tuple(Hours(*table) for table in tables)), offset=LATE / 20))
    until = datetime.combine(START, ends, UTC)
    drive.pick(state, until=until, timed=True)
    drive.pass_time((until - START - timedelta(minutes=1)).total_seconds())
    then = drive.status["then"]
    assert (then["state"] if isinstance(then, dict) else None) == shows
    before = len(sets(drive))
    drive.pass_time(60)
    assert held(drive) == ((shows, "hours") if shows else None)
    drive.pass_time(LATE + 2)
    assert {each.pair for each in sets(drive)[before:]} <= ({BY_KEY[shows].pair} if shows else set())


def ends_a_call(drive: Drive) -> None:
    a_call(drive)
    hear(drive, Free())


def stops_a_pick(drive: Drive) -> None:
    drive.pass_time(6)
    drive.post(Stopped())


def resumes(drive: Drive) -> None:
    drive.post(PauseToggled())
    drive.pass_time(6)
    drive.post(PauseToggled())


def starts_again(drive: Drive) -> None:
    drive.pass_time(6)
    drive.engine = Drive(drive.engine.config, now=drive.now).engine
    drive.start()


@for_each(("state", "does"), [(None, ends_a_call), (AVAILABLE, stops_a_pick), (None, resumes), (None, starts_again)])
def test_hours_that_have_ended_do_not_show_for_their_last_seconds(
    state: State | None, does: Callable[[Drive], None]
) -> None:
    rules = replace(CALLS, hours=(Hours(time(8), MORNING, AWAY),))
    drive = started(Config(rules=rules, offset=LATE / 20), now=datetime.combine(START, MORNING, UTC) - 2 * HOUR)
    if state:
        drive.pick(state)
    drive.pass_time((2 * HOUR - timedelta(seconds=3)).total_seconds())
    does(drive)
    before = len(sets(drive))
    drive.pass_time(12)
    assert held(drive) is None
    assert not [each for each in sets(drive)[before:] if each.pair == AWAY.pair]


def test_hours_that_change_what_shows_are_followed_late_at_each_edge() -> None:
    tables = (Hours(MORNING, time(12), AVAILABLE), Hours(time(12), EVENING, AWAY))
    drive = started(Config(rules=RuleSettings(hours=tables), offset=LATE / 20))
    for edge, before, after in ((MORNING, None, "available"), (time(12), "available", "away"), (EVENING, "away", None)):
        followed = datetime.combine(START, edge, UTC) + timedelta(seconds=LATE)
        drive.pass_time((followed - drive.now).total_seconds() - 1)
        assert held(drive) == ((before, "hours") if before else None)
        drive.pass_time(1)
        assert held(drive) == ((after, "hours") if after else None)


def test_the_lateness_of_the_hours_moves_along_with_a_clock_that_is_set_back() -> None:
    drive = started(Config(rules=WORK, offset=LATE / 20), now=NINE_THIRTY + HOUR)
    drive.settle()
    drive.post(ClockSet(-HOUR - timedelta(seconds=60)), after=-3660)
    drive.settle()
    assert held(drive) is None
    drive.pass_time(60 + LATE - 1)
    assert held(drive) is None
    drive.pass_time(1)
    assert held(drive) == ("available", "hours")


def test_pause_stops_the_rules_and_survives_a_restart() -> None:
    drive = following(CALLS, AVAILABLE)
    a_call(drive)
    drive.post(PauseToggled())
    assert held(drive) == ("available", "user")
    assert drive.saved.paused
    assert drive.engine.watched == Watch()
    again = Drive(Config(rules=CALLS), now=drive.now)
    again.start(drive.saved, granted=False)
    assert again.engine.rules.paused
    again.post(PauseToggled())
    assert again.engine.watched == Watch(microphone=True)


def test_what_was_silenced_stays_silenced_over_a_restart() -> None:
    drive = following(CALLS, AVAILABLE)
    a_call(drive)
    drive.post(Stopped())
    again = Drive(Config(rules=CALLS), now=drive.now)
    again.start(drive.saved, granted=False)
    again.grant() if again.engine.calls.errand else None
    a_call(again)
    assert held(again) is None


@pytest.mark.parametrize("is_hidden", [True, False], ids=["hidden by a call", "hides the hours"])
def test_a_pick_that_an_upgrade_took_up_silences_no_rule_that_it_had_not(is_hidden: bool) -> None:
    rules = CALLS if is_hidden else WORK
    drive = following(rules, AVAILABLE if is_hidden else BUSY)
    if is_hidden:
        a_call(drive)
    else:
        drive.pass_time(5400)
    pick = drive.engine.wish.pick
    assert pick is not None
    again = Drive(Config(rules=rules), now=drive.now)
    again.post(Started(drive.saved, replace(pick, since=drive.now)))
    again.grant()
    again.settle()
    assert held(again) == (pick.state.key, "user")
    if is_hidden:
        a_call(again)
        assert held(again) == ("in-a-call", "microphone")
    else:
        again.post(Stopped())
        assert held(again) == ("available", "hours")


def test_an_upgrade_keeps_the_silence_of_the_pick_that_it_takes_up() -> None:
    drive = following(CALLS, AVAILABLE)
    a_call(drive)
    drive.pick(AVAILABLE)
    pick = drive.engine.wish.pick
    again = Drive(Config(rules=CALLS), now=drive.now)
    again.post(Started(drive.saved, pick))
    again.grant()
    a_call(again)
    assert held(again) == ("available", "user")


def test_sensors_are_watched_where_a_rule_wants_them() -> None:
    drive = following(RuleSettings())
    assert not any(isinstance(effect, Watch) for effect in drive.effects)
    change(drive, RuleSettings(microphone=BUSY, microphone_ignore=("obs",)))
    assert drive.effects[-1] == Watch(microphone=True, ignored=("obs",))
    change(drive, RuleSettings(when_locked=WhenLocked.AWAY))
    assert drive.effects[-1] == Watch(screen_lock=True)
    change(drive, RuleSettings())
    assert drive.effects[-1] == Watch()


def change(drive: Drive, rules: RuleSettings) -> None:
    """Let the settings change."""
    drive.post(SettingsChanged(replace(drive.engine.config, rules=rules)))


def test_a_late_word_of_a_sensor_that_was_stopped_is_ignored() -> None:
    drive = following(CALLS)
    change(drive, LOCKS)
    before = drive.engine.rules
    hear(drive, ZOOM)
    assert drive.engine.rules == before
    change(drive, CALLS)
    before = drive.engine.rules
    hear(drive, Locked())
    assert drive.engine.rules == before


def test_a_rule_that_is_switched_off_during_its_call_ends_it() -> None:
    drive = following(CALLS, AVAILABLE)
    a_call(drive)
    drive.post(RuleToggled(Origin.MICROPHONE))
    assert drive.effects[-1] == SwitchRule(Origin.MICROPHONE, on=False)
    change(drive, RuleSettings())
    assert held(drive) == ("available", "user")


def test_a_status_that_teams_does_not_accept_overrules_its_rule() -> None:
    drive = following(CALLS, AVAILABLE)
    hear(drive, ZOOM)
    drive.pass_time(4)
    drive.post(Woke(), after=1)
    assert sets(drive)[-1].pair == IN_A_CALL.pair
    drive.answer(AnswerKind.REFUSED, AnswerKind.ACCEPTED)
    drive.settle()
    assert held(drive) == ("available", "user")
    assert drive.engine.wish.hidden_pick is None
    hear(drive, Free())
    drive.pass_time(11)
    hear(drive, ZOOM)
    drive.pass_time(60)
    assert held(drive) == ("available", "user"), "what is declined is not asked again"


def test_nobody_signed_in_has_no_rules() -> None:
    drive = following(CALLS)
    a_call(drive)
    drive.post(SignOutAsked())
    drive.settle()
    drive.token(SignedOut())
    assert held(drive) is None
    hear(drive, Free())
    hear(drive, ZOOM, after=20)
    drive.wake(until=drive.now + timedelta(seconds=20))
    assert held(drive) is None


def test_quitting_ends_a_rules_hold_and_keeps_a_timed_pick() -> None:
    drive = following(CALLS)
    drive.post(KeepChosen(Keep.HOUR))
    drive.pick(AVAILABLE)
    a_call(drive)
    drive.post(LeaveAsked(LeaveReason.ENDED))
    drive.settle()
    assert drive.saved.hold is not None
    assert drive.saved.hold.state is AVAILABLE
    assert drive.engine.phase.gone


def test_a_clock_that_is_set_back_moves_the_call_along() -> None:
    drive = following(CALLS, AVAILABLE)
    a_call(drive)
    drive.jump(-7200)
    drive.pass_time(5)
    assert held(drive) == ("in-a-call", "microphone")
    hear(drive, Free())
    drive.pass_time(11)
    assert held(drive) == ("available", "user")


@pytest.mark.parametrize(
    ("reading", "can_tell"), [(CannotTell(Unknown.NO_SERVER), False), (ZOOM, True), (Free(), True)]
)
def test_status_says_what_each_rule_knows(reading: MicrophoneReading, can_tell: bool) -> None:
    drive = following(CALLS)
    hear(drive, reading)
    microphone, lock, hours = drive.status["rules"]  # type: ignore[misc]
    assert (microphone["name"], microphone["on"], microphone["can_tell"]) == ("microphone", True, can_tell)
    assert (lock["name"], lock["on"]) == ("screen-lock", False)
    assert (hours["name"], hours["on"], hours["since"]) == ("hours", False, None)


def test_the_account_is_asked_for_so_that_rules_can_begin() -> None:
    drive = Drive(Config(rules=CALLS))
    drive.start(granted=False)
    drive.token(AccountRead(ADELE))
    a_call(drive)
    assert held(drive) == ("in-a-call", "microphone")


def test_settings_that_a_command_wrote_are_read_again() -> None:
    drive = following(CALLS)
    drive.post(SettingsWritten())
    assert isinstance(drive.effects[-1], ReadSettings)


def test_a_mistake_in_the_settings_is_told_and_the_old_ones_stay() -> None:
    drive = following(CALLS)
    drive.post(SettingsRefused("settings.toml: microphone is wrong.", "It must be a state."))
    assert "It must be a state." in drive.notices[-1].message
    hear(drive, ZOOM)
    drive.wake()
    drive.settle()
    assert drive.engine.wish.hold is not None


# --------------------------------------------------------------------------- every install at its own time


def test_each_install_follows_the_hours_at_its_own_place_in_twenty_seconds() -> None:
    begun = set()
    for offset in (0.0, 0.25, 0.5, 0.999):
        drive = started(Config(rules=WORK, offset=offset))
        drive.settle()
        drive.wake(until=NINE_THIRTY + timedelta(seconds=20 * offset) - timedelta(milliseconds=1))
        assert held(drive) is None
        drive.wake()
        assert held(drive) == ("available", "hours")
        begun.add(drive.now)
        assert drive.engine.wish.hold
        assert drive.engine.wish.hold.until == drive.now + 8 * HOUR
        drive.pass_time(8 * 3600 - 0.001)
        assert held(drive) == ("available", "hours")
        drive.pass_time(0.001)
        assert held(drive) is None, "the end is as late as the beginning"
    assert len(begun) == 4
    assert NINE_THIRTY == min(begun) <= max(begun) < NINE_THIRTY + timedelta(seconds=20)


# --------------------------------------------------------------------------- the hours' status message

AT_HOME = Message("Working from home", NINE_THIRTY + 8 * HOUR)
CLEARED = Message("")
FROM_HOME = replace(WORK, hours=(replace(WORK.hours[0], message=AT_HOME.text),))


def sent(drive: Drive) -> list[Message]:
    return [effect.message for effect in drive.effects if isinstance(effect, SetMessage)]


def pass_time(drive: Drive, seconds: float, shown: Message) -> None:
    """Let time pass; Teams shows a status message."""
    end = drive.now + timedelta(seconds=seconds)
    while drive.now < end or drive.engine.calls.request:
        while drive.engine.calls.request:
            drive.answer(Answer(AnswerKind.ACCEPTED, seen=drive.ours(), message=shown))
        drive.wake(until=max(end, drive.now))


def at_home(saved: Saved | None = None, now: datetime = NINE_THIRTY, shown: Message = AT_HOME) -> Drive:
    """Return a drive in the hours for a minute, whose message Teams shows."""
    drive = Drive(Config(rules=FROM_HOME), now=now)
    drive.start(saved, granted=False)
    drive.token(AccountRead(ADELE))
    drive.grant()
    pass_time(drive, 60, shown)
    assert held(drive) == ("available", "hours")
    return drive


def test_the_hours_message_is_sent_once_with_them_and_expires_with_them() -> None:
    drive = at_home()
    pass_time(drive, 4 * 3600, AT_HOME)
    assert sent(drive) == [AT_HOME]


def test_a_text_written_in_teams_meanwhile_stands() -> None:
    drive = at_home()
    pass_time(drive, 3600, Message("At the dentist"))
    drive.post(Stopped())
    pass_time(drive, 3600, Message("At the dentist"))
    assert sent(drive) == [AT_HOME]
    again = at_home(drive.saved, drive.now, Message("At the dentist")) if drive.saved.told else None
    assert again is None, "stopped: nothing is to be sent any more"


@pytest.mark.parametrize("end", [Stopped(), PauseToggled(), SettingsChanged.__name__, LeaveAsked(LeaveReason.QUIT)])
def test_it_is_cleared_when_the_hours_are_over_before_their_time(end: Event | str) -> None:
    drive = at_home()
    if isinstance(end, str):
        config = replace(drive.engine.config, rules=replace(FROM_HOME, hours=()))
        drive.post(SettingsChanged(config))
    else:
        drive.post(end)
    while drive.engine.calls.request:
        drive.answer(Answer(AnswerKind.ACCEPTED, seen=drive.ours(), message=AT_HOME))
    assert sent(drive) == [AT_HOME, CLEARED]


def test_after_a_pause_it_is_sent_again() -> None:
    drive = at_home()
    for _time in range(2):
        drive.post(PauseToggled())
        pass_time(drive, 60, AT_HOME)
    assert sent(drive) == [AT_HOME, CLEARED, AT_HOME]


def test_a_call_and_a_pick_leave_it_and_stopping_the_pick_ends_it() -> None:
    drive = at_home()
    drive.engine = replace(drive.engine, config=replace(drive.engine.config, rules=replace(FROM_HOME, microphone=BUSY)))
    drive.post(Woke())
    hear(drive, ZOOM)
    pass_time(drive, 60, AT_HOME)
    assert held(drive) == ("busy", "microphone")
    hear(drive, Free())
    pass_time(drive, 60, AT_HOME)
    drive.pick(DO_NOT_DISTURB)
    pass_time(drive, 60, AT_HOME)
    assert sent(drive) == [AT_HOME]
    drive.post(Stopped())
    pass_time(drive, 60, AT_HOME)
    assert sent(drive) == [AT_HOME, CLEARED]


def test_a_crash_neither_sends_it_twice_nor_forgets_whose_it_is() -> None:
    drive = at_home()
    again = at_home(drive.saved, drive.now)
    assert sent(again) == []
    again.post(Stopped())
    pass_time(again, 60, AT_HOME)
    assert sent(again) == [CLEARED]
    after = at_home(drive.saved, NINE_THIRTY + 24 * HOUR)
    assert [message.text for message in sent(after)] == [AT_HOME.text]


def test_after_a_quit_it_is_sent_anew() -> None:
    drive = at_home()
    drive.post(LeaveAsked(LeaveReason.QUIT))
    while drive.engine.calls.request:
        drive.answer(Answer(AnswerKind.ACCEPTED, seen=drive.ours(), message=AT_HOME))
    assert drive.saved.told is None
    assert sent(at_home(drive.saved, drive.now)) == [AT_HOME]


def test_a_message_by_hand_comes_first() -> None:
    drive = started(Config(rules=FROM_HOME))
    by_hand = Message("Back at ten", START + HOUR)
    drive.post(MessageAsked(by_hand))
    pass_time(drive, 45 * 60, by_hand)
    assert held(drive) == ("available", "hours")
    assert sent(drive) == [by_hand]
    pass_time(drive, 3600, CLEARED)
    assert sent(drive) == [by_hand, AT_HOME]


def test_hours_in_which_nothing_is_held_can_have_one_too() -> None:
    lunch = replace(WORK, hours=(replace(WORK.hours[0], state=None, message="Lunch"),))
    drive = following(lunch)
    drive.pass_time(1801)
    assert held(drive) is None
    assert [message.text for message in sent(drive)] == ["Lunch"]


def test_another_account_gets_the_message_too() -> None:
    drive = at_home()
    other = Account("megan@example.test", "megan-key")
    drive.engine = replace(drive.engine, identity=drive.engine.identity.without_token())
    drive.engine = taken_over(drive.engine, other)
    drive.post(Woke())
    drive.grant(account=other) if drive.engine.calls.errand else None
    pass_time(drive, 60, CLEARED)
    assert sent(drive) == [AT_HOME, AT_HOME]
