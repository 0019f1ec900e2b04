"""Which `[[hours]]` table decides, to the second, in every zone; and what is said about tables that are wrong."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rows import for_each
from tray.core.hours import Dates, Hours, next_edge, resolve, span_at
from tray.core.states import AVAILABLE, AWAY, BUSY

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
WORK = Hours(time(9), time(17, 30), AVAILABLE, frozenset(range(5)))
LUNCH = Hours(time(12), time(13), None)
NIGHT = Hours(time(22), time(6), BUSY)
ALWAYS = Hours(time(1, 30), time(1, 30), AVAILABLE)

ZONES = sorted(available_timezones() - {"localtime", "Factory"})


def at(text: str, zone: tzinfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def local(instant: datetime | None, zone: tzinfo = BERLIN) -> str:
    return f"{instant.astimezone(zone):%a %H:%M}" if instant else "never"


# --------------------------------------------------------------------------- who decides

WHO = [  # 2026-11-23 is a Monday
    ([WORK], "2026-11-23T08:59", None, "Mon 09:00"),
    ([WORK], "2026-11-23T09:00", WORK, "Mon 17:30"),
    ([WORK], "2026-11-23T17:29", WORK, "Mon 17:30"),
    ([WORK], "2026-11-23T17:30", None, "Tue 09:00"),
    ([WORK], "2026-11-27T18:00", None, "Mon 09:00"),
    ([LUNCH, WORK], "2026-11-23T11:00", WORK, "Mon 12:00"),
    ([LUNCH, WORK], "2026-11-23T12:30", LUNCH, "Mon 13:00"),
    ([LUNCH, WORK], "2026-11-23T13:00", WORK, "Mon 17:30"),
    ([WORK, LUNCH], "2026-11-23T12:30", WORK, "Mon 17:30"),
    ([NIGHT], "2026-11-23T05:59", NIGHT, "Mon 06:00"),
    ([NIGHT], "2026-11-23T23:59", NIGHT, "Tue 06:00"),
    (
        [Hours(time(22), time(6), BUSY, frozenset({4}))],
        "2026-11-28T05:00",
        Hours(time(22), time(6), BUSY, frozenset({4})),
        "Sat 06:00",
    ),
    ([Hours(time(22), time(6), BUSY, frozenset({4}))], "2026-11-27T05:00", None, "Fri 22:00"),
    ([ALWAYS], "2026-11-23T12:00", ALWAYS, "Tue 01:30"),
    (
        [Hours(time(9), time(12), AVAILABLE), Hours(time(12), time(17), BUSY)],
        "2026-11-23T11:00",
        Hours(time(9), time(12), AVAILABLE),
        "Mon 12:00",
    ),
    ([], "2026-11-23T12:00", None, "never"),
    ([Hours(time(9), time(17), BUSY, frozenset())], "2026-11-23T12:00", None, "never"),
]


@for_each(("tables", "now", "decides", "until"), WHO)
def test_the_first_table_that_fits_decides_until_the_next_edge(
    tables: list[Hours], now: str, decides: Hours | None, until: str
) -> None:
    span = span_at(tuple(tables), at(now), BERLIN)
    assert (span and span.hours) == decides
    edge = next_edge(tuple(tables), at(now), BERLIN)
    assert local(edge) == until
    assert span is None or span.ends == edge


def test_a_span_that_an_earlier_table_interrupts_goes_on_as_another_one() -> None:
    morning, afternoon = (span_at((LUNCH, WORK), at(f"2026-11-23T{hour}:00"), BERLIN) for hour in (11, 14))
    assert morning is not None
    assert afternoon is not None
    assert (morning.key, afternoon.key) == ("2026-11-23T09:00", "2026-11-23T13:00")
    assert local(morning.ends) == "Mon 12:00"
    assert local(afternoon.begins) == "Mon 13:00"


def test_an_exception_is_a_day_without_the_spans_that_begin_on_it() -> None:
    holidays = (Dates(date(2026, 12, 24), date(2027, 1, 1)),)
    work = Hours(time(9), time(17), AVAILABLE, exceptions=holidays)
    night = Hours(time(22), time(6), BUSY, exceptions=holidays)
    assert span_at((work,), at("2026-12-24T12:00"), BERLIN) is None
    assert next_edge((work,), at("2026-12-23T18:00"), BERLIN) == at("2027-01-02T09:00")
    assert span_at((night,), at("2026-12-24T01:00"), BERLIN) is not None
    assert span_at((night,), at("2027-01-02T01:00"), BERLIN) is None


# --------------------------------------------------------------------------- clocks that change

RESOLVED = [
    (BERLIN, "2026-03-29T02:30", "2026-03-29T01:00", "2026-03-29T01:00"),  # skipped: the moment of the change
    (BERLIN, "2026-03-29T03:00", "2026-03-29T01:00", "2026-03-29T01:00"),
    (BERLIN, "2026-10-25T02:30", "2026-10-25T00:30", "2026-10-25T01:30"),  # twice
    (BERLIN, "2026-10-25T03:00", "2026-10-25T02:00", "2026-10-25T02:00"),
    (NEW_YORK, "2026-12-31T23:59", "2027-01-01T04:59", "2027-01-01T04:59"),
    (ZoneInfo("Pacific/Apia"), "2011-12-30T12:00", "2011-12-30T10:00", "2011-12-30T10:00"),  # a day that never was
    (ZoneInfo("Australia/Lord_Howe"), "2026-10-04T02:15", "2026-10-03T15:30", "2026-10-03T15:30"),  # half an hour
    (ZoneInfo("Africa/Monrovia"), "1972-01-07T00:30", "1972-01-07T00:44:30", "1972-01-07T00:44:30"),
]


@pytest.mark.parametrize(("zone", "shown", "first", "last"), RESOLVED)
def test_a_local_time_has_the_instants_at_which_clocks_show_it(
    zone: ZoneInfo, shown: str, first: str, last: str
) -> None:
    assert resolve(datetime.fromisoformat(shown), zone) == (at(first, UTC), at(last, UTC))


CHANGES = [
    # from, to, now, span begins, span ends (in UTC): a skipped edge is the change, a doubled one the first or second
    (time(2, 30), time(9), "2026-03-29T02:00", "2026-03-29T01:00", "2026-03-29T07:00"),
    (time(1), time(2, 30), "2026-03-29T00:30", "2026-03-29T00:00", "2026-03-29T01:00"),
    (time(2, 30), time(9), "2026-10-25T02:00", "2026-10-25T00:30", "2026-10-25T08:00"),
    (time(1), time(2, 30), "2026-10-25T01:00", "2026-10-24T23:00", "2026-10-25T01:30"),
    (time(0), time(0), "2026-03-29T12:00", "2026-03-28T23:00", "2026-03-29T22:00"),  # a day of 23 hours
    (time(0), time(0), "2026-10-25T12:00", "2026-10-24T22:00", "2026-10-25T23:00"),  # a day of 25 hours
    (time(9), time(9, 30), "2026-12-31T08:15", "2026-12-31T08:00", "2026-12-31T08:30"),
    (time(23), time(1), "2026-12-31T23:30", "2026-12-31T22:00", "2027-01-01T00:00"),
]


@pytest.mark.parametrize(("begins", "ends", "now", "first", "last"), CHANGES)
def test_edges_follow_the_clocks_on_the_wall(begins: time, ends: time, now: str, first: str, last: str) -> None:
    span = span_at((Hours(begins, ends, BUSY),), at(now, UTC), BERLIN)
    assert span is not None
    assert (span.begins, span.ends) == (at(first, UTC), at(last, UTC))


def test_a_span_that_the_clock_skips_as_a_whole_is_none() -> None:
    skipped = Hours(time(2, 15), time(2, 45), BUSY)
    edge = next_edge((skipped,), at("2026-03-28T12:00"), BERLIN)
    assert edge == at("2026-03-30T02:15")


def test_where_the_edge_comes_twice_the_next_day_begins_at_the_first() -> None:
    before, after = (span_at((ALWAYS,), at(f"2026-11-01T{now}", UTC), NEW_YORK) for now in ("05:29", "05:30"))
    assert before is not None
    assert after is not None
    assert (before.key, after.key) == ("2026-10-31T01:30", "2026-11-01T01:30")


# --------------------------------------------------------------------------- properties

TIMES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
TABLES = st.builds(
    Hours,
    begins=TIMES,
    ends=TIMES,
    state=st.sampled_from([AVAILABLE, AWAY, None]),
    days=st.frozensets(st.integers(0, 6)),
    exceptions=st.lists(
        st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(lambda day: Dates(day, day + DAY)), max_size=2
    ).map(tuple),
)
MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  naive bounds


def kinds_of_clocks() -> dict[tuple[timedelta | None, ...], ZoneInfo]:
    """Return one zone for each way in which clocks run this year, by the offsets at each noon."""
    noons = [at("2026-01-01T12:00", UTC) + number * DAY for number in range(366)]
    return {tuple(noon.astimezone(zone).utcoffset() for noon in noons): zone for zone in map(ZoneInfo, ZONES)}


def test_in_every_zone_each_day_has_one_span_around_each_change_of_the_clocks() -> None:
    over_midnight = (Hours(time(2, 30), time(1, 30), BUSY),)  # both edges at the hours at which clocks change
    for offsets, here in kinds_of_clocks().items():
        changed = [number for number, (before, after) in enumerate(pairwise(offsets), 1) if before != after]
        for number in (*changed, 365):  # and the year's end
            middle = date(2026, 1, 1) + number * DAY
            now, end = (at(f"{middle + days * DAY}T12:00", here) for days in (-2, 2))
            begun = []
            while (edge := next_edge(over_midnight, now, here)) and edge < end:
                span = span_at(over_midnight, edge, here)
                assert span is None or span.begins == edge < span.ends, here
                begun += [span.key[:10]] if span else []
                now = edge
            assert begun == [(middle + days * DAY).isoformat() for days in range(-1, 3)], here


@settings(max_examples=50, deadline=None)
@given(
    tables=st.lists(TABLES, max_size=3).map(tuple), now=MOMENTS, zone=st.sampled_from(ZONES), steps=st.integers(1, 5)
)
def test_nothing_changes_between_two_edges_and_something_does_at_each(
    tables: tuple[Hours, ...], now: datetime, zone: str, steps: int
) -> None:
    here = ZoneInfo(zone)
    edges = [now]
    while len(edges) <= steps and (edge := next_edge(tables, edges[-1], here)):
        edges.append(edge)
    for before, after in pairwise(edges):
        assert before < after
        span = span_at(tables, before, here)
        assert span_at(tables, after - timedelta(seconds=1), here) == span
        assert span_at(tables, before + (after - before) / 2, here) == span
        assert span_at(tables, after, here) != span


@settings(max_examples=50, deadline=None)
@given(
    tables=st.lists(TABLES, min_size=1, max_size=3).map(tuple),
    now=MOMENTS,
    zone=st.sampled_from(ZONES),
    jump=st.integers(-120, 120),
)
def test_a_clock_that_jumps_finds_the_span_that_it_would_have_come_to(
    tables: tuple[Hours, ...], now: datetime, zone: str, jump: int
) -> None:
    here, there = ZoneInfo(zone), now + jump * MINUTE
    found = span_at(tables, there, here)
    walked = now
    if jump > 0:
        while (edge := next_edge(tables, walked, here)) and edge <= there:
            walked = edge
        assert span_at(tables, walked, here) == found
    assert found is None or found.begins <= there < found.ends


@given(st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001  local times
def test_every_local_time_has_its_instants(shown: datetime, zone: str) -> None:
    here = ZoneInfo(zone)
    shown = shown.replace(microsecond=0)
    first, last = resolve(shown, here)
    by_fold = [shown.replace(tzinfo=here, fold=fold).astimezone(UTC) for fold in (0, 1)]
    assert first <= last
    if by_fold[0] <= by_fold[1]:
        assert [first, last] == by_fold
    else:  # skipped
        assert by_fold[1] <= first == last <= by_fold[0]
        before = (first - timedelta(seconds=1)).astimezone(here).replace(tzinfo=None)
        assert before < shown <= first.astimezone(here).replace(tzinfo=None)
