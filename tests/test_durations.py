"""Durations and times of day as people type them."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tray import durations
from tray.clock import LocalZone
from tray.errors import UsageError


@pytest.mark.parametrize(
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
    ],
)
def test_durations_people_type_are_understood(text: str, minutes: float) -> None:
    assert durations.duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text",
    [
        *("", "PT", "90", "m", "1.5h", "-5m", "+5m", "5 m", "30m1h", "1h1h", "P1D", "1d", "1h30", "ninety"),
        *("0m", "0h0s", "169h", "999999h", "9999999h", "٣m", "1h\n2m", "inf"),
    ],
)
def test_other_durations_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        durations.duration(text)
    assert repr(text) in str(caught.value)
    assert caught.value.message


@pytest.mark.parametrize(("text", "right"), [("17:00", time(17)), ("7:05", time(7, 5)), ("00:00", time(0))])
def test_times_of_the_day_are_understood(text: str, right: time) -> None:
    assert durations.time_of_day(text) == right


@pytest.mark.parametrize("text", ["", "17", "17.00", "24:00", "5pm", "17:0", "17:60", "17:00:00", "1\u0667:00"])
def test_other_times_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"17:00"):
        durations.time_of_day(text)


NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("zone", "now", "wanted", "right"),
    [
        ("UTC", "2025-03-03T12:00", time(17), "2025-03-03T17:00"),
        ("UTC", "2025-03-03T17:00", time(17), "2025-03-04T17:00"),
        ("UTC", "2025-12-31T23:59", time(0), "2026-01-01T00:00"),
        ("Asia/Tokyo", "2025-03-03T12:00", time(17), "2025-03-04T08:00"),
        # The night before clocks go forward: 17:00 is 21 hours after 19:00, not 22.
        (NEW_YORK, "2025-03-09T00:00", time(17), "2025-03-09T21:00"),
        # 02:30 does not exist: the instant at which it would have been, which clocks call 03:30.
        (NEW_YORK, "2025-03-09T06:00", time(2, 30), "2025-03-09T07:30"),
        # 01:30 exists twice: at 01:00 the first, at the first 01:40 the second.
        (NEW_YORK, "2025-11-02T05:00", time(1, 30), "2025-11-02T05:30"),
        (NEW_YORK, "2025-11-02T05:40", time(1, 30), "2025-11-02T06:30"),
        (NEW_YORK, "2025-11-02T06:40", time(1, 30), "2025-11-03T06:30"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", "2011-12-30T04:00", time(17), "2011-12-31T03:00"),
    ],
)
def test_until_is_the_next_time_that_clocks_show_it(zone: str, now: str, wanted: time, right: str) -> None:
    found = durations.next_time(wanted, datetime.fromisoformat(now).replace(tzinfo=UTC), ZoneInfo(zone))
    assert (found, found.tzinfo) == (datetime.fromisoformat(right).replace(tzinfo=UTC), UTC)


@pytest.mark.parametrize("wanted", [time(0), time(2, 30), time(17), time(23, 59)])
def test_the_machines_own_zone_gives_an_instant_within_a_day(wanted: time) -> None:
    now = datetime(2025, 3, 30, 0, 30, tzinfo=UTC)
    found = durations.next_time(wanted, now, LocalZone())
    assert now < found <= now + timedelta(hours=25)
