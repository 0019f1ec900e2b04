"""The commands about the account without a keyring; test_real_account.py has them with one."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program.processes import Program
from tests.signin.platform import served
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
