"""The token errands: say who is signed in, get a token without the user, sign in and out.

Both token sources carry their errands out with this code. MSAL's many results become one of ours: a token, *sign in
again* (only where the identity platform says so), *try later*, or trouble with the keyring.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from tray.core.effects import (
    ObtainToken,
    ReadAccount,
    SignIn,
    SignOut,
    TokenErrand,
    UnlockKeyring,
)
from tray.core.values import Account, AccountRead, Granted, KeyringTrouble, SignedOut, SignInNeeded, TryLater
from tray.graph.http_messages import NoAnswer, Send
from tray.graph.requests import Token
from tray.logs import redacted
from tray.messages import signin as words
from tray.messages.catalogue import printable
from tray.signin.child.id_token import person_of
from tray.signin.child.interactive import Interaction, Progress, Result, sign_in
from tray.signin.child.msal_app import Application, NotNow
from tray.signin.pipe import Reply
from tray.signin.registration import AppRegistration
from tray.signin.storage.vault import VaultError

NOT_REGISTERED = frozenset({"invalid_client", "unauthorized_client", "invalid_resource", "invalid_scope"})
NOT_PUBLIC = frozenset({"7000218"})  # Entra wants a secret
WRONG_REDIRECT = frozenset({"9002326", "9002327", "50011", "500113"})  # a website's, another one, none
ASKS_THE_USER = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
STILL_WAITING = frozenset({"authorization_pending", "slow_down"})  # MSAL's last result when the code has run out
CODE_ENDED = frozenset({"expired_token", "code_expired"}) | STILL_WAITING


class Cache(Protocol):
    """Where the token cache is kept; every call may raise `VaultError`."""

    @property
    def remembers(self) -> bool:
        """Return whether what was saved outlives the tray."""

    def load(self) -> str | None:
        """Return the cache."""

    def save(self, cache: str) -> None:
        """Keep the cache."""

    def check(self) -> None:
        """Raise if nothing can be kept."""

    def delete(self) -> bool:
        """Remove the cache, and return whether something of it stays in a bin."""

    def locked(self) -> Any:
        """Return a context manager that keeps other processes out; raise `TimeoutError`."""


@dataclass(slots=True)
class TokenErrands:
    """Carries errands out for one app registration."""

    registration: AppRegistration
    cache: Cache
    send: Send
    interaction: Interaction
    now: Callable[[], datetime]

    def carry_out(self, errand: TokenErrand, progress: Progress) -> Reply:
        """Carry an errand out; what fails at the network, the identity platform or the keyring is an outcome."""
        try:
            match errand:
                case ReadAccount() | UnlockKeyring():
                    return self._read_account()
                case ObtainToken():
                    return self._obtain(errand)
                case SignIn():
                    return self._sign_in(errand, progress)
                case SignOut():
                    with self.cache.locked():
                        return Reply(SignedOut(binned=self.cache.delete()))
        except NotNow as exc:
            return Reply(exc.outcome)
        except VaultError as exc:
            return Reply(KeyringTrouble(exc.state))
        except TimeoutError:  # another process holds the lock
            return Reply(TryLater(*words.another_at_work()))
        except OSError as exc:  # the lock's file; the network's errors are outcomes already
            return Reply(TryLater(*words.not_locked(str(exc.filename), exc.strerror or str(exc))))

    def _read_account(self) -> Reply:
        with self.cache.locked():
            person = person_of(self.cache.load())
        return Reply(AccountRead(person.account(self.registration) if person else None))

    def _obtain(self, errand: ObtainToken) -> Reply:
        """Get a token without the user: from the cache, or by a refresh under the lock in which the cache was read."""
        with self.cache.locked():
            kept = self.cache.load()
            if person_of(kept) is None:
                return Reply(SignInNeeded(*words.nobody()))
            application = Application(self.registration, self.send, kept)
            with application.client() as client:
                result = client.acquire_token_silent_with_error(
                    application.scopes,
                    client.get_accounts()[0],
                    force_refresh=errand.fresh,
                    claims_challenge=errand.claims,
                    # Without it MSAL catches errors of requests only, and loses a token that is still good.
                    http_exceptions=(NoAnswer,),
                )
            checked = self._checked(result, application) if result and "access_token" in result else None
            if application.has_changed:
                self.cache.save(application.cache)
        return self._granted(*checked) if checked else self._reply_to(result, application)

    def _reply_to(self, result: Result | None, application: Application) -> Reply:
        """Return why there is no token without the user."""
        if not result:  # there is no refresh token, or the answer was empty
            return Reply(application.busy() if application.can_refresh else SignInNeeded(*words.nobody()))
        error = str(result.get("error", ""))
        if error in ASKS_THE_USER:
            kind = "consent_required" if error == "consent_required" else str(result.get("classification") or "")
            return Reply(SignInNeeded(*words.again(kind)))
        if said := _of_the_registration(result):
            return Reply(TryLater(*said))
        if error in NOT_REGISTERED:
            return Reply(TryLater(*words.not_registered()))
        return Reply(application.busy())

    def _sign_in(self, errand: SignIn, progress: Progress) -> Reply:
        """Sign somebody in instead of whoever was signed in; the vault is locked only for the save."""
        if errand.stored:
            self.cache.check()
        application = Application(self.registration, self.send)
        result = sign_in(errand, application, self.interaction, progress)
        if "access_token" not in result:
            return Reply(_refusal(result))
        account, token = self._checked(result, application)  # a bad answer leaves the account of before in the vault
        with self.cache.locked():
            self.cache.save(application.cache)
        return self._granted(account, token)

    def _checked(self, result: Result, application: Application) -> tuple[Account, Token]:
        """Return the account and the token that MSAL obtained; raise `NotNow` for an answer that must not be saved."""
        person = person_of(application.cache)
        if person is None:
            raise NotNow(TryLater(*words.unknown_person()))
        try:
            expires_at = self.now() + timedelta(seconds=int(result["expires_in"]))
        except (ValueError, TypeError, OverflowError) as exc:
            raise NotNow(application.busy()) from exc
        return person.account(self.registration), Token(str(result["access_token"]), expires_at, person.object_id)

    def _granted(self, account: Account, token: Token) -> Reply:
        return Reply(Granted(account, token.expires_at, remembered=self.cache.remembers), token)


def _of_the_registration(result: Result) -> tuple[str, str] | None:
    """Return what is wrong with the app registration, as far as Entra's number says; `None` for anything else.

    Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
    """
    numbers = re.findall(r"AADSTS(\d{1,9})", str(result.get("error_description")))[:1]
    codes = result.get("error_codes")
    numbers += [str(code) for code in codes] if isinstance(codes, list) else []
    if not NOT_PUBLIC.isdisjoint(numbers):
        return words.not_public()
    return None if WRONG_REDIRECT.isdisjoint(numbers) else words.wrong_redirect()


def _refusal(result: Result) -> TryLater:
    """Return why nobody was signed in."""
    error = str(result.get("error") or "")
    if error in CODE_ENDED:
        return TryLater(*words.code_expired())
    if said := _of_the_registration(result):
        return TryLater(*said)
    why = str(result.get("error_description") or error).splitlines()[:1]
    return TryLater(*words.refused(redacted(printable((why or [""])[0]))))
