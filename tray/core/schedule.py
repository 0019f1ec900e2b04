"""When things are due: the arithmetic of leases, refreshes and pauses.

Source of the five minutes and of the lease's range: Graph's page on `presence: setPresence`, "Timeout, expiration,
and keep alive".

Releasing a session is a courtesy; its lease is the safety. What is guaranteed: a session is set again before its
deadline, with room for one failed call and the longest pause after it, as long as the wall clock runs at the speed of
Graph's clock and this process runs. What is not guaranteed:

- **Suspend.** Nothing runs, so nothing is refreshed, and a lease may end meanwhile. The system does not always
  announce it. A sleep that was not announced is seen afterwards, as a gap between two events that no wait explains
  (`SLEEP_GAP`); then everything is set again at once. After a shorter gap, what has become due is set at once.
- **A clock set forwards** looks like a suspend: everything is due at once, a lease may be taken for ended that Graph
  still keeps, and a timed hold may end early.
- **A clock set backwards** moves every instant remembered by the same amount, which keeps leases right and timed holds
  at the time of day that the user meant. How far it was set is read from a clock that nobody sets (`ClockSet`) before
  each decision. Steps of up to two seconds are taken for the clock's own corrections: nothing is moved, and a deadline
  is late by as much.
- **The absolute error of the clock** does not matter: only differences are used, but for `Retry-After` dates, which
  are measured against the `Date` of the answer.
- **The waits themselves** use a clock that stops in suspend. Where the system tells of sleep they last until the next
  thing is due; where it does not, and while the end of a hold or working hours follow the time of day, they are at most
  `WAKE_PERIOD` long. After a jump the engine can be wrong for that long.
"""

from datetime import UTC, datetime, timedelta
from math import ceil

from tray.core.presence_rules import FADES_AFTER, LONGEST_LEASE, SHORTEST_LEASE
from tray.core.record import Record, replace
from tray.core.states import AVAILABLE
from tray.core.values import Lease


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


CALL_LIMIT = _seconds(10)  # then the engine declares a call failed
PATIENCE = _seconds(1.5)  # how long a superseded call may hold up the next
WAKE_PERIOD = _seconds(30)  # while holding: the wall clock may jump, the monotonic clock stops in suspend
HOURS_PERIOD = timedelta(minutes=15)  # with hours and no hold: nothing tells that the clock or the zone was changed
SLEEP_GAP = 3 * WAKE_PERIOD  # a gap between two events that no wait explains, unless sleep is told of
WAKE_TOLERANCE = 2 * WAKE_PERIOD  # how late the engine may be woken; later than that, the machine slept

AVAILABLE_PERIOD = _seconds(240)
THROTTLED_PERIOD = _seconds(255)  # the longest that keeps Available, used while Graph asks for less
GRID_STEP = _seconds(15)
SHORTEST_PAUSE = _seconds(2)
LONGEST_PAUSE = _seconds(30)  # between tries before the deadline
LATE_PAUSE = _seconds(45)  # after the deadline: with one call, back within a minute of an outage's end
CHANCE_FAILURES = 3  # in a row may be chance; a further 429 means that the tenant is at its limit (a crowd)
PICK_WAIT = _seconds(30)  # how long after a pick its user waits for it
HURRIED_TRIES = 2  # so many follow a pick soon, one after the other
PATIENT_THROTTLES = CHANCE_FAILURES  # how many 429 in a row are answered by Graph's own `Retry-After` alone
CROWDED_FOR_GOOD = CHANCE_FAILURES + 3  # from this many 429 in a row on, the slot counts as crowded for good
LONGEST_GRID_MOVE = _seconds(45)  # how far a starved install moves in the grid at most, at each further 429
LONG_PAUSE = timedelta(minutes=30)  # consent, licence, policy: nothing that a minute changes
UNAUTHORIZED_PAUSE = timedelta(minutes=5)
RETRY_AFTER_LIMIT = timedelta(hours=1)  # a longer `Retry-After` is a mistake
LONGEST_WAIT = RETRY_AFTER_LIMIT + _seconds(5)  # with the moment of our own that `asked_pause` adds
READS_OFF = timedelta(minutes=30)
SPARING_FOR = timedelta(hours=4)  # after a 429 the tenant is known to be large: ask as little as keeps the promise

FIRST_READS = (_seconds(3), _seconds(30))  # after a change of hold
READ_PERIOD = timedelta(minutes=10)
SPARING_READ_PERIOD = timedelta(minutes=40)
LOOK_PERIOD = _seconds(30)
UNKNOWN_PAUSE = timedelta(
    minutes=5
)  # the longest between reads while a preferred presence waits and Graph knows nothing
FRESH_READ = _seconds(5)  # a preferred presence is written only on a read-back at most this old
SETTLED = _seconds(20)  # a read this long after our change shows it, if it is there

