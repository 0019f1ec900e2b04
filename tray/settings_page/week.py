"""A week of working hours at a glance: for each day, which status is set from when to when."""

from collections.abc import Sequence
from datetime import time
from itertools import pairwise

from tray.core.hours import Hours
from tray.core.record import Record
from tray.core.states import State
from tray.hours_tables import DAYS
from tray.messages.times import clock

DAY = 24 * 60  # minutes
WEEK = len(DAYS) * DAY


class Stretch(Record):
    """A part of one day in which one status is set; in minutes of the day."""

    begins: int
    ends: int
    state: State

    @property
    def times(self) -> tuple[str, str]:
        """Return both ends as times of day, in words."""
        return _written(self.begins), _written(self.ends)


def _written(minutes: int) -> str:
    return clock(minutes // 60, minutes % 60)


def week(tables: Sequence[Hours]) -> list[list[Stretch]]:
    """Return the stretches of each day, Monday first, in a week without exceptions; the first that fits decides."""
    spans = [span for table in tables for span in _spans(table)]
    edges = sorted({0, WEEK, *(day * DAY for day in range(len(DAYS)))} | {edge for span in spans for edge in span[:2]})
    days: list[list[Stretch]] = [[] for _ in DAYS]
    for begins, ends in pairwise(edges):
        state = next((state for first, last, state in spans if first <= begins < last), None)
        if state is None:
            continue
        day = days[begins // DAY]
        since, until = begins % DAY, begins % DAY + ends - begins
        if day and (day[-1].ends, day[-1].state) == (since, state):
            since = day.pop().begins
        day.append(Stretch(since, until, state))
    return days


def _spans(table: Hours) -> list[tuple[int, int, State | None]]:
    """Return a table's spans in minutes of the week; what passes Sunday's end goes on on Monday."""
    found = []
    for day in sorted(table.days):
        begins = day * DAY + _minutes(table.begins)
        ends = day * DAY + _minutes(table.ends) + (DAY if table.ends <= table.begins else 0)
        found.append((begins, min(ends, WEEK), table.state))
        if ends > WEEK:
            found.append((0, ends - WEEK, table.state))
    return found


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
