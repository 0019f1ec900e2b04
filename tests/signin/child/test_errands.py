"""Every grant and every outcome, by unmodified MSAL against the identity platform, in this process."""

import gzip
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import httpx
import pytest

from tests.signin.platform import DEVICE, in_process, nobody, registration_at, utc_now
from tray.core.effects import (
    ObtainToken,
    ReadAccount,
    SignIn,
    SignOut,
    TokenErrand,
    UnlockKeyring,
)
from tray.core.events import SignInProgressed
from tray.core.values import (
    AccountRead,
    Granted,
    KeyringState,
    KeyringTrouble,
    NetworkFailure,
    SignedOut,
    SignInNeeded,
    SignInWay,
    TokenOutcome,
    TryLater,
)
from tray.graph.http_messages import HttpRequest, HttpResponse, NoAnswer, replied
from tray.graph.transport import LARGEST, HttpClient
from tray.messages import signin as words
from tray.sandbox.identity import IdentityPlatform
from tray.signin.in_process import InProcessSource, MemoryCache
from tray.signin.storage.vault import VaultError


@pytest.fixture
def platform() -> IdentityPlatform:
    return IdentityPlatform(utc_now)


def test_a_device_code_is_shown_and_signs_in(platform: IdentityPlatform) -> None:
    shown: list[SignInProgressed] = []
    reply = in_process(platform).carry_out(DEVICE, shown.append)
    assert isinstance(reply.outcome, Granted)
    assert reply.token is not None
    assert platform.accepts(reply.token.access_token) == platform.object_id
    assert shown[0].code == "DEMO-CODE"


def test_the_browser_brings_a_form_and_signs_in(platform: IdentityPlatform) -> None:
    source = in_process(platform)
    source.errands.interaction.browse = lambda link, _failed: post_form(platform, link)
    reply = source.carry_out(SignIn(1, SignInWay.BROWSER), nobody)
    assert isinstance(reply.outcome, Granted)
    assert reply.outcome.account.username == platform.username


def test_a_browser_that_does_not_open_is_told_while_the_sign_in_waits(platform: IdentityPlatform) -> None:
    source, told = in_process(platform), list[SignInProgressed]()

    def fail(link: str, failed: Callable[[], object]) -> None:
        failed()
        post_form(platform, link)  # the user has opened the link elsewhere

    source.errands.interaction.browse = fail
    assert isinstance(source.carry_out(SignIn(1, SignInWay.BROWSER), told.append).outcome, Granted)
    assert [(each.link == told[0].link, each.unopened) for each in told] == [(True, False), (True, True)]


@pytest.mark.skipif(sys.platform != "linux", reason="xdg-open is Linux's")
@pytest.mark.parametrize(("opener", "fails"), [("exit 3", True), ("exit 0", False), (None, True)])
def test_an_opener_that_fails_and_a_missing_one_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opener: str | None, fails: bool
) -> None:
    if opener:
        program = tmp_path / "xdg-open"
        program.write_text(f"#!/bin/sh\n{opener}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BROWSER", raising=False)
    script = "from tray.desktop.browser import has_opened; print(has_opened('https://login.test/'))"
    command = [sys.executable, "-c", script]  # Python keeps the browsers that it has found
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == f"{not fails}\n"


def post_form(platform: IdentityPlatform, link: str) -> None:
    """Do what a browser does with the authorize page: post its form to the receiver, on a thread of its own."""
    page = platform(HttpRequest("GET", link)).text
    action = re.search(r'action="([^"]+)"', page)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    assert action is not None
    sent = {"data": fields, "verify": False}  # nothing is encrypted
    threading.Thread(target=httpx.post, args=(action[1],), kwargs=sent, name="browser").start()


def test_a_cached_token_takes_no_request(platform: IdentityPlatform, source: InProcessSource) -> None:
    before = platform.tokens.refreshes
    first = source.carry_out(ObtainToken(2), nobody)
    second = source.carry_out(ObtainToken(3), nobody)
    assert platform.tokens.refreshes == before
    assert first.token == second.token or first.token.access_token == second.token.access_token