CLOSING_LIMIT = _seconds(2.5)  # to release; the program is gone in three: the rest is for threads to end
SUSPEND_LIMIT = _seconds(4)  # logind's delay inhibitor gives five
LONG_SLEEP = timedelta(hours=4)
TELL_AFTER = timedelta(minutes=1)
TOKEN_MARGIN = timedelta(minutes=2)

assert THROTTLED_PERIOD + LONGEST_PAUSE + CALL_LIMIT < FADES_AFTER  # noqa: S101  an invariant between constants
assert SHORTEST_LEASE / 2 + LONGEST_PAUSE + CALL_LIMIT < SHORTEST_LEASE  # noqa: S101  an invariant between constants
assert timedelta(minutes=1) > LATE_PAUSE + CALL_LIMIT  # noqa: S101  an invariant between constants


class Retry(Record):
    """When Graph may be asked again after failures, and how much."""

    failures: int = 0
    throttles: int = 0  # 429 in a row
    at: datetime | None = None  # our own pause between tries; a user's pick ends it
    floor: datetime | None = None  # Graph's `Retry-After`; nothing but the clock ends it
    shift: timedelta = timedelta()  # how far this install has moved from its own place in the grid
    reads_off_until: datetime | None = None
    sparing_until: datetime | None = None
    crowded_until: datetime | None = None

    @property
    def due(self) -> datetime | None:
        """Return when Graph may be asked again; `None`: at once."""
        return max(filter(None, (self.at, self.floor)), default=None)

    def is_throttled(self, now: datetime) -> bool:
        """Tell whether Graph has asked for less within half an hour or so."""
        return self.reads_off_until is not None and now < self.reads_off_until

    def is_sparing(self, now: datetime) -> bool:
        """Tell whether Graph has asked for less within the last hours."""
        return self.sparing_until is not None and now < self.sparing_until

    def is_crowded(self, now: datetime) -> bool:
        """Tell whether the tenant was at its limit within the last hours: so many 429 in a row are no chance."""
        return self.crowded_until is not None and now < self.crowded_until

    def unpaused(self) -> "Retry":
        """End our own pause, because the user acts."""
        return replace(self, failures=0, at=None)

    def accepted(self) -> "Retry":
        """Begin anew after a call that was accepted; what Graph asked for stands."""
        return replace(self, failures=0, throttles=0, at=None)

    def asked_to_wait(self, until: datetime) -> "Retry":
        """Note Graph's `Retry-After`."""
        return replace(self, floor=until)

    def paused(self, until: datetime | None) -> "Retry":
        """Pause, or end the pause."""
        return replace(self, at=until)

    def failed(self) -> "Retry":
        """Count a failure that is no 429."""
        return replace(self, failures=self.failures + 1, throttles=0)

    def counting(self, failures: int) -> "Retry":
        """Count as many failures as given: of a call that nothing waited for, or of the token side."""
        return replace(self, failures=failures)

    def throttled(self, offset: float, now: datetime, count: int) -> "Retry":
        """Count a 429: read nothing for a while, ask for less for hours, and leave a slot that stays crowded."""
        throttles = max(self.throttles + 1, CHANCE_FAILURES if self.is_crowded(now) else 0)
        reads_off = READS_OFF + SPARING_READ_PERIOD * jitter(offset, count)  # then not everybody reads again at once
        return replace(
            self,
            failures=self.failures + 1,
            throttles=throttles,
            reads_off_until=now + reads_off,
            sparing_until=now + SPARING_FOR,
            crowded_until=now + SPARING_FOR if throttles > CHANCE_FAILURES else self.crowded_until,
            shift=next_shift(offset, replace(self, throttles=throttles), count),
        )

    def shifted(self, by: timedelta) -> "Retry":
        """Move along with a clock that was set back: what Graph asked for stays as long, our own pause ends."""
        return replace(
            self,
            at=None,
            floor=self.floor and self.floor + by,
            reads_off_until=self.reads_off_until and self.reads_off_until + by,
            sparing_until=self.sparing_until and self.sparing_until + by,
            crowded_until=self.crowded_until and self.crowded_until + by,
        )


def deadline(lease: Lease) -> datetime:
    """Return when the session fades or expires if it is not set again."""
    if lease.pair == AVAILABLE.pair:
        return min(lease.confirmed_at + FADES_AFTER, lease.expires_at)
    return lease.expires_at


def half(lease: Lease) -> datetime:
    """Return the middle of a lease, when all but Available is set again."""
    return lease.confirmed_at + (lease.expires_at - lease.confirmed_at) / 2


def refresh_at(lease: Lease, offset: float, retry: Retry, now: datetime) -> datetime:
    """Return when the session is to be set again.

    Available moves towards a grid of this install's own, a step earlier at each refresh until it is there: a tenant's
    installs spread evenly over the period however they started, and none needs more requests for it. After a 429 it
    goes there at once. Everything else is set at half its lease.
    """
    if deadline(lease) == lease.expires_at:
        return half(lease)
    sparing = retry.is_sparing(now)
    period = THROTTLED_PERIOD if sparing else AVAILABLE_PERIOD
    slot = _until_slot(offset, retry, period, lease.confirmed_at)
    return lease.confirmed_at + (slot if sparing else max(slot, period - GRID_STEP))


