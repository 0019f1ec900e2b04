"""What the engine knows, as frozen values; no rule lives here, and nothing here acts."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from tray.core.effects import (
    Effect,
    Notify,
    Request,
    SignIn,
    TokenErrand,
)
from tray.core.events import SignInProgressed
from tray.core.states import Pair, State
from tray.core.values import (
    Account,
    Granted,
    Hold,
    Keep,
    KeyringState,
    Lease,
    Reach,
    Saved,
    SignInWay,
)
from tray.core.view_model import Notice


@dataclass(frozen=True, slots=True)
class Config:
    """What the settings and the command line decide for the life of the process."""

    lease: timedelta = timedelta(minutes=30)  # 5 to 240 minutes
    at_launch: str = "nothing"  # "nothing", "last" or a state's key
    end_of_day: time = time(17)
    zone: tzinfo = UTC  # the user's: for *until the end of the day* and for times in words
    phase: float = 0.0  # this install's place in the refresh grid, 0 to 1
    notices: bool = True
    quiet_until: datetime | None = None  # launched at login: keyring and network may come as late as that, unremarked
    managed: tuple[str, ...] = ()  # the settings that an administrator decides
    foreground: bool = False  # a hold that ends with its process
    demo: bool = False
    haste: float = 1.0  # how much faster than real time a demo's clock runs; its calls are no faster


@dataclass(frozen=True, slots=True)
class Ours:
    """Something of ours on the service: the lease that was confirmed, and one that may have landed unconfirmed."""

    lease: Lease | None = None
    doubt: Lease | None = None
    before: Lease | None = None  # what it replaced, or what was cleared, at `expires_at`: Graph may show it a while

    @property
    def any(self) -> Lease | None:
        """Return the lease that lasts longest, confirmed or not."""
        return max(self.all, key=lambda lease: lease.expires_at, default=None)

    @property
    def all(self) -> tuple[Lease, ...]:
        """Return the leases of which Teams may show one, the confirmed one first."""
        return tuple(lease for lease in (self.lease, self.doubt) if lease)


@dataclass(frozen=True, slots=True)
class Seen:
    """The effective presence as read back."""

    pair: Pair
    at: datetime


class TroubleCode(StrEnum):
    """Why the hold is not kept, as `status --json` names it."""

    OFFLINE = "offline"
    THROTTLED = "throttled"
    SIGN_IN_NEEDED = "sign-in-needed"
    FORBIDDEN = "forbidden"
    DECLINED = "declined"
    NOT_A_TEAMS_USER = "not-a-teams-user"
    SERVICE = "service"
    KEYRING = "keyring"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the hold is not being kept; `told` once the user has heard of it."""

    code: TroubleCode
    since: datetime
    reach: Reach | None = None
    keyring: KeyringState | None = None
    state: State | None = None  # with DECLINED
    why: str = ""  # the identity platform's reason, in words
    setup: bool = False  # nothing is set up yet
    told: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """When a failed call may be tried again."""

    failures: int = 0
    throttles: int = 0
    at: datetime | None = None  # ours: the pause between tries; a user's pick ends it
    shift: timedelta = timedelta()  # how far this install has moved from its own place in the grid
    floor: datetime | None = None  # theirs: `Retry-After`; nothing but the clock ends it
    reads_off_until: datetime | None = None
    thrifty_until: datetime | None = None
    token_failures: int = 0
    token_at: datetime | None = None  # pause before the next token errand
    token_floor: datetime | None = None  # the identity platform's own `Retry-After`


@dataclass(frozen=True, slots=True)
class Closing:
    """The program ends: by when, and what is kept for the next start."""

    by: datetime
    keep: Hold | None = None
    left_session: Ours = Ours()  # given up: the lease ends it
    left_preferred: Ours = Ours()


@dataclass(frozen=True, slots=True)
class Sleep:
    """The machine is about to sleep, or sleeps."""

    since: datetime
    by: datetime  # the machine does not wait longer
    allowed: bool = False


