"""Durations and times of day as people type them."""

import os
import sys
import time as clock
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from tests.rows import for_each
from tray import durations
from tray.clock import LocalZone
from tray.errors import UsageError


@for_each(
    ("text", "minutes"),
    [
        ("90m", 90),
        ("1h30m", 90),
        ("PT1H30M", 90),
        ("pt90m", 90),
        ("PT5400S", 90),
        ("2h", 120),
        (" 45m ", 45),
        ("1H", 60),
        ("5s", 5 / 60),
        ("1h5s", 60 + 5 / 60),
        ("168h", 7 * 24 * 60),
        ("1h30", 90),
        ("1 h 30", 90),
        ("2h5", 125),
        ("90 min", 90),
        ("90 Minutes", 90),
        ("1 hour", 60),
        ("2 hrs 15 mins", 135),
        ("1 hour 30 minutes", 90),
        ("45 sec", 0.75),
        ("5 m", 5),
    ],
)
def test_durations_people_type_are_understood(text: str, minutes: float) -> None:
    assert durations.duration(text) == timedelta(minutes=minutes)


@for_each(
    "text",
    [
        *("", "PT", "90", "m", "1.5h", "-5m", "+5m", "30m1h", "1h1h", "P1D", "1d", "1h90", "ninety", "5pm"),
        *("0m", "0h0s", "169h", "999999h", "9999999h", "٣m", "1h\n2m", "inf"),
    ],
)
def test_other_durations_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        durations.duration(text)
    assert repr(text) in str(caught.value)
    assert caught.value.message


@for_each(
    ("text", "right"),
    [
        ("17:00", time(17)),
        ("7:05", time(7, 5)),
        ("00:00", time(0)),
        ("17.30", time(17, 30)),
        ("17h30", time(17, 30)),
        ("17h", time(17)),
        ("17", time(17)),
        ("5pm", time(17)),
        ("5 PM", time(17)),
        ("5:30 p.m.", time(17, 30)),
        ("5:30 pm", time(17, 30)),
        ("5:30\N{NO-BREAK SPACE}p.\N{NO-BREAK SPACE}m.", time(17, 30)),
        ("午後5:30", time(17, 30)),
        ("午前 12:30", time(0, 30)),
        ("9am", time(9)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("12.15 am", time(0, 15)),
        ("24:00", time(0)),
        ("24.00", time(0)),
    ],
)
def test_times_of_the_day_are_understood(text: str, right: time) -> None:
    assert durations.time_of_day(text) == right


@for_each(
    "text",
    [
        "",
        "24",
        "24:01",
        "24",
        "17pm",
        "0am",
        "17:0",
        "17:60",
        "17:00:00",
        "1\u0667:00",
        "noon",
        "5p",
        "90m",
        "午後17:30",
        "午後5:30 pm",
    ],
)
def test_other_times_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"17:00"):
        durations.time_of_day(text)


NEW_YORK = "America/New_York"


@for_each(
    ("zone", "now", "wanted", "right"),
    [
        ("UTC", "2025-03-03T12:00", time(17), "2025-03-03T17:00"),
        ("UTC", "2025-03-03T17:00", time(17), "2025-03-04T17:00"),
        ("UTC", "2025-12-31T23:59", time(0), "2026-01-01T00:00"),
        ("Asia/Tokyo", "2025-03-03T12:00", time(17), "2025-03-04T08:00"),
        # The night before clocks go forward: 17:00 is 21 hours after 19:00, not 22.
        (NEW_YORK, "2025-03-09T00:00", time(17), "2025-03-09T21:00"),
        # 02:30 does not exist: the instant at which clocks jump over it, and call 03:00.
        (NEW_YORK, "2025-03-09T06:00", time(2, 30), "2025-03-09T07:00"),
        ("Europe/Berlin", "2026-03-29T00:50", time(2, 30), "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T00:10", time(2, 30), "2026-10-25T00:30"),
        # Cairo's clocks jump over midnight.
        ("Africa/Cairo", "2026-04-23T20:00", time(0), "2026-04-23T22:00"),
        # 01:30 exists twice: at 01:00 the first, at the first 01:40 the second.
        (NEW_YORK, "2025-11-02T05:00", time(1, 30), "2025-11-02T05:30"),
        (NEW_YORK, "2025-11-02T05:40", time(1, 30), "2025-11-02T06:30"),
        (NEW_YORK, "2025-11-02T06:40", time(1, 30), "2025-11-03T06:30"),
        # Samoa had no 30 December 2011: its 17:00 is the instant at which clocks jump over that day.
        ("Pacific/Apia", "2011-12-30T04:00", time(17), "2011-12-30T10:00"),
        ("Pacific/Apia", "2011-12-30T10:00", time(17), "2011-12-31T03:00"),
    ],
)
def test_until_is_the_next_time_that_clocks_show_it(zone: str, now: str, wanted: time, right: str) -> None:
    found = durations.next_time(wanted, datetime.fromisoformat(now).replace(tzinfo=UTC), ZoneInfo(zone))
    assert (found, found.tzinfo) == (datetime.fromisoformat(right).replace(tzinfo=UTC), UTC)


