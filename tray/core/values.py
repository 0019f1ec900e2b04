"""The values that events and effects carry, and that the engine keeps; no behaviour."""

from datetime import datetime, timedelta
from enum import StrEnum

from tray.core.record import PersonalRecord, Record
from tray.core.states import Pair, State


class Account(Record):
    """An account: the name that a user reads, and a key that tells accounts apart without naming an id."""

    username: str
    key: str


class Origin(StrEnum):
    """Who asked for a hold, as `status --json` names it."""

    USER = "user"
    MICROPHONE = "microphone"
    SCREEN_LOCK = "screen-lock"
    HOURS = "hours"
    LAUNCH = "launch"

    @property
    def is_rule(self) -> bool:
        """Tell whether a rule asked for the hold, not the user."""
        return self in {Origin.MICROPHONE, Origin.SCREEN_LOCK, Origin.HOURS}


class HeldBy(StrEnum):
    """What shows a hold on Teams, as `status --json` names it."""

    NOTHING = "nothing"
    SESSION = "session"
    PREFERRED = "preferred"


class Silenced(Record):
    """Which rules the user has silenced for now."""

    microphone: bool = False
    screen_lock: bool = False
    hours: str | None = None  # the key of the span

    @property
    def any(self) -> bool:
        """Tell whether a rule is silenced."""
        return self.microphone or self.screen_lock or self.hours is not None


class Hold(PersonalRecord):
    """A status to hold; `by` names the program that uses the microphone. The user sees it, no log does."""

    state: State
    since: datetime
    until: datetime | None = None
    pinned: bool = False
    origin: Origin = Origin.USER
    by: str = ""


class Lease(Record):
    """Our session or preferred presence on the service: its pair, when it was set, and when Graph ends it."""

    pair: Pair
    confirmed_at: datetime
    expires_at: datetime


LONGEST_HOLD = timedelta(days=7)  # of a timed hold; a longer one is taken for a slip of the finger


class Message(Record):
    """A status message; an empty text is none. It is personal: no log, trace or notice has it."""

    text: str
    expires_at: datetime | None = None  # `None`: never, which only others write

    def __repr__(self) -> str:
        """Leave the text out."""
        return f"Message(expires_at={self.expires_at})"


class Saved(Record):
    """What survives the process: a hold to take up, and what was left on the service."""

    hold: Hold | None = None
    last_state: State | None = None
    session: Lease | None = None
    preferred: Lease | None = None
    account_key: str | None = None
    silenced: Silenced = Silenced()
    paused: bool = False
    message: Message | None = None  # ours, to be cleared with the hold
    told: str | None = None  # the key of the hours' span whose message was sent
    graph_wait: datetime | None = None  # until when Graph asked us to wait
    sign_in_wait: datetime | None = None  # until when the identity platform did


