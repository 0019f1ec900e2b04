"""Times in words, with 24 hours and with twelve."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tray.core.states import AVAILABLE
from tray.messages import menu, settings_page, times
from tray.messages.catalogue import in_english, speak
from tray.settings_page.week import Stretch

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)  # a Monday


@pytest.fixture
def twelve_hours() -> Iterator[None]:
    times.write(twelve_hours=True)
    yield
    times.write(twelve_hours=False)
    speak("en")


@pytest.mark.parametrize(
    ("hour", "minute", "with_24", "with_12"),
    [
        (0, 0, "00:00", "12:00 AM"),
        (1, 5, "01:05", "1:05 AM"),
        (11, 59, "11:59", "11:59 AM"),
        (12, 0, "12:00", "12:00 PM"),
        (13, 30, "13:30", "1:30 PM"),
        (23, 59, "23:59", "11:59 PM"),
        (24, 0, "24:00", "12:00 AM"),
    ],
)
def test_a_time_is_written_as_the_system_does(
    request: pytest.FixtureRequest, hour: int, minute: int, with_24: str, with_12: str
) -> None:
    assert times.clock(hour, minute) == with_24
    request.getfixturevalue("twelve_hours")
    assert times.clock(hour, minute) == with_12


@pytest.mark.usefixtures("twelve_hours")
@pytest.mark.parametrize(
    ("language", "one", "half_past_five"),
    [
        ("de", "1:00 AM", "5:30 PM"),
        ("es", "la 1:00\N{NO-BREAK SPACE}a.\N{NO-BREAK SPACE}m.", "las 5:30\N{NO-BREAK SPACE}p.\N{NO-BREAK SPACE}m."),
        ("fr", "1:00 AM", "5:30 PM"),
        ("ja", "午前1:00", "午後5:30"),
        ("pt_BR", "1:00 AM", "5:30 PM"),
    ],
)
def test_twelve_hours_are_written_as_the_language_does(language: str, one: str, half_past_five: str) -> None:
    speak(language)
    assert (str(times.clock(1, 0)), str(times.clock(17, 30))) == (one, half_past_five)
    assert in_english(times.clock(17, 30)) == "5:30 PM"


@pytest.mark.usefixtures("twelve_hours")
def test_the_day_and_the_menu_have_twelve_hours_too() -> None:
    assert times.day_and_time(datetime(2025, 3, 4, 9, tzinfo=UTC), UTC, NOON) == "Tue 9:00 AM"
    assert menu.end_of_day(datetime(2025, 3, 3, 17, tzinfo=UTC), UTC) == "Until 5:00 PM"


@pytest.mark.usefixtures("twelve_hours")
@pytest.mark.parametrize(("typed", "written"), [("17:30", "5:30 PM"), ("00:05", "12:05 AM"), ("9", "9"), ("", "")])
def test_a_time_of_the_settings_is_written_so_too_if_it_is_one(typed: str, written: str) -> None:
    assert times.typed(typed) == written


@pytest.mark.usefixtures("twelve_hours")
def test_the_settings_page_has_twelve_hours_too() -> None:
    assert Stretch(540, 1440, AVAILABLE).times == ("9:00 AM", "12:00 AM")
    row = {"days": {"mon", "fri"}, "from": "09:00", "to": "17:30", "state": "available"}
    assert settings_page.row_in_words(row) == "Mon Fri 9:00 AM to 5:30 PM: Available"
