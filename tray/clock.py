"""The clock everything outside the core reads: wall time in UTC, optionally sped up, and the machine's own zone."""

import sys
import time
from datetime import UTC, datetime, timedelta, tzinfo

DAY = timedelta(days=1)
CORRECTION = 2.0  # seconds; a smaller step is the clock being disciplined


def steady() -> float:
    """Return the seconds on a clock that nobody sets and that goes on while the machine sleeps."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)  # as `mach_continuous_time` does
    return time.monotonic()  # GetTickCount64 and its successor count sleep


class Clock:
    """Wall time; with a speed of N, N seconds pass in one, counted from the clock's making."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._origin = datetime.now(UTC)
        self._ahead = time.time() - steady()  # of the clock that nobody sets

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC; the machine's zone may be another one from here on."""
        if sys.platform != "win32":
            time.tzset()  # the C library looks at /etc/localtime only when it is told to
        real = datetime.now(UTC)
        return real if self.speed == 1 else self._origin + (real - self._origin) * self.speed

    def set_by(self) -> timedelta | None:
        """Return how far the wall clock was set since the last call that told of it; `None`: it was not."""
        ahead = time.time() - steady()
        if abs(ahead - self._ahead) <= CORRECTION:
            return None
        by, self._ahead = timedelta(seconds=ahead - self._ahead), ahead
        return by * self.speed

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
