"""Who wins when the user, the microphone, the screen lock and the hours ask for different things."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rows import for_each
from tray.core.hours import Hours
from tray.core.record import replace
from tray.core.rule_reports import reports
from tray.core.rules import (
    CannotTell,
    Free,
    InForce,
    Locked,
    LockReading,
    Microphone,
    MicrophoneReading,
    Rules,
    RuleSettings,
    Situation,
    Unknown,
    Unlocked,
    Used,
    WhenLocked,
    after_stop,
    in_force,
    lock_heard,
    microphone_heard,
    pass_time,
    picked,
    shifted,
)
from tray.core.states import AVAILABLE, AWAY, BUSY, DO_NOT_DISTURB, IN_A_CALL, State
from tray.core.values import Hold, Origin

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
WORK = Hours(time(9), time(17), AVAILABLE)
NO_WORDS = CannotTell(Unknown.NO_SERVER)
ALL_ON = RuleSettings(IN_A_CALL, WhenLocked.AWAY, (WORK,))
ZOOM = Used("Zoom")


class Drive:
    """The rules as the engine drives them: time passes before each event and after it."""

    def __init__(self, settings: RuleSettings = ALL_ON, now: datetime = NOON) -> None:
        self.settings = settings
        self.now = now
        self.pick: Hold | None = None
        self.rules = Rules()

    @property
    def situation(self) -> Situation:
        return Situation(self.pick, self.rules, self.settings, self.now, UTC)

    @property
    def outcome(self) -> InForce:
        return in_force(self.situation)

    @property
    def shows(self) -> str:
        """Return what is held and by whom; a dash for nothing."""
        claim = self.outcome.claim
        return f"{claim.hold.state.key if claim.hold else '-'} by {claim.origin}" if claim else "-"

    @property
    def then(self) -> str:
        claim = self.outcome.then
        return f"{claim.hold.state.key if claim.hold else '-'} by {claim.origin}" if claim else "-"

    def settle(self) -> None:
        if self.pick and self.pick.until and self.pick.until <= self.now:
            self.pick = None
        self.rules = pass_time(self.situation)

    def wait(self, duration: timedelta) -> None:
        """Let time pass as the engine does: it wakes whenever something is to change."""
        end = self.now + duration
        while (at := self.outcome.changes_at) and at <= end:
            self.now = at
            self.settle()
        self.now = end
        self.settle()

    def microphone(self, reading: MicrophoneReading) -> None:
        self.rules = microphone_heard(self.rules, reading, self.now)
        self.settle()

    def lock(self, reading: LockReading) -> None:
        self.rules = lock_heard(self.rules, reading, self.now)
        self.settle()

    def set(self, state: State, until: datetime | None = None) -> Hold:
        hold = Hold(state, self.now, until)
        self.rules, self.pick = picked(self.situation, hold), hold
        return hold

    def stop(self) -> None:
        self.pick, self.rules = after_stop(self.situation)

    def pause(self, on: bool = True) -> None:
        self.rules = replace(self.rules, paused=on)

    def restart(self) -> None:
        """Keep what survives the process: a sensor's word does not."""
        self.rules = Rules(silenced=self.rules.silenced, paused=self.rules.paused)
        self.settle()


# --------------------------------------------------------------------------- the table

PICKS = {"": None, "busy": BUSY, "available": AVAILABLE}
WORDS: dict[str, tuple[MicrophoneReading, LockReading]] = {
    "": (Free(), Unlocked()),
    "call": (ZOOM, Unlocked()),
    "locked": (Free(), Locked()),
    "call locked": (ZOOM, Locked()),
    "cannot tell": (NO_WORDS, CannotTell(Unknown.NO_SOURCE)),
}
TABLE = [
    # picked, sensors, hours → in force, then
    ("", "", "", "-", "-"),
    ("busy", "", "", "busy by user", "-"),
    ("available", "", "", "available by user", "-"),
    ("", "call", "", "in-a-call by microphone", "-"),
    ("busy", "call", "", "busy by user", "in-a-call by microphone"),
    ("available", "call", "", "in-a-call by microphone", "available by user"),
    ("", "locked", "", "away by screen-lock", "-"),
    ("busy", "locked", "", "busy by user", "away by screen-lock"),
    ("available", "locked", "", "away by screen-lock", "available by user"),
    ("", "call locked", "", "in-a-call by microphone", "away by screen-lock"),
    ("busy", "call locked", "", "busy by user", "in-a-call by microphone"),
    ("available", "call locked", "", "in-a-call by microphone", "away by screen-lock"),
    ("", "cannot tell", "", "-", "-"),
    ("busy", "cannot tell", "", "busy by user", "-"),
    ("available", "cannot tell", "", "available by user", "-"),
    ("", "", "work", "available by hours", "-"),
    ("busy", "", "work", "busy by user", "available by hours"),
    ("available", "", "work", "available by user", "available by hours"),
    ("", "call", "work", "in-a-call by microphone", "available by hours"),
    ("busy", "call", "work", "busy by user", "in-a-call by microphone"),
    ("available", "call", "work", "in-a-call by microphone", "available by user"),
    ("", "locked", "work", "away by screen-lock", "available by hours"),
    ("busy", "locked", "work", "busy by user", "away by screen-lock"),
    ("available", "locked", "work", "away by screen-lock", "available by user"),
    ("", "call locked", "work", "in-a-call by microphone", "away by screen-lock"),
    ("busy", "call locked", "work", "busy by user", "in-a-call by microphone"),
    ("available", "call locked", "work", "in-a-call by microphone", "away by screen-lock"),
    ("", "cannot tell", "work", "available by hours", "-"),
    ("busy", "cannot tell", "work", "busy by user", "available by hours"),
    ("available", "cannot tell", "work", "available by user", "available by hours"),
]
SITUATIONS = [row[:3] for row in TABLE]


