"""The `[[hours]]` tables: as people write them, and what is wrong in one."""

from datetime import date, time
from typing import Any

import pytest

from tests.rows import for_each
from tray.core.hours import Dates, Hours
from tray.core.states import AVAILABLE
from tray.hours_tables import UnknownKey, WrongHours, parse


def test_tables_are_read_as_people_write_them() -> None:
    assert parse([]) == ()
    row: dict[str, Any] = {"from": "9:00", "to": "17:30", "state": "available"}
    assert parse([row | {"to": "24:00"}]) == parse([row | {"to": "0:00"}])
    assert parse([row]) == (Hours(time(9), time(17, 30), AVAILABLE),)
    whole = {
        **row,
        "state": "nothing",
        "days": ["Mon", "wed-thu"],
        "except": ["2026-12-24..2027-01-01", "2026-10-03"],
        "message": " At lunch \N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER} ",
    }
    assert parse([row, whole])[1] == Hours(
        time(9),
        time(17, 30),
        None,
        frozenset({0, 2, 3}),
        (Dates(date(2026, 12, 24), date(2027, 1, 1)), Dates(date(2026, 10, 3), date(2026, 10, 3))),
        "At lunch \N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}",
    )


@pytest.mark.parametrize(
    ("days", "right"), [("mon-fri", {0, 1, 2, 3, 4}), ("sat", {5}), ("fri-mon", {4, 5, 6, 0}), (["sun", "sun"], {6})]
)
def test_days_are_a_day_a_range_or_a_list(days: object, right: set[int]) -> None:
    (read,) = parse([{"from": "09:00", "to": "17:00", "state": "busy", "days": days}])
    assert read.days == right


WRONG = [
    ("from", "9", "hours[1].from"),
    ("from", "24:00", "hours[1].from"),
    ("from", "09:00:00", "hours[1].from"),
    ("from", time(9), "hours[1].from"),
    ("to", "17.30", "hours[1].to"),
    ("to", 17, "hours[1].to"),
    ("state", "Available", "hours[1].state"),
    ("state", "in-a-meeting", "hours[1].state"),
    ("state", ["busy"], "hours[1].state"),
    ("days", "monday", "hours[1].days"),
    ("days", "mon-", "hours[1].days"),
    ("days", "mon-wed-fri", "hours[1].days"),
    ("days", [], "hours[1].days"),
    ("days", [1], "hours[1].days"),
    ("days", 1, "hours[1].days"),
    ("except", "2026-12-24", "hours[1].except"),
    ("except", ["2026-12-24", "24.12.2026"], "hours[1].except[2]"),
    ("except", ["2026-02-30"], "hours[1].except[1]"),
    ("except", ["2026-W52-1"], "hours[1].except[1]"),
    ("except", ["2027-01-01..2026-12-24"], "hours[1].except[1]"),
    ("except", ["2026-12-24.."], "hours[1].except[1]"),
    ("except", [date(2026, 12, 24)], "hours[1].except[1]"),
    ("message", "", "hours[1].message"),
    ("message", "  ", "hours[1].message"),
    ("message", "a\nb", "hours[1].message"),
    ("message", "a" * 281, "hours[1].message"),
    ("message", 5, "hours[1].message"),
]


@for_each(("key", "value", "path"), WRONG)
def test_a_wrong_value_is_refused_with_its_path(key: str, value: object, path: str) -> None:
    with pytest.raises(WrongHours) as caught:
        parse([{"from": "09:00", "to": "17:00", "state": "busy", key: value}])
    assert caught.value.path == path
    assert caught.value.right == key
    assert path in str(caught.value)


@pytest.mark.parametrize("key", ["from", "to", "state"])
def test_what_is_missing_is_named(key: str) -> None:
    table = {"from": "09:00", "to": "17:00", "state": "busy"}
    del table[key]
    with pytest.raises(WrongHours, match=rf"hours\[2\]\.{key} = None"):
        parse([{"from": "09:00", "to": "17:00", "state": "busy"}, table])


@pytest.mark.parametrize("tables", [{}, "mon-fri", 5, None, ["mon-fri"]])
def test_what_is_no_list_of_tables_is_refused(tables: object) -> None:
    with pytest.raises(WrongHours, match="hours"):
        parse(tables)


def test_an_unknown_key_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UnknownKey) as caught:
        parse([{"from": "09:00", "to": "17:00", "state": "busy", "zone": "x"}])
    assert (caught.value.path, caught.value.key) == ("hours[1].zone", "zone")
    assert "The keys are days, from, to" in str(caught.value)
