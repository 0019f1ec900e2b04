"""The requests of the control channel: what each posts and answers, and which are refused."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.rows import for_each
from tray.control import requests
from tray.control.protocol import LONGEST_LINE, encoded
from tray.core.events import (
    EndChosen,
    Event,
    LeaveAsked,
    Looked,
    MessageAsked,
    Picked,
    PinToggled,
    SecondStarted,
    SignOutAsked,
    Stopped,
)
from tray.core.record import replace
from tray.core.states import AVAILABLE, BUSY
from tray.core.values import LeaveReason, Message
from tray.core.view_model import Icon, Row, RowKind, Shape, View

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
VIEW = View(Icon(Shape.IDLE), "Presence Tray", "idle", (), {"version": 1, "hold": None}, headline="No status set")


def asked(
    request: dict[str, Any], lines: Callable[[int], list[str]] = lambda _after: [], rows: tuple[Row, ...] = ()
) -> tuple[dict[str, Any], list[Event]]:
    posted: list[Event] = []
    view = replace(VIEW, rows=rows)
    told = requests.answer(request, view=lambda: view, post=posted.append, trace=lines, now=lambda: NOON)
    return told, posted


def test_status_answers_with_the_views_document_and_the_time() -> None:
    told, posted = asked({"do": "status"})
    assert told == {
        "ok": True,
        "status": VIEW.status,
        "said": {"headline": "No status set"},
        "now": "2025-03-03T12:00:00+00:00",
        "errands": {},
    }
    assert posted == []


def test_a_toggle_answers_which_of_the_two_it_will_do() -> None:
    picked = Picked(BUSY, by_command=True, toggles=True)
    assert asked({"do": "toggle", "state": "busy"}) == ({"ok": True, "stops": False}, [picked])


@for_each(
    ("request_", "event"),
    [
        ({"do": "keep", "until": "2025-03-03T12:00:00Z"}, EndChosen(NOON)),
        ({"do": "stop"}, Stopped()),
        ({"do": "quit"}, LeaveAsked(LeaveReason.QUIT)),
        ({"do": "second-start"}, SecondStarted()),
        ({"do": "looked"}, Looked()),
        ({"do": "sign-out"}, SignOutAsked()),
        ({"do": "set", "state": "busy"}, Picked(BUSY, by_command=True)),
        ({"do": "set", "state": "busy", "message": "Lunch"}, Picked(BUSY, by_command=True, message=Message("Lunch"))),
        ({"do": "message", "text": "", "until": None}, MessageAsked(Message(""))),
        ({"do": "message", "text": "x", "until": "2025-03-03T12:00:00Z"}, MessageAsked(Message("x", NOON))),
        (
            {"do": "set", "state": "busy", "until": None, "pinned": False, "timed": True},
            Picked(BUSY, None, pinned=False, timed=True, by_command=True),
        ),
        (
            {
                "do": "set",
                "state": "available",
                "until": "2025-03-03T21:00:00+09:00",
                "pinned": True,
                "timed": True,
            },
            Picked(AVAILABLE, NOON, pinned=True, timed=True, by_command=True),
        ),
        ({"do": "set", "state": "busy", "until": "2025-03-03T12:00:00Z"}, Picked(BUSY, NOON, by_command=True)),
    ],
)
def test_a_request_posts_its_event(request_: dict[str, Any], event: Event) -> None:
    assert asked(request_) == ({"ok": True}, [event])


def test_a_status_is_set_for_a_week_at_most() -> None:
    for until, ok in (("2025-03-10T12:00:00Z", True), ("2025-03-11T12:00:00Z", False), ("9999-12-31T23:59:59Z", False)):
        told, posted = asked({"do": "set", "state": "busy", "until": until})
        assert (told["ok"], len(posted)) == (ok, ok)


def test_a_status_with_endless_words_fits_into_an_answer() -> None:
    status = {"version": 1, "teams_shows": {"availability": "A" * 1_000_000}, "rules": [{"name": "r" * 1_000_000}]}
    told = requests.answer(
        {"do": "status"},
        view=lambda: replace(VIEW, status=status),
        post=lambda _event: None,
        trace=lambda _after: [],
        now=lambda: NOON,
    )
    assert told["ok"] is True
    assert len(encoded(told)) < LONGEST_LINE


ROWS = (
    Row("more", RowKind.SUBMENU, rows=(Row("pin", RowKind.CHECK, checked=True, event=PinToggled()),)),
    Row("stop", RowKind.ACTION, enabled=False, event=Stopped()),
    Row("head", RowKind.TEXT),
)


@pytest.mark.parametrize(
    ("row", "on", "came", "events"),
    [
        ("pin", None, "posted", [PinToggled()]),
        ("pin", False, "posted", [PinToggled()]),
        ("pin", True, "already", []),
        ("stop", None, "nothing", []),
        ("head", None, "nothing", []),
        ("more", None, "nothing", []),
        ("gone", None, "nothing", []),
        (["pin"], "yes", "nothing", []),
    ],
)
def test_pressing_a_row_is_a_click_on_it(row: object, on: object, came: str, events: list[Event]) -> None:
    told = asked({"do": "press", "row": row, "on": on}, rows=ROWS)
    more = {"posted": ["was_on"], "nothing": ["why"]}.get(came, [])
    answer = {"ok": True, "press": came} | {name: told[0][name] for name in more}
    assert asked({"do": "press", "row": row, "on": on}, rows=ROWS) == (answer, events)


@for_each(
    ("request_", "why"),
    [
        ({}, "None"),
        ({"do": 5}, "'5'"),
        ({"do": ["stop"]}, "stop"),
        ({"do": "x" * 9000}, "xxx"),
        ({"do": "set"}, "state"),
        ({"do": "set", "state": "in-a-meeting"}, "in-a-meeting"),
        ({"do": "set", "state": ["busy"]}, "busy"),
        ({"do": "set", "state": "busy", "until": 5}, "until"),
        ({"do": "set", "state": "busy", "until": "soon"}, "until"),
        ({"do": "set", "state": "busy", "until": "2025-03-03T12:00:00"}, "until"),
        ({"do": "set", "state": "busy", "until": "0001-01-01T00:00:00+14:00"}, "until"),
        ({"do": "set", "state": "busy", "pinned": 1}, "pinned"),
        ({"do": "set", "state": "busy", "timed": None}, "timed"),
    ],
)
def test_a_wrong_request_is_refused_and_posts_nothing(request_: dict[str, Any], why: str) -> None:
    told, posted = asked(request_)
    assert told["ok"] is False
    assert why in told["error"]
    assert len(told["error"]) < 100
    assert posted == []


def test_a_trace_too_long_for_one_answer_comes_in_several() -> None:
    lines = [json.dumps({"n": number, "what": 'é"\0'}) for number in range(20_000)]
    last, kept = -1, list[str]()
    while (told := asked({"do": "trace", "after": last}, lambda after: lines[after + 1 :])[0])["lines"]:
        assert len(encoded(told)) <= LONGEST_LINE
        kept += told["lines"]
        last = told["last"]
    assert kept == lines
