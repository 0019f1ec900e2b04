"""Token errands carried out with MSAL: silently, in the browser, or with a device code; knows no pipe, no engine.

The one function behind both implementations of the token protocol. MSAL's many outcomes become one of ours: a token,
*sign in again* (only the identity platform says so), *try later*, or the keyring's trouble.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx

from tray.core.effects import (
    ObtainToken,
    ReadAccount,
    SignIn,
    SignOut,
    TokenErrand,
    UnlockKeyring,
)
from tray.core.events import SignInProgressed
from tray.core.things import (
    Account,
    Granted,
    Known,
    Reach,
    SignedOut,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.signin.identity import Identity
from tray.signin.msal_http import HttpForMsal
from tray.signin.protocol import Reply, Token
from tray.words import signin as words

ASKS_THE_USER = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
SIGN_IN_LIMIT = timedelta(minutes=5)


class Cache(Protocol):
    """Where the token cache is kept: the vault, or memory."""

    def load(self) -> str | None:
        """Return the cache."""

    def save(self, cache: str) -> None:
        """Keep the cache."""

    def delete(self) -> None:
        """Remove the cache."""

    def locked(self) -> Any:
        """Keep other processes out, as a context manager."""


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
    cancelled: Callable[[], bool]
    remembers: bool = True


def carry_out(errand: TokenErrand, office: Office, progress: Callable[[SignInProgressed], object]) -> Reply:
    """Carry an errand out; network and identity platform never raise, the vault does (VaultError)."""
    try:
        match errand:
            case ReadAccount() | UnlockKeyring():
                with office.cache.locked():
                    return Reply(Known(_account(office, office.cache.load())))
            case ObtainToken():
                return _obtain(errand, office)
            case SignIn():
                return _sign_in(errand, office, progress)
            case SignOut():
                with office.cache.locked():
                    office.cache.delete()
                return Reply(SignedOut())
    except httpx.HTTPError as exc:
        return Reply(TryLater(words.NO_NETWORK, reach=_reach(exc)))


def _reach(exc: httpx.HTTPError) -> Reach:
    if "certificate" in str(exc).casefold():
        return Reach.TLS
    return Reach.TIMEOUT if isinstance(exc, httpx.TimeoutException) else Reach.NETWORK


# --------------------------------------------------------------------------- silently


def _obtain(errand: ObtainToken, office: Office) -> Reply:
    """Get a token without the user: from the cache or by refreshing, under the lock that the cache is read in."""
    import msal  # noqa: PLC0415  0.1 s and 20 MB

    with office.cache.locked():
        cache = msal.SerializableTokenCache()
        cache.deserialize(office.cache.load())
        if _account(office, cache.serialize()) is None:
            return Reply(SignInNeeded(words.NOBODY))
        http = HttpForMsal(office.http)
        try:
            app = _application(office, cache, http)
            result = app.acquire_token_silent_with_error(
                office.identity.scopes,
                app.get_accounts()[0],
                force_refresh=errand.fresh,
                claims_challenge=errand.claims,
                http_exceptions=(httpx.HTTPError,),
            )
        except (msal.exceptions.MsalServiceError, ValueError, RuntimeError) as exc:
            return _failed(exc, http)
        if cache.has_state_changed:
            office.cache.save(cache.serialize())
    return _reply(result, office, cache, http)


def _application(office: Office, cache: Any, http: HttpForMsal) -> Any:
    """Return MSAL's client; making it asks the authority for its endpoints."""
    import msal  # noqa: PLC0415

    return msal.PublicClientApplication(
        office.identity.client_id,
        authority=office.identity.authority,
        token_cache=cache,
        http_client=http,
        client_capabilities=["cp1"],
        instance_discovery=False,
    )


def _failed(exc: Exception, http: HttpForMsal) -> Reply:
    """Tell what an error that MSAL raises means; nobody is signed out by one."""
    if http.met_a_portal:
        return Reply(TryLater(words.PORTAL, reach=Reach.PORTAL))
    if "authority" in str(exc).casefold():
        return Reply(TryLater(words.AUTHORITY))
    return Reply(TryLater(words.BUSY, after=http.retry_after))


