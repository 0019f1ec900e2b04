"""Each rule as menu, status and doctor show it: whether it is on, what its sensor says, whether it claims now."""

from datetime import datetime

from tray.core.record import PersonalRecord
from tray.core.rules import (
    CannotTell,
    Locked,
    LockReading,
    MicrophoneReading,
    Situation,
    Unknown,
    WhenLocked,
    claims,
)
from tray.core.states import AWAY, State
from tray.core.values import Origin


class RuleReport(PersonalRecord):
    """One rule as menu, status and doctor show it."""

    origin: Origin
    on: bool
    state: State | None  # what it would hold; `None`: nothing
    met: bool = False  # what it watches is so now
    active: bool = False  # it claims now, whether or not it wins
    silenced: bool = False
    since: datetime | None = None  # since when what it watches is as it is
    by: str = ""
    cannot_tell: Unknown | None = None


def reports(situation: Situation) -> tuple[RuleReport, ...]:
    """Return all rules that exist, on or off."""
    settings, silenced, sensors = situation.settings, situation.rules.silenced, situation.rules.sensors
    active = {claim.origin for claim in claims(situation)}
    microphone, lock, span = sensors.microphone, sensors.lock, situation.span
    return (
        RuleReport(
            Origin.MICROPHONE,
            on=settings.microphone is not None,
            state=settings.microphone,
            met=microphone.is_used,
            active=Origin.MICROPHONE in active,
            silenced=silenced.microphone,
            since=microphone.began if microphone.is_used else microphone.since,
            by=microphone.by if microphone.is_used else "",
            cannot_tell=_why(microphone.reading) if settings.microphone else None,
        ),
        RuleReport(
            Origin.SCREEN_LOCK,
            on=settings.when_locked is not WhenLocked.KEEP,
            state=AWAY if settings.when_locked is WhenLocked.AWAY else None,
            met=isinstance(lock.reading, Locked),
            active=Origin.SCREEN_LOCK in active,
            silenced=silenced.screen_lock,
            since=lock.since,
            cannot_tell=None if settings.when_locked is WhenLocked.KEEP else _why(lock.reading),
        ),
        RuleReport(
            Origin.HOURS,
            on=bool(settings.hours),
            state=span.hours.state if span else None,
            met=span is not None,
            active=Origin.HOURS in active,
            silenced=silenced.hours is not None,
            since=span.begins if span else None,
        ),
    )


def _why(reading: MicrophoneReading | LockReading) -> Unknown | None:
    return reading.why if isinstance(reading, CannotTell) else None
