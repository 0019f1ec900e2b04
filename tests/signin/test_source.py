"""The source that starts a token child: real keyrings or none, children that misbehave, no secret in sight."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.core.driver import START
from tests.signin.platform import DEVICE, nobody, registration_at, sign_in
from tests.signin.secret_service import SecretService
from tray.core.config import Config
from tray.core.effects import (
    ObtainToken,
    ReadAccount,
    SignIn,
    SignOut,
    TokenErrand,
    UnlockKeyring,
)
from tray.core.engine import begin
from tray.core.events import SignInProgressed
from tray.core.next_request import run
from tray.core.token_replies import errand_limit
from tray.core.values import (
    AccountRead,
    Granted,
    KeyringState,
    KeyringTrouble,
    SignedOut,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.sandbox.identity import IdentityPlatform
from tray.signin.pipe import ChildRequest, read_request, write_request
from tray.signin.registration import AppRegistration
from tray.signin.source import CHILD, ChildSource, limit_of

NOWHERE = AppRegistration("client", "https://localhost:9/tenant", "https://graph.test")


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")


def source_of(platform: IdentityPlatform, tmp_path: Path) -> ChildSource:
    return ChildSource(registration_at(platform), tmp_path / "vault.lock")


@pytest.mark.usefixtures("service")
def test_a_real_keyring_keeps_a_sign_in_until_the_sign_out(platform: IdentityPlatform, tmp_path: Path) -> None:
    signed_in = source_of(platform, tmp_path).carry_out(DEVICE, nobody)
    assert isinstance(signed_in.outcome, Granted), signed_in.outcome
    assert signed_in.outcome.remembered
    another = source_of(platform, tmp_path)
    obtained = another.carry_out(ObtainToken(2, fresh=True), nobody)
    assert isinstance(obtained.outcome, Granted)
    assert obtained.outcome.account == signed_in.outcome.account
    assert platform.accepts(obtained.token.access_token) == platform.object_id
    assert another.carry_out(SignOut(3), nobody).outcome == SignedOut()
    assert another.carry_out(ReadAccount(4), nobody).outcome == AccountRead(None)


@pytest.mark.usefixtures("service")
def test_changed_settings_find_no_token_of_another_authority(platform: IdentityPlatform, tmp_path: Path) -> None:
    sign_in(platform, tmp_path / "vault.lock")
    platform.log.clear()
    elsewhere = AppRegistration(platform.client_id, f"{platform.origin}/another-tenant", "https://graph.elsewhere.test")
    outcome = ChildSource(elsewhere, tmp_path / "vault.lock").carry_out(ObtainToken(2), nobody).outcome
    assert isinstance(outcome, SignInNeeded)
    assert platform.log == []


@pytest.mark.usefixtures("no_keyring")
def test_without_a_keyring_the_sign_in_lasts_as_long_as_the_tray_and_a_refresh_is_not_cancelled(
    platform: IdentityPlatform, tmp_path: Path
) -> None:
    source = source_of(platform, tmp_path)
    signed_in = source.carry_out(DEVICE, nobody).outcome
    assert isinstance(signed_in, Granted), signed_in
    assert not signed_in.remembered
    refresh = ObtainToken(2, fresh=True)
    timer = threading.Timer(0.2, source.cancel, args=(refresh.call,))
    timer.start()
    assert isinstance(source.carry_out(refresh, nobody).outcome, Granted)
    timer.join()
    assert source.carry_out(SignOut(3), nobody).outcome == SignedOut()
    assert source.carry_out(ReadAccount(4), nobody).outcome == KeyringTrouble(KeyringState.ABSENT)


def test_a_sign_in_without_a_keyring_moves_into_one_that_comes_later(
    platform: IdentityPlatform, tmp_path: Path, service: SecretService, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus = os.environ["DBUS_SESSION_BUS_ADDRESS"]
    assert service.process.poll() is None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    tray = source_of(platform, tmp_path)
    assert isinstance(tray.carry_out(DEVICE, nobody).outcome, Granted)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    obtained = tray.carry_out(ObtainToken(2, fresh=True), nobody).outcome
    assert isinstance(obtained, Granted)
    assert obtained.remembered
    assert source_of(platform, tmp_path).carry_out(ReadAccount(3), nobody).outcome == AccountRead(obtained.account)


@pytest.mark.usefixtures("no_keyring")
def test_nothing_secret_is_in_arguments_or_environment(platform: IdentityPlatform, tmp_path: Path) -> None:
    platform.consents = False
    source = source_of(platform, tmp_path)
    seen: list[bytes] = []

    def look(_: SignInProgressed) -> None:
        child = Path(f"/proc/{source._child.pid}")
        seen.append((child / "cmdline").read_bytes() + (child / "environ").read_bytes())
        platform.approve_devices()

    signed_in = source.carry_out(DEVICE, look)
    assert isinstance(signed_in.outcome, Granted), signed_in.outcome
    secrets = [*platform.tokens.access, platform.tokens.families[0].good, platform.object_id, *platform.devices]
    for secret in secrets:
        for start in range(0, len(secret) - 12, 6):
            assert secret[start : start + 12].encode() not in seen[0]
    assert "access_token" not in repr(signed_in.token)
    assert platform.object_id not in repr(signed_in)


def child_that(says: str) -> list[str]:
    return [sys.executable, "-c", says]


STRANGE = {
    "says nothing": "",
    "says rubbish": "print('rubbish')",
    "says half a line": "import sys; sys.stdout.write('{\"outcome\":')",
    "says another kind": 'print(\'{"outcome":{"kind":"Elsewhere","fields":{}},"token":null,"carried_cache":null}\')',
    "keeps a number": 'print(\'{"outcome":{"kind":"SignedOut","fields":{}},"token":null,"carried_cache":5}\')',
    "gives an outcome that is a list": 'print(\'{"outcome":[],"token":null,"carried_cache":null}\')',
    "gives progress that is none": 'print(\'{"progress":{"call":"x"}}\')',
    "grants without a token": """print('{"outcome":{"kind":"Granted","fields":{"account":{"username":"a","key":"b"},'
        '"expires_at":"2030-01-01T00:00:00Z","remembered":true}},"token":null,"carried_cache":null}')""",
    "has a token for somebody signed out": """print('{"outcome":{"kind":"SignedOut","fields":{}},"token":'
        '{"access_token":"a","expires_at":"2030-01-01T00:00:00Z","object_id":"b"},"carried_cache":null}')""",
    "nests without end": "print('[' * 200_000)",
    "says no text": "import sys; sys.stdout.buffer.write(bytes(range(256)) + b'\\n')",
    "says a list": "print('[1]')",
    "says too much": "print('x' * 3_000_000)",
    "dies": "import os; os.abort()",
}


@pytest.mark.parametrize("strange", STRANGE)
def test_a_child_that_misbehaves_signs_nobody_out(tmp_path: Path, strange: str) -> None:
    source = ChildSource(NOWHERE, tmp_path / "lock")
    source.command = child_that(STRANGE[strange])
    outcome = source.carry_out(ObtainToken(1), nobody).outcome
    assert isinstance(outcome, TryLater)
    assert "stopped unexpectedly" in outcome.title


def test_a_child_that_hangs_is_ended(tmp_path: Path) -> None:
    source = ChildSource(NOWHERE, tmp_path / "lock", limit=timedelta(seconds=0.5))
    source.command = child_that("import time; time.sleep(600)")
    outcome = source.carry_out(ObtainToken(1), nobody).outcome  # the child would sleep longer than a test may take
    assert isinstance(outcome, TryLater)
    assert "stopped responding" in outcome.title


@pytest.mark.parametrize(("name", "value"), [("HTTPS_PROXY", "nonsense://x"), ("SSL_CERT_FILE", "/nowhere/ca.pem")])
def test_a_variable_for_the_network_that_cannot_be_used_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    elsewhere = AppRegistration("client", "https://login.test/tenant", "https://graph.test")
    outcome = ChildSource(elsewhere, tmp_path / "lock").carry_out(DEVICE, nobody).outcome
    assert isinstance(outcome, TryLater)
    assert name in outcome.title


def test_a_child_takes_no_module_of_the_folder_that_it_starts_in(
    platform: IdentityPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_keyring: None
) -> None:
    assert no_keyring is None
    (tmp_path / "enum.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    assert isinstance(source_of(platform, tmp_path).carry_out(DEVICE, nobody).outcome, Granted)


def test_a_child_that_talks_without_end_is_ended(tmp_path: Path) -> None:
    source = ChildSource(NOWHERE, tmp_path / "lock", limit=timedelta(seconds=0.3))
    source.command = child_that("""while True: print('{"progress":{"call":1,"link":"x"}}')""")
    outcome = source.carry_out(ObtainToken(1), nobody).outcome
    assert isinstance(outcome, TryLater)
    assert "stopped responding" in outcome.title


def test_a_cancel_that_comes_before_its_sign_in_is_not_lost(tmp_path: Path) -> None:
    source = ChildSource(NOWHERE, tmp_path / "lock")
    source.command = child_that("import time; time.sleep(60)")
    source.cancel(DEVICE.call)
    assert source.carry_out(DEVICE, nobody).outcome == TryLater("You cancelled the sign-in.")
    source.command = child_that("")
    assert "stopped unexpectedly" in source.carry_out(SignIn(DEVICE.call + 1, SignInWay.BROWSER), nobody).outcome.title


def test_a_child_that_waits_for_the_user_ends_with_the_tray(
    platform: IdentityPlatform, tmp_path: Path, no_keyring: None
) -> None:
    assert no_keyring is None
    platform.consents = False
    request = write_request(ChildRequest(DEVICE, registration_at(platform), str(tmp_path / "lock"), None))
    with subprocess.Popen(CHILD.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(request)
        child.stdin.flush()
        assert b"DEMO-CODE" in child.stdout.readline()
        child.stdin.close()
        assert child.wait(20) == 1


@pytest.mark.parametrize("errand", [DEVICE, ObtainToken(1), UnlockKeyring(1)])
def test_the_engine_waits_longer_than_the_tray_for_its_child(errand: TokenErrand) -> None:
    given_up = errand_limit(run(begin(Config(), START), errand))
    assert given_up is not None
    assert given_up - START > limit_of(errand)


def test_a_cancel_kills_the_child_of_a_sign_in(tmp_path: Path) -> None:
    source = ChildSource(NOWHERE, tmp_path / "lock")
    source.command = child_that("import time; time.sleep(60)")
    timer = threading.Timer(0.5, source.cancel, args=(DEVICE.call,))
    timer.start()
    assert source.carry_out(DEVICE, nobody).outcome == TryLater("You cancelled the sign-in.")
    timer.join()


def test_a_missing_program_is_an_outcome(tmp_path: Path) -> None:
    source = ChildSource(NOWHERE, tmp_path / "lock")
    source.command = ["/nowhere/presence-tray"]
    assert isinstance(source.carry_out(ObtainToken(1), nobody).outcome, TryLater)


def test_a_keyring_that_dies_signs_nobody_out(
    platform: IdentityPlatform, tmp_path: Path, service: SecretService
) -> None:
    sign_in(platform, tmp_path / "vault.lock")
    service.stop()
    outcome = source_of(platform, tmp_path).carry_out(ObtainToken(2), nobody).outcome
    assert isinstance(outcome, KeyringTrouble), outcome


def test_after_ctrl_c_a_refresh_may_still_save(tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    source = ChildSource(NOWHERE, tmp_path / "lock")
    source.command = child_that(f"""
import time
print('{{"progress":{{"call":1,"link":"x"}}}}', flush=True)
time.sleep(0.5)
open({str(saved)!r}, "w").close()
""")

    def press(_: SignInProgressed) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        source.carry_out(ObtainToken(1), press)
    assert saved.exists()
    saved.unlink()
    with pytest.raises(KeyboardInterrupt):
        source.carry_out(DEVICE, press)
    time.sleep(1)  # longer than the child would have taken
    assert not saved.exists()


def test_a_child_is_told_of_a_folder_whose_name_is_no_text() -> None:
    registration = AppRegistration("an-id", "https://login.example/contoso", "https://graph.example")
    request = ChildRequest(ReadAccount(1), registration, "/home/caf\udce9/vault.lock", None)
    assert read_request(write_request(request)).lock_file == request.lock_file
