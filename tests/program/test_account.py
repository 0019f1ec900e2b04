"""The commands about the account, against an identity platform over TLS and a real keyring."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.private_bus import PrivateBus
from tests.program.running import Program
from tests.signin.platform import served
from tests.signin.secret_service import SecretService, needs_keyring, wait_for_store
from tray.sandbox.identity import IdentityPlatform

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service")


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[tuple[IdentityPlatform, Path]]:
    with served(tmp_path) as started:
        yield started


def set_up(tmp_path: Path, platform: tuple[IdentityPlatform, Path], bus: str) -> Program:
    identity, ca_file = platform
    program = Program(tmp_path, {"DBUS_SESSION_BUS_ADDRESS": bus, "SSL_CERT_FILE": str(ca_file)})
    (tmp_path / "settings.toml").write_text(
        f'client_id = "{identity.client_id}"\nauthority = "{identity.authority}"\ngraph_url = "{identity.origin}"\n'
    )
    return program


def test_without_a_keyring_signing_in_by_command_is_exit_code_7(
    tmp_path: Path, platform: tuple[IdentityPlatform, Path]
) -> None:
    program = set_up(tmp_path, platform, "unix:path=/nowhere/bus")
    told = program.run("sign-in", "--device-code")
    assert (told.returncode, told.stderr.count("\n")) == (7, 1)
    assert "keyring" in told.stderr
    assert program.run("doctor").returncode == 7


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    with PrivateBus() as bus:
        service = SecretService(tmp_path, bus)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        wait_for_store()
        yield bus
        service.stop()


@needs_keyring
def test_sign_in_doctor_and_sign_out_with_a_real_keyring(
    tmp_path: Path, platform: tuple[IdentityPlatform, Path], keyring: PrivateBus
) -> None:
    program = set_up(tmp_path, platform, keyring.address)
    told = program.run("sign-in", "--device-code")
    assert told.returncode == 0, told.stderr
    assert "Signed in as " in told.stdout
    checked = program.run("doctor").stdout
    assert "ok    keyring" in checked
    assert "ok    sign-in" in checked
    assert told.stdout.split("Signed in as ")[1].strip(".\n") not in checked
    assert program.run("sign-out").stdout == "Signed out.\n"
    assert "FAIL  sign-in" in program.run("doctor").stdout
