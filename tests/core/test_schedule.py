"""When things are asked: refreshes, timed holds, pauses, and clocks that jump."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.core.driver import OK, START, Drive, held, holding, names, started
from tests.rows import for_each
from tray.core.config import Config
from tray.core.effects import ReadPresence, Save, SetPreferred, SetSession
from tray.core.engine import next_wake
from tray.core.events import (
    ClockSet,
    KeepChosen,
    Looked,
    SleepWatched,
    Stopped,
    Woke,
)
from tray.core.presence_rules import FADES_AFTER
from tray.core.schedule import WAKE_PERIOD, Retry, asked_pause, jitter, pause
from tray.core.states import (
    APPEAR_OFFLINE,
    AVAILABLE,
    AWAY,
    BUSY,
    IN_A_CALL,
    Pair,
    State,
)
from tray.core.values import Keep

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=30)


MINUTE = timedelta(minutes=1)


def sets(drive: Drive, kind: type = SetSession) -> int:
    return sum(isinstance(effect, kind) for effect in drive.effects)


@pytest.mark.parametrize("phase", [0.0, 0.3, 0.99])
def test_available_is_set_again_within_four_minutes_on_this_installs_grid(phase: float) -> None:
    drive = started(Config(offset=phase))
    drive.pick(AVAILABLE)
    times = []
    for _ in range(60):
        if drive.engine.calls.request and isinstance(drive.engine.calls.request, SetSession):
            times.append(drive.now)
        drive.settle()
        drive.wake()
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) <= timedelta(seconds=240) < FADES_AFTER
    assert min(gaps) >= timedelta(seconds=225)
    assert all(gap == timedelta(seconds=240) for gap in gaps[16:])
    assert [moment.timestamp() % 240 for moment in times[17:]] == pytest.approx([240 * phase] * len(times[17:]))


@pytest.mark.parametrize("lease", [5, 30, 240])
def test_other_states_are_set_again_at_half_the_lease(lease: int) -> None:
    drive = started(Config(lease=lease * MINUTE))
    drive.pick(IN_A_CALL)
    drive.settle()
    while not isinstance(drive.engine.calls.request, SetSession):
        drive.settle()
        drive.wake()
    assert drive.now - START == lease * MINUTE / 2


BUDGETS = [(AVAILABLE, False, 22), (AVAILABLE, True, 28), (IN_A_CALL, False, 11), (AWAY, False, 20)]


@pytest.mark.parametrize(("state", "pinned", "budget"), BUDGETS, ids=str)
def test_a_fault_free_hour_stays_within_its_request_budget(state: State, pinned: bool, budget: int) -> None:
    drive = started(Config(offset=0.4))
    drive.pick(state, pinned=pinned)
    drive.pass_time(1800)
    drive.effects.clear()
    drive.pass_time(3600)
    asked = sets(drive) + sets(drive, SetPreferred) + sets(drive, ReadPresence)
    assert 0 < asked <= budget


def test_holding_nothing_asks_nothing() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.settle()
    drive.post(Stopped())
    drive.settle()
    assert next_wake(drive.engine) is None


def test_while_holding_the_thread_never_waits_longer_than_thirty_seconds() -> None:
    drive = started()
    drive.pick(IN_A_CALL)
    drive.settle()
    drive.pass_time(700)
    assert next_wake(drive.engine) - drive.now <= WAKE_PERIOD


@for_each("minutes", [1, 4, 7, 61])
@for_each("state", [AVAILABLE, IN_A_CALL, AWAY, APPEAR_OFFLINE])
def test_a_timed_hold_ends_by_releasing_and_its_leases_outlive_it_by_five_minutes_at_most(
    state: State, minutes: int
) -> None:
    drive = started()
    until = START + minutes * MINUTE
    drive.pick(state, until=until, timed=True)
    while drive.engine.wish.hold:
        drive.settle()
        for lease in (drive.engine.service.session.longest, drive.engine.service.preferred.longest):
            assert lease is None or lease.expires_at <= until + 5 * MINUTE
        drive.wake(until=drive.now + timedelta(seconds=20))
    assert drive.now - until <= timedelta(seconds=30)
    drive.settle()
    assert drive.engine.service.session.longest is drive.engine.service.preferred.longest is None


def test_a_lease_that_reaches_the_end_of_a_timed_hold_is_not_refreshed() -> None:
    drive = started()
    drive.pick(IN_A_CALL, until=START + 30 * MINUTE, timed=True)
    drive.pass_time(29 * 60)
    assert sets(drive) == 1


def test_shortening_a_hold_shortens_its_lease_at_once() -> None:
    drive = started(Config(lease=240 * MINUTE))
    drive.pick(IN_A_CALL)
    drive.settle()
    assert names(drive.post(KeepChosen(Keep.HALF_HOUR))) == ["SetSession"]
    drive.answer(OK)
    assert drive.engine.service.session.lease.expires_at == START + 30 * MINUTE


def test_keep_for_until_the_end_of_the_day_is_gone_once_past() -> None:
    drive = started(Config(end_of_day=time(17)))
    drive.post(KeepChosen(Keep.END_OF_DAY))
    drive.pick(BUSY)
    assert drive.engine.wish.hold.until == START + timedelta(hours=8)
    labels = [row.key for row in submenu(drive, "keep")]
    assert "keep-end-of-day" in labels
    drive.jump(9 * 3600)
    drive.post(Woke())
    assert "keep-end-of-day" not in [row.key for row in submenu(drive, "keep")]


def submenu(drive: Drive, key: str) -> tuple:
    return next(row.rows for row in drive.view.rows if row.key == key)


def test_a_clock_that_goes_backwards_means_due_now_and_no_floor_grows() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.settle()
    drive.jump(-3600)
    assert names(drive.post(Woke())) == ["SetSession"]
    drive.answer(OK)
    lease = drive.engine.service.session.lease
    assert lease.confirmed_at == drive.now
    assert lease.expires_at == drive.now + 30 * MINUTE


def test_a_clock_that_is_only_disciplined_changes_nothing() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.settle()
    drive.jump(-1)
    assert drive.post(Woke()) == ()


def test_a_gap_no_waiting_explains_means_the_machine_slept() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.settle()
    drive.jump(200)
    assert names(drive.post(Woke())) == ["SetSession"]


def test_where_sleep_is_told_of_nothing_wakes_until_something_is_due() -> None:
    drive = held(AVAILABLE)
    drive.pass_time(60)
    drive.post(SleepWatched(announced=True))
    assert next_wake(drive.engine) - drive.now > 5 * WAKE_PERIOD
    drive.post(SleepWatched(announced=False))
    assert next_wake(drive.engine) - drive.now <= WAKE_PERIOD


def test_while_the_time_of_day_decides_the_clock_is_looked_at_all_the_same() -> None:
    drive = holding(IN_A_CALL, timedelta(hours=2))
    drive.post(SleepWatched(announced=True))
    assert next_wake(drive.engine) - drive.now <= WAKE_PERIOD


def test_a_long_wait_is_no_sleep_and_one_that_takes_longer_is() -> None:
    for late, effects in ((0, []), (120, ["SetSession"])):
        drive = held(IN_A_CALL)
        drive.pass_time(60)
        drive.post(SleepWatched(announced=True))
        due = next_wake(drive.engine)
        drive.post(Looked())
        drive.settle()
        drive.jump((due - drive.now).total_seconds() - 1 + late)
        assert names(drive.post(SleepWatched(announced=True))) == effects


@pytest.mark.parametrize("by", [-100.0, -3600.0, 100.0, 3600.0])
def test_a_clock_that_was_set_in_the_middle_of_a_long_wait_lets_nothing_fade(by: float) -> None:
    drive = held(AVAILABLE)
    drive.pass_time(60)
    drive.post(SleepWatched(announced=True))
    confirmed_at = drive.engine.service.session.lease.confirmed_at
    drive.jump(150 + by)
    assert names(drive.post(ClockSet(timedelta(seconds=by)))) == ["SetSession"]
    lease = drive.engine.service.session.lease
    assert by > 0 or lease.confirmed_at == confirmed_at + timedelta(seconds=by)


def test_what_is_saved_covers_a_lease_and_is_written_anew_once_in_its_length() -> None:
    drive = held(AVAILABLE)
    before = len(drive.effects)
    for _ in range(60):
        drive.pass_time(60)
        lease, saved = drive.engine.service.session.longest, drive.saved.session
        assert lease.expires_at <= saved.expires_at <= lease.expires_at + timedelta(minutes=30)
    writes = [effect for effect in drive.effects[before:] if isinstance(effect, Save)]
    assert len(writes) <= 3


def test_jitter_stays_in_range_and_differs_between_installs() -> None:
    values = {jitter(phase / 100, count) for phase in range(100) for count in range(20)}
    assert all(0 <= value < 1 for value in values)
    assert len(values) > 1900
    mean = sum(values) / len(values)
    assert 0.45 < mean < 0.55


def test_after_a_clock_went_backwards_a_difference_is_still_explained() -> None:
    drive = started()
    drive.pick(AVAILABLE)
    drive.settle()
    drive.jump(-3600)
    drive.post(Woke())
    drive.pass_time_seeing(Pair("Busy", "InAMeeting"), 700)
    assert drive.status["why"]["code"] == "teams-in-a-meeting"
    assert drive.status["hold"]["since"] == "2026-01-05T08:00:00Z"


def test_an_end_of_the_day_that_has_passed_keeps_nothing_for_so_long() -> None:
    drive = started(Config(end_of_day=time(17)))
    drive.post(KeepChosen(Keep.END_OF_DAY))
    drive.jump(9 * 3600)
    drive.post(Woke())
    assert [row.key for row in submenu(drive, "keep") if row.checked] == ["keep-until-stopped"]
    drive.pick(BUSY)
    assert drive.engine.wish.hold.until is None
    drive.settle()
    until = drive.now + timedelta(hours=1)
    drive.pick(BUSY, until=until, timed=True)
    drive.post(KeepChosen(Keep.END_OF_DAY))
    assert drive.engine.wish.hold.until == until


def test_a_hold_whose_end_was_not_chosen_in_the_menu_ticks_no_row_of_keep_for() -> None:
    drive = started()
    drive.post(KeepChosen(Keep.HALF_HOUR))
    drive.pick(BUSY)
    assert [row.key for row in submenu(drive, "keep") if row.checked] == ["keep-30m"]
    drive.pick(BUSY, until=START + 77 * MINUTE, timed=True)
    assert [row.key for row in submenu(drive, "keep") if row.checked] == []
    drive.pick(BUSY, until=None, timed=True)
    assert [row.key for row in submenu(drive, "keep") if row.checked] == ["keep-until-stopped"]


BERLIN = ZoneInfo("Europe/Berlin")
DAYS_END = [
    # now, end of day, until
    (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), time(17), datetime(2026, 3, 29, 15, tzinfo=UTC)),  # spring forward
    (datetime(2026, 3, 29, 0, 30, tzinfo=UTC), time(2, 30), datetime(2026, 3, 29, 1, tzinfo=UTC)),  # in the gap
    (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), time(17), datetime(2026, 10, 25, 16, tzinfo=UTC)),  # fall back
    (datetime(2026, 10, 25, 0, 15, tzinfo=UTC), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice
    (datetime(2026, 10, 25, 0, 45, tzinfo=UTC), time(2, 30), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),  # the second
    (datetime(2026, 1, 5, 16, 0, tzinfo=UTC), time(0), datetime(2026, 1, 5, 23, tzinfo=UTC)),  # the coming midnight
    (datetime(2026, 1, 5, 16, 0, tzinfo=UTC), time(17), None),  # it is just now
]


@pytest.mark.parametrize(("now", "end", "until"), DAYS_END, ids=str)
def test_the_end_of_the_day_is_a_local_time_on_days_of_23_and_25_hours_too(
    now: datetime, end: time, until: datetime | None
) -> None:
    drive = started(Config(end_of_day=end, zone=BERLIN), now=now)
    drive.post(KeepChosen(Keep.END_OF_DAY))
    drive.pick(BUSY)
    assert drive.engine.wish.hold.until == until
    assert until is None or until.tzinfo == drive.engine.wish.hold.until.tzinfo


def test_a_preferred_state_is_set_again_at_half_its_lease() -> None:
    drive = holding(AWAY)
    drive.effects.clear()
    while not any(isinstance(effect, SetPreferred) for effect in drive.effects):
        drive.wake()
        drive.settle()
    assert drive.now - START == LEASE / 2


@pytest.mark.parametrize(("asked", "most"), [(20, 22), (50, 55), (100, 105)])
def test_a_pause_that_graph_names_is_kept_and_a_moment_more(asked: float, most: float) -> None:
    pauses = [asked_pause(0.3, timedelta(seconds=asked), count).total_seconds() for count in range(300)]
    assert asked <= min(pauses) < asked + 0.1 * (most - asked)
    assert most - 0.1 * (most - asked) < max(pauses) < most


@pytest.mark.parametrize(("failures", "full"), [(1, 2), (4, 16), (5, 30), (20, 30)])
def test_pauses_before_the_deadline_are_a_quarter_shorter_at_most(failures: int, full: float) -> None:
    due, retry = START + HOUR, Retry(failures=failures)
    pauses = [pause(0.3, retry, due, START, count).total_seconds() for count in range(300)]
    assert 0.75 * full <= min(pauses) < 0.76 * full
    assert 0.99 * full < max(pauses) <= full


def test_from_the_deadline_on_pauses_may_be_longer() -> None:
    retry = Retry(failures=9)
    for due, longest in ((START + HOUR, 30), (START, 45), (None, 45)):
        pauses = [pause(0.3, retry, due, START, count).total_seconds() for count in range(99)]
        assert 0.95 * longest < max(pauses) <= longest
