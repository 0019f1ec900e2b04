"""Signing in with the user: in the browser, or with a code on any device; must not know what was kept before."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tray.core.effects import SignIn
from tray.core.events import SignInProgressed
from tray.core.values import SignInWay, TryLater
from tray.logs import redacted
from tray.messages import signin as words
from tray.signin.child.id_token import person_of
from tray.signin.child.msal_app import Application, NotNow
from tray.signin.child.workplace import Office, Progress
from tray.signin.source import Reply

BROWSER_LIMIT = timedelta(minutes=5)
STILL_WAITING = frozenset({"authorization_pending", "slow_down"})
CODE_ENDED = frozenset({"expired_token", "code_expired"}) | STILL_WAITING  # as MSAL gives up with it


def sign_in(errand: SignIn, office: Office, progress: Progress) -> Reply:
    """Sign somebody in, whoever was signed in before; the vault is locked only to save. Raises NotNow."""
    application = office.application()
    ways = {SignInWay.BROWSER: _in_the_browser, SignInWay.DEVICE_CODE: _with_a_code}
    result = ways[errand.way](errand.call, application, office, progress)
    if office.cancelled():
        raise NotNow(TryLater(words.CANCELLED))
    if "access_token" not in result:
        raise NotNow(_refusal(result))
    if person_of(application.cache) is None:  # what was kept before stays kept
        raise NotNow(TryLater(words.NOBODYS))
    with office.cache.locked():
        office.cache.save(application.cache)
    return office.granted(result, application)


def _refusal(result: dict[str, Any]) -> TryLater:
    error = str(result.get("error") or "")
    if error in CODE_ENDED:
        return TryLater(words.CODE_ENDED)
    why = str(result.get("error_description") or error).splitlines()[:1]
    return TryLater(words.REFUSED.format(why=redacted((why or [""])[0])))


def _in_the_browser(call: int, application: Application, office: Office, progress: Progress) -> dict[str, Any]:
    with office.receive() as receiver, application.client() as client:
        flow = client.initiate_auth_code_flow(
            office.identity.scopes,
            redirect_uri=receiver.redirect_uri,
            response_mode="form_post",
            prompt="select_account",
        )
        progress(SignInProgressed(call, flow["auth_uri"], until=office.now() + BROWSER_LIMIT))
        office.browse(flow["auth_uri"])
        try:
            form = receiver.wait(flow["state"], BROWSER_LIMIT)
        except TimeoutError:
            raise NotNow(TryLater(words.TIMED_OUT)) from None
        return client.acquire_token_by_auth_code_flow(flow, form) if form else {}


def _with_a_code(call: int, application: Application, office: Office, progress: Progress) -> dict[str, Any]:
    with application.client() as client:
        flow = client.initiate_device_flow(office.identity.scopes)
        if "user_code" not in flow:
            return dict(flow)
        until = datetime.fromtimestamp(flow["expires_at"], UTC)
        progress(SignInProgressed(call, flow["verification_uri"], flow["user_code"], until))
        return dict(client.acquire_token_by_device_flow(flow, exit_condition=lambda _: _ended(until, office)))


def _ended(until: datetime, office: Office) -> bool:
    return office.cancelled() or datetime.now(UTC) >= until
