"""What an HTTP answer of Graph means: pure functions from status, headers and body to an `Answer`.

Only the status and two headers decide. Graph's error messages are written for people; they may be empty or no JSON.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from tray.core.effects import ReadPresence, Request
from tray.core.schedule import RETRY_AFTER_LIMIT
from tray.core.states import Pair
from tray.core.status_message import as_read
from tray.core.values import Answer, AnswerKind, Message, NetworkFailure

KINDS = {
    401: AnswerKind.UNAUTHORIZED,
    403: AnswerKind.FORBIDDEN,
    404: AnswerKind.NOT_FOUND,
    408: AnswerKind.UNAVAILABLE,
    429: AnswerKind.THROTTLED,
}
_PORTAL = Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.PORTAL)
_BROKEN = Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.BROKEN)
UNKNOWN = "PresenceUnknown"  # Graph's own word
_WORD = re.compile(r"[A-Za-z]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,13}(\.[0-9]*)?")  # whole ones, says the standard; gateways write others
_CLAIMS = re.compile(r'claims="([A-Za-z0-9+/_=-]+)"')


def read(request: Request, status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return what an answer to a request means; header names are in lower case."""
    if 300 <= status < 400 or (status < 300 and _is_page(headers, body)):  # noqa: PLR2004  HTTP's own classes
        return _PORTAL
    if status < 300:  # noqa: PLR2004
        return (
            _read_presence(status, body)
            if isinstance(request, ReadPresence)
            else Answer(AnswerKind.ACCEPTED, status=status)
        )
    kind = KINDS.get(status, AnswerKind.REFUSED if status < 500 else AnswerKind.UNAVAILABLE)  # noqa: PLR2004
    return Answer(kind, retry_after=retry_after(headers), claims=claims(headers), status=status)


def _is_page(headers: Mapping[str, str], body: bytes) -> bool:
    """Tell whether a captive portal answered with its page."""
    return "html" in headers.get("content-type", "") or body.lstrip()[:1] == b"<"


def _read_presence(status: int, body: bytes) -> Answer:
    try:
        presence = json.loads(body)
        seen = Pair(_word(presence["availability"]), _word(presence["activity"]))
    except (ValueError, KeyError, TypeError):
        return _BROKEN
    return Answer(
        AnswerKind.ACCEPTED, seen=seen, message=_read_message(presence), out_of_office=_is_out(presence), status=status
    )


def _is_out(presence: dict[str, Any]) -> bool:
    """Tell whether Teams shows *Out of office* beside the presence; no answer says until when."""
    found = presence.get("outOfOfficeSettings")
    return isinstance(found, dict) and found.get("isOutOfOffice") is True


def _read_message(presence: dict[str, Any]) -> Message | None:
    """Return the status message, with an empty text where there is none; `None` when it cannot be told."""
    try:
        written = presence["statusMessage"]
        text = as_read(str(written["message"]["content"] or "")) if written else ""
        return Message(text, _expiry(written.get("expiryDateTime")) if text else None)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _expiry(written: dict[str, Any] | None) -> datetime | None:
    """Return when a message expires; `None` when it does not, or in a zone whose name only Microsoft knows."""
    if not written or written.get("timeZone") != "UTC":
        return None
    return datetime.fromisoformat(written["dateTime"]).replace(tzinfo=UTC)


def _word(value: object) -> str:
    """Return a word of Graph's for a presence; what cannot be one is unknown."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else UNKNOWN


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return how long the service asks to wait, at most an hour; `None` when it does not say.

    A date counts from the answer's own `Date`, because this computer's clock may be wrong.
    """
    value = headers.get("retry-after", "").strip()
    try:
        wait = timedelta(seconds=float(value)) if _SECONDS.fullmatch(value) else _until(value, headers)
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta()), RETRY_AFTER_LIMIT)


def _until(value: str, headers: Mapping[str, str]) -> timedelta:
    return _instant(value) - _instant(headers.get("date", ""))


def date(headers: Mapping[str, str]) -> datetime | None:
    """Return when the service answered, by its own clock; `None` when it does not say."""
    try:
        return _instant(headers.get("date", ""))
    except (ValueError, OverflowError):
        return None


def _instant(value: str) -> datetime:
    instant = parsedate_to_datetime(value)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)  # "-0000" is UTC as well: RFC 5322, 3.3


def claims(headers: Mapping[str, str]) -> str | None:
    """Return the claims challenge in `WWW-Authenticate`, decoded to JSON; `None` when there is none.

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