def drive(pick: str, words: str, hours: str, settings: RuleSettings = ALL_ON) -> Drive:
    """Return the situation of a row: the pick came first, then what the sensors say."""
    drive = Drive(settings if hours else replace(settings, hours=()), NOON - HOUR)
    if state := PICKS[pick]:
        drive.pick = Hold(state, NOON - HOUR)
    drive.microphone(WORDS[words][0])
    drive.lock(WORDS[words][1])
    drive.wait(HOUR)
    return drive


def test_the_table_has_every_combination() -> None:
    assert [row[:3] for row in sorted(TABLE)] == sorted(product(PICKS, WORDS, ("", "work")))


@for_each(("pick", "words", "hours", "shows", "then"), TABLE)
def test_the_first_that_claims_is_in_force_and_the_next_comes_after(
    pick: str, words: str, hours: str, shows: str, then: str
) -> None:
    situation = drive(pick, words, hours)
    assert (situation.shows, situation.then) == (shows, then)


@for_each(("pick", "words", "hours", "shows", "then"), TABLE)
def test_pause_leaves_the_pick_alone_and_resuming_brings_everything_back(
    pick: str, words: str, hours: str, shows: str, then: str
) -> None:
    situation = drive(pick, words, hours)
    situation.pause()
    assert situation.shows == (f"{pick} by user" if pick else "-")
    assert situation.outcome.changes_at is None
    situation.restart()
    assert situation.rules.paused
    situation.microphone(WORDS[words][0])
    situation.lock(WORDS[words][1])
    situation.wait(MINUTE)
    situation.pause(False)
    assert (situation.shows, situation.then) == (shows, then)


@for_each(("pick", "words", "hours"), SITUATIONS)
@for_each("state", [BUSY, AVAILABLE])
def test_a_pick_always_shows_and_still_does_after_a_restart(pick: str, words: str, hours: str, state: State) -> None:
    situation = drive(pick, words, hours)
    situation.set(state)
    assert situation.shows == f"{state.key} by user"
    situation.restart()
    situation.microphone(WORDS[words][0])
    situation.lock(WORDS[words][1])
    situation.wait(MINUTE)
    assert situation.shows == f"{state.key} by user"


@for_each(("pick", "words", "hours", "shows", "then"), TABLE)
def test_stop_ends_what_is_in_force_and_shows_what_comes_after(
    pick: str, words: str, hours: str, shows: str, then: str
) -> None:
    situation = drive(pick, words, hours)
    before = situation.pick
    situation.stop()
    assert situation.shows == then
    assert situation.pick == (None if shows.endswith("by user") else before)


@for_each(("pick", "words", "hours"), SITUATIONS)
def test_enough_stops_leave_nothing_and_nothing_comes_back_while_all_stays_as_it_is(
    pick: str, words: str, hours: str
) -> None:
    situation = drive(pick, words, hours)
    for _ in range(4):
        situation.stop()
    assert situation.shows == "-"
    situation.restart()
    situation.microphone(WORDS[words][0])
    situation.lock(WORDS[words][1])
    situation.wait(HOUR)
    assert situation.shows == "-"


