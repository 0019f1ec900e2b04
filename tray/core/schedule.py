"""The arithmetic of leases, refreshes and pauses; must not know why anything is asked or who asks.

Source of the five minutes and of the lease's range: Graph's page on `presence: setPresence`, "Timeout, expiration,
and keep alive". Releasing is a courtesy; the lease is the safety.
"""

from datetime import UTC, datetime, timedelta
from math import ceil

from tray.core.model import Config, Retry
from tray.core.presence_rules import FADES_AFTER, GREATEST_LEASE, LEAST_LEASE
from tray.core.states import AVAILABLE
from tray.core.values import Lease


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


CALL_LIMIT = _seconds(10)  # then the engine declares a call failed
PATIENCE = _seconds(1.5)  # how long a superseded call may hold up the next
LONGEST_WAIT = _seconds(30)  # while holding: the wall clock may jump, the monotonic clock stops in suspend
SLEPT = 3 * LONGEST_WAIT  # a gap no waiting explains

AVAILABLE_PERIOD = _seconds(240)
THROTTLED_PERIOD = _seconds(255)  # the least that keeps Available, for a service that is short of breath
GRID_STEP = _seconds(15)
LONGEST_PAUSE = _seconds(30)  # before the deadline
PATIENT_THROTTLES = 3  # as long as Graph's own `Retry-After` is taken at its word
IN_SLOT = 3  # the refusal from which on it is the slot itself that was refused
STARVED = IN_SLOT + 3  # the refusal from which on the slot is taken to be crowded for good
WANDER = _seconds(45)  # how far at most a starved install moves in the grid at a time
LATE_PAUSE = _seconds(45)  # after it: with one call, back within a minute of an outage's end
REFUSED_PAUSE = timedelta(minutes=30)  # consent, licence, policy: nothing that a minute changes
UNAUTHORIZED_PAUSE = timedelta(minutes=5)
READS_OFF = timedelta(minutes=30)
THRIFTY = timedelta(hours=4)  # after a 429 the tenant is known to be large: ask as little as keeps the promise

FIRST_READS = (_seconds(3), _seconds(30))  # after a change of hold
READ_PERIOD = timedelta(minutes=10)
THRIFTY_READ_PERIOD = timedelta(minutes=40)
LOOK_PERIOD = _seconds(30)
FRESH_READ = _seconds(5)  # a preferred state is written only on a read-back at most this old
SETTLED = _seconds(20)  # a read this long after our change shows it, if it is there

CLOSING_LIMIT = _seconds(2.5)  # of the three seconds; the rest is for threads to end
SUSPEND_LIMIT = _seconds(4)  # logind's delay inhibitor gives five
LONG_SLEEP = timedelta(hours=4)
TELL_AFTER = timedelta(minutes=1)
TOKEN_MARGIN = timedelta(minutes=2)

assert THROTTLED_PERIOD + LONGEST_PAUSE + CALL_LIMIT < FADES_AFTER  # noqa: S101  an invariant between constants
assert LEAST_LEASE / 2 + LONGEST_PAUSE + CALL_LIMIT < LEAST_LEASE  # noqa: S101
assert timedelta(minutes=1) > LATE_PAUSE + CALL_LIMIT  # noqa: S101


def stretched(limit: timedelta, config: Config) -> timedelta:
    """Return a limit for what takes real time, as a clock that may run faster shows it."""
    return limit * max(1.0, config.haste)


def deadline(lease: Lease) -> datetime:
    """Return when the session fades or expires if it is not set again."""
    if lease.pair == AVAILABLE.pair:
        return min(lease.confirmed_at + FADES_AFTER, lease.expires_at)
    return lease.expires_at


def is_throttled(retry: Retry, now: datetime) -> bool:
    """Tell whether Graph asked for less, lately."""
    return retry.reads_off_until is not None and now < retry.reads_off_until


def is_thrifty(retry: Retry, now: datetime) -> bool:
    """Tell whether Graph asked for less in the last hours."""
    return retry.thrifty_until is not None and now < retry.thrifty_until