def changes(zone: tzinfo) -> list[datetime]:
    """Return about when clocks change in a zone, to an hour."""
    first, hours = datetime(2023, 1, 1, tzinfo=UTC), 24 * 365 * 4
    found, low = [], first
    while low < first + timedelta(hours=hours):
        high = low + timedelta(days=7)
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            early = low
            while high - early > timedelta(hours=1):
                middle = early + (high - early) / 2
                is_before = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                early, high = (middle, high) if is_before else (early, middle)
            found.append(high.replace(minute=0, second=0, microsecond=0))
        low += timedelta(days=7)
    return found


@cache
def zones() -> list[str]:
    """Return one of the zones whose clocks change alike, for each way in which they do."""
    found: dict[object, str] = {}
    for name in sorted(available_timezones()):
        zone, hour = ZoneInfo(name), timedelta(hours=1)
        offsets = [
            (change, (change - hour).astimezone(zone).utcoffset(), change.astimezone(zone).utcoffset())
            for change in changes(zone)[:2]
        ]
        found.setdefault(tuple(offsets), name)
    return list(found.values())


TIMES_OF_DAY = [time(minute // 60, minute % 60) for minute in range(0, 24 * 60, 15)]


def shows(local: datetime, before: datetime, wanted: time) -> bool:
    """Tell whether clocks that showed `before` a second ago, and now `local`, show a time or jump over it."""
    if local.time() == wanted:
        return True
    if local - before == timedelta(seconds=1):
        return False
    skipped = datetime.combine(local.date(), wanted)
    return any(before < each < local for each in (skipped, skipped - timedelta(days=1)))


def clocks(instant: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return what clocks show at an instant, and what they showed a second ago."""
    local, before = (each.astimezone(zone).replace(tzinfo=None) for each in (instant, instant - timedelta(seconds=1)))
    return local, before


def test_in_every_zone_until_is_the_first_instant_at_which_clocks_show_it_or_jump_over_it() -> None:
    wrong = [(name, *each) for name in zones() for each in wrong_times(ZoneInfo(name))]
    assert wrong == []


def wrong_times(zone: ZoneInfo) -> Iterator[tuple[datetime, time]]:
    """Return when, asked for which time, the answer is wrong around the changes of a zone's clocks."""
    for change in changes(zone)[:2]:
        instants = [change + timedelta(minutes=15 * step) for step in range(-4 * 27, 4 * 27)]
        steps = [(instant, *clocks(instant, zone)) for instant in instants]
        for now in (change - timedelta(minutes=65), change - timedelta(minutes=5), change + timedelta(minutes=25)):
            for wanted in TIMES_OF_DAY[::7]:
                found = durations.next_time(wanted, now, zone)
                earlier = any(now < step < found and shows(*shown, wanted) for step, *shown in steps)
                if earlier or not shows(*clocks(found, zone), wanted):
                    yield now, wanted


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot be told another zone")
def test_the_machines_own_zone_is_as_the_zone_of_that_name_through_every_change() -> None:
    before = os.environ.get("TZ")
    try:
        for name in zones():
            os.environ["TZ"] = name
            clock.tzset()
            zone = ZoneInfo(name)
            for change in changes(zone)[:2]:
                for step in range(-12, 13):
                    instant = change + timedelta(minutes=15 * step)
                    local, right = instant.astimezone(LocalZone()), instant.astimezone(zone)
                    assert (local.replace(tzinfo=None), local.fold) == (right.replace(tzinfo=None), right.fold), name
                    for fold in (0, 1):
                        shown = right.replace(fold=fold)
                        assert shown.replace(tzinfo=LocalZone()).utcoffset() == shown.utcoffset(), (name, shown)
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        clock.tzset()


@pytest.mark.parametrize("wanted", [time(0), time(2, 30), time(17), time(23, 59)])
def test_the_machines_own_zone_gives_an_instant_within_a_day(wanted: time) -> None:
    now = datetime(2025, 3, 30, 0, 30, tzinfo=UTC)
    found = durations.next_time(wanted, now, LocalZone())
    assert now < found <= now + timedelta(hours=25)
