"""What tests of the vault and of the keyrings need: a Secret Service that plays one of the real ones."""

from collections.abc import Callable, Iterator

import pytest

from tests.desktop.private_bus import PrivateBus
from tests.signin.storage.fake_secret_service import Collection, FakeSecretService, Manners

Started = Callable[..., FakeSecretService]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """Start a service that plays one of them; the program finds it."""
    with PrivateBus() as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        running: list[FakeSecretService] = []

        def start(manners: Manners, *collections: Collection) -> FakeSecretService:
            running.append(FakeSecretService(bus.address, manners, *collections))
            running[-1].start()
            return running[-1]

        yield start
        for each in running:
            each.stop()
