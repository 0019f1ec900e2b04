"""Signing in with the user: in the browser, or with a code on any device."""

import os
import sys
import webbrowser
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any, Protocol

from tray.core.effects import SignIn
from tray.core.events import SignInProgressed
from tray.core.text import printable
from tray.core.values import SignInWay, TryLater
from tray.desktop.opener import outside
from tray.messages import signin as words
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
    browse: Callable[[str], None]
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
        progress(SignInProgressed(call, link, until=datetime.now(UTC) + BROWSER_LIMIT))
        user.browse(link)
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


def browse(link: str) -> None:
    """Open the user's browser, on a thread: some browsers return only when they are closed."""
    if getattr(sys, "frozen", False):  # the browser must not load a packaged program's libraries
        plain = outside(os.environ, packaged=True)
        for name in set(os.environ) - set(plain):
            del os.environ[name]
        os.environ.update(plain)
    Thread(target=webbrowser.open, args=(link,), name="browser", daemon=True).start()
