"""Signing in with the user: in the browser, or with a code on any device."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from tray.core.effects import SignIn
from tray.core.events import SignInProgressed
from tray.core.record import replace
from tray.core.values import SignInWay, TryLater
from tray.messages import signin as words
from tray.messages.catalogue import printable
from tray.signin.child.msal_app import CODE_PAGES, Application, NotNow

BROWSER_LIMIT = timedelta(minutes=5)
LONGEST_CODE = 40  # characters; Entra's have nine

Progress = Callable[[SignInProgressed], object]
Result = dict[str, Any]  # what MSAL returns: a token, or `error` and `error_description`


class Waiting(Protocol):
    """Waits for what the browser brings from the sign-in page."""

    redirect_uri: str

    def wait(self, state: str, limit: timedelta) -> dict[str, str] | None:
        """Return the browser's form, `None` when the user gave up; raise `TimeoutError`."""


@dataclass(slots=True)
class Interaction:
    """How a sign-in reaches the user."""

    receive: Callable[[], AbstractContextManager[Waiting]]
    browse: Callable[[str, Callable[[], object]], None]  # what it calls when nothing opens
    is_cancelled: Callable[[], bool] = lambda: False


def sign_in(errand: SignIn, application: Application, user: Interaction, progress: Progress) -> Result:
    """Sign somebody in and return what MSAL makes of it; raise `NotNow`."""
    match errand.way:
        case SignInWay.BROWSER:
            result = _in_the_browser(errand.call, application, user, progress)
        case SignInWay.DEVICE_CODE:
            result = _with_a_code(errand.call, application, user, progress)
    if user.is_cancelled():
        raise NotNow(TryLater(*words.cancelled()))
    return result


def _in_the_browser(call: int, application: Application, user: Interaction, progress: Progress) -> Result:
    with user.receive() as receiver, application.client() as client:
        flow = client.initiate_auth_code_flow(
            application.scopes,
            redirect_uri=receiver.redirect_uri,
            response_mode="form_post",
            prompt="select_account",
        )
        link = application.check_link(flow["auth_uri"])
        shown = SignInProgressed(call, link, until=datetime.now(UTC) + BROWSER_LIMIT)
        progress(shown)
        user.browse(link, lambda: progress(replace(shown, unopened=True)))
        try:
            form = receiver.wait(flow["state"], BROWSER_LIMIT)
        except TimeoutError:
            raise NotNow(TryLater(*words.timed_out())) from None
        return client.acquire_token_by_auth_code_flow(flow, form) if form else {}


def _with_a_code(call: int, application: Application, user: Interaction, progress: Progress) -> Result:
    with application.client() as client:
        flow = client.initiate_device_flow(application.scopes)
        if "user_code" not in flow:
            return dict(flow)
        until = datetime.fromtimestamp(flow["expires_at"], UTC)
        link = application.check_link(flow["verification_uri"], CODE_PAGES)
        progress(SignInProgressed(call, link, printable(str(flow["user_code"]), LONGEST_CODE), until))

        def is_over(_flow: object) -> bool:
            return user.is_cancelled() or datetime.now(UTC) >= until

        return dict(client.acquire_token_by_device_flow(flow, exit_condition=is_over))
