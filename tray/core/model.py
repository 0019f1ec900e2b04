"""What the engine knows, as frozen records.

`Wish`, `Identity`, `Phase` and `Desktop` are changed by their own methods alone, and so are `Service` (`service.py`)
and `Calls` (`calls.py`).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tray.core.calls import Calls
from tray.core.config import Config
from tray.core.effects import Effect, Notify, Watch
from tray.core.record import Record, replace
from tray.core.rules import Rules, Situation, lateness
from tray.core.schedule import TOKEN_MARGIN
from tray.core.service import NOTHING, Ours, Service
from tray.core.states import Pair, State
from tray.core.status_message import StatusMessage
from tray.core.values import (
    Account,
    Granted,
    Hold,
    Keep,
    KeyringState,
    NetworkFailure,
    Saved,
    SignInWay,
)
from tray.core.view_model import Notice

# --------------------------------------------------------------------------- the wish


class Wish(Record):
    """What is to be held: the user's pick, and what the rules made of it."""

    hold: Hold | None = None  # in force
    hidden_pick: Hold | None = None  # the user's, beneath a rule's hold
    keep: Keep = Keep.UNTIL_STOPPED
    pin: bool = False
    last_state: State | None = None
    chosen: Pair | None = None  # the status chosen in Teams that ended a hold or its pin
    clear_chosen: bool = False  # the user wants that status cleared
    clicked: bool = False  # the hold was picked in the menu, so a sign-in may open at once
    waiting: Hold | None = None  # picked with nobody signed in: set after the sign-in

    @property
    def pick(self) -> Hold | None:
        """Return the user's own hold, in force or hidden."""
        return self.hidden_pick if self.hold is None or self.hold.origin.is_rule else self.hold

    def holding(self, hold: Hold, keep: Keep | None = None, *, clicked: bool = False) -> "Wish":
        """Hold a state that was picked; a status chosen in Teams before is of the past."""
        return Wish(hold, None, keep or self.keep, self.pin, hold.state, clicked=clicked)

    def awaiting_sign_in(self) -> "Wish":
        """Hold nothing before somebody has signed in."""
        return replace(self, hold=None, waiting=self.hold)

    def awaiting(self, waiting: Hold | None) -> "Wish":
        """Change what waits for a sign-in."""
        return self if waiting is self.waiting else replace(self, waiting=waiting)

    def signed_in(self, now: datetime) -> "Wish":
        """Hold what waited for the sign-in, unless its end has passed."""
        hold = self.waiting
        if hold is None or (hold.until and hold.until <= now):
            return replace(self, waiting=None)
        return replace(self, hold=replace(hold, since=now), waiting=None)

    def showing(self, hold: Hold | None) -> "Wish":
        """Put in force what the rules say, which may be the pick."""
        pick = self.pick
        return replace(self, hold=hold, hidden_pick=None if hold == pick else pick)

    def without_hidden_pick(self) -> "Wish":
        """Drop the pick that a rule hides: its end has come."""
        return replace(self, hidden_pick=None)

    def remembering(self, last_state: State | None) -> "Wish":
        """Note what was held last."""
        return replace(self, last_state=last_state)

    def without_hold(self) -> "Wish":
        """End the hold; how the next one is to be kept stays as it is."""
        return replace(self, hold=None, hidden_pick=None, clear_chosen=False, waiting=None)

    def declined(self, state: State) -> "Wish":
        """Hold nothing, because Teams does not accept what was picked; no launch is to try it again."""
        return Wish(None, None, self.keep, self.pin, None if self.last_state is state else self.last_state)

    def stopped(self) -> "Wish":
        """Forget the hold and how it was to be kept."""
        return Wish(last_state=self.last_state)

    def kept(self, keep: Keep, until: datetime | None) -> "Wish":
        """Change how long the pick lasts, else the next; a rule's hold lasts as long as the rule says."""
        pick = self.pick and replace(self.pick, until=until)
        if self.hold and self.hold.origin.is_rule:
            return replace(self, keep=keep, hidden_pick=pick)
        return replace(self, keep=keep, hold=pick)

    def pinned(self, *, pin: bool) -> "Wish":
        """Let the present hold, else the next, override Teams, or not."""
        if self.hold is None:
            return replace(self, pin=pin)
        return replace(self, pin=pin, hold=replace(self.hold, pinned=pin), chosen=None)

    def unpinned(self) -> "Wish":
        """Let the pick, in force or hidden, override Teams no more."""
        return replace(self.pinned(pin=False), hidden_pick=self.hidden_pick and replace(self.hidden_pick, pinned=False))

    def yielding(self, chosen: Pair, *, ends: bool) -> "Wish":
        """End the hold, or only its pin, because the user chose a status in Teams."""
        left = None if ends else self.hold and replace(self.hold, pinned=False)
        return replace(self, hold=left, chosen=chosen, clear_chosen=self.clear_chosen and not ends)

    def clearing(self) -> "Wish":
        """Clear the status chosen in Teams."""
        return replace(self, clear_chosen=True)

    def without_choice(self) -> "Wish":
        """Forget the status chosen in Teams: it is gone."""
        return replace(self, chosen=None)

    def cleared(self) -> "Wish":
        """Note that the status chosen in Teams has been cleared."""
        return replace(self, chosen=None, clear_chosen=False)

    def shifted(self, by: timedelta) -> "Wish":
        """Move along with a clock that was set back; a hold's end is a time of day and stays."""
        hold, hidden = self.hold, self.hidden_pick
        return replace(
            self,
            hold=hold and replace(hold, since=hold.since + by),
            hidden_pick=hidden and replace(hidden, since=hidden.since + by),
        )