class AnswerKind(StrEnum):
    """What an answer from Graph means, whatever it looked like."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # 400 and the like: the request itself is not acceptable
    UNAUTHORIZED = "unauthorized"  # 401
    FORBIDDEN = "forbidden"  # 403
    NOT_FOUND = "not-found"  # 404
    THROTTLED = "throttled"  # 429
    UNAVAILABLE = "unavailable"  # 5xx, and answers that are not Graph's
    UNREACHABLE = "unreachable"  # no answer at all


class NetworkFailure(StrEnum):
    """Why no answer came, as far as it can be told."""

    NETWORK = "network"
    NAME = "name"  # DNS
    TIMEOUT = "timeout"
    TLS = "tls"  # a certificate that is not trusted
    TLS_CLOCK = "tls-clock"  # a certificate not yet or no longer valid: perhaps our clock
    PORTAL = "portal"  # a network that wants a sign-in of its own answers with its page
    BROKEN = "broken"  # the connection was reset, or the answer cannot be read
    VARIABLE = "variable"  # a variable names a proxy or a certificate file that cannot be used
    PROXY_AWAY = "proxy-away"  # the proxy itself cannot be reached
    PROXY_LOGIN = "proxy-login"  # the proxy wants a user name and password: 407
    PROXY_FORBIDS = "proxy-forbids"  # the proxy lets nothing through to Microsoft: 403 and the like
    PROXY_FAILS = "proxy-fails"  # the proxy does not get through to Microsoft: 502 and the like
    PROXY_PLAIN = "proxy-plain"  # its address begins with https:// and it speaks plain HTTP


class Answer(Record):
    """One answer to one Graph request."""

    kind: AnswerKind
    seen: Pair | None = None
    out_of_office: bool = False
    message: Message | None = None  # the status message that was read; `None`: the answer does not say
    retry_after: timedelta | None = None
    claims: str | None = None  # decoded claims challenge of a 401
    failure: NetworkFailure | None = None  # with UNREACHABLE and PORTAL pages
    status: int | None = None


class KeyringState(StrEnum):
    """Why the vault cannot be used."""

    ABSENT = "absent"
    LOCKED = "locked"
    GUARDED = "guarded"  # open, but the user must allow this program to read its entry
    NOTHING_SHARED = "nothing-shared"  # it runs and offers no place for secrets
    HUNG = "hung"
    DAMAGED = "damaged"


UNLOCKABLE = frozenset({KeyringState.LOCKED, KeyringState.GUARDED, KeyringState.NOTHING_SHARED})  # with the user's help


class Granted(Record):
    """An access token is at hand; the token itself never enters the core."""

    account: Account
    expires_at: datetime
    remembered: bool = True  # False: no keyring, the sign-in ends with the process


class AccountRead(Record):
    """The vault was read without a network call; `None`: nobody is signed in."""

    account: Account | None


class SignInNeeded(Record):
    """The identity platform asks for a sign-in: why, and what to do, in words."""

    title: str
    message: str = ""
    setup: bool = False  # client_id or tenant is missing: `presence-tray setup` comes first


class TryLater(Record):
    """There is no token now; the account stays signed in."""

    title: str
    message: str = ""  # what to do besides trying again
    after: timedelta | None = None
    failure: NetworkFailure | None = None


class KeyringTrouble(Record):
    """The keyring cannot be used; the account stays signed in."""

    state: KeyringState


class SignedOut(Record):
    """The tokens are gone from keyring and memory; `binned`: the keyring has a recycle bin and keeps old values."""

    binned: bool = False


TokenOutcome = Granted | AccountRead | SignInNeeded | TryLater | KeyringTrouble | SignedOut


class SignInWay(StrEnum):
    """How to sign in."""

    BROWSER = "browser"
    DEVICE_CODE = "device-code"


class LeaveReason(StrEnum):
    """Why the program ends."""

    QUIT = "quit"  # the user's wish: every hold ends
    OVER = "over"  # a foreground hold has ended
    ENDED = "ended"  # SIGTERM or logout: the next start sets a timed hold again
    REPLACED = "replaced"  # by another version, which starts at once and sets any hold again


class Keep(StrEnum):
    """*Keep for*: how long a hold lasts."""

    UNTIL_STOPPED = "until-stopped"
    HALF_HOUR = "30m"
    HOUR = "1h"
    TWO_HOURS = "2h"
    FOUR_HOURS = "4h"
    END_OF_DAY = "end-of-day"


class Document(StrEnum):
    """What the menu can open."""

    SETTINGS = "settings"
    LOG = "log"
    HELP = "help"
    AUTOMATIC_REPLIES = "automatic-replies"  # a page of Outlook's


class Difference(StrEnum):
    """Why Teams shows something else, as `status --json` names it."""

    IN_A_CALL = "teams-in-a-call"
    IN_A_MEETING = "teams-in-a-meeting"
    PRESENTING = "teams-presenting"
    OUTRANKED = "teams-outranks"
    CHOSEN = "chosen-in-teams"
    MISSING = "session-missing"
    ANOTHER_COMPUTER = "another-computer"
    NOT_YET_SHOWN = "not-yet-shown"
    CANNOT_TELL = "cannot-tell"
