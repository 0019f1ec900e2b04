"""MSAL's client application for one errand, and what its failures mean.

A failure signs nobody out: a 5xx, a captive portal's page or no network mean *try later*.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

from tray.core.values import NetworkFailure, TryLater
from tray.errors import BadSettings
from tray.graph.http_messages import NoAnswer, Send
from tray.messages import signin as words
from tray.signin.child.msal_http import HttpForMsal
from tray.signin.registration import AppRegistration

# Where Entra sends people to type a code: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
CODE_PAGES = frozenset({"microsoft.com", "www.microsoft.com", "login.microsoft.com", "aka.ms"})
LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&()*+,;=%-]{1,4096}")
UNKNOWN_TENANT = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})  # what discovery answers


class NotNow(Exception):  # noqa: N818  an outcome, not an error
    """The errand failed for a reason that says nothing about the sign-in."""

    def __init__(self, outcome: TryLater) -> None:
        super().__init__(outcome.title)
        self.outcome = outcome


class Application:
    """A public client with the token cache of one account, or with an empty one."""

    def __init__(self, registration: AppRegistration, send: Send, cache: str | None = None) -> None:
        import msal  # noqa: PLC0415  0.1 s and 20 MB, which an errand that only reads the vault does not need

        authority = urlsplit(registration.authority)
        plain = f"http://{authority.netloc}" if authority.scheme == "http" else None
        self._authority = authority
        self._msal = msal
        self._registration = registration
        self._http = HttpForMsal(send, plain)
        self._cache = msal.SerializableTokenCache()
        self._cache.deserialize(cache)
        self._before = self.cache

    @property
    def scopes(self) -> list[str]:
        """Return what tokens are asked for."""
        return self._registration.scopes

    @property
    def cache(self) -> str:
        """Return the cache as text."""
        return str(self._cache.serialize())

    @property
    def can_refresh(self) -> bool:
        """Return whether the cache has a refresh token."""
        return bool(json.loads(self.cache).get("RefreshToken"))

    @property
    def has_changed(self) -> bool:
        """Return whether the cache has changed since it was made; MSAL's own flag is reset by every read as text."""
        return self.cache != self._before

    @contextmanager
    def client(self) -> Iterator[Any]:
        """Give MSAL's own client, which first asks the authority for its endpoints.

        Raise `NotNow`, or `BadSettings` when a variable for the network cannot be used.
        """
        try:
            client = self._msal.PublicClientApplication(
                self._registration.client_id,
                authority=self._registration.authority.replace("http://", "https://", 1),
                token_cache=self._cache,
                http_client=self._http,
                client_capabilities=["cp1"],
                instance_discovery=False,
            )
            self._check_endpoints(client.authority)
            yield client
        except (TimeoutError, NotNow, BadSettings):
            raise
        except NoAnswer as exc:
            raise NotNow(TryLater(*words.unreached(exc.failure), failure=exc.failure)) from exc
        except Exception as exc:  # MSAL raises errors of many kinds for answers that it cannot read
            raise NotNow(self._failure(exc)) from exc

    def _check_endpoints(self, found: Any) -> None:
        for link in (found.authorization_endpoint, found.token_endpoint, found.device_authorization_endpoint):
            if link is not None:
                self.check_link(link)

    def check_link(self, link: object, others: frozenset[str] = frozenset()) -> str:
        """Return an address that the identity platform named, if it is its own; raise `NotNow` for any other.

        Its own are https addresses of the authority's host, and plain ones where the authority is this computer.
        """
        parts = _split(link)
        is_ours = parts.hostname == self._authority.hostname and parts.scheme in {"https", self._authority.scheme}
        if parts.username is None and (is_ours or (parts.scheme == "https" and parts.hostname in others)):
            return parts.geturl()
        raise NotNow(TryLater(*words.strange_link()))

    def busy(self) -> TryLater:
        """Return the outcome for an answer that is neither a token nor a request for interaction."""
        return TryLater(*words.busy(), after=self._http.retry_after)

    def _failure(self, exc: Exception) -> TryLater:
        if self._http.met_a_portal:
            return TryLater(*words.unreached(NetworkFailure.PORTAL), failure=NetworkFailure.PORTAL)
        if "authority" in str(exc).casefold() and self._http.status in UNKNOWN_TENANT:
            return TryLater(*words.unknown_tenant())
        return self.busy()


def _split(link: object) -> SplitResult:
    """Return the parts of an address; those of an empty one where it is none that a browser must be given."""
    if not isinstance(link, str) or not LINK.fullmatch(link):
        return urlsplit("")
    try:
        return urlsplit(link)
    except ValueError:
        return urlsplit("")
