"""Suspend and resume: what is done before the machine sleeps, and after it woke."""

from datetime import datetime

from tray.core.effects import AllowSuspend
from tray.core.model import Engine, Sleep
from tray.core.next_request import has_something_left
from tray.core.readback import is_released_for_sleep, wanted
from tray.core.record import replace
from tray.core.schedule import LONG_SLEEP, SLEEP_GAP, SUSPEND_LIMIT, WAKE_TOLERANCE
from tray.core.user_actions import unpaused
from tray.messages import notices


def suspending(engine: Engine, now: datetime) -> Engine:
    """Prepare for sleep: release an untimed hold, set a timed one and *Appear offline* once more for the night."""
    engine = unpaused(engine, now)
    engine = replace(engine, phase=engine.phase.suspending(Sleep(now, now + engine.config.stretched(SUSPEND_LIMIT))))
    once_more = not is_released_for_sleep(engine)
    return replace(engine, service=engine.service.forced(session=once_more, preferred=once_more))


def finish_suspend(engine: Engine, now: datetime) -> Engine:
    """Allow the sleep once everything is prepared, or the machine waits no longer."""
    sleep = engine.phase.sleep
    if sleep is None or sleep.allowed:
        return engine
    session, preferred = wanted(engine)
    sets = (session and engine.service.force_session) or (preferred and engine.service.force_preferred)
    releases = session is None and preferred is None and has_something_left(engine)
    if (engine.calls.request or sets or releases) and now < sleep.deadline:
        return engine
    return replace(engine, phase=engine.phase.suspending(replace(sleep, allowed=True))).emit(AllowSuspend())


def resumed(engine: Engine, now: datetime) -> Engine:
    """Take in that the machine woke, unless the clock or an earlier event has shown it already."""
    sleep, woke_at = engine.phase.sleep, engine.phase.woke_at
    if sleep is None and woke_at is not None and now - woke_at < SLEEP_GAP:
        return engine
    return _awake(engine, sleep.since if sleep else engine.clock, now)


def resumed_unannounced(engine: Engine, now: datetime, expected: datetime | None) -> Engine:
    """Find out from the clock alone whether the machine slept.

    It did if, while holding, more time has gone by than the engine wanted to wait, or if more than `SLEEP_GAP` has gone
    by since a sleep was announced.
    """
    sleep = engine.phase.sleep
    since = sleep.since if sleep else engine.clock if engine.wish.hold else None
    if since is None or now - since <= engine.config.stretched(SLEEP_GAP):
        return engine
    if sleep is None and (expected is None or now - expected <= engine.config.stretched(WAKE_TOLERANCE)):
        return engine
    return _awake(engine, since, now)


def _awake(engine: Engine, asleep_since: datetime, now: datetime) -> Engine:
    """Set the hold again at once; after a long sleep ask whether it is still wanted."""
    engine = unpaused(engine, now)
    calls = engine.calls.unpaused(now)  # no answer is to be expected for a request from before the sleep
    engine = replace(engine, phase=engine.phase.resumed(now), service=engine.service.forced(), calls=calls)
    hold = engine.wish.hold
    if hold and hold.until is None and not hold.origin.is_rule and now - asleep_since > LONG_SLEEP:
        return engine.tell(notices.slept(hold))
    return engine
