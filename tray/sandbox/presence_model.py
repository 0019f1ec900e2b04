"""One user's presence on the sandbox's service: the sessions and the preferred presence."""

from dataclasses import dataclass, field
from datetime import MAXYEAR, datetime, timedelta
from enum import StrEnum

from tray.core.presence_rules import LONGEST_LEASE, SHORTEST_LEASE, Preferred, Session, effective
from tray.core.record import replace
from tray.core.states import STATES, Pair
from tray.core.values import Message


class Profile(StrEnum):
    """Which pairs `setPresence` takes."""

    FIVE = "five"  # the supported combinations, as the live service is reported to do
    TABLE = "table"  # every row that the document marks "Yes", and the five


ACCEPTED: dict[Profile, frozenset[Pair]] = {
    Profile.FIVE: frozenset(state.pair for state in STATES if state.in_the_five),
    Profile.TABLE: frozenset(state.pair for state in STATES),
}
PREFERABLE = frozenset(state.preferred for state in STATES if state.preferred)
PREFERRED_DEFAULTS = {"Busy": timedelta(days=1), "DoNotDisturb": timedelta(days=1)}
PREFERRED_DEFAULT = timedelta(days=7)


@dataclass(slots=True)
class PresenceModel:
    """A user's sessions and preferred presence, changed by Graph's calls and by what Teams does."""

    profile: str = Profile.FIVE
    sessions: dict[str, Session] = field(default_factory=dict)
    preferred: Preferred | None = None
    written: Message | None = None  # the status message

    def set_session(self, owner: str, pair: Pair, lease: timedelta, now: datetime) -> bool:
        """Open or renew a session; `False` when pair or lease is not accepted."""
        if pair not in ACCEPTED[Profile(self.profile)] or not SHORTEST_LEASE <= lease <= LONGEST_LEASE:
            return False
        self.sessions[owner] = Session(owner, pair, now, now + lease)
        return True

    def put_client(self, owner: str, pair: Pair, now: datetime) -> None:
        """Let a Teams client show a pair until it quits; such a session does not fade by itself."""
        self.sessions[owner] = Session(owner, pair, now, datetime.max.replace(tzinfo=now.tzinfo), fades=False)

    def clear_session(self, owner: str, now: datetime) -> bool:
        """End a session; `False` when there was none."""
        session = self.sessions.pop(owner, None)
        return session is not None and now < session.expires_at

    def set_preferred(self, pair: Pair, lease: timedelta | None, now: datetime) -> bool:
        """Set the preferred presence; `False` when the pair is not accepted."""
        if pair not in PREFERABLE:
            return False
        lasts = lease or PREFERRED_DEFAULTS.get(pair.availability, PREFERRED_DEFAULT)
        self.preferred = Preferred(pair, now + lasts)
        return True

    def clear_preferred(self, now: datetime) -> bool:
        """Clear the preferred presence; `False` when there was none."""
        before, self.preferred = self.preferred, None
        return before is not None and now < before.expires_at

    def set_message(self, message: Message) -> None:
        """Write a status message, as Graph and as Teams itself do; an empty text clears."""
        self.written = message if message.text else None

    def message(self, now: datetime) -> Message | None:
        """Return the status message that has not expired."""
        expires_at = self.written.expires_at if self.written else None
        return None if expires_at and expires_at <= now else self.written

    def effective(self, now: datetime) -> Pair:
        """Return what colleagues see."""
        return effective(self.sessions.values(), self.preferred, now)

    def shift(self, by: timedelta) -> None:
        """Move every instant, as when the clock that they were read from was set."""
        self.sessions = {
            owner: replace(session, set_at=session.set_at + by, expires_at=_moved(session.expires_at, by))
            for owner, session in self.sessions.items()
        }
        if self.preferred:
            self.preferred = replace(self.preferred, expires_at=self.preferred.expires_at + by)


def _moved(instant: datetime, by: timedelta) -> datetime:
    """Return an instant moved, unless it stands for no end."""
    return instant if instant.year == MAXYEAR else instant + by
