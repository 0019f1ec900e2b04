"""The demo's scenarios as a table: what Teams, the network or the service can do while the user tries the app."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from tray.core.states import Pair
from tray.messages import menu as words
from tray.sandbox.graph import APPLICATION, PresenceService

TEAMS = "teams"
THROTTLED_FOR = timedelta(seconds=30)


@dataclass(slots=True)
class Surroundings:
    """What is around the app: the network, whether access tokens expire at the next request, what sensors see."""

    up: bool = True
    expired: bool = False
    recording: bool = False  # another program uses the microphone
    locked: bool = False  # the screen
    listeners: list[Callable[[], None]] = field(default_factory=list)  # the sensors that run


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario control; `is_on` belongs to those that stay on until they are played again."""

    key: str
    act: Callable[[PresenceService, Surroundings], None]
    is_on: Callable[[PresenceService, Surroundings], bool] | None = None


def _client(availability: str, activity: str) -> Callable[[PresenceService, Surroundings], None]:
    return lambda service, _: service.model.put_client(TEAMS, Pair(availability, activity), service.now())


def _shows(availability: str, activity: str) -> Callable[[PresenceService, Surroundings], bool]:
    pair = Pair(availability, activity)
    return lambda service, _: TEAMS in service.model.sessions and service.model.sessions[TEAMS].pair == pair


def _quit(service: PresenceService, _surroundings: Surroundings) -> None:
    service.model.clear_session(TEAMS, service.now())


def _choose(availability: str, activity: str) -> Callable[[PresenceService, Surroundings], None]:
    return lambda service, _: _set_preferred(service, Pair(availability, activity))


def _set_preferred(service: PresenceService, pair: Pair) -> None:
    service.model.set_preferred(pair, None, service.now())


def _choose_nothing(service: PresenceService, _surroundings: Surroundings) -> None:
    service.model.clear_preferred(service.now())


def _lose(service: PresenceService, _surroundings: Surroundings) -> None:
    service.model.clear_session(APPLICATION, service.now())


def _toggle_network(_service: PresenceService, surroundings: Surroundings) -> None:
    surroundings.up = not surroundings.up


def _throttle(service: PresenceService, _surroundings: Surroundings) -> None:
    service.throttled_until = service.now() + THROTTLED_FOR


def _toggle_outage(service: PresenceService, _surroundings: Surroundings) -> None:
    service.down = not service.down


def _tell(surroundings: Surroundings) -> None:
    for say in surroundings.listeners:
        say()


def _toggle_recording(_service: PresenceService, surroundings: Surroundings) -> None:
    surroundings.recording = not surroundings.recording
    _tell(surroundings)


def _toggle_lock(_service: PresenceService, surroundings: Surroundings) -> None:
    surroundings.locked = not surroundings.locked
    _tell(surroundings)


def _let_tokens_expire(_service: PresenceService, surroundings: Surroundings) -> None:
    surroundings.expired = True


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("teams-active", _client("Available", "Available"), _shows("Available", "Available")),
    Scenario("teams-idle", _client("Away", "Away"), _shows("Away", "Away")),
    Scenario("teams-meeting", _client("Busy", "InAMeeting"), _shows("Busy", "InAMeeting")),
    Scenario("teams-quits", _quit),
    Scenario("choose-busy", _choose("Busy", "Busy")),
    Scenario("choose-offline", _choose("Offline", "OffWork")),
    Scenario("choose-nothing", _choose_nothing),
    Scenario("lost", _lose),
    Scenario("network", _toggle_network, lambda _service, surroundings: not surroundings.up),
    Scenario("throttle", _throttle),
    Scenario("down", _toggle_outage, lambda service, _surroundings: service.down),
    Scenario("expire", _let_tokens_expire),
    Scenario("microphone", _toggle_recording, lambda _service, surroundings: surroundings.recording),
    Scenario("lock", _toggle_lock, lambda _service, surroundings: surroundings.locked),
)
BY_KEY = {scenario.key: scenario for scenario in SCENARIOS}


def read(service: PresenceService, surroundings: Surroundings) -> tuple[tuple[str, str, bool | None], ...]:
    """Return each scenario's key, label and whether it is on; `None` for those that have no state."""
    return tuple(
        (scenario.key, words.scenario(scenario.key), scenario.is_on(service, surroundings) if scenario.is_on else None)
        for scenario in SCENARIOS
    )
