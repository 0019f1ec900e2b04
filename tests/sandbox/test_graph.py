"""The sandbox's Graph: statuses and bodies as documented and as reported, through the app's own client."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rows import for_each
from tray.core.effects import (
    ClearPreferred,
    ClearSession,
    ReadPresence,
    SetMessage,
    SetPreferred,
    SetSession,
)
from tray.core.states import STATES, Pair, State
from tray.core.values import AnswerKind, Message
from tray.graph.client import GraphClient
from tray.graph.http_messages import HttpRequest, HttpResponse
from tray.graph.requests import Token
from tray.messages import menu
from tray.sandbox.graph import PresenceService
from tray.sandbox.presence_model import Profile
from tray.sandbox.scenario import SCENARIOS, Surroundings, read

USER, CLIENT = "00000000-0000-0000-0000-0000000000ad", "00000000-0000-0000-0000-0000000000c1"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=30)
TOKEN = Token("good", NOW + timedelta(hours=1), USER)
URL = f"https://graph.test/v1.0/users/{USER}/presence"
GONE = Pair("Offline", "Offline")


def accepts(bearer: str) -> str | None:
    return USER if bearer == "good" else None


@pytest.fixture(params=list(Profile))
def service(request: pytest.FixtureRequest) -> PresenceService:
    return PresenceService(lambda: NOW, accepts, CLIENT, request.param)


def client_of(service: Callable[[HttpRequest], HttpResponse], client_id: str = CLIENT) -> GraphClient:
    return GraphClient("https://graph.test", client_id, network=service)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.key)
def test_the_profile_decides_which_pairs_are_accepted(service: PresenceService, state: State) -> None:
    client = client_of(service)
    expected = AnswerKind.ACCEPTED if state.in_the_five or service.profile is Profile.TABLE else AnswerKind.REFUSED
    assert client.send(SetSession(1, state.pair, LEASE), TOKEN).kind is expected
    seen = client.send(ReadPresence(2), TOKEN).seen
    assert seen == (state.pair if expected is AnswerKind.ACCEPTED else GONE)
    client.close()


def test_a_session_is_cleared_once_and_then_not_found(service: PresenceService) -> None:
    client = client_of(service)
    client.send(SetSession(1, Pair("Away", "Away"), LEASE), TOKEN)
    assert client.send(ClearSession(2), TOKEN).kind is AnswerKind.ACCEPTED
    assert client.send(ClearSession(3), TOKEN).kind is AnswerKind.NOT_FOUND
    client.close()


def test_preferred_shows_only_while_a_session_exists(
    service: PresenceService,
) -> None:
    client = client_of(service)
    busy = Pair("Busy", "Busy")
    assert client.send(SetPreferred(1, busy, LEASE), TOKEN).kind is AnswerKind.ACCEPTED
    assert client.send(ReadPresence(2), TOKEN).seen == GONE
    client.send(SetSession(3, Pair("Away", "Away"), LEASE), TOKEN)
    assert client.send(ReadPresence(4), TOKEN).seen == busy
    for _ in range(2):
        assert client.send(ClearPreferred(5), TOKEN).kind is AnswerKind.ACCEPTED
    assert client.send(ReadPresence(6), TOKEN).seen == Pair("Away", "Away")
    assert client.send(SetPreferred(7, Pair("Busy", "InACall"), LEASE), TOKEN).kind is AnswerKind.REFUSED
    client.close()


@pytest.mark.parametrize("text", ["Lunch, back at 13:00", "R&D <3 “x”", "👩‍💻 שלום", "x" * 280])
def test_a_message_is_read_back_with_entities_until_it_expires(service: PresenceService, text: str) -> None:
    client = client_of(service)
    message = Message(text, NOW + timedelta(hours=1))
    assert client.send(SetMessage(1, message), TOKEN).kind is AnswerKind.ACCEPTED
    read_back = service(HttpRequest("GET", URL, {"authorization": "Bearer good"}))
    content = json.loads(read_back.content)["statusMessage"]["message"]["content"]
    assert content == text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert client.send(ReadPresence(2), TOKEN).message == message
    service.now = lambda: NOW + timedelta(hours=1)
    assert client.send(ReadPresence(3), TOKEN).message == Message("")
    client.close()


def test_an_empty_message_clears(service: PresenceService) -> None:
    client = client_of(service)
    for message in (Message("x"), Message("")):
        client.send(SetMessage(1, message), TOKEN)
    assert client.send(ReadPresence(2), TOKEN).message == Message("")
    client.close()


TEXT = {"content": "x", "contentType": "text"}


@for_each(
    "written",
    [
        None,
        {},
        {"message": {"content": "<b>x</b>", "contentType": "html"}},
        {"message": {"content": "x"}},
        {"message": {"content": 5, "contentType": "text"}},
        {"message": TEXT, "expiryDateTime": {"dateTime": "2026-11-28T17:00:00Z", "timeZone": "UTC"}},
        {"message": TEXT, "expiryDateTime": {"dateTime": "2026-11-28T17:00:00+01:00", "timeZone": "UTC"}},
        {"message": TEXT, "expiryDateTime": {"dateTime": "2026-11-28T17:00:00", "timeZone": "nowhere"}},
        {"message": TEXT, "expiryDateTime": "2026-11-28T17:00:00"},
    ],
)
def test_a_message_that_graph_would_refuse_is_refused(service: PresenceService, written: object) -> None:
    answered = post(service, "setStatusMessage", {"statusMessage": written})
    assert (answered.status_code, json.loads(answered.content)["error"]["code"]) == (400, "InvalidArgument")
    assert service.model.message(NOW) is None


def post(service: PresenceService, action: str, body: Any, bearer: str = "good") -> HttpResponse:
    url = f"https://graph.test/v1.0/users/{USER}/presence/{action}"
    return service(HttpRequest("POST", url, {"authorization": f"Bearer {bearer}"}, json.dumps(body).encode()))


SET = {"sessionId": CLIENT, "availability": "Available", "activity": "Available"}
BODIES = [
    ("setPresence", SET, 200),
    ("setPresence", SET | {"expirationDuration": "PT4H"}, 200),
    ("setPresence", SET | {"expirationDuration": "PT4M"}, 400),
    ("setPresence", SET | {"expirationDuration": "PT241M"}, 400),
    ("setPresence", SET | {"expirationDuration": "1h"}, 400),
    ("setPresence", SET | {"expirationDuration": "PT"}, 400),
    ("setPresence", SET | {"sessionId": ""}, 400),
    ("setPresence", SET | {"sessionId": "another"}, 400),
    ("setPresence", SET | {"activity": "InAMeeting"}, 400),
    ("setPresence", {"sessionId": CLIENT}, 400),
    ("setPresence", [1], 400),
    ("clearPresence", {}, 400),
    ("setUserPreferredPresence", {"availability": "Busy", "activity": "Busy"}, 200),
    ("setEverything", {}, 404),
]


@for_each(("action", "body", "status"), BODIES)
def test_each_body_has_its_status(service: PresenceService, action: str, body: Any, status: int) -> None:
    answer = post(service, action, body)
    assert answer.status_code == status
    assert "request-id" in answer.headers
    if status >= 400:
        assert set(json.loads(answer.content)["error"]) == {"code", "message", "innerError"}


def test_validation_comes_before_permission(service: PresenceService) -> None:
    assert post(service, "setPresence", {}, bearer="bad").status_code == 400
    assert post(service, "setPresence", SET, bearer="bad").status_code == 401


def test_the_default_lease_is_five_minutes(service: PresenceService) -> None:
    post(service, "setPresence", SET)
    (session,) = service.model.sessions.values()
    assert session.expires_at - session.set_at == timedelta(minutes=5)


FAULTS: list[tuple[str, Any, int]] = [
    ("forbidden", True, 403),
    ("is_teams_user", False, 404),
    ("down", True, 503),
    ("throttled_until", NOW + timedelta(seconds=9), 429),
    ("challenge", "e30=", 401),
]


@pytest.mark.parametrize(("name", "value", "status"), FAULTS)
def test_each_fault_has_its_status(service: PresenceService, name: str, value: Any, status: int) -> None:
    setattr(service, name, value)
    answer = post(service, "setPresence", SET)
    assert answer.status_code == status
    assert (answer.headers.get("retry-after") == "10") is (status == 429)
    assert ("claims=" in answer.headers.get("www-authenticate", "")) is (status == 401)


def test_another_users_presence_cannot_be_set(service: PresenceService) -> None:
    url = f"https://graph.test/v1.0/users/{CLIENT}/presence"
    answer = service(HttpRequest("GET", url, headers={"authorization": "Bearer good"}))
    assert answer.status_code == 401


def test_a_body_that_is_no_json_is_a_bad_request(service: PresenceService) -> None:
    url = f"https://graph.test/v1.0/users/{USER}/presence/setPresence"
    assert service(HttpRequest("POST", url, content=b"{")).status_code == 400
    assert service(HttpRequest("GET", "https://graph.test/v1.0/me")).status_code == 404


@for_each("scenario", SCENARIOS)
def test_each_scenario_acts_and_shows_whether_it_is_on(scenario: Any) -> None:
    service, network = PresenceService(lambda: NOW, accepts, CLIENT), Surroundings()
    post(service, "setPresence", SET)
    service.model.put_client("teams", Pair("Busy", "InACall"), NOW)
    service.model.set_preferred(Pair("Away", "Away"), None, NOW)
    before = picture(service, network)
    scenario.act(service, network)
    assert picture(service, network) != before
    on = {key: on for key, _, on in read(service, network)}[scenario.key]
    assert on is (True if scenario.is_on else None)


def test_what_ends_when_it_is_played_again_is_said_to_end_and_the_rest_to_happen_once_more() -> None:
    service, network = PresenceService(lambda: NOW, accepts, CLIENT), Surroundings()
    for scenario in SCENARIOS:
        if scenario.is_on is None:
            continue
        scenario.act(service, network)
        assert scenario.is_on(service, network)
        scenario.act(service, network)
        ends = not scenario.is_on(service, network)
        assert ends == (menu.scenario_ends(scenario.key) != menu.scenario(scenario.key)), scenario.key


def picture(service: PresenceService, network: Surroundings) -> tuple[object, ...]:
    model = service.model
    faults = service.down, service.throttled_until, network.up, network.expired, network.recording, network.locked
    return dict(model.sessions), model.preferred, faults
