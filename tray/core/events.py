"""What can happen (past participles) and what can be done about it (verbs); values only, no behaviour.

Every event reaches the engine through one inbox, whoever it comes from: a click, a command, an answer, the clock.
Every effect is carried out outside the core and comes back, if at all, as an event that names the call it answers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tray.core.look import Notice
from tray.core.states import Pair, State

# --------------------------------------------------------------------------- values


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in: the name a user reads, and a key that says "the same one" without naming an id."""

    username: str
    key: str


@dataclass(frozen=True, slots=True)
class Hold:
    """What the user asked for."""

    state: State
    since: datetime
    until: datetime | None = None
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """Something of ours on the service: which pair, since when confirmed, and when Graph lets go of it."""

    pair: Pair
    confirmed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Saved:
    """What survives the process: a hold to take up, and what was left on the service."""

    hold: Hold | None = None
    last_state: State | None = None
    session: Lease | None = None
    preferred: Lease | None = None
    account_key: str | None = None


class Kind(StrEnum):
    """What an answer from Graph means, whatever it looked like."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # 400 and the like: the request itself is not acceptable
    UNAUTHORIZED = "unauthorized"  # 401
    FORBIDDEN = "forbidden"  # 403
    NOT_FOUND = "not-found"  # 404
    THROTTLED = "throttled"  # 429
    UNAVAILABLE = "unavailable"  # 5xx, and answers that are not Graph's
    UNREACHABLE = "unreachable"  # no answer at all


class Reach(StrEnum):
    """Why no answer came, as far as it can be told; the words are in `words.py`."""

    NETWORK = "network"
    NAME = "name"  # DNS
    TIMEOUT = "timeout"
    TLS = "tls"  # a certificate that is not trusted
    TLS_CLOCK = "tls-clock"  # a certificate not yet or no longer valid: perhaps our clock
    PORTAL = "portal"  # somebody else's page
    BROKEN = "broken"  # reset or garbage in mid-answer


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one Graph request."""

    kind: Kind
    seen: Pair | None = None
    retry_after: timedelta | None = None
    claims: str | None = None  # decoded claims challenge of a 401
    reach: Reach | None = None  # with UNREACHABLE and PORTAL pages
    status: int | None = None


class KeyringState(StrEnum):
    """Why the vault cannot be used."""

    ABSENT = "absent"
    LOCKED = "locked"
    HUNG = "hung"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Granted:
    """An access token is at hand; the token itself never enters the core."""

    account: Account
    expires_at: datetime
    remembered: bool = True  # False: no keyring, the sign-in ends with the process


@dataclass(frozen=True, slots=True)
class Known:
    """The vault was read without a network call: an account, or nobody."""

    account: Account | None


@dataclass(frozen=True, slots=True)
class SignInNeeded:
    """The identity platform says so; `why` is a sentence."""

    why: str
    setup: bool = False  # client_id or tenant is missing: `presence-tray setup` comes first


@dataclass(frozen=True, slots=True)
class TryLater:
    """No token now; nobody is signed out."""

    why: str
    after: timedelta | None = None
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class KeyringTrouble:
    """The keyring cannot be used; nobody is signed out."""

    state: KeyringState


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The tokens are gone from keyring and memory."""


TokenOutcome = Granted | Known | SignInNeeded | TryLater | KeyringTrouble | SignedOut


class SignInWay(StrEnum):
    """How to sign in."""

    BROWSER = "browser"
    DEVICE_CODE = "device-code"


class Leaving(StrEnum):
    """Why the program ends."""

    QUIT = "quit"  # the user's wish: every hold ends
    ENDED = "ended"  # SIGTERM or logout: a timed hold is taken up again


# --------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True)
class Started:
    """The program started; `saved` is what an earlier run left, `None` when there was none."""

    saved: Saved | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """A state was picked; `until` and `pinned` are `None` when the menu's choices apply."""

    state: State
    until: datetime | None = None
    pinned: bool | None = None
    timed: bool = False  # True: `until` is meant, `None` included; False: use *Keep for*


class Keep(StrEnum):
    """*Keep for*: how long a hold lasts."""

    UNTIL_STOPPED = "until-stopped"
    HALF_HOUR = "30m"
    HOUR = "1h"
    TWO_HOURS = "2h"
    FOUR_HOURS = "4h"
    END_OF_DAY = "end-of-day"


@dataclass(frozen=True, slots=True)
class KeepChosen:
    """*Keep for* was chosen: for the present hold, else the next."""

    keep: Keep


@dataclass(frozen=True, slots=True)
class PinToggled:
    """*Override Teams* was switched: for the present hold, else the next."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user stopped the hold."""


@dataclass(frozen=True, slots=True)
class LeaveAsked:
    """The program is to end: release within three seconds, then go."""

    leaving: Leaving


@dataclass(frozen=True, slots=True)
class ChosenStatusClearAsked:
    """*Clear the status chosen in Teams* was clicked."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody looks: the menu opened, or `status` was asked."""


@dataclass(frozen=True, slots=True)
class Suspending:
    """The machine is about to sleep and waits a moment for us."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The machine woke."""


@dataclass(frozen=True, slots=True)
class Woke:
    """The clock reached what `next_wake` asked for; nothing else happened."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Graph answered call number `call`."""

    call: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class TokenAnswered:
    """The token side answered errand number `call`."""

    call: int
    outcome: TokenOutcome