# --------------------------------------------------------------------------- who is signed in


class Identity(Record):
    """Who is signed in, and with which token."""

    token: Granted | None = None
    margin: timedelta = TOKEN_MARGIN  # the last part of the token's life, in which no call begins
    fresh: bool = False  # the next token must be a new one
    fresh_tried: bool = False  # a new one has been asked for since the last call that was accepted
    claims: str | None = None  # the challenge that the new one has to answer
    account: Account | None = None
    signed_in: bool = False
    account_key: str | None = None  # of the account that the hold and the leases belong to

    def __repr__(self) -> str:
        """Leave the claims out: nothing of them belongs in a log."""
        return f"Identity(signed_in={self.signed_in}, token={self.token})"

    def granted(self, token: Granted, now: datetime) -> "Identity":
        """Note a token; one of a short life is used for half of it."""
        margin = min(TOKEN_MARGIN, (token.expires_at - now) / 2)
        return replace(self, token=token, margin=margin, fresh=False, claims=None)

    def renewing(self, claims: str | None) -> "Identity":
        """Drop the token that was refused and ask for a new one, once."""
        return replace(self, token=None, fresh=True, fresh_tried=True, claims=claims)

    def accepted(self) -> "Identity":
        """Note that Graph accepted a call with the token."""
        return replace(self, fresh_tried=False)

    def needing(self, *, fresh: bool) -> "Identity":
        """Note whether the next call needs a new token."""
        return replace(self, fresh=fresh)

    def signed_in_as(self, account: Account | None) -> "Identity":
        """Note who is signed in, if anybody."""
        return replace(self, account=account, signed_in=account is not None)

    def holding_for(self, account_key: str | None) -> "Identity":
        """Note which account the hold and the leases belong to."""
        return replace(self, account_key=account_key)

    def without_token(self) -> "Identity":
        """Forget the token: it is another account's."""
        return replace(self, token=None)

    def sign_in_needed(self) -> "Identity":
        """Note that no token comes without the user; the name of the account stays."""
        return replace(self, token=None, signed_in=False, fresh=False, claims=None)

    def signed_out(self) -> "Identity":
        """Note that the tokens are gone."""
        return replace(self, token=None, account=None, signed_in=False, account_key=None)

    def shifted(self, by: timedelta) -> "Identity":
        """Move along with a clock that was set back."""
        token = self.token
        return replace(self, token=token and replace(token, expires_at=token.expires_at + by))


# --------------------------------------------------------------------------- phases


class Closing(Record):
    """The program ends: by which deadline, and what is kept for the next start."""

    deadline: datetime
    keep: Hold | None = None
    left_session: Ours = NOTHING  # could not be released: the lease ends it
    left_preferred: Ours = NOTHING
    failed: bool = False  # a foreground hold ends because of the trouble there is


class Sleep(Record):
    """The machine is about to sleep, or sleeps."""

    since: datetime
    deadline: datetime  # the machine does not wait longer
    allowed: bool = False


