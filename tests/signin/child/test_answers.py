"""The identity platform's answers, right and wrong, to unmodified MSAL in this process: each is one of our outcomes.

Only a token of a user of a tenant is accepted, and no answer signs out who is signed in.
"""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.signin.child.test_errands import post_form
from tests.signin.platform import DEVICE, in_process, nobody, utc_now
from tray.core.effects import ObtainToken, ReadAccount, SignIn, TokenErrand
from tray.core.events import SignInProgressed
from tray.core.values import Granted, NetworkFailure, SignInNeeded, SignInWay, TryLater
from tray.graph.http_messages import HttpRequest, HttpResponse, replied
from tray.graph.transport import HttpClient
from tray.messages import signin as words
from tray.sandbox.identity import IdentityPlatform, encoded
from tray.signin.in_process import InProcessSource
from tray.signin.registration import AppRegistration

REFRESH = ObtainToken(2, fresh=True)


@pytest.fixture
def platform() -> IdentityPlatform:
    return IdentityPlatform(utc_now)


def spoil(platform: IdentityPlatform, endpoint: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the answers of an endpoint."""

    def fault(request: HttpRequest) -> HttpResponse | None:
        if not request.path.endswith(endpoint):
            return None
        platform.fault = None
        right = platform(request)
        platform.fault = fault
        text = json.dumps(change(json.loads(right.content)))
        return replied(right.status_code, content=text.encode(), headers={"Content-Type": "application/json"})

    platform.fault = fault


# --------------------------------------------------------------------------- id tokens


def id_token(**claims: object) -> Callable[[dict[str, Any]], object]:
    def change(body: dict[str, Any]) -> dict[str, Any]:
        payload = body["id_token"].split(".")[1]
        right = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return body | {"id_token": f"{encoded({'alg': 'none'})}.{encoded(right | claims)}."}

    return change


BAD_ID_TOKENS = {
    "rubbish": lambda body: body | {"id_token": "rubbish", "client_info": ""},
    "two dots": lambda body: body | {"id_token": "..", "client_info": ""},
    "no JSON": lambda body: body | {"id_token": "e30.bm9uZQ.e30"},
    "a list": lambda body: body | {"id_token": "e30.W10.e30"},
    "a number": lambda body: body | {"id_token": 5},
    "missing": lambda body: {name: value for name, value in body.items() if name not in {"id_token", "client_info"}},
    "no object id": id_token(oid=None),
    "an object id that is a path": id_token(oid="../../me"),
    "an object id and more": id_token(oid="00000000-0000-0000-0000-0000000000ad\n"),
    "a subject for an object id": id_token(oid="AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"),
    "no tenant": id_token(tid=""),
    "another nonce": id_token(nonce="another"),
}


@pytest.mark.parametrize("what", BAD_ID_TOKENS)
def test_a_bad_id_token_is_refused_and_the_earlier_sign_in_stays(
    platform: IdentityPlatform, source: InProcessSource, what: str
) -> None:
    kept, before = source.errands.cache.load(), source.carry_out(ReadAccount(2), nobody).outcome
    spoil(platform, "/token", BAD_ID_TOKENS[what])
    errand: TokenErrand = DEVICE
    if what == "another nonce":  # a device code has none
        errand = SignIn(3, SignInWay.BROWSER)
        source.errands.interaction.browse = lambda link, _failed: post_form(platform, link)
    outcome = source.carry_out(errand, nobody).outcome
    assert isinstance(outcome, TryLater), outcome
    assert outcome.title.endswith(".")
    assert source.errands.cache.load() == kept
    assert source.carry_out(ReadAccount(3), nobody).outcome == before


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ({"preferred_username": "adele@contoso.test"}, "adele@contoso.test"),
        ({"preferred_username": None, "upn": "adele@upn.test"}, "adele@upn.test"),
        ({"preferred_username": None, "name": "Adele"}, "Adele"),
        ({"preferred_username": None}, ""),
        ({"preferred_username": "adele\x1b[2J\n"}, "adele[2J"),
    ],
)
def test_the_name_comes_from_the_id_token_without_control_codes(
    platform: IdentityPlatform, claims: dict[str, object], shown: str
) -> None:
    spoil(platform, "/token", id_token(**claims))
    outcome = in_process(platform).carry_out(DEVICE, nobody).outcome
    assert isinstance(outcome, Granted)
    assert outcome.account.username == shown


def test_two_users_and_two_tenants_are_different_accounts(platform: IdentityPlatform) -> None:
    keys = set()
    another = "00000000-0000-0000-0000-000000000abc"
    for claims in ({}, {"oid": another}, {"tid": another}):
        spoil(platform, "/token", id_token(**claims))
        outcome = in_process(platform).carry_out(DEVICE, nobody).outcome
        assert isinstance(outcome, Granted)
        keys.add(outcome.account.key)
    assert len(keys) == 3


# --------------------------------------------------------------------------- nonsense

NONSENSE: dict[str, object] = {
    "a list": [],
    "null": None,
    "a text": "token",
    "a number": 7,
    "nothing": {},
    "a token that is a number": {"access_token": 5, "expires_in": "soon"},
    "an error that is a list": {"error": ["invalid_grant"]},
    "an error that is null": {"error": None},
    "endpoints that are numbers": {"token_endpoint": 1, "authorization_endpoint": 2, "issuer": 3},
    "plain endpoints": {"token_endpoint": "http://evil.test/t", "authorization_endpoint": "http://evil.test/a"},
    "a device code without a link": {"user_code": "A", "device_code": "B"},
    "a device code that never ends": {"user_code": "A", "device_code": "B", "verification_uri": "C", "expires_in": "x"},
}


@pytest.mark.parametrize("what", NONSENSE)
@pytest.mark.parametrize("endpoint", ["openid-configuration", "/token", "/devicecode"])
def test_nonsense_is_an_outcome_and_signs_nobody_out(
    platform: IdentityPlatform, source: InProcessSource, endpoint: str, what: str
) -> None:
    platform.tokens.reuse_ends_family = False  # the answer with the new one is lost
    spoil(platform, endpoint, lambda _: NONSENSE[what])
    for errand in (REFRESH, DEVICE):
        outcome = source.carry_out(errand, nobody).outcome
        expected = Granted if endpoint == "/devicecode" and errand is REFRESH else TryLater
        assert isinstance(outcome, expected), (errand, outcome)
    platform.fault = None
    assert isinstance(source.carry_out(REFRESH, nobody).outcome, Granted)


@pytest.mark.parametrize("expires_in", ["x", 1e12, float("nan"), float("inf"), None, [], 10**400, -(10**12)])
def test_a_token_whose_life_is_nonsense_is_not_saved(
    platform: IdentityPlatform, source: InProcessSource, expires_in: object
) -> None:
    platform.tokens.reuse_ends_family = False  # the answer with the new one is lost
    kept = source.errands.cache.load()
    spoil(platform, "/token", lambda answer: answer | {"expires_in": expires_in})
    for errand in (REFRESH, DEVICE):
        assert source.carry_out(errand, nobody).outcome == TryLater(*words.busy())
    assert source.errands.cache.load() == kept


STATUSES = {
    "429 at discovery": (429, "openid-configuration", words.busy()),
    "403 at discovery": (403, "openid-configuration", words.busy()),
    "400 at discovery": (400, "openid-configuration", words.unknown_tenant()),
    "404 at discovery": (404, "openid-configuration", words.unknown_tenant()),
}


@pytest.mark.parametrize("what", STATUSES)
def test_only_an_unknown_tenant_is_called_unknown(
    platform: IdentityPlatform, source: InProcessSource, what: str
) -> None:
    status, endpoint, why = STATUSES[what]
    platform.fault = lambda request: (
        replied(status, json={"error": "x"}, headers={"Retry-After": "9"}) if request.path.endswith(endpoint) else None
    )
    outcome = source.carry_out(REFRESH, nobody).outcome
    assert isinstance(outcome, TryLater)
    assert (outcome.title, outcome.message) == why


@pytest.mark.parametrize("status", [200, 302, 403, 511])
def test_a_page_is_a_portals_or_a_busy_gateways(
    platform: IdentityPlatform, source: InProcessSource, status: int
) -> None:
    platform.fault = lambda _: replied(status, html="<h1>Welcome</h1>", headers={"Location": "http://hotel.test"})
    outcome = source.carry_out(REFRESH, nobody).outcome
    assert isinstance(outcome, TryLater)
    assert ((outcome.title, outcome.message) == words.unreached(NetworkFailure.PORTAL)) is (status < 500)


def test_every_refresh_is_saved(platform: IdentityPlatform, source: InProcessSource) -> None:
    for number in range(1, 4):  # the platform takes a refresh token once
        kept = source.errands.cache.load()
        assert isinstance(source.carry_out(REFRESH, nobody).outcome, Granted)
        assert source.errands.cache.load() != kept
        assert platform.tokens.refreshes == number


def test_without_a_refresh_token_a_new_sign_in_is_needed(source: InProcessSource) -> None:
    cache = json.loads(source.errands.cache.load() or "")
    source.errands.cache.save(json.dumps(cache | {"RefreshToken": {}}))
    assert isinstance(source.carry_out(REFRESH, nobody).outcome, SignInNeeded)


# --------------------------------------------------------------------------- what is asked


def test_a_refresh_carries_cp1_and_the_claims_challenge(platform: IdentityPlatform, source: InProcessSource) -> None:
    asked: list[HttpRequest] = []
    platform.fault = asked.append  # type: ignore[func-returns-value]
    challenge = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'
    assert isinstance(source.carry_out(ObtainToken(2, fresh=True, claims=challenge), nobody).outcome, Granted)
    fields = dict(parse_qsl(asked[-1].content.decode(), keep_blank_values=True))
    claims = json.loads(fields["claims"])["access_token"]
    assert claims["nbf"]["value"] == "1604106651"
    assert claims["xms_cc"] == {"values": ["cp1"]}
    assert "" not in fields.values()


@pytest.mark.parametrize(
    ("authority", "says"),
    [
        ("organizations", "not a multi-tenant"),
        ("common", "not a multi-tenant"),
        ("nowhere.test", "doesn't know this tenant"),
    ],
)
def test_a_single_tenant_app_is_refused_by_another_tenants_name(
    platform: IdentityPlatform, authority: str, says: str
) -> None:
    send = HttpClient(network=platform).send
    registration = AppRegistration(platform.client_id, f"{platform.origin}/{authority}", platform.graph_origin)
    outcome = InProcessSource(registration, send, utc_now).carry_out(DEVICE, nobody).outcome
    assert isinstance(outcome, TryLater)
    assert says in outcome.title


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "invalid_resource", "invalid_scope"])
def test_a_registration_that_is_refused_is_named(
    platform: IdentityPlatform, source: InProcessSource, error: str
) -> None:
    platform.fault = lambda request: replied(400, json={"error": error}) if request.path.endswith("/token") else None
    assert source.carry_out(REFRESH, nobody).outcome == TryLater(*words.not_registered())


def test_microsofts_reason_is_shown_without_names_and_ids(platform: IdentityPlatform) -> None:
    why = f"AADSTS50105: {platform.object_id} (adele@contoso.test) is not assigned.\r\nTrace ID: x"
    platform.fault = lambda request: (
        replied(400, json={"error": "access_denied", "error_description": why})
        if request.path.endswith("/token")
        else None
    )
    outcome = in_process(platform).carry_out(DEVICE, nobody).outcome
    assert outcome == TryLater("Microsoft refused the sign-in: AADSTS50105: <id> (<user>) is not assigned.")


def test_a_code_that_has_expired_is_an_outcome_with_words(platform: IdentityPlatform) -> None:
    for error in ("expired_token", "code_expired"):
        body = {"error": error, "error_description": "AADSTS70020"}
        platform.fault = lambda request, body=body: replied(400, json=body) if request.path.endswith("/token") else None
        assert in_process(platform).carry_out(DEVICE, nobody).outcome == TryLater(*words.code_expired())
        assert not isinstance(in_process(platform).carry_out(DEVICE, nobody).outcome, SignInNeeded)


# --------------------------------------------------------------------------- registrations that do not fit

NOT_PUBLIC = {"error": "invalid_client", "error_description": "AADSTS7000218: The request body must contain …"}
SPA = {"error": "invalid_request", "error_description": "AADSTS9002327: Tokens issued for the 'Single-Page …"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (NOT_PUBLIC, words.not_public()),
        ({"error": "invalid_client", "error_codes": [7000218]}, words.not_public()),
        ({"error": "unauthorized_client", "error_codes": [7000218, "x"]}, words.not_public()),
        (SPA, words.wrong_redirect()),
        ({"error": "invalid_request", "error_codes": [9002326]}, words.wrong_redirect()),
        ({"error": "invalid_client", "error_codes": [50011]}, words.wrong_redirect()),
    ],
)
def test_a_registration_for_a_website_is_told_by_the_switch_at_sign_in_and_at_refresh(
    platform: IdentityPlatform, source: InProcessSource, answer: dict[str, object], said: tuple[str, str]
) -> None:
    platform.fault = lambda request: replied(401, json=answer) if request.path.endswith("/token") else None
    source.errands.interaction.browse = lambda link, _failed: post_form(platform, link)
    for errand in (REFRESH, DEVICE, SignIn(3, SignInWay.BROWSER)):
        assert source.carry_out(errand, nobody).outcome == TryLater(*said)


# --------------------------------------------------------------------------- addresses and words

STRANGE_LINKS = [
    "--renderer-cmd-prefix=/tmp/evil",
    "file:///etc/passwd",
    "\\\\evil\\share\\x.exe",
    "javascript:alert(1)",
    "https://evil.test/authorize",
    "https://login.sandbox.test.evil.test/authorize",
    "https://login.sandbox.test@evil.test/authorize",
    "https://anna@login.sandbox.test/authorize",
    "http://login.sandbox.test/authorize",
    "http://localhost/authorize",
    "https://login.sandbox.test/a b",
    "https://login.sandbox.test/\u001b[2J",
    "https://[login.sandbox.test/",
    "",
    7,
]


@pytest.mark.parametrize("link", STRANGE_LINKS, ids=str)
@pytest.mark.parametrize("endpoint", ["authorization_endpoint", "token_endpoint", "device_authorization_endpoint"])
def test_an_endpoint_that_is_not_the_authoritys_is_neither_opened_nor_asked(
    platform: IdentityPlatform, endpoint: str, link: object
) -> None:
    source, asked, opened = in_process(platform), list[str](), list[str]()
    spoil(platform, "openid-configuration", lambda answer: answer | {endpoint: link})
    fault = platform.fault
    platform.fault = lambda request: (asked.append(request.path), fault and fault(request))[1]  # type: ignore[func-returns-value]
    source.errands.interaction.browse = lambda link, _failed: opened.append(link)
    for way in SignInWay:
        assert isinstance(source.carry_out(SignIn(1, way), nobody).outcome, TryLater)
    assert opened == []
    assert all(path.endswith("openid-configuration") for path in asked)


@pytest.mark.parametrize(
    ("link", "good"),
    [
        *((link, False) for link in STRANGE_LINKS),
        ("https://microsoft.com/devicelogin", True),
        ("http://aka.ms/x", False),
    ],
    ids=str,
)
def test_a_code_is_typed_at_the_authority_or_at_microsofts_own_page(
    platform: IdentityPlatform, link: object, good: bool
) -> None:
    spoil(platform, "/devicecode", lambda answer: answer | {"verification_uri": link})
    shown: list[SignInProgressed] = []
    outcome = in_process(platform).carry_out(DEVICE, shown.append).outcome
    assert (isinstance(outcome, Granted), [each.link for each in shown]) == (good, [link] if good else [])


def test_what_the_platform_says_is_printable_and_short(platform: IdentityPlatform) -> None:
    hostile = "AADSTS1: \x1b]0;owned\x07\x1b[2J\u202e\x9b2J" + "x" * 100_000
    refusal = {"error": "access_denied", "error_description": hostile}
    platform.fault = lambda request: replied(400, json=refusal) if request.path.endswith("/token") else None
    outcome = in_process(platform).carry_out(DEVICE, nobody).outcome
    assert isinstance(outcome, TryLater)
    assert "AADSTS1" in outcome.title
    assert outcome.title.isprintable()
    assert len(outcome.title) < 400
    platform.fault = None
    spoil(platform, "/devicecode", lambda answer: answer | {"user_code": f"A\x1b[31m{'B' * 1000}"})
    shown: list[SignInProgressed] = []
    in_process(platform).carry_out(DEVICE, shown.append)
    assert shown[0].code.isprintable()
    assert len(shown[0].code) <= 40
