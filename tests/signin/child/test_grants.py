"""Every grant by unmodified MSAL in the child, over TLS with a private CA; one over plain sockets."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.signin.platform import registration_at, served
from tray.core.effects import ObtainToken, SignIn
from tray.core.events import SignInProgressed
from tray.core.values import Granted, SignInWay, TryLater
from tray.sandbox.identity import IdentityPlatform
from tray.signin.pipe import Reply
from tray.signin.source import ChildSource

BROWSER = """
import re, ssl, sys, urllib.parse, urllib.request
page = urllib.request.urlopen(sys.argv[1], context=ssl.create_default_context(cafile=sys.argv[2])).read().decode()
action = re.search('action="([^"]+)"', page)[1]
fields = dict(re.findall('name="(\\w+)" value="([^"]*)"', page))
urllib.request.urlopen(action, urllib.parse.urlencode(fields).encode())
"""


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityPlatform]:
    with served(tmp_path) as (platform, ca_file):
        script = tmp_path / "browser.py"
        script.write_text(BROWSER, encoding="utf-8")
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
        python, *files = (Path(each).as_posix() for each in (sys.executable, script, ca_file))  # backslashes would go
        monkeypatch.setenv("BROWSER", f"{python} {files[0]} %s {files[1]} &")
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
        yield platform


@pytest.fixture
def source(platform: IdentityPlatform, tmp_path: Path) -> ChildSource:
    return ChildSource(registration_at(platform), tmp_path / "vault.lock")


def good(platform: IdentityPlatform, reply: Reply) -> str:
    """Return the access token, which the platform has to know."""
    assert isinstance(reply.outcome, Granted), reply.outcome
    assert reply.token is not None
    assert platform.accepts(reply.token.access_token) == platform.object_id == reply.token.object_id
    return reply.token.access_token


def test_the_browser_the_code_and_the_refresh_each_bring_a_token(
    platform: IdentityPlatform, source: ChildSource
) -> None:
    shown: list[SignInProgressed] = []
    by_browser = good(platform, source.carry_out(SignIn(1, SignInWay.BROWSER), shown.append))
    assert shown[0].link.startswith(platform.browser_origin)
    by_code = good(platform, source.carry_out(SignIn(2, SignInWay.DEVICE_CODE), shown.append))
    assert shown[1].code == "DEMO-CODE"
    refreshed = good(platform, source.carry_out(ObtainToken(3, fresh=True), shown.append))
    assert platform.tokens.refreshes == 1
    assert len({by_browser, by_code, refreshed}) == 3
    assert len(shown) == 2


def test_a_plain_address_on_this_machine_brings_a_token_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    with served(tmp_path, tls=False) as (platform, _):
        source = ChildSource(registration_at(platform), tmp_path / "vault.lock")
        assert good(platform, source.carry_out(SignIn(1, SignInWay.DEVICE_CODE), lambda _: None))


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    source: ChildSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    outcome = source.carry_out(SignIn(1, SignInWay.DEVICE_CODE), lambda _: None).outcome
    assert isinstance(outcome, TryLater)
    assert outcome.failure == "tls"
    assert "not trusted" in outcome.title
    assert "SSL_CERT_FILE" not in os.environ
