"""MSAL on httpx: the two calls it makes, and what it must not see; knows no grant and no token."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from tray.graph.answers import retry_after


class HttpForMsal:
    """The `http_client` that MSAL is given; remembers what MSAL swallows: the status, `Retry-After`, whose page it was.

    MSAL takes no authority but `https://`. One on this machine may be plain: it is named `https://` to MSAL, and asked
    plainly here; `plain` is its origin.
    """

    def __init__(self, client: httpx.Client, plain: str | None = None) -> None:
        self._client = client
        self._plain = plain
        self.status: int | None = None
        self.retry_after: timedelta | None = None
        self.met_a_portal = False

    def get(self, url: str, **how: Any) -> httpx.Response:
        """Send a GET."""
        return self._send("GET", url, **how)

    def post(self, url: str, **how: Any) -> httpx.Response:
        """Send a POST."""
        return self._send("POST", url, **how)

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        # requests leaves fields of None out; httpx would send them empty, and Entra refuses `claims=`.
        fields = {name: value for name, value in (data or {}).items() if value is not None}
        response = self._client.request(method, self._address(url), params=params, data=fields or None, headers=headers)
        self.status = response.status_code
        self.retry_after = retry_after(response.headers)
        is_page = "html" in response.headers.get("content-type", "") and not response.is_server_error
        self.met_a_portal = response.is_redirect or is_page  # Entra speaks JSON; a gateway's 5xx is Entra's own trouble
        return response

    def _address(self, url: str) -> str:
        named = self._plain and self._plain.replace("http://", "https://", 1) + "/"
        return url.replace("https://", "http://", 1) if named and url.startswith(named) else url