class Handover(Record):
    """A sign-in, a sign-out or another account waits for the release under the old token."""

    deadline: datetime
    way: SignInWay | None = None  # sign in so; `None`: sign out, or go over to `to`
    releases: bool = True  # `False`: there is nothing to release, because the same account signs in again
    to: Account | None = None  # who has signed in elsewhere


class Phase(Record):
    """Which ends are under way; the table of phases is in `engine.py`."""

    closing: Closing | None = None
    sleep: Sleep | None = None
    woke_at: datetime | None = None  # the last resume, announced or seen by the clock
    handover: Handover | None = None
    gone: bool = False

    def closing_with(self, closing: Closing) -> "Phase":
        """Begin to end the program, or change how it ends; sleep and a change of account are over."""
        return replace(self, closing=closing, sleep=None, handover=None)

    def ended(self) -> "Phase":
        """Note that the program has ended."""
        return replace(self, gone=True)

    def suspending(self, sleep: Sleep) -> "Phase":
        """Begin to sleep, or allow it."""
        return replace(self, sleep=sleep)

    def awake(self) -> "Phase":
        """Note that the machine is awake, because the user acts."""
        return replace(self, sleep=None)

    def resumed(self, now: datetime) -> "Phase":
        """Note that the machine woke."""
        return replace(self, sleep=None, woke_at=now)

    def switching(self, handover: Handover | None) -> "Phase":
        """Begin a change of account, or end it."""
        return replace(self, handover=handover)

    def shifted(self, by: timedelta) -> "Phase":
        """Move along with a clock that was set back."""
        closing, sleep, handover = self.closing, self.sleep, self.handover
        return replace(
            self,
            closing=closing and replace(closing, deadline=closing.deadline + by),
            sleep=sleep and replace(sleep, since=sleep.since + by, deadline=sleep.deadline + by),
            woke_at=None,
            handover=handover and replace(handover, deadline=handover.deadline + by),
        )


# --------------------------------------------------------------------------- trouble, desktop, engine


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


class Trouble(Record):
    """Why the hold is not being kept."""

    code: TroubleCode
    since: datetime
    failure: NetworkFailure | None = None
    keyring: KeyringState | None = None
    state: State | None = None  # with DECLINED
    title: str = ""  # what the token side says is wrong, in words
    message: str = ""  # and what to do
    setup: bool = False  # nothing is set up yet
    told: bool = False  # the user has had a notice


class Desktop(Record):
    """What is known of the desktop around the program."""

    autostart: bool | None = None
    scenarios: tuple[tuple[str, str, bool | None], ...] = ()
    second_start_at: datetime | None = None
    tray_missing: bool = False  # nothing shows the icon: no notice asks to click it
    announces_sleep: bool = False  # the system tells of sleep: the clock needs no look each half minute

    def noting(self, **known: Any) -> "Desktop":
        """Note what has been found out."""
        return replace(self, **known)


class Engine(Record):
    """Everything the engine knows between two events."""

    config: Config
    clock: datetime  # the last instant it saw
    wish: Wish = Wish()
    service: Service = Service()
    calls: Calls = Calls()
    identity: Identity = Identity()
    phase: Phase = Phase()
    message: StatusMessage = StatusMessage()
    trouble: Trouble | None = None
    desktop: Desktop = Desktop()
    rules: Rules = Rules()
    watched: Watch = Watch()  # the sensors that were started
    saved: Saved | None = None
    out: tuple[Effect, ...] = ()

    @property
    def signing_in(self) -> bool:
        """Return whether the user is in the middle of a sign-in."""
        return self.calls.signing_in

    @property
    def situation(self) -> Situation:
        """Return everything that decides which hold is in force."""
        config = self.config
        late = lateness(config.offset)
        return Situation(self.wish.pick, self.rules, config.rules, self.clock, config.zone, late)

    def emit(self, effect: Effect) -> "Engine":
        """Add an effect to those of this decision."""
        return replace(self, out=(*self.out, effect))

    def tell(self, notice: Notice) -> "Engine":
        """Add a notice, unless the settings silence them."""
        return self.emit(Notify(notice)) if self.config.notices else self

    def without_hold(self) -> "Engine":
        """Return the engine with the hold dropped, and what belonged to it."""
        return replace(self, wish=self.wish.without_hold(), service=self.service.without_hold())
