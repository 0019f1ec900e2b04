"""Each promise can be seen broken: engines that break one each, and the watch that says which."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.core.driver import knowing
from tests.days.invariants import Watch
from tests.days.simulation import World
from tests.rows import for_each
from tray.core.effects import AllowSuspend, ClearSession, Effect, ReadPresence, Save, SetSession
from tray.core.engine import decide
from tray.core.events import Event, LeaveAsked, Looked, Picked, Stopped, Suspending, Woke
from tray.core.model import Engine
from tray.core.record import replace
from tray.core.service import Ours, Seen
from tray.core.states import AVAILABLE, AWAY, BUSY, IN_A_CALL, State
from tray.core.values import Lease, LeaveReason

Decision = tuple[Engine, tuple[Effect, ...]]
Decide = Callable[[Engine, Event, datetime], Decision]
HOUR = timedelta(hours=1)


def breaking(change: Callable[[Engine, Event, datetime, tuple[Effect, ...]], Decision]) -> Decide:
    """Return the engine's decisions with something changed in each."""

    def broken(engine: Engine, event: Event, now: datetime) -> Decision:
        after, effects = decide(engine, event, now)
        return change(after, event, now, effects)

    return broken


def changing(kind: type[Effect], into: Callable[[Effect], tuple[Effect, ...]]) -> Decide:
    """Return the engine's decisions with one kind of effect turned into others."""

    def change(engine: Engine, _event: Event, _now: datetime, effects: tuple[Effect, ...]) -> Decision:
        return engine, tuple(new for old in effects for new in (into(old) if isinstance(old, kind) else (old,)))

    return breaking(change)


def twice(effect: Effect) -> tuple[Effect, ...]:
    return effect, replace(effect, call=1000)  # type: ignore[call-arg]


def deaf_to_retry_after(engine: Engine, event: Event, now: datetime) -> Decision:
    return decide(knowing(engine, retry=replace(engine.calls.retry, floor=None, at=None)), event, now)


def sets_after(kind: type[Event]) -> Decide:
    def change(engine: Engine, event: Event, _now: datetime, effects: tuple[Effect, ...]) -> Decision:
        extra = (SetSession(1000, IN_A_CALL.pair, HOUR / 2),) if isinstance(event, kind) else ()
        return engine, tuple(e for e in effects if not extra or isinstance(e, AllowSuspend)) + extra

    return breaking(change)


@breaking
def reads_after_stop(engine: Engine, event: Event, _now: datetime, effects: tuple[Effect, ...]) -> Decision:
    return (engine, (ReadPresence(1000),)) if isinstance(event, Stopped) else (engine, effects)


def believes(**what: object) -> Decide:
    """Return the decisions of an engine that is made to believe something before each."""

    def broken(engine: Engine, event: Event, now: datetime) -> Decision:
        return decide(knowing(engine, **{key: of(engine, now) for key, of in what.items()}), event, now)  # type: ignore[operator]

    return broken


def just_set(engine: Engine, now: datetime) -> Ours:
    lease = engine.service.session.lease
    return replace(engine.service.session, lease=lease and replace(lease, confirmed_at=now, expires_at=now + HOUR / 2))


def ends_late(engine: Engine, event: Event, now: datetime) -> Decision:
    late, hold = timedelta(minutes=5), engine.wish.hold
    if hold is None or hold.until is None:
        return decide(engine, event, now)
    engine, effects = decide(knowing(engine, hold=replace(hold, until=hold.until + late)), event, now)
    return knowing(engine, hold=engine.wish.hold and hold), effects


def ours_if_held(engine: Engine, _now: datetime) -> Ours:
    return engine.service.preferred if engine.wish.hold else Ours()


@breaking
def forgets_its_session(engine: Engine, event: Event, _now: datetime, effects: tuple[Effect, ...]) -> Decision:
    return (knowing(engine, session=Ours(), request=None), ()) if isinstance(event, Stopped) else (engine, effects)


@breaking
def counts_on_nothing(engine: Engine, _event: Event, now: datetime, effects: tuple[Effect, ...]) -> Decision:
    sent = next((effect for effect in effects if isinstance(effect, SetSession)), None)
    if sent is None:
        return engine, effects
    lease = Lease(sent.pair, now, now + sent.lease)
    return knowing(engine, session=Ours(lease), request=None, force_session=False), ()


@breaking
def ends_by_itself(engine: Engine, event: Event, _now: datetime, effects: tuple[Effect, ...]) -> Decision:
    return (engine.without_hold(), effects) if isinstance(event, Woke) and not effects else (engine, effects)


@breaking
def forgets_the_end(engine: Engine, _event: Event, _now: datetime, effects: tuple[Effect, ...]) -> Decision:
    return knowing(engine, hold=engine.wish.hold and replace(engine.wish.hold, until=None)), effects


def sleeps_unprepared(engine: Engine, event: Event, now: datetime) -> Decision:
    if not isinstance(event, Suspending):
        return decide(engine, event, now)
    engine, effects = decide(engine, Woke(), now)
    return engine, (*effects, AllowSuspend())