def test_a_fresh_token_is_a_new_one_and_answers_the_claims_challenge(
    platform: IdentityPlatform, source: InProcessSource
) -> None:
    old = source.carry_out(ObtainToken(2), nobody)
    new = source.carry_out(ObtainToken(3, fresh=True, claims='{"access_token":{"nbf":{"value":"1"}}}'), nobody)
    assert platform.tokens.refreshes == 1
    assert new.token.access_token != old.token.access_token


def test_the_account_is_read_without_the_network(platform: IdentityPlatform, source: InProcessSource) -> None:
    platform.fault = lambda _: pytest.fail("no request is needed")
    outcome = source.carry_out(ReadAccount(2), nobody).outcome
    assert isinstance(outcome, AccountRead)
    assert outcome.account.username == platform.username
    assert platform.object_id not in outcome.account.key


def test_without_a_sign_in_there_is_no_account(platform: IdentityPlatform) -> None:
    source = in_process(platform)
    assert source.carry_out(ReadAccount(1), nobody).outcome == AccountRead(None)
    assert isinstance(source.carry_out(ObtainToken(2), nobody).outcome, SignInNeeded)


def test_sign_out_removes_the_account(source: InProcessSource) -> None:
    assert source.carry_out(SignOut(2), nobody).outcome == SignedOut()
    assert source.carry_out(ReadAccount(3), nobody).outcome == AccountRead(None)


def test_a_refresh_token_used_twice_ends_its_family(platform: IdentityPlatform, source: InProcessSource) -> None:
    copied = source.errands.cache.load()
    assert isinstance(source.carry_out(ObtainToken(2, fresh=True), nobody).outcome, Granted)
    source.errands.cache.save(copied)
    assert isinstance(source.carry_out(ObtainToken(3, fresh=True), nobody).outcome, SignInNeeded)
    assert not platform.tokens.families[0].alive


def down(_: HttpRequest) -> HttpResponse:
    raise NoAnswer(NetworkFailure.NETWORK)


BOMB, COMPRESSED = gzip.compress(b" " * 10 * LARGEST), {"Content-Encoding": "gzip"}


def slow(_: HttpRequest) -> HttpResponse:
    raise NoAnswer(NetworkFailure.TIMEOUT)


