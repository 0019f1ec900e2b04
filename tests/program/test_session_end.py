"""The real program when the session ends or the machine sleeps: what colleagues see before it is let go."""

import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.desktop.linux.logind import Logind
from tests.desktop.private_bus import PrivateBus
from tests.program.desktop import Desktop
from tests.program.processes import PATIENCE
from tests.program.storm.voyage import afloat
from tests.signin.secret_service import needs_keyring
from tray.sandbox.graph import APPLICATION

pytestmark = needs_keyring

Process = subprocess.Popen[str]


@pytest.fixture
def system_bus() -> Iterator[PrivateBus]:
    with PrivateBus() as bus:
        yield bus


@pytest.fixture
def logind(system_bus: PrivateBus) -> Iterator[Logind]:
    with Logind(system_bus.address) as logind:
        yield logind


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    with afloat(tmp_path_factory.mktemp("desktop")) as desktop:
        yield desktop


@pytest.fixture
def desktop(signed_in: Desktop, system_bus: PrivateBus) -> Desktop:
    signed_in.program.environ["DBUS_SYSTEM_BUS_ADDRESS"] = system_bus.address
    signed_in.cloud.weather = 0.0
    return signed_in


@pytest.fixture
def holding(desktop: Desktop) -> Iterator[Process]:
    with desktop.program.running("run") as process:
        desktop.program.wait_for(lambda status: status["account"]["signed_in"])
        assert desktop.program.run("set", "in-a-call").returncode == 0
        desktop.program.wait_for(lambda status: status["hold"] and status["hold"]["held_by"] == "session")
        assert APPLICATION in desktop.cloud.graph.model.sessions
        yield process


def test_an_end_that_graph_does_not_answer_is_an_end_all_the_same_and_says_what_stayed(
    desktop: Desktop, holding: Process
) -> None:
    desktop.cloud.weather, desktop.cloud.faults = 1.0, ("no answer",)
    holding.terminate()
    _, said = holding.communicate(timeout=PATIENCE)
    assert holding.returncode == 0
    assert "In a call" in said


def test_at_each_end_of_a_session_the_presence_is_given_back_and_the_next_one_takes_a_timed_hold_up(
    desktop: Desktop, logind: Logind, holding: Process
) -> None:
    inhibitor = logind.grant()
    assert desktop.program.run("set", "presenting", "--for", "1h").returncode == 0
    holding.send_signal(signal.SIGTERM)
    ends_and_gives_back(desktop, holding)
    inhibitor.wait_until_back()
    with desktop.program.running("run") as next_one:
        desktop.program.wait_for(lambda status: status["hold"] and status["hold"]["held_by"] == "session")
        assert desktop.shown == "DoNotDisturb / Presenting"
        next_one.send_signal(signal.SIGHUP)
        ends_and_gives_back(desktop, next_one)


def ends_and_gives_back(desktop: Desktop, process: Process) -> None:
    _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (0, "")
    assert APPLICATION not in desktop.cloud.graph.model.sessions


# --------------------------------------------------------------------------- sleep


def test_the_machine_sleeps_or_shuts_down_once_the_presence_is_given_back_or_set_for_the_night_and_wakes_with_it(
    desktop: Desktop, logind: Logind, holding: Process
) -> None:
    graph = desktop.cloud.graph

    def sleep() -> None:
        evening = logind.grant()
        logind.tell("PrepareForSleep", True)
        evening.wait_until_back()

    def wake() -> None:
        logind.tell("PrepareForSleep", False)
        desktop.program.wait_for(lambda status: status["trouble"] is None and status["session"] is not None)

    sleep()
    assert APPLICATION not in graph.model.sessions
    wake()
    assert desktop.shown == "Busy / InACall"

    desktop.cloud.weather, desktop.cloud.faults = 1.0, ("no answer",)
    sleep()  # a network that hangs does not keep the machine awake
    desktop.cloud.weather = 0.0
    wake()

    assert desktop.program.run("set", "in-a-call", "--for", "3h").returncode == 0
    sleep()  # a hold with an end is set once more, until then
    session = graph.model.sessions[APPLICATION]
    assert 170 < (session.expires_at - session.set_at).total_seconds() / 60 <= 180
    assert holding.poll() is None
    wake()

    last = logind.grant()
    logind.tell("PrepareForShutdown", True)
    ends_and_gives_back(desktop, holding)
    last.wait_until_back()


def test_when_the_session_bus_goes_the_presence_is_given_back(desktop: Desktop, holding: Process) -> None:
    desktop.bus.kill()  # and with it the keyring: this is the last test here
    ends_and_gives_back(desktop, holding)
