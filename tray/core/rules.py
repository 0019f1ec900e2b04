"""What sets a hold by itself, and who wins: from the pick, the sensors and the hours to the hold in force.

Each source may claim what is shown. The first claim of this table is in force, the others wait beneath it:

| source                        | claims                                          | until                        |
|-------------------------------|-------------------------------------------------|------------------------------|
| picked by hand, but Available | its state                                       | its own end, or Stop         |
| microphone                    | the state in the settings                       | 10 s after its last use      |
| screen lock                   | nothing (*release*) or Away                     | the screen is unlocked       |
| Available picked by hand      | Available                                       | its own end, or Stop         |
| hours                         | the table's state, or nothing                   | the next edge of the tables  |

A hold from the launch counts as picked. A rule claims nothing while it is off, silenced or paused, nor while its sensor
cannot tell. What silences a rule, and for how long:

| what the user does            | silences                                                                           |
|-------------------------------|------------------------------------------------------------------------------------|
| picks a state                 | the rule in force, and each rule that would outrank the pick: a pick always shows  |
| Stop, a rule shows its state  | that rule; a pick beneath it stays and shows                                       |
| Stop, a pick shows            | nothing; the pick ends                                                             |
| Stop, a rule shows nothing    | what is beneath it stops: Stop never brings a status up                            |

A silence ends once what the rule watches has ended: the microphone is free, the screen is unlocked, the running span
of the hours is over. A sensor that cannot tell ends no silence, so that a restart does not undo what the user did.

Each install follows the edges of the hours with a lateness of its own, so that a tenant's installs do not all ask Graph
in the same second. Only edges at which the hours themselves change what shows are late. Beneath a pick or another rule,
while paused and before the start the hours change to the second: a pick that ends when the hours do is not followed by
their last seconds, and one that ends when they begin leaves no gap.
"""

from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from tray.core.hours import Hours, Span, next_edge, span_at
from tray.core.record import PersonalRecord, Record, replace
from tray.core.states import AVAILABLE, AWAY, IN_A_CALL, State
from tray.core.values import Hold, Origin, Silenced

ON_AFTER = timedelta(seconds=5)  # programs try the microphone when they start; browsers at a page's first visit
OFF_AFTER = timedelta(seconds=10)  # push-to-talk, a change of headset, a sound server that restarts
SPREAD = timedelta(seconds=20)  # a tenant's installs with the same hours are not to ask Graph in the same second


# ------------------------------------------------------------------------------- what sensors say


class Unknown(StrEnum):
    """Why a sensor cannot tell; the words are in messages."""

    NOT_ASKED = "not-asked"  # no rule wants it, or it has not said anything yet
    NO_LIBRARY = "no-library"  # libpulse is not installed
    NO_SERVER = "no-server"  # no sound server runs
    NO_SOURCE = "no-source"  # nothing on this desktop tells
    NOT_ALLOWED = "not-allowed"  # the system's privacy settings keep desktop programs from the microphone
    FAILED = "failed"  # the system answered with an error


class CannotTell(Record):
    """A sensor does not know; its rule counts as if nothing were so."""

    why: Unknown


class Used(PersonalRecord):
    """A program other than Teams records from a microphone; its name is for the user alone."""

    by: str


class Free(Record):
    """Nothing that counts records from a microphone."""


class Locked(Record):
    """The screen is locked."""


class Unlocked(Record):
    """The screen is not locked."""


MicrophoneReading = Used | Free | CannotTell
LockReading = Locked | Unlocked | CannotTell


# ------------------------------------------------------------------------------- what is known


class WhenLocked(StrEnum):
    """What a locked screen does."""

    KEEP = "keep"
    RELEASE = "release"
    AWAY = "away"


class Switch(Record):
    """How a rule is switched: the settings key, and what is written there."""

    key: str
    on: str | bool
    off: str | bool
    sets: State | None = None  # what it sets once it is switched on; an administrator may not allow that


SWITCHES = {
    Origin.MICROPHONE: Switch("microphone", IN_A_CALL.key, "nothing", sets=IN_A_CALL),
    Origin.SCREEN_LOCK: Switch("when_locked", WhenLocked.RELEASE.value, WhenLocked.KEEP.value),
    Origin.HOURS: Switch("follow_hours", on=True, off=False),  # beside their tables, which stay
}


