"""What a rule's sensor knows, in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tray.core.rules import Unknown
from tray.messages.rules import helps, knows

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
CALL: dict[str, Any] = {
    "name": "microphone",
    "met": True,
    "since": "2025-03-03T10:02:00Z",
    "by": "Zoom",
    "why": None,
}
LOCK = CALL | {"name": "screen-lock", "by": None}


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (CALL, "used by Zoom since 10:02"),
        (CALL | {"by": None}, "in use since 10:02"),
        (CALL | {"met": False, "by": None}, "not in use"),
        (CALL | {"met": False, "since": None, "why": "no-server"}, "can't tell: no sound server is running"),
        (LOCK, "locked since 10:02"),
        (LOCK | {"met": False}, "not locked"),
        (LOCK | {"met": False, "since": None, "why": "no-source"}, "can't tell: this desktop doesn't say"),
    ],
)
def test_a_sensor_says_what_it_knows_or_why_not(document: dict[str, Any], text: str) -> None:
    assert knows(document, UTC, NOW) == text


@pytest.mark.parametrize("why", list(Unknown))
def test_every_reason_for_not_knowing_has_its_words_and_what_helps(why: Unknown) -> None:
    document = CALL | {"why": why.value}
    assert knows(document, UTC, NOW)
    assert helps(document)
