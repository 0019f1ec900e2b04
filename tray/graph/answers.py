"""What an HTTP answer means; pure: a status, headers and a body go in, an `Answer` comes out.

Only the status and two headers decide. Error messages are for people and may be empty, or be no JSON at all.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from tray.core.effects import ReadPresence, Request
from tray.core.states import Pair
from tray.core.values import Answer, Kind, Reach

LONGEST_WAIT = timedelta(hours=1)
KINDS = {
    401: Kind.UNAUTHORIZED,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    408: Kind.UNAVAILABLE,
    429: Kind.THROTTLED,
}
_PORTAL = Answer(Kind.UNREACHABLE, reach=Reach.PORTAL)
_BROKEN = Answer(Kind.UNREACHABLE, reach=Reach.BROKEN)
_CLAIMS = re.compile(r'claims="([A-Za-z0-9+/_=-]+)"')


def read(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Tell what an answer means; header names in lower case."""
    if 300 <= status < 400 or (status < 300 and _is_page(headers, body)):  # noqa: PLR2004  HTTP's own classes
        return _PORTAL
    if status < 300:  # noqa: PLR2004
        return (
            _read_presence(status, body) if isinstance(request, ReadPresence) else Answer(Kind.ACCEPTED, status=status)
        )
    kind = KINDS.get(status, Kind.REFUSED if status < 500 else Kind.UNAVAILABLE)  # noqa: PLR2004
    return Answer(kind, retry_after=retry_after(headers), claims=claims(headers), status=status)


def _is_page(headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether somebody else answered with a page: a network that wants a sign-in of its own."""
    return "html" in headers.get("content-type", "") or body.lstrip()[:1] == b"<"


def _read_presence(status: int, body: bytes) -> Answer:
    try:
        presence = json.loads(body)
        seen = Pair(str(presence["availability"]), str(presence["activity"]))
    except (ValueError, KeyError, TypeError):
        return _BROKEN
    return Answer(Kind.ACCEPTED, seen=seen, status=status)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long Graph asks to wait, at most an hour; a date counts from the answer's own `Date`."""
    value = headers.get("retry-after", "").strip()
    try:
        wait = timedelta(seconds=int(value)) if value.isdigit() else _date(value) - _date(headers.get("date", ""))
    except (ValueError, OverflowError, TypeError):
        return None
    return min(max(wait, timedelta()), LONGEST_WAIT)


def _date(value: str) -> datetime:
    return parsedate_to_datetime(value)


def claims(headers: Mapping[str, str]) -> str | None:
    """Return a decoded claims challenge, JSON, from `WWW-Authenticate`; `None` when there is none.

    Source: learn.microsoft.com/entra/identity-platform/claims-challenge.
    """
    challenge = headers.get("www-authenticate", "")
    found = _CLAIMS.search(challenge)
    if found is None or "insufficient_claims" not in challenge:
        return None
    encoded = found[1].replace("-", "+").replace("_", "/")
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
        return decoded if isinstance(json.loads(decoded), dict) else None
    except (binascii.Error, ValueError):
        return None
