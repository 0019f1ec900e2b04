"""What a token errand is carried out with, and what a token it brings home means; knows no errand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx

from tray.core.events import SignInProgressed
from tray.core.values import Granted, TryLater
from tray.messages import signin as words
from tray.signin.child.id_token import person_of
from tray.signin.child.msal_app import Application
from tray.signin.registration import Identity
from tray.signin.source import Reply, Token

Progress = Callable[[SignInProgressed], object]


class Cache(Protocol):
    """Where the token cache is kept: the vault, or memory; every call may raise VaultError."""

    @property
    def remembers(self) -> bool:
        """Return whether what was saved outlives the tray."""

    def load(self) -> str | None:
        """Return the cache."""

    def save(self, cache: str) -> None:
        """Keep the cache."""

    def delete(self) -> None:
        """Remove the cache."""

    def locked(self) -> Any:
        """Keep other processes out, as a context manager. Raises TimeoutError."""


class Waiting(Protocol):
    """A sign-in under way: gives the form that the browser brings, `None` when there will be none."""

    redirect_uri: str

    def wait(self, state: str, limit: timedelta) -> dict[str, str] | None:
        """Wait for the browser's form; raises TimeoutError."""


@dataclass(slots=True)
class Office:
    """What errands are carried out with."""

    identity: Identity
    cache: Cache
    http: httpx.Client
    now: Callable[[], datetime]
    receive: Callable[[], Any]  # a context manager that gives a Waiting
    browse: Callable[[str], None]
    cancelled: Callable[[], bool] = lambda: False

    def application(self, cache: str | None = None) -> Application:
        """Return MSAL's client for a cache."""
        return Application(self.identity, self.http, cache)

    def granted(self, result: dict[str, Any], application: Application) -> Reply:
        """Return the token that MSAL brought, if it says whose it is."""
        person = person_of(application.cache)
        if person is None:
            return Reply(TryLater(words.NOBODYS))
        expires_at = self.now() + timedelta(seconds=int(result["expires_in"]))
        token = Token(str(result["access_token"]), expires_at, person.object_id)
        return Reply(Granted(person.account(self.identity), expires_at, remembered=self.cache.remembers), token)
