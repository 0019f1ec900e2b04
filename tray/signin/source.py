"""What the tray asks of whoever handles tokens; knows neither MSAL nor the keyring, nor how far away they are.

Two implementations: the token child behind a pipe (`signin/child.py`), and the same function in this process for
the demo and the tests.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tray.core.effects import TokenErrand
from tray.core.events import SignInProgressed
from tray.core.values import TokenOutcome


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and whose it is; never logged, never shown, never stored by the tray."""

    access_token: str = field(repr=False)
    expires_at: datetime
    object_id: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of an errand; `token` goes with `Granted` alone."""

    outcome: TokenOutcome
    token: Token | None = None


class TokenSource(Protocol):
    """Carries out one token errand at a time."""

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        """Carry an errand out, blocking; never raises: whatever goes wrong is an outcome."""

    def cancel(self, call: int) -> None:
        """Give up the sign-in with this call number, under way or about to be; callable from any thread."""