@dataclass(frozen=True, slots=True)
class Handover:
    """What waits for the token side to be free, and for the release under the old token."""

    by: datetime
    way: SignInWay | None  # None: sign out, or `to`
    releases: bool  # False: nothing to give back, the same account signs in again
    to: Account | None = None  # who signed in elsewhere


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants."""

    hold: Hold | None = None
    keep: Keep = Keep.UNTIL_STOPPED
    pin: bool = False
    last_state: State | None = None
    chosen: Pair | None = None  # the status chosen in Teams that ended a hold or a pin
    clear_chosen: bool = False  # the user wants that status cleared


@dataclass(frozen=True, slots=True)
class Service:
    """What the service has of ours, what it shows, and what it accepts."""

    session: Ours = Ours()
    preferred: Ours = Ours()
    force_session: bool = False  # due now, whatever the deadline says
    force_preferred: bool = False
    seen: Seen | None = None
    read_at: datetime | None = None  # when to read next
    changed_at: datetime | None = None  # when the last change of hold was confirmed
    looked_at: datetime | None = None  # when somebody looked last
    restored: bool = False  # our session was missing and has been set again
    declined: frozenset[str] = frozenset()
    doubted: str | None = None  # refused; not yet known whether for the pair or for everything


@dataclass(frozen=True, slots=True)
class Calls:
    """What is asked of Graph and of the token side, and when it may be asked again."""

    count: int = 0
    request: Request | None = None
    request_at: datetime | None = None
    patience: datetime | None = None  # a superseded call is waited for until then
    errand: TokenErrand | None = None
    errand_at: datetime | None = None
    prompt: SignInProgressed | None = None
    retry: Retry = Retry()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in, and with which token."""

    token: Granted | None = None
    fresh: bool = False  # the next token must be a new one
    fresh_tried: bool = False  # a new one was refused as well
    claims: str | None = field(default=None, repr=False)
    account: Account | None = None
    signed_in: bool = False
    account_key: str | None = None  # whose the hold and the leases are


@dataclass(frozen=True, slots=True)
class Phase:
    """Which ends are under way."""

    closing: Closing | None = None
    sleep: Sleep | None = None
    woke_at: datetime | None = None  # the last resume, by signal or by the clock
    handover: Handover | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Desktop:
    """What is known of the desktop around the program, for the menu and notices alone."""

    autostart: bool | None = None
    scenarios: tuple[tuple[str, str, bool | None], ...] = ()
    second_start_at: datetime | None = None
    tray_missing: bool = False  # nothing shows the icon: nobody is told to click it


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything the engine knows between two events."""

    config: Config
    clock: datetime  # the last instant it saw
    wish: Wish = Wish()
    service: Service = Service()
    calls: Calls = Calls()
    identity: Identity = Identity()
    phase: Phase = Phase()
    desktop: Desktop = Desktop()
    trouble: Trouble | None = None
    saved: Saved | None = None
    out: tuple[Effect, ...] = ()

    @property
    def superseded(self) -> bool:
        """Return whether the user has acted since the request in flight was sent."""
        return self.calls.patience is not None

    @property
    def signing_in(self) -> bool:
        """Return whether the user is in the middle of a sign-in."""
        return isinstance(self.calls.errand, SignIn)

    def without_hold(self) -> "Engine":
        """Return the engine with the hold dropped, and what belonged to it."""
        return changed(
            self,
            hold=None,
            read_at=None,
            doubted=None,
            clear_chosen=False,
            force_session=False,
            force_preferred=False,
            restored=False,
            changed_at=None,
        )


RECORD_OF = {
    name: of
    for of, record in (
        ("wish", Wish),
        ("service", Service),
        ("calls", Calls),
        ("identity", Identity),
        ("phase", Phase),
        ("desktop", Desktop),
    )
    for name in record.__dataclass_fields__
}


def changed(engine: Engine, **changes: Any) -> Engine:
    """Return the engine with these fields of its records changed."""
    parts: dict[str, Any] = {}
    for name, value in changes.items():
        of = RECORD_OF.get(name)
        if of:
            parts[of] = replace(parts.get(of, getattr(engine, of)), **{name: value})
        else:
            parts[name] = value
    return replace(engine, **parts)


def tell(engine: Engine, notice: Notice) -> Engine:
    """Add a notice, unless the settings silence them."""
    return replace(engine, out=(*engine.out, Notify(notice))) if engine.config.notices else engine
