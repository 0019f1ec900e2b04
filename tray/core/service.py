"""What the engine knows of the service: what we have there, what is shown, what it accepts.

Only the methods here change these records.
"""

from datetime import datetime, timedelta

from tray.core.effects import ClearPreferred, Request, SetPreferred, SetSession
from tray.core.record import Record, replace
from tray.core.schedule import FIRST_READS
from tray.core.states import Pair
from tray.core.values import Lease


class Ours(Record):
    """Our session or our preferred presence on the service."""

    lease: Lease | None = None  # confirmed by an answer
    unconfirmed: Lease | None = None  # sent, and perhaps accepted without our hearing of it
    before: Lease | None = None  # replaced or cleared; Graph may still show it for a while after its `expires_at`

    @property
    def longest(self) -> Lease | None:
        """Return the lease that lasts longest, confirmed or not."""
        return max(self.all, key=lambda lease: lease.expires_at, default=None)

    @property
    def all(self) -> tuple[Lease, ...]:
        """Return the leases of which Teams may show one, the confirmed one first."""
        return tuple(lease for lease in (self.lease, self.unconfirmed) if lease)

    def alive(self, now: datetime) -> "Ours":
        """Return what has not expired on the service."""

        def alive(lease: Lease | None) -> Lease | None:
            return lease if lease and now < lease.expires_at else None

        return Ours(alive(self.lease), alive(self.unconfirmed), self.before)

    def shifted(self, by: timedelta) -> "Ours":
        """Move all leases along with a clock that was set back."""

        def shifted(lease: Lease | None) -> Lease | None:
            return lease and replace(lease, confirmed_at=lease.confirmed_at + by, expires_at=lease.expires_at + by)

        return Ours(shifted(self.lease), shifted(self.unconfirmed), shifted(self.before))


NOTHING = Ours()


class Seen(Record):
    """The effective presence as read back."""

    pair: Pair
    at: datetime
    out_of_office: bool = False  # beside the pair: automatic replies are on, or an event in the calendar says so