class RuleSettings(Record):
    """How the rules are set up; by default each is off."""

    microphone: State | None = None
    when_locked: WhenLocked = WhenLocked.KEEP
    hours: tuple[Hours, ...] = ()
    has_hours: bool = False  # also when they are switched off
    has_rule_keys: bool = False  # a file sets a rule up, on or off: the menu has its rows
    microphone_ignore: tuple[str, ...] = ()  # programs whose recording does not count

    @property
    def any(self) -> bool:
        """Tell whether a rule is on."""
        return self.microphone is not None or self.when_locked is not WhenLocked.KEEP or bool(self.hours)


class Microphone(PersonalRecord):
    """What the microphone's sensor said last, and what the rule had made of it before."""

    reading: MicrophoneReading = CannotTell(Unknown.NOT_ASKED)
    since: datetime | None = None  # when its use began or ended
    counted: bool = False  # whether it counted as used until then
    began: datetime | None = None  # when the use began that counts or may count; pauses in it are part of it
    by: str = ""  # who used it last

    @property
    def is_used(self) -> bool:
        """Tell whether the sensor says so, before any debounce."""
        return isinstance(self.reading, Used)

    @property
    def settles_at(self) -> datetime | None:
        """Return when the rule begins or ceases to count it as used; `None` when it already does."""
        if self.since is None or self.counted == self.is_used:
            return None
        return self.since + (ON_AFTER if self.is_used else OFF_AFTER)

    def counts(self, now: datetime) -> bool:
        """Tell whether the rule counts it as used."""
        settles_at = self.settles_at
        return self.counted if settles_at is None or now < settles_at else self.is_used


class Lock(Record):
    """What the screen lock's sensor said last."""

    reading: LockReading = CannotTell(Unknown.NOT_ASKED)
    since: datetime | None = None


class SensorReadings(Record):
    """What the sensors say; it does not survive the process."""

    microphone: Microphone = Microphone()
    lock: Lock = Lock()


class Rules(Record):
    """What the engine knows of the rules between two events."""

    sensors: SensorReadings = SensorReadings()
    silenced: Silenced = Silenced()
    paused: bool = False
    told: str | None = None  # the key of the hours' span whose status message was sent
    hours_wait: bool = False  # something else is in force, or the rules are paused
    late_from: datetime | None = None  # when they last waited: they follow later edges with their lateness


class Situation(Record):
    """Everything that decides which hold is in force."""

    pick: Hold | None  # by the user, or from the launch
    rules: Rules
    settings: RuleSettings
    now: datetime
    zone: tzinfo
    late: timedelta = timedelta()  # how long after each edge of the hours this install follows it

    @property
    def hours_now(self) -> datetime:
        """Return the time that decides which span of the hours this install follows."""
        if self.rules.hours_wait:
            return self.now
        late, late_from = self.now - self.late, self.rules.late_from
        return max(late, late_from) if late_from else late

    @property
    def span(self) -> Span | None:
        """Return the hours' span that this install follows now."""
        return span_at(self.settings.hours, self.hours_now, self.zone) if self.settings.hours else None


def lateness(offset: float) -> timedelta:
    """Return how long after each edge of the hours an install follows it; `offset` is its place, from 0 to 1."""
    return SPREAD * offset


# ------------------------------------------------------------------------------- who wins


class Claim(Record):
    """What a source wants to be shown: a hold, or `None` for nothing."""

    origin: Origin
    hold: Hold | None
    ends: datetime | None = None  # `None`: not known beforehand

    @property
    def is_picked(self) -> bool:
        """Tell whether this is no rule's claim."""
        return not self.origin.is_rule


class InForce(Record):
    """Whose claim decides, whose comes after it, and when to ask again."""

    claim: Claim | None
    then: Claim | None
    changes_at: datetime | None  # `None`: not until something happens

    @property
    def hold(self) -> Hold | None:
        """Return what is to be shown."""
        return self.claim.hold if self.claim else None


def _pick(situation: Situation) -> Claim | None:
    pick = situation.pick
    if pick is None or (pick.until is not None and pick.until <= situation.now):
        return None
    return Claim(pick.origin, pick, pick.until)


