"""Times of day and days, as the language and the user's system write them: with 24 hours or with twelve."""

from datetime import datetime, time, tzinfo

from tray.messages.catalogue import N_, ntranslated, ptranslated, translated

_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_MONTHS = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)
WEEK = 7  # days
NOON = 12


class _Written:
    """How times are written; only `write` changes it."""

    twelve_hours = False


def write(*, twelve_hours: bool) -> None:
    """Write times with twelve hours from now on, or with 24."""
    _Written.twelve_hours = twelve_hours


def clock(hour: int, minute: int) -> str:
    """Write what a clock shows; a day ends at 24:00."""
    shown, digits = f"{hour:02}", f"{minute:02}"
    if not _Written.twelve_hours:
        # TRANSLATORS: 17:05. Both have two digits. Put an article here if the language needs one everywhere.
        return ptranslated("time of day", "{hour}:{minute}", hour=shown, minute=digits)
    count = (hour - 1) % NOON + 1
    # TRANSLATORS: 1:05 AM and 5:05 PM, where times have twelve hours. The count is the hour.
    if hour % (2 * NOON) < NOON:
        return ntranslated("{count}:{minute} AM", "{count}:{minute} AM", count, minute=digits)
    return ntranslated("{count}:{minute} PM", "{count}:{minute} PM", count, minute=digits)


def typed(text: str) -> str:
    """Write a time that settings hold, `17:30`; what is none stays as it is."""
    try:
        of = time.fromisoformat(text)
    except ValueError:
        return text
    return clock(of.hour, of.minute)


def at(instant: datetime, zone: tzinfo) -> str:
    """Name an instant by its local time of day."""
    local = instant.astimezone(zone)
    return clock(local.hour, local.minute)


def day_and_time(instant: datetime, zone: tzinfo, today: datetime) -> str:
    """Name an instant as people do: `17:00`, `Tue 17:00`, `24 Dec 17:00`."""
    local, reference = instant.astimezone(zone), today.astimezone(zone)
    days = (local.date() - reference.date()).days
    of_day = at(instant, zone)
    if days == 0:
        return of_day
    if 0 < days < WEEK:
        return translated("{weekday} {time}", weekday=translated(_WEEKDAYS[local.weekday()]), time=of_day)
    return translated("{day} {month} {time}", day=local.day, month=translated(_MONTHS[local.month - 1]), time=of_day)
