"""Simulated days with calls, a locked screen and working hours: every promise is kept, and nothing picked is lost."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest

from tests.days.invariants import Watch
from tests.days.script import Script
from tests.days.simulation import World
from tests.effort import TIMES
from tray.core.config import Config
from tray.core.effects import Effect
from tray.core.effects import Watch as WatchSensors
from tray.core.events import Event, PauseToggled, Picked, SensorChanged, SettingsChanged, Stopped
from tray.core.hours import Hours
from tray.core.model import Engine
from tray.core.record import replace
from tray.core.rules import Free, Locked, RuleSettings, Unlocked, Used, WhenLocked, in_force
from tray.core.states import AVAILABLE, BUSY, IN_A_CALL
from tray.core.values import Hold, Origin

HOURS = (
    Hours(time(12), time(13), None),
    Hours(time(9), time(14, 30), AVAILABLE, message="Working from home"),
    Hours(time(15), time(15, 30), BUSY),
)
MINUTE = timedelta(minutes=1)
PROGRAMS = ("Zoom", "Firefox")


class RuleWatch(Watch):
    """Judges picks and holds apart: a rule may set a status without a pick, and hides a pick without ending it."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.picked: Hold | None = None
        self.by: Counter[str] = Counter()

    def _event(self, event: object) -> None:
        super()._event(event)
        self.wanted = True

    def _step(self) -> None:
        super()._step()
        engine = self.world.engine
        if engine is None or self.world.asleep:
            self.picked = self.picked if engine else None
            return
        self.picked = engine.wish.pick
        if engine.wish.hold:
            self.by[engine.wish.hold.origin] += 1
        if engine.identity.account and not engine.phase.closing:
            assert engine.wish.hold == in_force(engine.situation).hold, "the hold in force is not the table's"

    def _nothing_read_that_nobody_waits_for(self, request: object) -> None:
        """Reading is also how the hours' status message is told from one that was written in Teams."""

    def _the_hold_ends_for_a_reason(self, engine: Engine) -> None:
        """Look at the pick instead: a rule's hold ends with what it watches, which `in_force` tells."""
        if engine.wish.pick or self.picked is None or self.told_to_end:
            return
        until = self.picked.until
        ended = until is not None and self.world.now >= until
        assert ended or self.whose.ends_a_hold(), "a pick was lost"

    def _a_timed_hold_ends_in_time(self, engine: Engine) -> None:
        pick = engine.wish.pick
        if pick and not self.told_to_end:
            assert pick.until == self.until or self.until_changes, f"a pick is to end at {self.until}"


class RuleScript(Script):
    """Plays a day in which programs call, the screen is locked, and rules are paused and switched."""

    def __init__(self, world: World) -> None:
        super().__init__(world, RuleWatch)
        self.used = self.locked = False
        world.watchers.append(self._started_sensors)

    def happenings(self) -> tuple[tuple[float, Callable[[], None]], ...]:
        return (
            *super().happenings(),
            (8, self._call),
            (6, self._lock),
            (1, lambda: self.world.post(PauseToggled())),
            (1, self._switch),
        )

    def stop_all(self) -> None:
        self._settings(RuleSettings())
        super().stop_all()

    def _call(self) -> None:
        """Let a program use the microphone, for a moment or for a while."""
        self.used = True
        self._tell()
        self.world.later(self.random.choice((2, 4, 30, 1200)), self._hang_up)

    def _hang_up(self) -> None:
        self.used = False
        self._tell()

    def _lock(self) -> None:
        self.locked = not self.locked
        self._tell()

    def _tell(self) -> None:
        self.world.post(SensorChanged(Origin.MICROPHONE, Used(self.random.choice(PROGRAMS)) if self.used else Free()))
        self.world.post(SensorChanged(Origin.SCREEN_LOCK, Locked() if self.locked else Unlocked()))

    def _started_sensors(self, what: str, effect: object) -> None:
        """Let sensors that begin to watch say what there is."""
        if what == "effect" and isinstance(effect, WatchSensors):
            self.world.later(0.1, self._tell)

    def _switch(self) -> None:
        rules = self.world.config.rules
        self._settings(replace(rules, when_locked=self.random.choice(list(WhenLocked))))

    def _settings(self, rules: RuleSettings) -> None:
        self.world.config = replace(self.world.config, rules=rules)
        self.world.post(SettingsChanged(self.world.config))


@pytest.mark.parametrize("profile", ["five", "table"])
def test_every_promise_holds_on_days_with_calls_a_locked_screen_and_hours(profile: str) -> None:
    by = Counter[str]()
    for seed in range(2 * TIMES):
        rules = RuleSettings(IN_A_CALL, WhenLocked.RELEASE, HOURS, has_hours=True, has_rule_keys=True)
        world = World(seed, profile=profile)
        world.config = Config(offset=world.config.offset, rules=rules)
        script = RuleScript(world)
        try:
            script.play()
        except AssertionError as exc:
            raise AssertionError(f"day {seed} ({profile}), at {world.now:%H:%M:%S}: {exc}") from exc
        assert isinstance(script.watch, RuleWatch)
        by += script.watch.by
    assert all(by[origin] > 100 for origin in (Origin.USER, Origin.MICROPHONE, Origin.HOURS)), by


def test_the_days_would_see_a_pick_that_is_lost() -> None:
    world = World(1, config=Config(rules=RuleSettings(IN_A_CALL)))
    script = RuleScript(world)
    decide = world.decide

    def forgetful(engine: Engine, event: Event, now: datetime) -> tuple[Engine, tuple[Effect, ...]]:
        engine, effects = decide(engine, event, now)
        return replace(engine, wish=engine.wish.without_hidden_pick()), effects

    world.decide = forgetful
    world.start()
    world.run(world.now + MINUTE)
    world.post(Picked(AVAILABLE))
    world.post(SensorChanged(Origin.MICROPHONE, Used("Zoom")))
    with pytest.raises(AssertionError, match="a pick was lost"):
        world.run(world.now + MINUTE)
    assert script.watch.steps


def test_the_days_would_see_a_hold_that_is_not_the_tables() -> None:
    world = World(1, config=Config(rules=RuleSettings(IN_A_CALL)))
    script = RuleScript(world)
    script.world.start()
    script.world.run(world.now.replace(hour=9))
    assert world.engine is not None
    world.engine = replace(world.engine, wish=world.engine.wish.showing(Hold(BUSY, world.now, origin=Origin.HOURS)))
    with pytest.raises(AssertionError, match="not the table's"):
        world.tell("step", Stopped())