def bound(lease: Lease | None, saved: Lease | None) -> Lease | None:
    """Return what to save of a lease: how long something of ours may stay, rounded up by the length of the lease.

    What is saved already is kept while it is such a bound, so that a refresh seldom writes a file.
    """
    if lease is None:
        return None
    length = lease.expires_at - lease.confirmed_at
    if saved and saved.pair == lease.pair and lease.expires_at <= saved.expires_at <= lease.expires_at + length:
        return saved
    return replace(lease, expires_at=lease.expires_at + length)


def lease_for(longest: timedelta, until: datetime | None, now: datetime) -> timedelta:
    """Return the lease to ask for: whole minutes, never outliving a timed hold by more than Graph's minimum."""
    return longest if until is None else min(longest, whole_minutes(until - now))


def whole_minutes(duration: timedelta) -> timedelta:
    """Round up to whole minutes within what Graph accepts."""
    return min(max(timedelta(minutes=ceil(duration / timedelta(minutes=1))), SHORTEST_LEASE), LONGEST_LEASE)


def jitter(offset: float, count: int) -> float:
    """Return a fraction in [0, 1) for try number `count`: differs between installs, repeats in a replay."""
    scattered = (int(offset * 2**32) * 2654435761 + count * 40503 + 12345) * 2246822519 % 2**32
    return (scattered >> 8) / 2**24


def pause(  # noqa: PLR0913  everything that a pause depends on
    offset: float, retry: Retry, due: datetime | None, now: datetime, count: int, *, hurried: bool = False
) -> timedelta:
    """Return the pause before the next try: 2, 4, 8, … s, jittered downwards by up to a quarter.

    At most 30 s before the deadline `due`, and 45 s after it. While a user waits (`hurried`), the first tries come
    soon, after a 429 too.
    """
    chance = jitter(offset, count)
    growing = _seconds(2.0 ** min(retry.failures, 10)) * (1 - chance / 4)
    if hurried and retry.failures <= HURRIED_TRIES:
        return growing
    in_time = due is not None and now < due
    if retry.throttles:
        return _throttled_pause(offset, retry, due if in_time else None, now, chance)
    return min(growing, (LONGEST_PAUSE if in_time else LATE_PAUSE) * (1 - chance / 4))


def _throttled_pause(offset: float, retry: Retry, due: datetime | None, now: datetime, chance: float) -> timedelta:
    """Return the pause after a 429; `due` is the deadline, if it is still to come.

    - Before the deadline the first three count as chance, and their tries are spread over the time that is left,
      because a limit that looks back half a minute refuses tries that follow each other closely.
    - After the deadline, where nothing is lost any more: half a minute once, then this install's own slot in the grid
      that it refreshes in.
    - Where the tenant is known to be at its limit: that slot at once. A limit that counts rejected calls too recovers
      only when everybody together asks for less than it, so an install that tries may not ask more often than one
      that holds.
    """
    is_crowded = retry.is_crowded(now)
    if due and retry.failures <= CHANCE_FAILURES and not is_crowded:
        share = (due - now - CALL_LIMIT) / (CHANCE_FAILURES + 1 - retry.failures)
        return max(min(share, LONGEST_PAUSE), SHORTEST_PAUSE) * (1 - chance / 2)
    if retry.throttles == 1 and not is_crowded:
        return LONGEST_PAUSE * (1 - chance / 4)
    slot = _until_slot(offset, retry, THROTTLED_PERIOD, now)
    return slot if slot > LONGEST_GRID_MOVE else slot + THROTTLED_PERIOD


def asked_pause(offset: float, asked: timedelta, count: int) -> timedelta:
    """Return the pause that Graph named and a moment of our own, so that not everybody comes back at once."""
    return asked + min(asked / 10, _seconds(5)) * jitter(offset, count)


def next_shift(offset: float, retry: Retry, count: int) -> timedelta:
    """Return where in the grid an install is to try next: refused in its slot again and again, it moves.

    Without this, installs that share a crowded half-minute would meet there in every period, and the last of them
    would be refused for ever. If they moved at the first refusals, they would crowd the places beside it: after an
    outage everybody is refused once or twice, and the places that are spread evenly are the way out.
    """
    if retry.throttles < CROWDED_FOR_GOOD:
        return retry.shift
    return retry.shift + LONGEST_GRID_MOVE * (2 * jitter(offset, count) - 1)


def _until_slot(offset: float, retry: Retry, period: timedelta, after: datetime) -> timedelta:
    """Return how long it is to this install's next slot in a grid, more than nothing and at most a period."""
    return period - (after - datetime.fromtimestamp(0, UTC) - period * offset - retry.shift) % period
