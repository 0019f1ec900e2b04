"""The engine, its lanes and the real client over real sockets: what is wrong is said in words, and heals by itself."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tests.program.storm.cloud import StormyCloud
from tray.backend import Backend
from tray.clock import Clock
from tray.core.config import Config
from tray.core.effects import Effect, TokenErrand
from tray.core.engine import begin
from tray.core.events import Event, LeaveAsked, Picked, Started
from tray.core.model import Trouble, TroubleCode
from tray.core.states import IN_A_CALL
from tray.core.values import Account, Granted, LeaveReason, NetworkFailure
from tray.effects_runner import Adapters, EffectsRunner
from tray.graph.client import GraphClient
from tray.graph.requests import Token
from tray.graph.transport import Timeouts
from tray.messages import notices
from tray.runtime import Runtime
from tray.sandbox.graph import APPLICATION
from tray.signin.pipe import Reply

SPEED = 10.0
SHORT = Timeouts(0.5, 1)  # seconds: ten and five by the clock
PATIENCE = 30


class Source:
    """A signed-in account whose token the cloud accepts."""

    def __init__(self, cloud: StormyCloud) -> None:
        self._cloud = cloud

    def carry_out(self, _errand: TokenErrand, _progress: Callable[[Any], None]) -> Reply:
        expires_at = self._cloud.clock.now() + timedelta(hours=24)
        self._cloud.platform.tokens.access["token"] = expires_at
        token = Token("token", expires_at, self._cloud.platform.object_id)
        return Reply(Granted(Account("user", "key"), expires_at), token)

    def cancel(self, _call: int) -> None:
        pass

    def abandon(self, _call: int) -> None:
        raise AssertionError("it answers at once")


class Running:
    """The program without a face: engine, lanes, client."""

    def __init__(self, cloud: StormyCloud, origin: str | None = None) -> None:
        self.cloud = cloud
        client = GraphClient(origin or cloud.platform.origin, cloud.platform.client_id, timeouts=SHORT)
        backend = Backend(graph=lambda: client, source=lambda: Source(cloud))
        clock = Clock(SPEED)
        self._inbox: SimpleQueue[Event] = SimpleQueue()
        self._effects = EffectsRunner(backend, Adapters(*[ignore] * 5), self._inbox.put)
        engine = begin(Config(), clock.now())
        self.runtime = Runtime(engine, clock, self._inbox, self._effects.perform, lambda _view: None)

    def start(self) -> None:
        self._effects.start()
        self.runtime.start(Started())
        self._inbox.put(Picked(IN_A_CALL, None, pinned=False, timed=True))

    def stop(self) -> None:
        self._inbox.put(LeaveAsked(LeaveReason.QUIT))
        self.runtime.stop(PATIENCE)
        self._effects.stop()

    def wait_for_trouble(self) -> dict[str, str]:
        """Wait until something is wrong; return what is said."""
        wait(lambda: self.runtime.view.status["trouble"])
        trouble = self.runtime.view.status["trouble"]
        return {key: trouble[key] for key in ("code", "title", "message")}

    def wait_until_held(self) -> None:
        wait(lambda: self.runtime.view.status["trouble"] is None and APPLICATION in self.cloud.graph.model.sessions)


def said(failure: NetworkFailure) -> dict[str, str]:
    """Return what is to be said of a way to the network."""
    notice = notices.trouble(Trouble(TroubleCode.OFFLINE, datetime.now(UTC), failure=failure))
    return {"code": "offline", "title": notice.title, "message": notice.message}


def ignore(_effect: Effect | None = None) -> None:
    pass


def wait(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StormyCloud]:
    cloud = StormyCloud(tmp_path, SPEED, seed=1)
    cloud.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(cloud.ca_file))
    yield cloud
    cloud.stop()


REACHES = {
    "portal's page": NetworkFailure.PORTAL,
    "redirect": NetworkFailure.PORTAL,
    "no answer": NetworkFailure.TIMEOUT,
    "slow answer": NetworkFailure.TIMEOUT,
    "reset": NetworkFailure.BROKEN,
    "reset in mid-answer": NetworkFailure.BROKEN,
    "half-close in mid-answer": NetworkFailure.BROKEN,
    "garbage": NetworkFailure.BROKEN,
}


@pytest.mark.parametrize("fault", REACHES)
def test_a_bad_network_is_said_and_the_hold_taken_up_when_it_is_good_again(cloud: StormyCloud, fault: str) -> None:
    cloud.weather, cloud.faults = 1.0, (fault,)
    running = Running(cloud)
    running.start()
    assert running.wait_for_trouble() == said(REACHES[fault])
    cloud.weather = 0.0
    running.wait_until_held()
    running.stop()
    assert APPLICATION not in cloud.graph.model.sessions
    assert cloud.ledger.broken == []


def test_offline_at_launch_it_waits_for_the_network(cloud: StormyCloud) -> None:
    cloud.stop()
    running = Running(cloud)
    running.start()
    assert running.wait_for_trouble() == said(NetworkFailure.NETWORK)
    cloud.start()
    running.wait_until_held()
    running.stop()


def test_a_name_that_cannot_be_resolved_is_said(cloud: StormyCloud) -> None:
    running = Running(cloud, "https://graph.invalid")
    running.start()
    assert running.wait_for_trouble() == said(NetworkFailure.NAME)
    running.stop()


def test_a_company_root_that_is_installed_while_it_runs_is_enough(
    cloud: StormyCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    running = Running(cloud)
    running.start()
    # A busy machine takes longer for a handshake than this client waits, and it is tried again.
    wait(lambda: running.wait_for_trouble() == said(NetworkFailure.TLS))
    monkeypatch.setenv("SSL_CERT_FILE", str(cloud.ca_file))
    running.wait_until_held()
    running.stop()
