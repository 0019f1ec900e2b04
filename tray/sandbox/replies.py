"""HTTP answers as the sandbox gives them."""

import json as as_json
from collections.abc import Mapping

from tray.graph.http_messages import HttpResponse


def replied(
    status: int,
    *,
    json: object = None,
    html: str = "",
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return an answer with JSON, a page, other bytes or nothing; header names become lower case."""
    kind = ""
    if json is not None:
        kind, content = "application/json", as_json.dumps(json).encode()
    elif html:
        kind, content = "text/html", html.encode()
    named = {"content-type": f"{kind}; charset=utf-8"} if kind else {}
    named |= {name.lower(): value for name, value in (headers or {}).items()}
    return HttpResponse(status, named, content)
