"""The status document in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.rows import for_each
from tray.messages.catalogue import in_english, speak
from tray.messages.status import Line, account, changes, choice, lines, local_time

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)  # a Monday
NOTHING: dict[str, Any] = {
    "account": {"username": None, "signed_in": False},
    "hold": None,
    "session": None,
    "teams_shows": None,
    "why": None,
    "trouble": None,
}


def said(**more: Any) -> dict[str, str]:
    return {line.name: line.text for line in lines(NOTHING | more, UTC, NOON)}


def hold(**more: Any) -> dict[str, Any]:
    return {
        "state": "busy",
        "since": "2025-03-03T11:00:00Z",
        "until": None,
        "pinned": False,
        "held_by": "session",
    } | more


@for_each(
    ("status", "name", "text"),
    [
        ({"headline": "Busy (no end time)"}, "hold", "Busy (no end time)"),
        ({"hold": {"state": "busy", "held_by": "session"}}, "hold", "Busy"),  # of an app from before an upgrade
        ({"hold": None}, "hold", "No status set"),
        ({}, "teams", "not known yet"),
        ({"teams_shows": {"availability": "busy", "activity": "inACall"}}, "teams", "In a call"),
        ({"why": {"code": "x", "message": "Because."}}, "why", "Because."),
        (
            {"trouble": {"code": "x", "title": "No network.", "message": "Wait.", "retry_at": None}},
            "trouble",
            "No network. Wait.",
        ),
        (
            {"trouble": {"code": "x", "title": "No.", "message": "Wait.", "retry_at": "2025-03-03T12:05:00Z"}},
            "trouble",
            "No. Wait. Next attempt at 12:05.",
        ),
        (
            {
                "hold": hold(),
                "session": {"next_refresh_at": "2025-03-03T12:04:00Z", "expires_at": "2025-03-03T12:30:00Z"},
            },
            "refresh",
            "at 12:04 (if this computer goes offline, Teams clears your status at 12:30)",
        ),
    ],
)
def test_each_part_of_the_document_has_its_words(status: dict[str, Any], name: str, text: str) -> None:
    assert said(**status)[name] == text


def test_each_mistake_of_an_organisation_is_named() -> None:
    wrong = [
        {"title": "cloud = 5 is not valid.", "message": "Correct it."},
        {"title": "No setting x.", "message": "Drop it."},
    ]
    assert said(mistakes=wrong)["settings"] == "cloud = 5 is not valid. Correct it. No setting x. Drop it."


def test_what_there_is_nothing_to_say_about_has_no_line() -> None:
    assert set(said()) == {"hold", "teams"}


LINES = {
    "hold": Line("hold", "Status", "Busy"),
    "teams": Line("teams", "Teams shows", "Away"),
    "message": Line("message", "Status message", "“Lunch”"),
    "why": Line("why", "Why", "Because."),
    "trouble": Line("trouble", "Problem", "No network."),
    "settings": Line("settings", "Settings", "No setting x."),
}


@for_each(
    ("gone", "said"),
    [
        ("message", "Status message: none"),
        ("why", "Teams shows: Away"),
        ("trouble", "Problem: solved"),
        ("settings", "Settings: corrected"),
    ],
)
def test_a_line_that_goes_is_said_to_have_gone(gone: str, said: str) -> None:
    left = [line for name, line in LINES.items() if name != gone]
    assert [choice(line.label, line.text) for line in changes(LINES, left)] == [said]
    assert changes({line.name: line for line in left}, left) == []


def test_what_teams_shows_is_said_once_though_it_changes_as_the_reason_goes() -> None:
    now = Line("teams", "Teams shows", "Busy")
    assert changes({name: LINES[name] for name in ("teams", "why")}, [now]) == [now]


@pytest.mark.parametrize(
    ("hold", "due", "renewed"),
    [
        ({"held_by": "session"}, "12:04", True),
        ({"held_by": "session", "until": "2025-03-03T13:00:00Z"}, "12:04", True),
        ({"held_by": "session", "until": "2025-03-03T13:00:00Z"}, "13:00", False),  # cleared then
        ({"held_by": "nothing"}, "12:04", False),  # set then
        (None, "12:04", False),  # cleared then
    ],
)
def test_a_status_renews_only_while_it_is_kept(hold: dict[str, Any] | None, due: str, renewed: bool) -> None:
    held = hold and {"state": "busy", "pinned": False, "until": None} | hold
    session = {"next_refresh_at": f"2025-03-03T{due}:00Z", "expires_at": "2025-03-03T13:30:00Z"}
    assert ("refresh" in said(hold=held, session=session)) is renewed


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2025-03-03T17:00:00Z", "17:00"),
        ("2025-03-03T07:05:00Z", "07:05"),
        ("2025-03-04T09:00:00Z", "Tue 09:00"),
        ("2025-03-09T09:00:00Z", "Sun 09:00"),
        ("2025-03-10T09:00:00Z", "10 Mar 09:00"),
        ("2025-03-02T09:00:00Z", "2 Mar 09:00"),
    ],
)
def test_the_day_is_named_when_it_is_not_today(instant: str, text: str) -> None:
    assert local_time(instant, UTC, NOON) == text


def test_a_time_is_written_as_the_language_does_and_knows_its_english() -> None:
    speak("es")
    try:
        said = local_time("2025-03-04T09:00:00Z", UTC, NOON)
    finally:
        speak("en")
    assert str(said) == "el mar. a las 09:00"
    assert in_english(said) == "Tue 09:00"


@pytest.mark.parametrize(
    ("who", "text"),
    [
        ({"username": "adele@contoso.com", "signed_in": True}, "adele@contoso.com"),
        ({"username": None, "signed_in": True}, "yes"),
        ({"username": "adele@contoso.com", "signed_in": False}, "no"),
    ],
)
def test_who_is_signed_in_is_said(who: dict[str, Any], text: str) -> None:
    assert account(NOTHING | {"account": who}).text == text