def refresh_at(lease: Lease, config: Config, retry: Retry, now: datetime) -> datetime:
    """Return when the session is to be set again.

    Available moves towards a grid of this install's own, a step earlier at each refresh until it is there: a tenant's
    installs spread evenly over the period however they started, and none asks twice for it. After a 429 it goes there
    at once. Everything else is set at half its lease.
    """
    if deadline(lease) == lease.expires_at:
        return lease.confirmed_at + (lease.expires_at - lease.confirmed_at) / 2
    thrifty = is_thrifty(retry, now)
    period = THROTTLED_PERIOD if thrifty else AVAILABLE_PERIOD
    slot = _until_slot(config, retry, period, lease.confirmed_at)
    return lease.confirmed_at + (slot if thrifty else max(slot, period - GRID_STEP))


def lease_for(config: Config, until: datetime | None, now: datetime) -> timedelta:
    """Return the lease to ask for: whole minutes, never outliving a timed hold by more than Graph's minimum."""
    if until is None:
        return config.lease
    return min(config.lease, whole_minutes(until - now))


def whole_minutes(duration: timedelta) -> timedelta:
    """Round up to whole minutes within what Graph accepts."""
    return min(max(timedelta(minutes=ceil(duration / timedelta(minutes=1))), LEAST_LEASE), GREATEST_LEASE)


def jitter(config: Config, count: int) -> float:
    """Return a fraction in [0, 1) for try number `count`: differs between installs, repeats in a replay."""
    scattered = (int(config.phase * 2**32) * 2654435761 + count * 40503 + 12345) * 2246822519 % 2**32
    return (scattered >> 8) / 2**24


def pause(config: Config, retry: Retry, due: datetime | None, now: datetime, count: int) -> timedelta:
    """Return the pause before the next try: 2, 4, 8, … s, jittered downwards by up to a quarter.

    Up to 30 s before the deadline, up to 45 s after it. Under 429 it is half a minute once, and then this install's
    own slot in the grid that it refreshes in: a tenant whose limit counts rejected calls too recovers only when
    everybody together asks less than the limit, and so those who try ask no more than those who hold.
    """
    in_time = due is not None and now < due
    if retry.throttles > 1:
        slot = _until_slot(config, retry, THROTTLED_PERIOD, now)
        return slot if slot > WANDER else slot + THROTTLED_PERIOD
    longest = LONGEST_PAUSE if in_time or retry.throttles else LATE_PAUSE
    growth = longest.total_seconds() if retry.throttles else 2.0 ** min(retry.failures, 10)
    return _seconds(min(growth, longest.total_seconds()) * (1 - jitter(config, count) / 4))


def wandered(config: Config, retry: Retry, count: int) -> timedelta:
    """Return where in the grid an install is to try next: refused in its slot again and again, it moves.

    Without this, installs that share a crowded half-minute would meet there in every period, and the last of them
    would be refused for ever. Moved at the first refusals they would crowd the places beside it: after an outage
    everybody is refused once or twice, and the places that are spread evenly are the way out.
    """
    if retry.throttles < STARVED:
        return retry.shift
    return retry.shift + WANDER * (2 * jitter(config, count) - 1)


def _until_slot(config: Config, retry: Retry, period: timedelta, after: datetime) -> timedelta:
    """Return how long it is to this install's next slot in a grid, more than nothing and at most a period."""
    return period - (after - datetime.fromtimestamp(0, UTC) - period * config.phase - retry.shift) % period


def reads_off(config: Config, count: int) -> timedelta:
    """Return how long reading stays dropped: half an hour, and then not everybody reads again at once."""
    return READS_OFF + THRIFTY_READ_PERIOD * jitter(config, count)


def asked_pause(config: Config, asked: timedelta, count: int) -> timedelta:
    """Return the pause when Graph named one: that, and a moment of our own, so that not everybody comes at once."""
    return asked + min(asked / 10, _seconds(5)) * jitter(config, count)