@for_each(("pick", "words", "hours"), SITUATIONS)
def test_what_was_silenced_speaks_again_once_it_has_ended(pick: str, words: str, hours: str) -> None:
    situation = drive(pick, words, hours)
    for _ in range(4):
        situation.stop()
    situation.microphone(Free())
    situation.lock(Unlocked())
    situation.wait(MINUTE)
    situation.microphone(ZOOM)
    situation.wait(MINUTE)
    assert situation.shows == "in-a-call by microphone"
    situation.microphone(Free())
    situation.wait(MINUTE)
    situation.lock(Locked())
    assert situation.shows == "away by screen-lock"
    situation.lock(Unlocked())
    situation.wait(24 * HOUR)
    assert situation.shows == ("available by hours" if hours else "-")


# --------------------------------------------------------------------------- each rule


def test_a_call_counts_after_five_seconds_until_ten_seconds_after_its_end() -> None:
    call = drive("available", "", "")
    call.microphone(ZOOM)
    assert call.outcome.changes_at == NOON + 5 * SECOND
    call.wait(5 * SECOND - timedelta(microseconds=1))
    assert call.shows == "available by user"
    call.wait(timedelta(microseconds=1))
    assert call.shows == "in-a-call by microphone"
    assert call.outcome.changes_at is None
    assert call.outcome.hold == Hold(IN_A_CALL, NOON, origin=Origin.MICROPHONE, by="Zoom")
    call.wait(HOUR)
    call.microphone(Free())
    call.wait(10 * SECOND - timedelta(microseconds=1))
    assert (call.shows, call.then) == ("in-a-call by microphone", "available by user")
    call.wait(timedelta(microseconds=1))
    assert call.shows == "available by user"


def test_a_program_that_tries_the_microphone_is_no_call() -> None:
    trying = drive("", "", "")
    for _ in range(5):
        trying.microphone(ZOOM)
        trying.wait(4 * SECOND)
        trying.microphone(Free())
        trying.wait(SECOND)
        assert trying.shows == "-"


def test_a_change_of_headset_and_a_sound_server_that_restarts_end_no_call() -> None:
    call = drive("", "call", "")
    for reading in (Free(), NO_WORDS):
        call.microphone(reading)
        call.wait(9 * SECOND)
        call.microphone(ZOOM)
        call.wait(2 * SECOND)
        assert call.shows == "in-a-call by microphone"
        assert call.outcome.changes_at is None
        assert call.outcome.hold == Hold(IN_A_CALL, NOON - HOUR, origin=Origin.MICROPHONE, by="Zoom")
        assert reports(call.situation)[0].since == NOON - HOUR


def test_the_header_follows_who_uses_the_microphone() -> None:
    call = drive("", "call", "")
    call.microphone(Used("Firefox"))
    assert call.outcome.hold is not None
    assert (call.outcome.hold.by, call.outcome.hold.since) == ("Firefox", NOON - HOUR)


def test_a_sensor_that_can_no_longer_tell_counts_as_free_and_ends_no_silence() -> None:
    call = drive("available", "call", "")
    call.stop()
    call.microphone(NO_WORDS)
    call.wait(MINUTE)
    call.microphone(ZOOM)
    call.wait(MINUTE)
    assert call.shows == "available by user"
    call.microphone(Free())
    call.wait(11 * SECOND)
    call.microphone(ZOOM)
    call.wait(5 * SECOND)
    assert call.shows == "in-a-call by microphone"


def test_a_timed_pick_runs_on_underneath_and_keeps_its_own_end() -> None:
    call = drive("", "", "")
    hold = call.set(AVAILABLE, NOON + HOUR)
    call.microphone(ZOOM)
    call.wait(MINUTE)
    assert call.outcome.then is not None
    assert call.outcome.then.hold == hold
    assert call.outcome.changes_at == NOON + HOUR
    call.microphone(Free())
    call.wait(MINUTE)
    assert call.outcome.hold == hold
    call.microphone(ZOOM)
    call.wait(HOUR)
    assert (call.shows, call.then) == ("in-a-call by microphone", "-")


def test_what_comes_after_a_timed_hold_is_what_holds_then() -> None:
    evening = drive("", "", "work")
    evening.set(BUSY, NOON + HOUR)
    evening.rules = Rules()  # the pick's silence is over: the hours have another span by then
    assert evening.then == "available by hours"
    evening.pick = replace(evening.pick or Hold(BUSY, NOON), until=NOON + 5 * HOUR)
    assert evening.then == "-"