class Service(Record):
    """What we have on the service, what it shows, and what it accepts."""

    session: Ours = NOTHING
    preferred: Ours = NOTHING
    force_session: bool = False  # due now, whatever its deadline says
    force_preferred: bool = False
    seen: Seen | None = None
    read_at: datetime | None = None  # when to read next; `None`: only when the user looks
    changed_at: datetime | None = None  # when the last change of what is held was confirmed
    looked_at: datetime | None = None  # when the user looked last
    restored: bool = False  # our session was missing and has been set again
    declined: frozenset[str] = frozenset()  # keys of states whose own pair is not accepted
    suspected: str | None = None  # key of a state whose pair was refused: alone, or is everything refused?

    @property
    def has_leases(self) -> bool:
        """Tell whether anything of ours may be on the service."""
        return bool(self.session.longest or self.preferred.longest)

    # ------------------------------------------------------------------- the hold changes

    def left_over(self, session: Lease | None, preferred: Lease | None) -> "Service":
        """Note what an earlier run may have left on the service."""
        return replace(self, session=Ours(session), preferred=Ours(preferred))

    def forced(self, *, session: bool = True, preferred: bool = True) -> "Service":
        """Make what is to be held due now."""
        return replace(self, force_session=session, force_preferred=preferred)

    def for_new_hold(self) -> "Service":
        """Make a new hold due now."""
        return replace(self, force_session=True, force_preferred=True, restored=False)

    def without_hold(self) -> "Service":
        """Forget what belonged to the hold that has ended."""
        return replace(
            self,
            force_session=False,
            force_preferred=False,
            read_at=None,
            changed_at=None,
            restored=False,
            suspected=None,
        )

    def without_suspicion(self) -> "Service":
        """Leave open whether the pair that was refused is declined."""
        return replace(self, suspected=None)

    # ------------------------------------------------------------------- calls

    def sent(self, request: Request, now: datetime) -> "Service":
        """Note what may be on the service from now on."""
        match request:
            case SetSession(pair=pair, lease=lease):
                return replace(self, session=replace(self.session, unconfirmed=Lease(pair, now, now + lease)))
            case SetPreferred(pair=pair, lease=lease):
                return replace(self, preferred=self._preferred_sent(Lease(pair, now, now + lease)))
            case ClearPreferred() if self.preferred.unconfirmed is None:  # from now on it may be gone
                return replace(self, preferred=replace(self.preferred, lease=None, unconfirmed=self.preferred.lease))
            case _:
                return self

    def _preferred_sent(self, lease: Lease) -> Ours:
        """Note a preferred presence that may land, and of the earlier ones that which the last read-back showed."""
        ours, seen = self.preferred, self.seen
        others = [each for each in (ours.unconfirmed, ours.before) if each and each.pair != lease.pair]
        shown = [each for each in others if seen and each.pair.is_shown_as(seen.pair)]
        return replace(ours, unconfirmed=lease, before=next(iter((*shown, *others)), None))

    def not_landed(self, request: Request) -> "Service":
        """Forget what was sent and was answered in a way that says that it was not accepted."""
        match request:
            case SetSession():
                return replace(self, session=replace(self.session, unconfirmed=None))
            case SetPreferred():
                return replace(self, preferred=replace(self.preferred, unconfirmed=None))
            case _:
                return self

    def session_set(self, lease: Lease, *, superseded: bool) -> "Service":
        """Note the session that was accepted; it stays due if the user has acted since."""
        return replace(self, session=Ours(lease), force_session=self.force_session and superseded)

    def preferred_set(self, lease: Lease, now: datetime, *, superseded: bool) -> "Service":
        """Note the preferred presence that was accepted, and what it replaced."""
        ours = self.preferred
        same = ours.lease is not None and ours.lease.pair == lease.pair
        before = ours.before if same else _ended(ours.lease or ours.before, now)
        return replace(self, preferred=Ours(lease, before=before), force_preferred=self.force_preferred and superseded)

    def preferred_cleared(self, now: datetime) -> "Service":
        """Note that the preferred presence is gone; Graph may show it a while longer."""
        return replace(self, preferred=Ours(before=_ended(self.preferred.longest, now)))

    def changed(self, now: datetime, *, holding: bool, restored: bool = False) -> "Service":
        """Note that what is set has changed. While holding, read what Teams shows soon; else once the user looks."""
        if not holding:
            return replace(self, seen=None, looked_at=None)
        return replace(self, changed_at=now, restored=restored, read_at=now + FIRST_READS[0])

    def suspecting(self, key: str) -> "Service":
        """Suspect that a state's own pair is declined; the next set tells."""
        return replace(self, suspected=key, force_session=True)

    def declining(self, key: str) -> "Service":
        """Remember that a state's own pair is declined."""
        return replace(self, suspected=None, declined=self.declined | {key})

    # ------------------------------------------------------------------- what is ours no more

    def alive(self, now: datetime) -> "Service":
        """Forget what has expired on the service."""
        return replace(self, session=self.session.alive(now), preferred=self.preferred.alive(now))

    def without_session(self) -> "Service":
        """Forget our session: it was cleared, or its lease ends it."""
        return replace(self, session=NOTHING)

    def without_preferred(self) -> "Service":
        """Forget our preferred presence: another has replaced it, or its lease ends it."""
        return replace(self, preferred=NOTHING, force_preferred=False)

    def of_nobody(self) -> "Service":
        """Forget everything that belonged to the account."""
        return Service(declined=self.declined, looked_at=self.looked_at)

    # ------------------------------------------------------------------- what is seen

    def read_next(self, at: datetime | None) -> "Service":
        """Note when to read next."""
        return replace(self, read_at=at)

    def looked(self, now: datetime) -> "Service":
        """Note that the user looks."""
        return replace(self, looked_at=now)

    def saw(self, seen: Seen) -> "Service":
        """Note a read-back."""
        return replace(self, seen=seen)

    def never_landed(self) -> "Service":
        """Forget a preferred presence that was sent without an answer and is not shown."""
        return replace(self, preferred=Ours(before=self.preferred.before))

    def session_missing(self) -> "Service":
        """Set our session again, because Teams does not show it."""
        return replace(self, force_session=True, restored=True)

    def session_there(self) -> "Service":
        """Note that Teams shows what is held."""
        return replace(self, restored=False)

    def shifted(self, by: timedelta) -> "Service":
        """Move along with a clock that was set back, and make everything due now."""
        return replace(
            self,
            session=self.session.shifted(by),
            preferred=self.preferred.shifted(by),
            force_session=True,
            force_preferred=True,
            seen=None,
            read_at=self.read_at and self.read_at + by,
            changed_at=self.changed_at and self.changed_at + by,
            looked_at=None,
        )


def _ended(lease: Lease | None, now: datetime) -> Lease | None:
    """Return a lease that has ended by now, by our own doing."""
    return lease and replace(lease, expires_at=min(lease.expires_at, now))
