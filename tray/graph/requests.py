"""The requests of Graph's presence API as HTTP: pure functions from a request to its method, path and body.

Source: Graph v1.0 `presence: setPresence`, `clearPresence`, `setUserPreferredPresence`,
`clearUserPreferredPresence`, `setStatusMessage` and `Get presence`. The `sessionId` is the application's client id.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from tray.core.effects import (
    ClearPreferred,
    ClearSession,
    ReadPresence,
    Request,
    SetMessage,
    SetPreferred,
    SetSession,
)
from tray.core.record import Record
from tray.core.states import Pair
from tray.core.values import Message


class Token(Record):
    """An access token and the user it belongs to; it is never logged, shown or stored."""

    access_token: str
    expires_at: datetime
    object_id: str

    def __repr__(self) -> str:
        """Leave the secrets out."""
        return f"Token(expires_at={self.expires_at})"


class Wire(Record):
    """One HTTP request without its origin and headers."""

    method: str
    path: str
    body: dict[str, Any] | None = None


def write(request: Request, *, object_id: str, client_id: str) -> Wire:
    """Return the HTTP request for the presence of the user with this object id."""
    presence = f"/v1.0/users/{object_id}/presence"
    match request:
        case SetSession(pair=pair, lease=lease):
            body = {"sessionId": client_id, **_pair(pair), "expirationDuration": duration(lease)}
            return Wire("POST", f"{presence}/setPresence", body)
        case ClearSession():
            return Wire("POST", f"{presence}/clearPresence", {"sessionId": client_id})
        case SetPreferred(pair=pair, lease=lease):
            body = {**_pair(pair), "expirationDuration": duration(lease)}
            return Wire("POST", f"{presence}/setUserPreferredPresence", body)
        case ClearPreferred():
            return Wire("POST", f"{presence}/clearUserPreferredPresence", {})
        case SetMessage(message=message):
            return Wire("POST", f"{presence}/setStatusMessage", {"statusMessage": _message(message)})
        case ReadPresence():
            return Wire("GET", presence)


def _message(message: Message) -> dict[str, Any]:
    """Write a status message; the expiry must have no offset, its zone stands beside it."""
    written: dict[str, Any] = {"message": {"content": message.text, "contentType": "text"}}
    if message.expires_at:
        at = message.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        written["expiryDateTime"] = {"dateTime": at, "timeZone": "UTC"}
    return written


def duration(of: timedelta) -> str:
    """Write whole minutes as Graph reads them: `PT30M`."""
    return f"PT{of // timedelta(minutes=1)}M"


def _pair(pair: Pair) -> dict[str, str]:
    return {"availability": pair.availability, "activity": pair.activity}
