"""The requests as HTTP: paths and bodies as documented."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tray.core.effects import (
    ClearPreferred,
    ClearSession,
    ReadPresence,
    Request,
    SetMessage,
    SetPreferred,
    SetSession,
)
from tray.core.states import STATES, Pair
from tray.core.values import Message
from tray.graph.requests import duration, write

USER, CLIENT = "00000000-0000-0000-0000-0000000000ad", "00000000-0000-0000-0000-0000000000c1"
PRESENCE = f"/v1.0/users/{USER}/presence"
CALL = Pair("Busy", "InACall")
HALF_HOUR = timedelta(minutes=30)
WIRES = [
    (
        SetSession(1, CALL, HALF_HOUR),
        "POST",
        "/setPresence",
        {"sessionId": CLIENT, "availability": "Busy", "activity": "InACall", "expirationDuration": "PT30M"},
    ),
    (ClearSession(2), "POST", "/clearPresence", {"sessionId": CLIENT}),
    (
        SetPreferred(3, Pair("Offline", "OffWork"), timedelta(hours=4)),
        "POST",
        "/setUserPreferredPresence",
        {"availability": "Offline", "activity": "OffWork", "expirationDuration": "PT240M"},
    ),
    (ClearPreferred(4), "POST", "/clearUserPreferredPresence", {}),
    (ReadPresence(5), "GET", "", None),
    (
        SetMessage(6, Message("Lunch & more", datetime(2026, 11, 28, 18, tzinfo=timezone(timedelta(hours=1))))),
        "POST",
        "/setStatusMessage",
        {
            "statusMessage": {
                "message": {"content": "Lunch & more", "contentType": "text"},
                "expiryDateTime": {"dateTime": "2026-11-28T17:00:00", "timeZone": "UTC"},
            }
        },
    ),
    (
        SetMessage(7, Message("")),
        "POST",
        "/setStatusMessage",
        {"statusMessage": {"message": {"content": "", "contentType": "text"}}},
    ),
]


@pytest.mark.parametrize(("request_", "method", "path", "body"), WIRES, ids=lambda each: type(each).__name__)
def test_each_request_is_written_as_documented(
    request_: Request, method: str, path: str, body: dict[str, Any] | None
) -> None:
    wire = write(request_, object_id=USER, client_id=CLIENT)
    assert (wire.method, wire.path, wire.body) == (method, PRESENCE + path, body)


@pytest.mark.parametrize("minutes", [5, 59, 60, 90, 240])
def test_durations_are_whole_minutes(minutes: int) -> None:
    assert duration(timedelta(minutes=minutes)) == f"PT{minutes}M"


def test_the_pairs_marked_no_are_never_written() -> None:
    pairs = {(state.pair.availability, state.pair.activity) for state in STATES}
    assert not pairs & {("Available", "OutOfOffice"), ("Busy", "InAMeeting"), ("DoNotDisturb", "Focusing")}