def _picked_except_available(situation: Situation) -> Claim | None:
    return None if situation.pick and situation.pick.state == AVAILABLE else _pick(situation)


def _picked_available(situation: Situation) -> Claim | None:
    return _pick(situation) if situation.pick and situation.pick.state == AVAILABLE else None


def _microphone(situation: Situation) -> Claim | None:
    state, microphone = situation.settings.microphone, situation.rules.sensors.microphone
    if state is None or situation.rules.silenced.microphone or not microphone.counts(situation.now):
        return None
    ends = None if microphone.is_used else microphone.settles_at
    since = microphone.began or situation.now
    return Claim(Origin.MICROPHONE, Hold(state, since, origin=Origin.MICROPHONE, by=microphone.by), ends)


def _screen_lock(situation: Situation) -> Claim | None:
    lock, when_locked = situation.rules.sensors.lock, situation.settings.when_locked
    if situation.rules.silenced.screen_lock or not isinstance(lock.reading, Locked):
        return None
    if when_locked is WhenLocked.KEEP:
        return None
    held = Hold(AWAY, lock.since or situation.now, origin=Origin.SCREEN_LOCK)
    return Claim(Origin.SCREEN_LOCK, held if when_locked is WhenLocked.AWAY else None)


def _hours(situation: Situation) -> Claim | None:
    span = situation.span
    if span is None or span.key == situation.rules.silenced.hours:
        return None
    state, late_from = span.hours.state, situation.rules.late_from
    in_time = situation.rules.hours_wait or (late_from is not None and span.begins <= late_from)
    begins, ends = span.begins if in_time else span.begins + situation.late, span.ends + situation.late
    held = Hold(state, begins, ends, origin=Origin.HOURS) if state else None
    return Claim(Origin.HOURS, held, ends)


# Who claims, the winner first; and whether *Pause* stops it.
PRECEDENCE: tuple[tuple[Callable[[Situation], Claim | None], bool], ...] = (
    (_picked_except_available, False),
    (_microphone, True),
    (_screen_lock, True),
    (_picked_available, False),
    (_hours, True),
)


def claims(situation: Situation) -> tuple[Claim, ...]:
    """Return what the sources claim now, the winner first."""
    paused = situation.rules.paused
    found = (source(situation) for source, is_rule in PRECEDENCE if not (paused and is_rule))
    return tuple(claim for claim in found if claim)


def in_force(situation: Situation) -> InForce:
    """Return the hold in force, what comes after it, and the next instant at which either changes by itself.

    What comes after is told from what the sensors say now.
    """
    now = claims(situation)
    claim = now[0] if now else None
    if claim is None:
        after: tuple[Claim, ...] = ()
    elif claim.ends is None:
        after = now[1:]
    else:
        waiting = replace(situation.rules, hours_wait=claim.origin is not Origin.HOURS)
        after = claims(replace(situation, now=claim.ends, rules=waiting))
    return InForce(claim, after[0] if after else None, _changes_at(situation))


def span_in_use(situation: Situation) -> Span | None:
    """Return the span whose status message stands: it runs, and was not stopped; a pick leaves the message."""
    span = situation.span
    is_stopped = span is not None and span.key == situation.rules.silenced.hours and not _pick(situation)
    return None if is_stopped or situation.rules.paused else span


def _changes_at(situation: Situation) -> datetime | None:
    pick, settings = situation.pick, situation.settings
    moments = [pick.until if pick else None]
    if not situation.rules.paused:
        if settings.microphone:
            moments.append(situation.rules.sensors.microphone.settles_at)
        if settings.hours:
            edge = next_edge(settings.hours, situation.hours_now, situation.zone)
            moments.append(edge if edge is None or situation.rules.hours_wait else edge + situation.late)
    return min((moment for moment in moments if moment and moment > situation.now), default=None)


# ------------------------------------------------------------------------------- what happens


def microphone_heard(rules: Rules, reading: MicrophoneReading, now: datetime) -> Rules:
    """Take in what the microphone's sensor says."""
    known = rules.sensors.microphone
    by = reading.by if isinstance(reading, Used) else known.by
    heard = replace(known, reading=reading, by=by)
    if heard.is_used != known.is_used or known.since is None:
        counted = known.counts(now)
        heard = replace(heard, since=now, counted=counted, began=known.began if counted else now)
    return replace(rules, sensors=replace(rules.sensors, microphone=heard))