def test_a_pick_during_the_hours_silences_the_span_that_runs_and_no_other() -> None:
    adjoining = (Hours(time(9), time(13), AVAILABLE), Hours(time(13), time(17), DO_NOT_DISTURB))
    day = Drive(replace(ALL_ON, hours=adjoining), NOON - HOUR)
    day.set(BUSY, NOON)
    day.wait(HOUR)
    assert day.shows == "-"
    day.restart()
    assert day.shows == "-"
    day.wait(HOUR)
    assert day.shows == "do-not-disturb by hours"


def test_a_break_in_the_hours_is_held_by_nobody_and_is_no_reason_to_show_the_table_beneath() -> None:
    lunch = Drive(replace(ALL_ON, hours=(Hours(time(12), time(13), None), WORK)))
    assert (lunch.shows, lunch.then) == ("- by hours", "available by hours")
    lunch.stop()
    assert lunch.outcome.hold is None
    lunch.set(BUSY)
    lunch.stop()
    assert lunch.outcome.hold is None
    lunch.wait(HOUR)
    assert lunch.shows == "available by hours"


def test_a_locked_screen_releases_keeps_or_goes_away_as_set_up() -> None:
    expected = {"keep": "available by user", "release": "- by screen-lock", "away": "away by screen-lock"}
    for when_locked in WhenLocked:
        assert drive("available", "locked", "", replace(ALL_ON, when_locked=when_locked)).shows == expected[when_locked]


def test_stop_while_a_locked_screen_releases_brings_nothing_up() -> None:
    released = replace(ALL_ON, when_locked=WhenLocked.RELEASE)
    for pick, hours in product(("", "available"), ("", "work")):
        locked = drive(pick, "locked", hours, released)
        locked.stop()
        assert locked.shows == "- by screen-lock"
        assert locked.pick is None
        locked.stop()
        locked.lock(Unlocked())
        assert locked.shows == "-"


def test_a_call_that_a_picked_state_outranked_does_not_hide_the_next_pick() -> None:
    call = drive("busy", "call locked", "work")
    call.set(AVAILABLE)
    assert call.shows == "available by user"


def test_a_rule_that_is_switched_off_and_on_again_works_at_once() -> None:
    call = drive("", "call locked", "work")
    for _ in range(3):
        call.stop()
    call.settings = RuleSettings()
    call.settle()
    assert call.rules.silenced == Rules().silenced
    call.settings = ALL_ON
    assert call.shows == "in-a-call by microphone"


def test_the_rules_that_are_off_claim_nothing_and_wake_nobody() -> None:
    for words, pick in product(WORDS, PICKS):
        off = drive(pick, words, "work", RuleSettings())
        off.microphone(WORDS[words][0])
        assert off.shows == (f"{pick} by user" if pick else "-")
        assert off.outcome.changes_at is None


def test_a_clock_that_is_set_back_stretches_no_debounce() -> None:
    call = drive("", "", "")
    call.microphone(ZOOM)
    call.wait(3 * SECOND)
    call.now -= 2 * HOUR
    call.rules = shifted(call.rules, -2 * HOUR)
    assert call.outcome.changes_at == call.now + 2 * SECOND
    assert shifted(Rules(), HOUR) == Rules()


def test_all_rules_are_reported_with_who_and_since_when_or_why_it_cannot_be_told() -> None:
    off = reports(Drive(RuleSettings()).situation)
    assert [(each.origin, each.on, each.active, each.cannot_tell) for each in off] == [
        (Origin.MICROPHONE, False, False, None),
        (Origin.SCREEN_LOCK, False, False, None),
        (Origin.HOURS, False, False, None),
    ]
    microphone, lock, hours = reports(drive("busy", "call locked", "work").situation)
    assert (microphone.active, microphone.by, microphone.since) == (True, "Zoom", NOON - HOUR)
    assert (lock.active, lock.state, lock.since) == (True, AWAY, NOON - HOUR)
    assert (hours.active, hours.state, hours.since) == (True, AVAILABLE, NOON - 3 * HOUR)
    microphone, lock, _ = reports(drive("", "cannot tell", "").situation)
    assert (microphone.cannot_tell, lock.cannot_tell) == (Unknown.NO_SERVER, Unknown.NO_SOURCE)
    silent = drive("", "call locked", "work")
    for _ in range(3):
        silent.stop()
    assert all(each.silenced and not each.active for each in reports(silent.situation))


def test_the_name_of_a_program_is_in_no_text_of_a_record() -> None:
    call = drive("available", "call", "")
    assert call.outcome.hold is not None
    assert "Zoom" not in repr((call.situation, call.outcome, reports(call.situation), ZOOM))


# --------------------------------------------------------------------------- sequences

