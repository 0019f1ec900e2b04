"""The calls of Graph and of the token side: what is in flight, and when to try again.

Only the methods here change the record.
"""

from datetime import datetime, timedelta

from tray.core.effects import Request, SignIn, SignOut, TokenErrand, UnlockKeyring
from tray.core.events import SignInProgressed
from tray.core.record import Record, replace
from tray.core.schedule import Retry
from tray.core.values import KeyringTrouble, SignedOut, SignInNeeded, TokenOutcome, TryLater


class TokenRetry(Record):
    """When the token side may be asked again after failures."""

    failures: int = 0
    at: datetime | None = None  # our own pause; a user's pick ends it
    floor: datetime | None = None  # the identity platform's `Retry-After`

    @property
    def due(self) -> datetime | None:
        """Return when a token may be asked for; `None`: at once."""
        return max(filter(None, (self.at, self.floor)), default=None)


class Ended(Record):
    """How many of the errands that a command waits for have ended, and why the last one failed."""

    sign_outs: int = 0
    unlocks: int = 0
    failure: TryLater | SignInNeeded | KeyringTrouble | None = None
    binned: bool = False  # the last sign-out left something in a recycle bin


class Calls(Record):
    """One request to Graph and one errand of the token side, at most, and the pauses after failures."""

    count: int = 0  # the numbers given so far; an answer names the call it answers
    request: Request | None = None
    request_at: datetime | None = None
    patience: datetime | None = None  # the user has acted since the request was sent: wait for it until then
    errand: TokenErrand | None = None
    errand_at: datetime | None = None
    prompt: SignInProgressed | None = None
    unlock_waits: bool = False  # the user wants the keyring unlocked once the errand under way is back
    ended: Ended = Ended()
    retry: Retry = Retry()
    token_retry: TokenRetry = TokenRetry()

    @property
    def superseded(self) -> bool:
        """Return whether the user has acted since the request in flight was sent."""
        return self.patience is not None

    @property
    def signing_in(self) -> bool:
        """Return whether the user is in the middle of a sign-in."""
        return isinstance(self.errand, SignIn)

    # ------------------------------------------------------------------- requests to Graph

    def sent(self, request: Request, now: datetime) -> "Calls":
        """Note the request in flight."""
        return replace(self, count=request.call, request=request, request_at=now)

    def answered(self) -> "Calls":
        """Note that nothing is in flight; whether the user has acted meanwhile is kept until `settled`."""
        return replace(self, request=None, request_at=None)

    def settled(self) -> "Calls":
        """Forget whether the user had acted before the answer."""
        return replace(self, patience=None)

    def abandoned(self) -> "Calls":
        """Stop waiting for the request in flight."""
        return replace(self, request=None, request_at=None, patience=None)

    def unpaused(self, patience: datetime) -> "Calls":
        """End our own pauses, because the user acts; what Graph asked for stands."""
        return replace(
            self,
            patience=patience if self.request else None,
            retry=self.retry.unpaused(),
            token_retry=TokenRetry(floor=self.token_retry.floor),
        )

    def retrying(self, retry: Retry) -> "Calls":
        """Note when and how Graph is asked again."""
        return replace(self, retry=retry)

    # ------------------------------------------------------------------- errands of the token side

    def errand_sent(self, errand: TokenErrand, now: datetime) -> "Calls":
        """Note the errand under way."""
        return replace(self, count=errand.call, errand=errand, errand_at=now)

    def progressed(self, prompt: SignInProgressed) -> "Calls":
        """Note what the sign-in waits for."""
        return replace(self, prompt=prompt)

    def errand_answered(self) -> "Calls":
        """Note that no errand is under way."""
        return replace(self, errand=None, errand_at=None, prompt=None)

    def unlocking(self, *, waits: bool) -> "Calls":
        """Note whether the keyring is to be unlocked next."""
        return replace(self, unlock_waits=waits)

    def ended_with(self, outcome: TokenOutcome) -> "Calls":
        """Count the errand under way if a command waits for its end, and note why it failed."""
        ended = self.ended
        failure = outcome if isinstance(outcome, TryLater | SignInNeeded | KeyringTrouble) else None
        match self.errand:
            case SignOut():
                binned = isinstance(outcome, SignedOut) and outcome.binned
                return replace(self, ended=Ended(ended.sign_outs + 1, ended.unlocks, failure, binned))
            case UnlockKeyring():
                return replace(self, ended=Ended(ended.sign_outs, ended.unlocks + 1, failure))
        return self

    def token_paused(self, until: datetime | None) -> "Calls":
        """Ask for no token until then."""
        return replace(self, token_retry=replace(self.token_retry, at=until))

    def token_failed(self, until: datetime, floor: datetime | None) -> "Calls":
        """Count a failure of the token side."""
        return replace(self, token_retry=TokenRetry(self.token_retry.failures + 1, until, floor))

    def asked_before(self, graph: datetime | None, sign_in: datetime | None) -> "Calls":
        """Note until when each service asked an earlier run to wait."""
        return replace(self, retry=replace(self.retry, floor=graph), token_retry=TokenRetry(floor=sign_in))

    def token_granted(self) -> "Calls":
        """Begin anew after a token was granted."""
        return replace(self, token_retry=TokenRetry())

    def shifted(self, by: timedelta) -> "Calls":
        """Move along with a clock that was set back; our own pauses end."""
        floor = self.token_retry.floor
        return replace(
            self,
            request_at=self.request_at and self.request_at + by,
            patience=self.patience and self.patience + by,
            errand_at=self.errand_at and self.errand_at + by,
            retry=self.retry.shifted(by),
            token_retry=replace(self.token_retry, at=None, floor=floor and floor + by),
        )