def lock_heard(rules: Rules, reading: LockReading, now: datetime) -> Rules:
    """Take in what the screen lock's sensor says."""
    known = rules.sensors.lock
    since = known.since if reading == known.reading else now
    return replace(rules, sensors=replace(rules.sensors, lock=Lock(reading, since)))


def picked(situation: Situation, hold: Hold) -> Rules:
    """Return the rules after a pick: whatever would hide it is silenced."""
    rules = _silence(situation, claims(situation))
    after = replace(situation, pick=hold, rules=rules)
    while (above := claims(after)) and not above[0].is_picked:
        after = replace(after, rules=_silence(after, above))
    return after.rules


def held_first(situation: Situation) -> Hold | None:
    """Return the first hold that is claimed: it is in force, or waits until a rule no longer shows nothing."""
    return next((claim.hold for claim in claims(situation) if claim.hold), None)


def after_stop(situation: Situation) -> tuple[Hold | None, Rules]:
    """Return the pick and the rules after Stop."""
    holding = tuple(claim for claim in claims(situation) if claim.hold)
    if holding and not holding[0].is_picked:
        return situation.pick, _silence(situation, holding)
    return None, situation.rules


def with_current_silenced(situation: Situation) -> Rules:
    """Return the rules after the one in force was silenced; a pick in force silences none."""
    return _silence(situation, claims(situation))


def pause_toggled(rules: Rules) -> Rules:
    """Pause all rules, or resume them."""
    return replace(rules, paused=not rules.paused)


def without_unwatched(rules: Rules, *, microphone: bool, screen_lock: bool) -> Rules:
    """Forget what a sensor said that is not watched any more."""
    sensors = rules.sensors
    kept = SensorReadings(sensors.microphone if microphone else Microphone(), sensors.lock if screen_lock else Lock())
    return replace(rules, sensors=kept)


def _silence(situation: Situation, ranked: tuple[Claim, ...]) -> Rules:
    """Silence the rule that comes first, if it is one."""
    rules, silenced = situation.rules, situation.rules.silenced
    match ranked[0].origin if ranked else None:
        case Origin.MICROPHONE:
            silenced = replace(silenced, microphone=True)
        case Origin.SCREEN_LOCK:
            silenced = replace(silenced, screen_lock=True)
        case Origin.HOURS:
            silenced = replace(silenced, hours=situation.span.key if situation.span else None)
        case _:
            pass
    return replace(rules, silenced=silenced)


def pass_time(situation: Situation) -> Rules:
    """End the silences whose time is over, and those of rules that are off."""
    silenced, sensors, settings = situation.rules.silenced, situation.rules.sensors, situation.settings
    free = isinstance(sensors.microphone.reading, Free) and not sensors.microphone.counts(situation.now)
    unlocked = isinstance(sensors.lock.reading, Unlocked)
    left = Silenced(
        microphone=silenced.microphone and settings.microphone is not None and not free,
        screen_lock=silenced.screen_lock and settings.when_locked is not WhenLocked.KEEP and not unlocked,
        hours=silenced.hours if situation.span and situation.span.key == silenced.hours else None,
    )
    return situation.rules if left == silenced else replace(situation.rules, silenced=left)


def with_lateness(situation: Situation) -> Rules:
    """Note whether the hours wait for something else; once they wait no more, later edges are followed late."""
    rules, claim = situation.rules, next(iter(claims(situation)), None)
    wait = rules.paused or (claim is not None and claim.origin is not Origin.HOURS)
    late_from = situation.now if rules.hours_wait and not wait else rules.late_from
    return rules if wait == rules.hours_wait else replace(rules, hours_wait=wait, late_from=late_from)


def shifted(rules: Rules, by: timedelta) -> Rules:
    """Move what was remembered along with a clock that was set back."""
    microphone, lock = rules.sensors.microphone, rules.sensors.lock
    moved = SensorReadings(
        replace(
            microphone,
            since=microphone.since and microphone.since + by,
            began=microphone.began and microphone.began + by,
        ),
        replace(lock, since=lock.since and lock.since + by),
    )
    return replace(rules, sensors=moved, late_from=rules.late_from and rules.late_from + by)
