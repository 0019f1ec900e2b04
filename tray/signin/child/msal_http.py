"""The HTTP client that MSAL is given: its two calls, sent through our own transport."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from tray.graph.answers import retry_after
from tray.graph.transport import exchange


class HttpForMsal:
    """Sends MSAL's requests and keeps what MSAL does not pass on: status, `Retry-After`, whether a portal answered.

    MSAL accepts only authorities that begin with `https://`. A plain one on this machine is named `https://` to MSAL
    and reached by `http://` here; `plain` is its origin.
    """

    def __init__(self, client: httpx.Client, plain: str | None = None) -> None:
        self._client = client
        self._plain = plain
        self.status: int | None = None
        self.retry_after: timedelta | None = None
        self.met_a_portal = False

    def get(self, url: str, **options: Any) -> httpx.Response:
        """Send a GET."""
        return self._send("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        """Send a POST."""
        return self._send("POST", url, **options)

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        # requests leaves out fields of None; httpx would send them empty, and Entra refuses `claims=`.
        fields = {name: value for name, value in (data or {}).items() if value is not None}
        address = self._address(url)
        response = exchange(self._client, method, address, params=params, data=fields or None, headers=headers)
        self.status = response.status_code
        self.retry_after = retry_after(response.headers)
        # Entra answers in JSON; a page with a 5xx is from a gateway of Entra's own.
        is_page = "html" in response.headers.get("content-type", "") and not response.is_server_error
        self.met_a_portal = response.is_redirect or is_page
        return response

    def _address(self, url: str) -> str:
        named = self._plain and self._plain.replace("http://", "https://", 1) + "/"
        return url.replace("https://", "http://", 1) if named and url.startswith(named) else url