def begun(how: Decide) -> World:
    """Return a world whose program has started and knows what Teams shows."""
    world = World(1)
    world.watch = Watch(world)  # type: ignore[attr-defined]
    world.decide, world.announces_sleep = how, False
    world.start()
    world.run(world.now + timedelta(seconds=80))
    world.post(Looked())
    world.run(world.now + timedelta(seconds=5))
    return world


def hour(world: World, state: State, **how: object) -> None:
    """Hold a state for an hour, and stop."""
    world.post(Picked(state, timed=True, **how))  # type: ignore[arg-type]
    world.run(world.now + HOUR)
    world.post(Stopped())
    world.run(world.now + HOUR / 60)
    world.run(world.now + HOUR)


def holds_available(world: World) -> None:
    hour(world, AVAILABLE)


def holds_away(world: World) -> None:
    hour(world, AWAY)


def holds_a_short_time(world: World) -> None:
    hour(world, IN_A_CALL, until=world.now + HOUR / 3 + timedelta(seconds=30))


def is_overdue(world: World) -> None:
    world.post(Picked(IN_A_CALL, timed=True))
    world.watch.until = world.now - timedelta(seconds=31)
    world.engine = knowing(world.engine, hold=replace(world.engine.wish.hold, until=world.watch.until))
    world.watch("step", None)


def is_throttled(world: World) -> None:
    world.throttled_until = world.now + timedelta(minutes=3)
    hour(world, BUSY)


def chose_in_teams(world: World) -> None:
    world.watch.whose.choose(BUSY.pair)
    hour(world, AVAILABLE, pinned=True)


def sleeps(world: World, until: datetime | None = None) -> None:
    world.post(Picked(IN_A_CALL, until, timed=True))
    world.run(world.now + HOUR / 4)
    world.suspend(600, announced=True)
    world.run(world.now + HOUR)


def sleeps_in_a_timed_hold(world: World) -> None:
    sleeps(world, world.now + 9 * HOUR)


def leaves(world: World) -> None:
    world.post(Picked(IN_A_CALL, timed=True))
    world.run(world.now + HOUR / 4)
    world.post(LeaveAsked(LeaveReason.QUIT))


def does_not_stop(world: World) -> None:
    world.post(Picked(IN_A_CALL, timed=True))
    world.run(world.now + HOUR / 4)
    world.watch.settled()


BROKEN: list[tuple[str, Decide, Callable[[World], None]]] = [
    ("one call in flight", changing(SetSession, twice), holds_available),
    ("before Retry-After", deaf_to_retry_after, is_throttled),
    ("after Stop", sets_after(Stopped), holds_available),
    ("after Stop", sets_after(LeaveAsked), leaves),
    ("without a hold", changing(ClearSession, lambda e: (SetSession(e.call, AWAY.pair, HOUR),)), holds_a_short_time),
    ("read with nothing held", reads_after_stop, holds_available),
    ("Available faded", believes(session=just_set), holds_available),
    ("is held by", believes(declined=lambda _e, _now: frozenset({"available"})), holds_available),
    ("outlives", changing(SetSession, lambda e: (replace(e, lease=4 * HOUR),)), holds_a_short_time),
    ("session was left behind", changing(ClearSession, lambda _: ()), holds_available),
    (
        "preferred presence of ours was left",
        believes(preferred=ours_if_held),
        holds_away,
    ),
    ("the engine knows of None", forgets_its_session, holds_available),
    ("is not saved", changing(Save, lambda _: ()), holds_available),
    ("the service has nothing", counts_on_nothing, holds_available),
    ("SetPreferred.* over ", believes(seen=lambda _, now: Seen(AVAILABLE.pair, now)), chose_in_teams),
    ("ended for no reason", ends_by_itself, holds_available),
    ("is to end at", forgets_the_end, holds_a_short_time),
    ("woken again and again", ends_late, holds_a_short_time),
    ("has not ended", decide, is_overdue),
    ("not allowed to sleep", changing(AllowSuspend, lambda _: ()), sleeps),
    ("left behind for the night", sleeps_unprepared, sleeps),
    ("does not last for", sleeps_unprepared, sleeps_in_a_timed_hold),
    ("the engine is not idle", decide, does_not_stop),
]


@for_each(("said", "broken", "play"), BROKEN)
def test_an_engine_that_breaks_a_promise_is_caught(said: str, broken: Decide, play: Callable[[World], None]) -> None:
    world = begun(broken)
    with pytest.raises(AssertionError, match=said):
        play(world)


HONEST = [holds_available, holds_away, holds_a_short_time, is_throttled, chose_in_teams]
HONEST += [sleeps, sleeps_in_a_timed_hold, leaves]


@pytest.mark.parametrize("play", HONEST)
def test_the_engine_itself_is_not_caught(play: Callable[[World], None]) -> None:
    world = begun(decide)
    play(world)
    assert world.watch.judged > 0 or play in {is_throttled, chose_in_teams}  # type: ignore[attr-defined]
