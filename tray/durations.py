"""Durations and times of the day, as people type them."""

import re
from datetime import datetime, time, timedelta, tzinfo

from tray.core.hours import resolve
from tray.core.values import LONGEST_HOLD
from tray.errors import UsageError
from tray.hours_tables import MIDNIGHT
from tray.messages import commands as words

_DURATION = re.compile(
    r"(?:pt)?(?:([0-9]{1,6}) ?(?:h|hrs?|hours?))?"
    r" ?(?:([0-9]{1,6}) ?(?:m|mins?|minutes?))?"
    r" ?(?:([0-9]{1,6}) ?(?:s|secs?|seconds?))?",
    re.ASCII | re.IGNORECASE,
)
_HOURS_AND_MINUTES = re.compile(r"([0-9]{1,6}) ?h ?([0-5]?[0-9])", re.ASCII | re.IGNORECASE)  # 1h30
_TIME = re.compile(r"([01]?[0-9]|2[0-3])(?:[:.h]([0-5][0-9])|h)?", re.ASCII | re.IGNORECASE)  # 17:00, 17.00, 17h30, 17
# 5pm, 5:30 p.m., 5:30 p. m., and as Japanese puts it
_HALF_DAY = re.compile(
    r"(?P<first>午前|午後)?\s?(0?[1-9]|1[0-2])(?:[:.]([0-5][0-9]))?(?(first)|\s?(?P<last>[ap])\.?\s?m\.?)",
    re.IGNORECASE,
)
NOON = 12


def is_duration(text: str) -> bool:
    """Tell whether a text is written as a duration, however long."""
    return _parts(text) is not None


def duration(text: str) -> timedelta:
    """Read `90m`, `1h30`, `90 min`, `45s` or `PT1H30M`; more than nothing, at most a week.

    Raise `UsageError` otherwise.
    """
    parts = _parts(text)
    if parts is None:
        raise UsageError(*words.bad_duration(text))
    hours, minutes, seconds = parts
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta() < length <= LONGEST_HOLD:
        raise UsageError(*words.duration_out_of_range(text))
    return length


def _parts(text: str) -> tuple[int, int, int] | None:
    """Return the hours, minutes and seconds of a duration; `None` where a text is none."""
    found = _HOURS_AND_MINUTES.fullmatch(text.strip()) or _DURATION.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return None
    hours, minutes, seconds = (int(part or 0) for part in (*found.groups(), 0)[:3])
    return hours, minutes, seconds


def time_of_day(text: str) -> time:
    """Read `17:00`, `17.00`, `17`, `5pm` or `24:00`; raise `UsageError` otherwise."""
    if text.strip().replace(".", ":") == MIDNIGHT:
        return time()
    if found := _TIME.fullmatch(text.strip()):
        return time(int(found[1]), int(found[2] or 0))
    if found := _HALF_DAY.fullmatch(text.strip()):
        afternoon = (found["first"] or found["last"]).casefold() in {"午後", "p"}
        return time(int(found[2]) % NOON + NOON * afternoon, int(found[3] or 0))
    raise UsageError(*words.bad_time(text))


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
