"""The token side in this process, for the demo and the tests; the same function as the child's, the same MSAL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import httpx

from tray.core.effects import ObtainToken, TokenErrand
from tray.core.events import SignInProgressed
from tray.core.values import Granted
from tray.signin.child.errands import carry_out
from tray.signin.child.loopback import Receiver
from tray.signin.child.workplace import Office
from tray.signin.registration import Identity
from tray.signin.source import Reply


class MemoryCache:
    """A token cache that ends with the process."""

    remembers = True  # nobody is told otherwise: there is nothing to lose

    def __init__(self) -> None:
        self.cache: str | None = None

    def load(self) -> str | None:
        """Return the cache."""
        return self.cache

    def save(self, cache: str) -> None:
        """Keep the cache."""
        self.cache = cache

    def delete(self) -> None:
        """Remove the cache."""
        self.cache = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock nothing: nobody else sees it."""
        yield


class InProcess:
    """Carries errands out here, against whatever the HTTP client reaches."""

    def __init__(self, identity: Identity, http: httpx.Client, now: Callable[[], datetime]) -> None:
        self._now = now
        self._call = 0
        self._cancelled: int | None = None
        self._expires_at: datetime | None = None
        self.office = Office(identity, MemoryCache(), http, now, self._receiver, lambda _link: None, self._is_cancelled)

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out."""
        self._call = errand.call
        if isinstance(errand, ObtainToken) and self._expires_at and self._now() >= self._expires_at:
            errand = ObtainToken(errand.call, fresh=True, claims=errand.claims)  # MSAL's clock runs at its own speed
        reply = carry_out(errand, self.office, progress)
        if isinstance(reply.outcome, Granted):
            self._expires_at = reply.outcome.expires_at
        return reply

    def cancel(self, call: int) -> None:
        """Give up the sign-in with this call number."""
        self._cancelled = call

    def _is_cancelled(self) -> bool:
        return self._cancelled == self._call

    def _receiver(self) -> Receiver:
        return Receiver(self._is_cancelled)
