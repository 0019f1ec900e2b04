"""Token errands carried out: who is signed in, a token without the user, signing out; knows no pipe, no engine.

The one function behind both implementations of the token protocol. MSAL's many outcomes become one of ours: a token,
*sign in again* (only the identity platform says so), *try later*, or the keyring's trouble.
"""

from typing import Any

import httpx

from tray.core.effects import (
    ObtainToken,
    ReadAccount,
    SignIn,
    SignOut,
    TokenErrand,
    UnlockKeyring,
)
from tray.core.values import AccountRead, KeyringTrouble, SignedOut, SignInNeeded, TryLater
from tray.messages import signin as words
from tray.signin.child.id_token import person_of
from tray.signin.child.interactive import sign_in
from tray.signin.child.msal_app import Application, NotNow
from tray.signin.child.workplace import Office, Progress
from tray.signin.source import Reply
from tray.signin.storage.vault import VaultError

NOT_REGISTERED = frozenset({"invalid_client", "unauthorized_client", "invalid_resource", "invalid_scope"})
ASKS_THE_USER = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})


def carry_out(errand: TokenErrand, office: Office, progress: Progress) -> Reply:
    """Carry an errand out; what network, identity platform or keyring do wrong is an outcome."""
    try:
        match errand:
            case ReadAccount() | UnlockKeyring():
                return _read_account(office)
            case ObtainToken():
                return _obtain(errand, office)
            case SignIn():
                return sign_in(errand, office, progress)
            case SignOut():
                with office.cache.locked():
                    office.cache.delete()
                return Reply(SignedOut())
    except NotNow as exc:
        return Reply(exc.outcome)
    except VaultError as exc:
        return Reply(KeyringTrouble(exc.state))
    except TimeoutError:  # the lock's: another process of ours is still at work
        return Reply(TryLater(words.ANOTHER))


def _read_account(office: Office) -> Reply:
    with office.cache.locked():
        person = person_of(office.cache.load())
    return Reply(AccountRead(person.account(office.identity) if person else None))


def _obtain(errand: ObtainToken, office: Office) -> Reply:
    """Get a token without the user: from the cache or by refreshing, under the lock that the cache is read in."""
    with office.cache.locked():
        kept = office.cache.load()
        if person_of(kept) is None:
            return Reply(SignInNeeded(words.NOBODY))
        application = office.application(kept)
        with application.client() as client:
            result = client.acquire_token_silent_with_error(
                office.identity.scopes,
                client.get_accounts()[0],
                force_refresh=errand.fresh,
                claims_challenge=errand.claims,
                http_exceptions=(httpx.HTTPError,),
            )
        if application.has_changed:
            office.cache.save(application.cache)
    return _reply(result, office, application)


def _reply(result: dict[str, Any] | None, office: Office, application: Application) -> Reply:
    """Turn MSAL's result into one of our outcomes."""
    if not result:  # nothing to refresh with, or an empty answer
        return Reply(application.busy() if application.can_refresh else SignInNeeded(words.NOBODY))
    if "access_token" in result:
        return office.granted(result, application)
    error = str(result.get("error", ""))
    if error in ASKS_THE_USER:
        kind = "consent_required" if error == "consent_required" else str(result.get("classification") or "")
        return Reply(SignInNeeded(words.AGAIN.get(kind, words.AGAIN[""])))
    if error in NOT_REGISTERED:
        return Reply(TryLater(words.NOT_REGISTERED))
    return Reply(application.busy())
