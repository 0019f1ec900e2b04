"""What an answer means: a table of statuses, and the headers that decide."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import for_each
from tray.core.effects import ClearSession, ReadPresence
from tray.core.states import Pair
from tray.core.status_message import MOST_READ
from tray.core.values import Answer, AnswerKind, Message, NetworkFailure
from tray.graph.answers import read

JSON = {"content-type": "application/json"}
DATE = "Mon, 05 Jan 2026 09:00:00 GMT"


@for_each(
    "word",
    ["", "A" * 65, "\ud800", "\x1b]0;pwned\x07", "A\u202eB", "A B", "É", 7, None, ["Busy"]],
)
def test_what_cannot_be_a_word_for_a_presence_is_unknown(word: object) -> None:
    body = json.dumps({"availability": word, "activity": "Away"}).encode()
    assert read(ReadPresence(1), 200, JSON, body).seen == Pair("PresenceUnknown", "Away")


def error(code: str, message: str = "", inner: str = "innerError") -> bytes:
    return json.dumps({"error": {"code": code, "message": message, inner: {"request-id": "x"}}}).encode()


PRESENCE = {"id": "x", "availability": "Busy", "activity": "InACall", "statusMessage": None, "@odata.context": "y"}
CAMEL = json.dumps({"availability": "busy", "activity": "inACall"}).encode()
POSTED = [
    (200, b"", AnswerKind.ACCEPTED),
    (204, b"", AnswerKind.ACCEPTED),
    (400, error("InvalidArgument", "The provided [ExpirationDuration] is out of range."), AnswerKind.REFUSED),
    (400, b"", AnswerKind.REFUSED),
    (401, error("InvalidAuthenticationToken"), AnswerKind.UNAUTHORIZED),
    (403, error("Forbidden", "", "innererror"), AnswerKind.FORBIDDEN),
    (404, error("NotFound"), AnswerKind.NOT_FOUND),
    (405, b"", AnswerKind.REFUSED),
    (408, b"", AnswerKind.UNAVAILABLE),
    (429, error("TooManyRequests"), AnswerKind.THROTTLED),
    (500, b"<html>oops</html>", AnswerKind.UNAVAILABLE),
    (502, b"\x00\xff", AnswerKind.UNAVAILABLE),
    (503, error("ServiceUnavailable"), AnswerKind.UNAVAILABLE),
    (504, b"", AnswerKind.UNAVAILABLE),
    (507, b"", AnswerKind.UNAVAILABLE),
    (509, b"", AnswerKind.UNAVAILABLE),
]


@for_each(("status", "body", "kind"), POSTED)
def test_the_status_decides_what_an_answer_to_a_post_means(status: int, body: bytes, kind: AnswerKind) -> None:
    assert read(ClearSession(1), status, JSON, body).kind is kind


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_portals(status: int) -> None:
    answer = read(ClearSession(1), status, {"location": "http://hotel.test"}, b"")
    assert (answer.kind, answer.failure) == (AnswerKind.UNREACHABLE, NetworkFailure.PORTAL)


@pytest.mark.parametrize(("headers", "body"), [({"content-type": "text/html"}, b"Welcome"), ({}, b"  <!doctype html>")])
def test_a_page_instead_of_an_answer_is_a_portals(headers: dict[str, str], body: bytes) -> None:
    for request in (ClearSession(1), ReadPresence(1)):
        assert read(request, 200, headers, body).failure is NetworkFailure.PORTAL


def test_presence_is_read_in_either_spelling() -> None:
    assert read(ReadPresence(1), 200, JSON, json.dumps(PRESENCE).encode()).seen == Pair("Busy", "InACall")
    assert read(ReadPresence(1), 200, JSON, CAMEL).seen.same_as(Pair("Busy", "InACall"))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"availability": "Busy"}', b"\xff", b'{"a'])
def test_a_body_without_a_presence_is_a_broken_answer(body: bytes) -> None:
    assert read(ReadPresence(1), 200, JSON, body).failure is NetworkFailure.BROKEN


WAITS = [
    ({"retry-after": "17"}, 17),
    ({"retry-after": " 17 "}, 17),
    ({"retry-after": "0"}, 0),
    ({"retry-after": "999999"}, 3600),
    ({"retry-after": "9999999999999"}, 3600),
    ({"retry-after": "Mon, 05 Jan 2026 09:01:30 GMT", "date": DATE}, 90),
    ({"retry-after": "Mon, 05 Jan 2026 08:00:00 GMT", "date": DATE}, 0),
    ({"retry-after": "Mon, 05 Jan 2026 09:01:30 GMT"}, None),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "-5"}, None),
    ({"retry-after": "2.5"}, 2.5),
    ({"retry-after": "²"}, None),
    ({"retry-after": "1e9"}, None),
    ({"retry-after": "9" * 5000}, None),
    ({}, None),
]


@for_each(("headers", "seconds"), WAITS)
@for_each("status", [429, 503])
def test_retry_after_is_in_seconds_or_a_date(headers: dict[str, str], seconds: float | None, status: int) -> None:
    wait = read(ClearSession(1), status, headers, b"").retry_after
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'


def challenge(claims: str, error_name: str = "insufficient_claims") -> dict[str, str]:
    encoded = base64.b64encode(claims.encode()).decode()
    return {"www-authenticate": f'Bearer realm="", error="{error_name}", claims="{encoded}"'}


@pytest.mark.parametrize("status", [401, 403])
def test_a_claims_challenge_is_decoded(status: int) -> None:
    assert read(ClearSession(1), status, challenge(CLAIMS), b"").claims == CLAIMS


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"www-authenticate": "Bearer"},
        challenge(CLAIMS, "invalid_token"),
        challenge("no JSON"),
        challenge("[1]"),
        {"www-authenticate": 'Bearer error="insufficient_claims", claims="A"'},
        {"www-authenticate": 'Bearer error="insufficient_claims", claims="///="'},
    ],
)
def test_other_headers_are_no_claims_challenge(headers: dict[str, str]) -> None:
    assert read(ClearSession(1), 401, headers, b"").claims is None


@given(
    status=st.integers(100, 599),
    retry=st.text(max_size=20),
    body=st.binary(max_size=200),
    authenticate=st.text(max_size=40),
)
def test_any_answer_can_be_read(status: int, retry: str, body: bytes, authenticate: str) -> None:
    headers = {"retry-after": retry, "date": retry, "www-authenticate": authenticate}
    for request in (ClearSession(1), ReadPresence(1)):
        assert isinstance(read(request, status, headers, body), Answer)


@for_each(
    ("written", "message"),
    [
        (None, Message("")),
        ({"message": {"content": "Lunch<pinnednote></pinnednote>", "contentType": "text"}}, Message("Lunch")),
        ({"message": {"content": None}}, Message("")),
        (
            {
                "message": {"content": "x"},
                "expiryDateTime": {"dateTime": "2026-11-28T17:00:00.0000000", "timeZone": "UTC"},
            },
            Message("x", datetime(2026, 11, 28, 17, tzinfo=UTC)),
        ),
        (
            {"message": {"content": "x"}, "expiryDateTime": {"dateTime": "2026-11-28T17:00", "timeZone": "Romance"}},
            Message("x"),
        ),
        ({"message": {"content": "x"}, "expiryDateTime": {"dateTime": "soon", "timeZone": "UTC"}}, None),
        ({"message": {"content": "a\x1b]0;b\x07\n c\u202ed"}}, Message("a]0;b cd")),
        ({"message": {"content": "x" * 1_000_000}}, Message("x" * MOST_READ)),
        ("x", None),
        ({"message": "x"}, None),
        ([1], None),
    ],
)
def test_a_status_message_is_read_or_said_to_be_unknown(written: object, message: Message | None) -> None:
    body = json.dumps({"availability": "Away", "activity": "Away", "statusMessage": written}).encode()
    answer = read(ReadPresence(1), 200, JSON, body)
    assert (answer.seen, answer.message) == (Pair("Away", "Away"), message)


@pytest.mark.parametrize(
    ("written", "out"),
    [
        ({"message": "I'm away.", "isOutOfOffice": True}, True),
        ({"message": None, "isOutOfOffice": False}, False),
        ({"isOutOfOffice": "yes"}, False),
        (None, False),
        ("true", False),
    ],
)
def test_out_of_office_is_read_beside_the_presence(written: object, out: bool) -> None:
    body = json.dumps(PRESENCE | {"outOfOfficeSettings": written}).encode()
    assert read(ReadPresence(1), 200, JSON, body).out_of_office is out