def _reply(result: dict[str, Any] | None, office: Office, cache: Any, http: HttpForMsal) -> Reply:
    """Turn MSAL's result into one of our outcomes."""
    if result is None:
        return Reply(SignInNeeded(words.NOBODY))
    if "access_token" in result:
        return _granted(result, office, cache.serialize())
    error = str(result.get("error", ""))
    if error in ASKS_THE_USER:
        kind = "consent_required" if error == "consent_required" else str(result.get("classification") or "")
        return Reply(SignInNeeded(words.AGAIN.get(kind, words.AGAIN[""])))
    return Reply(TryLater(words.BUSY, after=http.retry_after))


def _granted(result: dict[str, Any], office: Office, cache: str) -> Reply:
    entry = _entry(cache)
    account = _account(office, cache)
    if entry is None or account is None:
        return Reply(TryLater(words.BUSY))
    expires_at = office.now() + timedelta(seconds=int(result["expires_in"]))
    token = Token(result["access_token"], expires_at, entry["local_account_id"])
    return Reply(Granted(account, expires_at, remembered=office.remembers), token)


def _entry(cache: str | None) -> dict[str, str] | None:
    """Return the cache's account, read without MSAL and without the network."""
    accounts = json.loads(cache).get("Account", {}) if cache else {}
    return next(iter(accounts.values()), None)


def _account(office: Office, cache: str | None) -> Account | None:
    """Return who is signed in; the key is a salted hash, so that no object id is stored or shown."""
    entry = _entry(cache)
    if entry is None:
        return None
    salted = f"{office.identity.authority}\n{office.identity.client_id}\n{entry['local_account_id']}"
    return Account(entry.get("username", ""), hashlib.sha256(salted.encode()).hexdigest()[:24])


# --------------------------------------------------------------------------- with the user


def _sign_in(errand: SignIn, office: Office, progress: Callable[[SignInProgressed], object]) -> Reply:
    """Sign somebody in, whoever was signed in before; the vault is locked only to save."""
    import msal  # noqa: PLC0415

    cache, http = msal.SerializableTokenCache(), HttpForMsal(office.http)
    try:
        app = _application(office, cache, http)
        ways = {SignInWay.BROWSER: _in_the_browser, SignInWay.DEVICE_CODE: _with_a_code}
        result = ways[errand.way](errand.call, app, office, progress)
    except TimeoutError:
        return Reply(TryLater(words.TIMED_OUT))
    except (msal.exceptions.MsalServiceError, ValueError, RuntimeError, IndexError, KeyError) as exc:
        return _failed(exc, http)
    if office.cancelled():
        return Reply(TryLater(words.CANCELLED))
    if "access_token" not in result:
        why = str(result.get("error_description") or result.get("error") or "").splitlines()[:1]
        return Reply(TryLater(words.REFUSED.format(why=(why or [""])[0])))
    with office.cache.locked():
        office.cache.save(cache.serialize())
    return _granted(result, office, cache.serialize())


def _in_the_browser(
    call: int, app: Any, office: Office, progress: Callable[[SignInProgressed], object]
) -> dict[str, Any]:
    with office.receive() as receiver:
        flow = app.initiate_auth_code_flow(
            office.identity.scopes,
            redirect_uri=receiver.redirect_uri,
            response_mode="form_post",
            prompt="select_account",
        )
        progress(SignInProgressed(call, flow["auth_uri"], until=office.now() + SIGN_IN_LIMIT))
        office.browse(flow["auth_uri"])
        form = receiver.wait(flow["state"], SIGN_IN_LIMIT)
    return app.acquire_token_by_auth_code_flow(flow, form) if form else {}


def _with_a_code(call: int, app: Any, office: Office, progress: Callable[[SignInProgressed], object]) -> dict[str, Any]:
    flow = app.initiate_device_flow(office.identity.scopes)
    if "user_code" not in flow:
        return dict(flow)
    until = datetime.fromtimestamp(flow["expires_at"], UTC)
    progress(SignInProgressed(call, flow["verification_uri"], flow["user_code"], until))
    return app.acquire_token_by_device_flow(flow, exit_condition=lambda _flow: office.cancelled())  # type: ignore[no-any-return]  # MSAL ships no types
