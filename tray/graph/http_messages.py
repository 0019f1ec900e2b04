"""HTTP requests and answers as values, and why there is no answer; no library's types reach farther than the transport.

The sandbox and the tests answer such requests without a network: what sends one is a function.
"""

import json as json_module
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, urlsplit

from tray.core.record import Record
from tray.core.values import NetworkFailure


class HttpRequest(Record):
    """A request with its whole address; header names are in lower case. Its headers may hold a token."""

    method: str
    url: str
    headers: Mapping[str, str] = {}
    content: bytes = b""

    def __repr__(self) -> str:
        """Leave out what may be secret."""
        return f"HttpRequest(method={self.method!r})"

    @property
    def path(self) -> str:
        """Return the path of the address."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """Return the fields of the address."""
        return dict(parse_qsl(urlsplit(self.url).query))


class HttpResponse(Record):
    """An answer; header names are in lower case. MSAL reads the names of these fields."""

    status_code: int
    headers: Mapping[str, str] = {}
    content: bytes = b""

    def __repr__(self) -> str:
        """Leave out what may be secret."""
        return f"HttpResponse(status_code={self.status_code})"

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.content.decode(errors="replace")


def replied(
    status: int,
    *,
    json: object = None,
    html: str = "",
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an answer with JSON, a page, other bytes or nothing. Header names become lower case."""
    kind = ""
    if json is not None:
        kind, content = "application/json", json_module.dumps(json).encode()
    elif html:
        kind, content = "text/html", html.encode()
    named = {"content-type": f"{kind}; charset=utf-8"} if kind else {}
    named |= {name.lower(): value for name, value in (headers or {}).items()}
    return HttpResponse(status, named, content)


class NoAnswer(Exception):  # noqa: N818  an outcome, not an error
    """A request got no answer that can be read."""

    def __init__(self, failure: NetworkFailure) -> None:
        super().__init__(failure)
        self.failure = failure


Send = Callable[[HttpRequest], HttpResponse]  # raises NoAnswer
