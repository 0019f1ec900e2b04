"""The token side in this process, for the demo and the tests; the same function as the child's, the same MSAL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event as Flag

import httpx

from tray.core.effects import ObtainToken, TokenErrand
from tray.core.events import SignInProgressed
from tray.core.things import Granted
from tray.signin.identity import Identity
from tray.signin.protocol import Reply
from tray.signin.receiver import Receiver
from tray.signin.tokens import Office, carry_out


class MemoryCache:
    """A token cache that ends with the process."""

    def __init__(self, cache: str | None = None) -> None:
        self.cache = cache

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
        self._stop = Flag()
        self._now = now
        self._expires_at: datetime | None = None
        self.office = Office(identity, MemoryCache(), http, now, Receiver, lambda _link: None, self._stop.is_set)

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out."""
        self._stop.clear()
        if isinstance(errand, ObtainToken) and self._expires_at and self._now() >= self._expires_at:
            errand = ObtainToken(errand.call, fresh=True, claims=errand.claims)  # MSAL's clock runs at its own speed
        reply = carry_out(errand, self.office, progress)
        if isinstance(reply.outcome, Granted):
            self._expires_at = reply.outcome.expires_at
        return reply

    def cancel(self) -> None:
        """Give up the sign-in under way."""
        self._stop.set()
