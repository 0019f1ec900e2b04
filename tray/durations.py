"""Durations and times of the day, as people type them."""

import re
from datetime import datetime, time, timedelta, tzinfo

from tray.core.hours import resolve
from tray.core.values import LONGEST_HOLD
from tray.errors import UsageError
from tray.messages import commands as words

_DURATION = re.compile(r"(?:pt)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


def duration(text: str) -> timedelta:
    """Read `90m`, `1h30m`, `45s` or `PT1H30M`; more than nothing, at most a week.

    Raise `UsageError` otherwise.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise UsageError(*words.bad_duration(text))
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta() < length <= LONGEST_HOLD:
        raise UsageError(*words.duration_out_of_range(text))
    return length


def time_of_day(text: str) -> time:
    """Read `17:00`; raise `UsageError` otherwise."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise UsageError(*words.bad_time(text))
    return time(int(found[1]), int(found[2]))


def next_time(wanted: time, now: datetime, zone: tzinfo) -> datetime:
    """Return the next instant after `now` at which clocks in `zone` show `wanted`, in UTC.

    A time that the clocks skip that day counts as the instant they jump over it; one they show twice, twice.
    """
    today = now.astimezone(zone).date()
    for days in range(-1, 3):  # yesterday may come twice; today's may be over, and where a day is left out tomorrow's
        for instant in resolve(datetime.combine(today + timedelta(days=days), wanted), zone):
            if instant > now:
                return instant
    raise AssertionError("some day has every time")
