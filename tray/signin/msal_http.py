"""MSAL on httpx: the two calls it makes, and what it must not see; knows no grant and no token."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from tray.graph.answers import retry_after


class HttpForMsal:
    """The `http_client` that MSAL is given; remembers what MSAL swallows: `Retry-After`, and whose page it was."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
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
        response = self._client.request(method, url, params=params, data=fields or None, headers=headers)
        self.retry_after = retry_after(response.headers)
        self.met_a_portal = response.is_redirect or (
            response.is_success and "html" in response.headers.get("content-type", "")
        )
        return response
