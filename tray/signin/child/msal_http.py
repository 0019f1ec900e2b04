"""The HTTP client that MSAL is given: its two calls, sent through our own transport."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from tray.graph.answers import retry_after
from tray.graph.http_messages import HttpRequest, HttpResponse, Send

REDIRECTS, REFUSALS, SERVER_ERRORS = 300, 400, 500  # where these classes of HTTP statuses begin


class HttpForMsal:
    """Sends MSAL's requests and keeps what MSAL does not pass on: status, `Retry-After`, whether a portal answered.

    MSAL accepts only authorities that begin with `https://`. A plain one on this machine is named `https://` to MSAL
    and reached by `http://` here; `plain` is its origin.
    """

    def __init__(self, send: Send, plain: str | None = None) -> None:
        self._send_by = send
        self._plain = plain
        self.status: int | None = None
        self.retry_after: timedelta | None = None
        self.met_a_portal = False

    def get(self, url: str, **options: Any) -> HttpResponse:
        """Send a GET."""
        return self._send("GET", url, **options)

    def post(self, url: str, **options: Any) -> HttpResponse:
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
    ) -> HttpResponse:
        # requests leaves out fields of None, which Entra would refuse as `claims=`.
        fields = {name: value for name, value in (data or {}).items() if value is not None}
        query = f"?{urlencode(params)}" if params else ""
        written = {name.lower(): value for name, value in (headers or {}).items()}
        if fields:
            written["content-type"] = "application/x-www-form-urlencoded"
        request = HttpRequest(method, self._address(url) + query, written, urlencode(fields).encode())
        response = self._send_by(request)
        self.status = response.status_code
        self.retry_after = retry_after(response.headers)
        # Entra answers in JSON; a page with a 5xx is from a gateway of Entra's own.
        is_page = "html" in response.headers.get("content-type", "") and not self.status >= SERVER_ERRORS
        self.met_a_portal = REDIRECTS <= self.status < REFUSALS or is_page
        return response

    def _address(self, url: str) -> str:
        named = self._plain and self._plain.replace("http://", "https://", 1) + "/"
        return url.replace("https://", "http://", 1) if named and url.startswith(named) else url
