"""A token source that works in this process, with the token child's code, for the demo and the tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from tray.core.effects import ObtainToken, TokenErrand
from tray.core.events import SignInProgressed
from tray.core.values import Granted
from tray.graph.http_messages import Send
from tray.signin.child.errands import TokenErrands
from tray.signin.child.interactive import Interaction
from tray.signin.child.loopback import Receiver
from tray.signin.pipe import Reply
from tray.signin.registration import AppRegistration


class MemoryCache:
    """A token cache that ends with the process."""

    remembers = True  # the demo's account is signed in again at each start: a warning would be wrong

    def __init__(self) -> None:
        self.cache: str | None = None

    def load(self) -> str | None:
        """Return the cache."""
        return self.cache

    def save(self, cache: str) -> None:
        """Keep the cache."""
        self.cache = cache

    def check(self) -> None:
        """Do nothing: memory takes everything."""

    def delete(self) -> bool:
        """Remove the cache, of which nothing stays."""
        self.cache = None
        return False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Do nothing: no other process sees this cache."""
        yield


class InProcessSource:
    """Carries errands out here, against whatever `send` reaches."""

    def __init__(self, registration: AppRegistration, send: Send, now: Callable[[], datetime]) -> None:
        self._now = now
        self._call = 0
        self._cancelled: int | None = None
        self._expires_at: datetime | None = None
        interaction = Interaction(
            receive=lambda: Receiver(self._is_cancelled),
            browse=lambda _link, _failed: None,
            is_cancelled=self._is_cancelled,
        )
        self.errands = TokenErrands(registration, MemoryCache(), send, interaction, now)

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out."""
        self._call = errand.call
        if isinstance(errand, ObtainToken) and self._expires_at and self._now() >= self._expires_at:
            # MSAL reads the machine's clock, which a demo's clock outruns.
            errand = ObtainToken(errand.call, fresh=True, claims=errand.claims)
        reply = self.errands.carry_out(errand, progress)
        if isinstance(reply.outcome, Granted):
            self._expires_at = reply.outcome.expires_at
        return reply

    def cancel(self, call: int) -> None:
        """Give up the sign-in with this call number."""
        self._cancelled = call

    def abandon(self, call: int) -> None:
        """Do nothing: there is no process to end."""

    def _is_cancelled(self) -> bool:
        return self._cancelled == self._call