FAULTS = {
    "no network": (down, NetworkFailure.NETWORK),
    "500": (lambda _: replied(500, content=b"oops"), None),
    "503 in HTML": (lambda _: replied(503, html="<h1>busy</h1>"), None),
    "a portal's page": (lambda _: replied(200, html="<h1>Welcome to the hotel</h1>"), NetworkFailure.PORTAL),
    "a portal's redirect": (
        lambda _: replied(302, headers={"Location": "http://hotel.test"}),
        NetworkFailure.PORTAL,
    ),
    "a time-out": (slow, NetworkFailure.TIMEOUT),
    "an answer of two megabytes": (lambda _: replied(200, json={"x": "x" * 2 * LARGEST}), NetworkFailure.BROKEN),
    "a compressed answer": (lambda _: replied(200, content=BOMB, headers=COMPRESSED), NetworkFailure.BROKEN),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("where", ["everywhere", "at the token endpoint"])
def test_no_fault_of_network_or_server_signs_anybody_out(
    platform: IdentityPlatform, source: InProcessSource, name: str, where: str
) -> None:
    fault, failure = FAULTS[name]
    everywhere = where == "everywhere"
    platform.fault = lambda request: fault(request) if everywhere or request.path.endswith("token") else None
    outcome = source.carry_out(ObtainToken(2, fresh=True), nobody).outcome
    assert isinstance(outcome, TryLater), outcome
    assert failure is None or outcome.failure is failure
    platform.fault = None
    assert isinstance(source.carry_out(ObtainToken(3, fresh=True), nobody).outcome, Granted)


def test_429_says_how_long_to_wait(platform: IdentityPlatform, source: InProcessSource) -> None:
    busy = replied(429, headers={"Retry-After": "17"}, json={"error": "throttled"})
    platform.fault = lambda request: busy if request.path.endswith("token") else None
    outcome = source.carry_out(ObtainToken(2, fresh=True), nobody).outcome
    assert isinstance(outcome, TryLater)
    assert outcome.after == timedelta(seconds=17)


ASKING = ["invalid_grant", "interaction_required", "consent_required", "login_required"]


@pytest.mark.parametrize("error", ASKING)
def test_an_error_that_asks_for_a_new_sign_in_does_so_in_words(
    platform: IdentityPlatform, source: InProcessSource, error: str
) -> None:
    refusal = replied(400, json={"error": error, "error_description": "AADSTS12345: secret words"})
    platform.fault = lambda request: refusal if request.path.endswith("token") else None
    outcome = source.carry_out(ObtainToken(2, fresh=True), nobody).outcome
    assert isinstance(outcome, SignInNeeded)
    assert "AADSTS" not in outcome.title
    assert outcome.title.endswith(".")


def test_organizations_is_refused_as_entra_refuses_it(platform: IdentityPlatform) -> None:
    answer = platform(HttpRequest("POST", f"{platform.origin}/organizations/oauth2/v2.0/token"))
    assert "AADSTS50194" in answer.text


@pytest.mark.parametrize("redirect", ["http://127.0.0.1:1234", "https://localhost:1", "http://localhost:1/path", ""])
def test_only_plain_localhost_is_a_redirect(platform: IdentityPlatform, redirect: str) -> None:
    query = {"client_id": platform.client_id, "redirect_uri": redirect, "response_mode": "form_post"}
    link = f"{platform.authority}/oauth2/v2.0/authorize?{urlencode(query)}"
    assert platform(HttpRequest("GET", link)).status_code == 400


def test_a_sign_in_can_be_cancelled(platform: IdentityPlatform) -> None:
    platform.consents = False
    source = in_process(platform)
    reply = source.carry_out(DEVICE, lambda _: source.cancel(DEVICE.call))
    assert reply.outcome == TryLater("You cancelled the sign-in.")


class NobodyComes:
    """A receiver whose time is up."""

    redirect_uri = "http://localhost:1"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait(self, _state: str, _limit: timedelta) -> dict[str, str] | None:
        raise TimeoutError


def test_a_browser_that_is_too_late_is_an_outcome_with_words(platform: IdentityPlatform) -> None:
    source = in_process(platform)
    source.errands.interaction.receive = NobodyComes
    assert source.carry_out(SignIn(1, SignInWay.BROWSER), nobody).outcome == TryLater(*words.timed_out())


class InTrouble(MemoryCache):
    """A cache that another process has the lock of, or a keyring in trouble."""

    def __init__(self, trouble: Exception) -> None:
        super().__init__()
        self._trouble = trouble

    def locked(self) -> Any:
        raise self._trouble


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (TimeoutError(), TryLater(*words.another_at_work())),
        (VaultError(KeyringState.LOCKED), KeyringTrouble(KeyringState.LOCKED)),
        (VaultError(KeyringState.DAMAGED), KeyringTrouble(KeyringState.DAMAGED)),
    ],
)
@pytest.mark.parametrize("errand", [ReadAccount(2), ObtainToken(2), SignOut(2), UnlockKeyring(2)])
def test_trouble_with_the_vault_is_the_outcome_of_every_errand(
    source: InProcessSource, trouble: Exception, outcome: TokenOutcome, errand: TokenErrand
) -> None:
    source.errands.cache = InTrouble(trouble)
    assert source.carry_out(errand, nobody).outcome == outcome


@pytest.mark.parametrize("minutes", [-600, -10, 10, 600])
def test_a_clock_that_is_minutes_off_is_no_reason_not_to_be_signed_in(minutes: int) -> None:
    platform = IdentityPlatform(lambda: utc_now() + timedelta(minutes=minutes))
    send = HttpClient(network=platform).send
    source = InProcessSource(registration_at(platform), send, utc_now)
    assert isinstance(source.carry_out(DEVICE, nobody).outcome, Granted)
    refreshed = source.carry_out(ObtainToken(2, fresh=True), nobody).outcome
    assert isinstance(refreshed, Granted)
    assert refreshed.expires_at > utc_now() + timedelta(minutes=30), "it counts from this computer's clock"
