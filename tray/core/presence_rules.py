"""The presence rules of Graph's page on `presence: setPresence`, as functions.

1. Each Teams client and each application has a session of its own; a user's presence aggregates them.
2. Among sessions: DoNotDisturb > Busy > Available > Away. The document ranks no others; BeRightBack is put between
   Available and Away, Offline last: ours.
3. An Available session fades five minutes after it was set to Available / AvailableInactive, five minutes later to
   Away / Away, whatever its expiration.
4. A session that expires is Offline: gone.
5. The user-preferred presence is above every session, and shows only while a session exists.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tray.core.record import Record
from tray.core.states import Pair

FADES_AFTER = timedelta(minutes=5)
SHORTEST_LEASE = timedelta(minutes=5)  # PT5M, also the default when none is given
LONGEST_LEASE = timedelta(hours=4)  # PT4H

AVAILABLE = Pair("Available", "Available")
FADING = Pair("Available", "AvailableInactive")
FADED = Pair("Away", "Away")
NO_SESSION = Pair("Offline", "Offline")

_RANKS = {
    "offline": 0,
    "away": 1,
    "berightback": 2,
    "available": 3,
    "availableidle": 3,
    "busy": 4,
    "busyidle": 4,
    "donotdisturb": 5,
    # Availabilities of Graph's newer list, which were activities before.
    "inacall": 4,
    "inameeting": 4,
    "presenting": 5,
    "focusing": 5,
}


class Session(Record):
    """One client's or application's presence session."""

    owner: str
    pair: Pair
    set_at: datetime
    expires_at: datetime
    fades: bool = True  # a Teams client in use keeps its own session from fading


class Preferred(Record):
    """The user-preferred presence."""

    pair: Pair
    expires_at: datetime


def rank(availability: str) -> int | None:
    """Return how high an availability ranks among sessions, in any spelling; `None` when it is unknown."""
    return _RANKS.get(availability.casefold())


def shows(session: Session, now: datetime) -> Pair | None:
    """Return what a session shows by itself; `None` once it has expired."""
    if now >= session.expires_at:
        return None
    age = now - session.set_at
    if session.pair != AVAILABLE or not session.fades or age < FADES_AFTER:
        return session.pair
    return FADING if age < 2 * FADES_AFTER else FADED


def aggregate(sessions: Iterable[Session], now: datetime) -> Pair | None:
    """Return what all sessions show together; `None` when none is alive. Of equal ranks the latest set wins."""
    alive = [(session, pair) for session in sessions if (pair := shows(session, now))]
    if not alive:
        return None
    return max(alive, key=lambda each: (rank(each[1].availability) or 0, each[0].set_at))[1]


def effective(sessions: Iterable[Session], preferred: Preferred | None, now: datetime) -> Pair:
    """Return what colleagues see."""
    together = aggregate(sessions, now)
    if together is None:
        return NO_SESSION
    return preferred.pair if preferred and now < preferred.expires_at else together
