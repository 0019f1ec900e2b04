"""The clock everything outside the core reads: wall time in UTC, optionally sped up, and the machine's own zone."""

import time
from datetime import UTC, datetime, timedelta, tzinfo

DAY = timedelta(days=1)


class Clock:
    """Wall time; with a speed of N, N seconds pass in one, counted from the clock's making."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._origin = datetime.now(UTC)

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        real = datetime.now(UTC)
        return real if self.speed == 1 else self._origin + (real - self._origin) * self.speed

    def seconds(self, duration: timedelta) -> float:
        """Return how many real seconds a duration on this clock takes."""
        return duration.total_seconds() / self.speed


class LocalZone(tzinfo):
    """The machine's time zone, as the C library sees it at each instant (it may change while we run)."""

    def utcoffset(self, dt: datetime | None) -> timedelta:
        """Return the offset that holds at a local wall time, by `fold` where there are two (PEP 495)."""
        if dt is None:
            return timedelta()
        around = dt.replace(tzinfo=UTC)
        early, late = _offset(around - DAY), _offset(around + DAY)
        right = [offset for offset in (early, late) if _offset(around - offset) == offset]
        if early != late and len(right) != 1:  # shown twice, or skipped
            return late if dt.fold else early
        return right[0] if right else _offset(around - early)

    def dst(self, dt: datetime | None) -> timedelta | None:  # noqa: ARG002  tzinfo's signature
        """Return nothing: the offset says it all."""
        return None

    def fromutc(self, dt: datetime) -> datetime:
        """Return the local wall time of an instant given in UTC."""
        local = dt + _offset(dt.replace(tzinfo=UTC))
        twice = self.utcoffset(local.replace(fold=0)) != self.utcoffset(local.replace(fold=1))
        return local.replace(fold=int(twice and self.utcoffset(local.replace(fold=1)) == local - dt))

    def tzname(self, dt: datetime | None) -> str | None:
        """Return the abbreviation that holds at a local wall time."""
        return None if dt is None else time.strftime("%Z", dt.timetuple())


def _offset(instant: datetime) -> timedelta:
    """Return how far the machine's clocks are ahead of UTC at an instant."""
    return timedelta(seconds=time.localtime(instant.timestamp()).tm_gmtoff)
