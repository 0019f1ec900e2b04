"""Working hours: which `[[hours]]` table decides at an instant, and when that changes next.

A table speaks in local wall time. Each edge is a local date and time, resolved to an instant on its own:

| local time           | as a beginning          | as an end               |
|----------------------|-------------------------|-------------------------|
| exists once          | that instant            | that instant            |
| skipped by the clock | the moment of change    | the moment of change    |
| comes twice          | the first               | the second              |

Only the zone's mapping from instants to local time is used, never `fold`: the machine's own zone does not know it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from tray.core.record import PersonalRecord, Record
from tray.core.states import State

DAY = timedelta(days=1)
LONGEST_OFFSET = timedelta(hours=16)  # no zone was ever further from UTC
CACHE_SIZE = 4  # results that are kept: a decision asks for the same again and again
HORIZON = 400  # days; tables that say nothing for longer are asked again when something else happens


class Dates(Record):
    """A range of dates, both included."""

    first: date
    last: date


class Hours(PersonalRecord):
    """One `[[hours]]` table; a `state` of `None` holds nothing."""

    begins: time
    ends: time  # not after `begins`: on the next day
    state: State | None
    days: frozenset[int] = frozenset(range(7))  # Monday is 0
    exceptions: tuple[Dates, ...] = ()
    message: str | None = None

    def fits(self, day: date) -> bool:
        """Tell whether the table has a span that begins on this day."""
        return day.weekday() in self.days and not any(each.first <= day <= each.last for each in self.exceptions)


class Span(Record):
    """A stretch of time for which one table decides, between two edges."""

    hours: Hours
    begins: datetime
    ends: datetime
    key: str  # the local time of the beginning: tells spans apart, over restarts and changes of zone too


# ------------------------------------------------------------------------------- instants


def resolve(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the first and the last instant, in UTC, at which clocks in `zone` show a naive local time.

    A time that the clocks skip gives the moment of the change, twice.
    """
    around = local.replace(tzinfo=UTC)
    offsets = {_offset(around - LONGEST_OFFSET, zone), _offset(around + LONGEST_OFFSET, zone)}
    instants = sorted(around - offset for offset in offsets)
    if len(instants) == 1:
        return instants[0], instants[0]
    shown = [instant for instant in instants if _local(instant, zone) == local]
    if not shown:
        change = _change(instants[0], instants[-1], zone)
        return change, change
    return shown[0], shown[-1]


def _local(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    return _local(instant, zone) - instant.replace(tzinfo=None)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the second from which the offset is the one at `after`; between the two it changes once."""
    late = _offset(after, zone)
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(before + timedelta(seconds=middle), zone) == late:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)


# ------------------------------------------------------------------------------- who decides


class _Turn(NamedTuple):
    """One table's span on one day, before tables above it take from it."""

    row: int
    day: date
    begins: datetime
    ends: datetime


@lru_cache(CACHE_SIZE)
def span_at(tables: tuple[Hours, ...], now: datetime, zone: tzinfo) -> Span | None:
    """Return the span that decides now: of the first table that has one; `None` when no table has."""
    turns = _around(tables, now, zone)
    deciding = _deciding(turns, now)
    if deciding is None:
        return None
    begins = max(edge for edge in _edges(turns) if edge <= now and _begins(turns, edge, deciding))
    ends = min(edge for edge in _edges(turns) if edge > now and _deciding(turns, edge) != deciding)
    return Span(tables[deciding.row], begins, ends, f"{_local(begins, zone):%Y-%m-%dT%H:%M}")


@lru_cache(CACHE_SIZE)
def next_edge(tables: tuple[Hours, ...], now: datetime, zone: tzinfo) -> datetime | None:
    """Return the next instant at which another span decides, or none does; `None` when there is none for a year."""
    turns = _around(tables, now, zone)
    deciding = _deciding(turns, now)
    if deciding is not None:
        return min(edge for edge in _edges(turns) if edge > now and _deciding(turns, edge) != deciding)
    if begins := [turn.begins for turn in turns if turn.begins > now]:
        return min(begins)
    today = _local(now, zone).date()
    for days in range(2, HORIZON):
        day = today + days * DAY
        begins = [turn.begins for turn in _turns(tables, day, day, zone) if turn.begins > now]
        if begins:
            return min(begins)
    return None


@lru_cache(CACHE_SIZE)
def _around(tables: tuple[Hours, ...], now: datetime, zone: tzinfo) -> tuple[_Turn, ...]:
    """Return the spans that may run now, and those of tomorrow."""
    offsets = tuple(_offset(now + days * DAY, zone) for days in (-3, 0, 3))
    return _of_days(tables, _local(now, zone).date(), zone, offsets)


@lru_cache(CACHE_SIZE)
def _of_days(
    tables: tuple[Hours, ...], today: date, zone: tzinfo, _offsets: tuple[timedelta, ...]
) -> tuple[_Turn, ...]:
    """Compute them once a day, and anew when the machine's zone becomes another one: then the offsets differ."""
    return tuple(_turns(tables, today - 2 * DAY, today + DAY, zone))


def _turns(tables: Sequence[Hours], first: date, last: date, zone: tzinfo) -> Iterator[_Turn]:
    """Yield the spans that begin on some days; one that the clock skips as a whole is none."""
    for row, table in enumerate(tables):
        for number in range((last - first).days + 1):
            day = first + number * DAY
            if not table.fits(day):
                continue
            next_day = table.ends <= table.begins
            begins, _ = resolve(datetime.combine(day, table.begins), zone)
            _, ends = resolve(datetime.combine(day + next_day * DAY, table.ends), zone)
            if begins < ends:
                yield _Turn(row, day, begins, ends)


def _deciding(turns: Sequence[_Turn], instant: datetime) -> _Turn | None:
    """Return the turn that decides: the first table's, and of one table's the one that began last."""
    fitting = [turn for turn in turns if turn.begins <= instant < turn.ends]
    return min(fitting, key=lambda turn: (turn.row, -turn.day.toordinal()), default=None)


def _edges(turns: Sequence[_Turn]) -> set[datetime]:
    return {turn.begins for turn in turns} | {turn.ends for turn in turns}


def _begins(turns: Sequence[_Turn], edge: datetime, deciding: _Turn) -> bool:
    """Tell whether a turn begins to decide at an edge, for the first time or again."""
    before = _deciding(turns, edge - timedelta(microseconds=1))
    return _deciding(turns, edge) == deciding != before