ACTS = st.one_of(
    st.tuples(st.just("microphone"), st.sampled_from([Free(), ZOOM, Used("Firefox"), NO_WORDS])),
    st.tuples(st.just("lock"), st.sampled_from([Locked(), Unlocked(), CannotTell(Unknown.NO_SOURCE)])),
    st.tuples(st.just("set"), st.tuples(st.sampled_from([BUSY, AVAILABLE]), st.sampled_from([None, 3, 400]))),
    st.tuples(st.just("pause"), st.booleans()),
    st.tuples(st.sampled_from(["stop", "restart"]), st.none()),
)
STEPS = st.lists(st.tuples(st.sampled_from([0, 1, 4, 5, 6, 9, 10, 11, 60, 3600, 30000]), ACTS), max_size=25)


def spells(history: list[tuple[datetime, bool]], now: datetime) -> Iterator[bool]:
    """Yield second by second whether the microphone counts as used, as the rule's words say it."""
    counted, since, used = False, history[0][0], False
    moment = history[0][0]
    while moment <= now:
        if used and moment - since >= 5 * SECOND:
            counted = True
        elif not used and moment - since >= 10 * SECOND:
            counted = False
        for at, said in history:
            if at == moment and said != used:
                used, since = said, at
        yield counted
        moment += SECOND


@given(st.lists(st.tuples(st.integers(1, 14), st.booleans()), min_size=1, max_size=12), st.integers(0, 14))
def test_the_debounce_is_what_its_words_say(steps: list[tuple[int, bool]], wait: int) -> None:
    rules, now, history = Rules(), NOON, [(NOON, False)]
    for seconds, used in steps:
        now += seconds * SECOND
        history.append((now, used))
        rules = microphone_heard(rules, ZOOM if used else Free(), now)
    now += wait * SECOND
    *_, expected = spells(history, now)
    assert rules.sensors.microphone.counts(now) == expected


@settings(deadline=None)  # hours are computed anew at each look
@given(STEPS, st.sampled_from(list(WhenLocked)))
def test_whatever_happens_the_hold_in_force_is_the_tables_and_no_pick_is_lost(
    steps: list[tuple[int, tuple[str, object]]], when_locked: WhenLocked
) -> None:
    drive = Drive(replace(ALL_ON, when_locked=when_locked))
    wanted: Hold | None = None  # the last pick, as its user thinks of it
    for seconds, (act, argument) in steps:
        before = drive.shows
        drive.wait(seconds * SECOND)
        if wanted and wanted.until and wanted.until <= drive.now:
            wanted = None
        shown, claim = drive.shows, drive.outcome.claim
        match act, argument:
            case "set", (State() as state, minutes):
                wanted = drive.set(state, drive.now + minutes * MINUTE if isinstance(minutes, int) else None)
                assert drive.outcome.hold == wanted
            case "stop", _:
                nothing_shows = claim is None or claim.hold is None
                rule_stops = drive.then if claim and claim.hold and not claim.is_picked else None
                drive.stop()
                if nothing_shows:
                    assert drive.shows == shown
                if rule_stops is None:
                    wanted = None if drive.pick is None else wanted
            case "pause", bool(on):
                drive.pause(on)
            case "restart", _:
                drive.restart()
            case "microphone" | "lock", reading:
                getattr(drive, act)(reading)
        assert drive.pick == wanted, before
        check(drive)


def check(drive: Drive) -> None:
    """Compare with the one line of the design: what claims is told anew, from the records alone."""
    rules, pick = drive.rules, drive.pick
    speaks = not rules.paused
    ranked = [
        bool(pick and pick.state is not AVAILABLE),
        speaks and not rules.silenced.microphone and rules.sensors.microphone.counts(drive.now),
        speaks
        and not rules.silenced.screen_lock
        and rules.sensors.lock.reading == Locked()
        and drive.settings.when_locked is not WhenLocked.KEEP,
        bool(pick and pick.state is AVAILABLE),
        speaks and rules.silenced.hours is None and 9 <= drive.now.hour < 17,
    ]
    names = [f"{pick.state.key} by user" if pick else "", "in-a-call by microphone"]
    names += ["away by screen-lock" if drive.settings.when_locked is WhenLocked.AWAY else "- by screen-lock"]
    names += ["available by user", "available by hours"]
    assert drive.shows == next((name for name, claims in zip(names, ranked, strict=True) if claims), "-")
    changes_at = drive.outcome.changes_at
    assert changes_at is None or changes_at > drive.now


def test_what_a_microphone_has_never_said_does_not_count() -> None:
    assert not Microphone().counts(NOON)
    assert Microphone().settles_at is None
