"""What several tests of signing in need: a Secret Service, an identity platform, a signed-in source."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desktop.private_bus import PrivateBus
from tests.requirements import require
from tests.signin.platform import DEVICE, in_process, nobody, served
from tests.signin.secret_service import SecretService, wait_for_store
from tray.core.values import Granted
from tray.sandbox.identity import IdentityPlatform
from tray.signin.in_process import InProcessSource


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    require("dbus-daemon", "gnome-keyring-daemon")
    with PrivateBus() as bus:
        running = SecretService(tmp_path, bus)
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        try:
            wait_for_store()
            yield running
        finally:
            running.stop()


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityPlatform]:
    """An identity platform over TLS, which the token child trusts."""
    with served(tmp_path) as (platform, ca_file):
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
        yield platform


@pytest.fixture
def source(platform: IdentityPlatform) -> InProcessSource:
    """The token side in this process, signed in."""
    source = in_process(platform)
    assert isinstance(source.carry_out(DEVICE, nobody).outcome, Granted)
    return source
