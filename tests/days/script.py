"""What happens in a simulated day besides the engine: the user, Teams, the network, the machine; seeded."""

from collections.abc import Callable
from datetime import timedelta

from tests.days.invariants import Watch
from tests.days.simulation import TEAMS, World
from tray.core.events import (
    ChosenStatusClearAsked,
    KeepChosen,
    Looked,
    Picked,
    PinToggled,
    Stopped,
)
from tray.core.states import STATES, Pair
from tray.core.values import Keep

EIGHT_HOURS = timedelta(hours=8)
MINUTE = 60.0
CLIENT = (
    Pair("Available", "Available"),
    Pair("Away", "Away"),
    Pair("Busy", "InAMeeting"),
    Pair("Busy", "InACall"),
    Pair("DoNotDisturb", "Presenting"),
)
CHOICES = (
    Pair("Available", "Available"),
    Pair("Busy", "Busy"),
    Pair("DoNotDisturb", "DoNotDisturb"),
    Pair("BeRightBack", "BeRightBack"),
    Pair("Away", "Away"),
    Pair("Offline", "OffWork"),
)


class Script:
    """Plays one day: each kind of happening comes at random, so many times in eight hours."""

    def __init__(self, world: World, watch: type[Watch] = Watch) -> None:
        self.world = world
        self.watch = watch(world)
        self.random = world.random

    def happenings(self) -> tuple[tuple[float, Callable[[], None]], ...]:
        """Return what happens, and how often in eight hours."""
        return (
            (10, self._pick),
            (3, self._stop),
            (3, self._keep),
            (3, self._pin),
            (4, lambda: self.world.post(Looked())),
            (1, lambda: self.world.post(ChosenStatusClearAsked())),
            (8, self._teams),
            (2, self._choose),
            (1, lambda: self.watch.whose.choose(None)),
            (2, self._outage),
            (1, self._service_down),
            (1, self._throttle),
            (1, self._shaky),
            (1, self._suspend),
            (1, self._crash),
            (1, self._revoke),
        )

    def play(self) -> None:
        """Play eight hours, end well, and check that engine and service agree."""
        self.world.start()
        self.world.later(1, self._pick)
        for often, action in self.happenings():
            for _ in range(self._times(often)):
                self.world.later(self.random.uniform(10, EIGHT_HOURS.total_seconds()), action)
        self.world.run(self.world.now + EIGHT_HOURS)
        self._end_well()

    def stop_all(self) -> None:
        """Have nothing held any more."""
        self.world.post(Stopped())

    def _times(self, often: float) -> int:
        return int(self.random.uniform(0, 2 * often + 0.999))

    def _end_well(self) -> None:
        """Let every fault pass, stop, and give release its time."""
        world = self.world
        world.failures = world.lost_answers = 0.0
        world.network = True
        world.down_until = world.throttled_until = world.now
        world.run(world.now + EIGHT_HOURS)
        if world.engine is None:
            world.start()
        self.stop_all()
        world.run(world.now + timedelta(hours=1, minutes=1))
        self.watch.settled()

    # ------------------------------------------------------------------- the user

    def _pick(self) -> None:
        state = self.random.choice(STATES)
        until = None
        if self.random.random() < 0.4:
            until = self.world.now + timedelta(minutes=self.random.choice((1, 3, 10, 45, 120)))
        self.world.post(Picked(state, until, pinned=self.random.random() < 0.3, timed=True))

    def _stop(self) -> None:
        self.world.post(Stopped())

    def _keep(self) -> None:
        self.world.post(KeepChosen(self.random.choice(list(Keep))))

    def _pin(self) -> None:
        self.world.post(PinToggled())

    # ------------------------------------------------------------------- Teams

    def _teams(self) -> None:
        if self.random.random() < 0.2:
            self.world.model.clear_session(TEAMS, self.world.now)
        else:
            self.world.model.put_client(TEAMS, self.random.choice(CLIENT), self.world.now)

    def _choose(self) -> None:
        self.watch.whose.choose(self.random.choice(CHOICES))

    # ------------------------------------------------------------------- faults

    def _outage(self) -> None:
        self.world.network = False
        length = self.random.choice((5, 30, 120, 900))
        self.watch.excuses.excuse(length)
        self.world.later(length, self._network_back)

    def _network_back(self) -> None:
        self.world.network = True
        self.watch.excuses.excuse(0)

    def _service_down(self) -> None:
        length = self.random.choice((20, 200, 1800))
        self.world.down_until = self.world.now + timedelta(seconds=length)
        self.watch.excuses.excuse(length)

    def _throttle(self) -> None:
        length = self.random.choice((5, 60, 300))
        self.world.throttled_until = self.world.now + timedelta(seconds=length)

    def _shaky(self) -> None:
        self.world.failures, self.world.lost_answers = 0.2, 0.1
        self.watch.excuses.excuse(10 * MINUTE)
        self.world.later(10 * MINUTE, self._steady)

    def _steady(self) -> None:
        self.world.failures = self.world.lost_answers = 0.0

    def _suspend(self) -> None:
        if self.world.engine is None or self.world.asleep:
            return
        length = self.random.choice((60, 1200, 5 * 3600))
        self.world.suspend(length, announced=self.random.random() < 0.6)

    def _revoke(self) -> None:
        """Let Graph refuse the token at hand: only a new one will do."""
        self.world.token_good = False

    def _crash(self) -> None:
        if self.world.asleep:
            return
        self.world.crash()
        pause = self.random.choice((10, 600))
        self.watch.excuses.excuse(pause)
        self.world.later(pause, self._restart)

    def _restart(self) -> None:
        if self.world.asleep:
            self.world.later(MINUTE, self._restart)
        elif self.world.engine is None:
            self.world.start()