@dataclass(frozen=True, slots=True)
class SignInAsked:
    """*Sign in* was clicked."""

    way: SignInWay = SignInWay.BROWSER


@dataclass(frozen=True, slots=True)
class SignInProgressed:
    """A sign-in waits for the user: a link to open and, for a device code, the code to type."""

    call: int
    link: str
    code: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignInCancelled:
    """The user gave the sign-in up."""


@dataclass(frozen=True, slots=True)
class SignOutAsked:
    """*Sign out* was clicked."""


@dataclass(frozen=True, slots=True)
class UnlockAsked:
    """*Unlock keyring* was clicked."""


@dataclass(frozen=True, slots=True)
class AutostartToggled:
    """*Launch at login* was clicked."""


@dataclass(frozen=True, slots=True)
class AutostartRead:
    """The OS was asked whether the program launches at login; `None`: it cannot here."""

    on: bool | None


class Document(StrEnum):
    """What the menu can open."""

    SETTINGS = "settings"
    LOG = "log"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class OpenAsked:
    """*Open settings*, *Open log* or the project's page was clicked."""

    document: Document


@dataclass(frozen=True, slots=True)
class SecondStarted:
    """Somebody started the program again while this one runs."""


@dataclass(frozen=True, slots=True)
class TrayMissed:
    """No tray host answered within a minute."""


@dataclass(frozen=True, slots=True)
class LeverPulled:
    """The demo's other side was played: a key of `sandbox/levers.py`."""

    lever: str


@dataclass(frozen=True, slots=True)
class LeversRead:
    """The demo's levers as (key, label, is on) after a pull."""

    levers: tuple[tuple[str, str, bool | None], ...]


Event = (
    Started
    | Picked
    | KeepChosen
    | PinToggled
    | Stopped
    | LeaveAsked
    | ChosenStatusClearAsked
    | Looked
    | Suspending
    | Resumed
    | Woke
    | Answered
    | TokenAnswered
    | SignInAsked
    | SignInProgressed
    | SignInCancelled
    | SignOutAsked
    | UnlockAsked
    | AutostartToggled
    | AutostartRead
    | OpenAsked
    | SecondStarted
    | TrayMissed
    | LeverPulled
    | LeversRead
)

# --------------------------------------------------------------------------- effects: Graph requests


@dataclass(frozen=True, slots=True)
class SetSession:
    """`setPresence`: lease in whole minutes, 5 to 240."""

    call: int
    pair: Pair
    lease: timedelta


@dataclass(frozen=True, slots=True)
class ClearSession:
    """`clearPresence`."""

    call: int


@dataclass(frozen=True, slots=True)
class SetPreferred:
    """`setUserPreferredPresence`: lease in whole minutes."""

    call: int
    pair: Pair
    lease: timedelta


@dataclass(frozen=True, slots=True)
class ClearPreferred:
    """`clearUserPreferredPresence`."""

    call: int


@dataclass(frozen=True, slots=True)
class ReadPresence:
    """`GET …/presence`."""

    call: int


Request = SetSession | ClearSession | SetPreferred | ClearPreferred | ReadPresence

# --------------------------------------------------------------------------- effects: the token side


@dataclass(frozen=True, slots=True)
class ReadAccount:
    """Read who is signed in from the vault, without the network."""

    call: int


@dataclass(frozen=True, slots=True)
class ObtainToken:
    """Get an access token; `fresh`: not the cached one, answering `claims` if there is a challenge."""

    call: int
    fresh: bool = False
    claims: str | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in with the user's help."""

    call: int
    way: SignInWay


@dataclass(frozen=True, slots=True)
class CancelSignIn:
    """Give up the sign-in under way."""

    call: int


@dataclass(frozen=True, slots=True)
class SignOut:
    """Remove the tokens from keyring and memory."""

    call: int


@dataclass(frozen=True, slots=True)
class UnlockKeyring:
    """Unlock the keyring; the only effect that may raise a prompt besides `SignIn`."""

    call: int


TokenErrand = ReadAccount | ObtainToken | SignIn | SignOut | UnlockKeyring

# --------------------------------------------------------------------------- effects: the rest


@dataclass(frozen=True, slots=True)
class Abandon:
    """Stop waiting for Graph call number `call`: drop its connection, take the next on a new one."""

    call: int


@dataclass(frozen=True, slots=True)
class Save:
    """Write what must survive the process."""

    saved: Saved


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the user of a problem or a recovery."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class AllowSuspend:
    """Let the machine sleep: what had to be done before is done."""


@dataclass(frozen=True, slots=True)
class Open:
    """Open a document in the user's own program for it."""

    document: Document


@dataclass(frozen=True, slots=True)
class ToggleAutostart:
    """Switch *Launch at login* over and read it back."""


@dataclass(frozen=True, slots=True)
class PullLever:
    """Play the demo's other side."""

    lever: str


@dataclass(frozen=True, slots=True)
class Exit:
    """End the program; `left` says what could not be released, `None` when nothing stayed."""

    left: str | None = None


Effect = (
    Request
    | TokenErrand
    | CancelSignIn
    | Abandon
    | Save
    | Notify
    | AllowSuspend
    | Open
    | ToggleAutostart
    | PullLever
    | Exit
)
