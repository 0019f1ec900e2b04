"""The sandbox's Graph: the presence API over HTTP, as Microsoft documents it and as users report it.

Reported, not documented: pairs and fields are validated before permissions, and the message of `Forbidden` is empty.
"""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from tray.core.states import Pair
from tray.core.values import Message
from tray.graph.http_messages import HttpRequest, HttpResponse, replied
from tray.sandbox.presence_model import PresenceModel, Profile

PATH = re.compile(r"/v1\.0/users/(?P<user>[0-9a-fA-F-]{36})/presence(?:/(?P<action>\w+))?$")
WITHOUT_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?$")
DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?$")
APPLICATION = "application"


class GraphError(Exception):
    """An answer that refuses: a status, Graph's code and a message."""

    def __init__(self, status: int, code: str, message: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.headers = status, code, message, headers or {}


@dataclass(slots=True)
class PresenceService:
    """Answers presence requests for the one user of a tenant; its fields make it fail as Graph can."""

    now: Callable[[], datetime]
    accepts: Callable[[str], str | None]  # a bearer token → the object id it was issued for
    client_id: str
    profile: Profile = Profile.FIVE
    model: PresenceModel = field(init=False)
    log: list[tuple[datetime, str, Pair | None]] = field(default_factory=list)
    throttled_until: datetime | None = None
    down: bool = False
    forbidden: bool = False
    is_teams_user: bool = True
    refuses_messages: bool = False
    challenge: str | None = None  # a claims challenge for the next requests, base64

    def __post_init__(self) -> None:
        """Begin with no session."""
        self.model = PresenceModel(self.profile)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        headers = {"request-id": str(uuid.uuid4()), "date": format_datetime(self.now(), usegmt=True)}
        if sent := request.headers.get("client-request-id"):
            headers["client-request-id"] = sent
        try:
            body = self._act(request)
        except GraphError as refused:
            inner = {"date": self.now().isoformat(), "request-id": headers["request-id"]}
            error = {"code": refused.code, "message": refused.message, "innerError": inner}
            return replied(refused.status, json={"error": error}, headers=headers | refused.headers)
        return replied(200, json=body, headers=headers)

    def _act(self, request: HttpRequest) -> dict[str, object] | None:
        self._check_service()
        path = PATH.match(request.path)
        if path is None:
            raise GraphError(404, "NotFound", "Resource not found.")
        action = path["action"]
        fields = self._fields(request) if request.method == "POST" else {}
        pair = Pair(str(fields["availability"]), str(fields.get("activity"))) if "availability" in fields else None
        self.log.append((self.now(), action or "presence", pair))
        prepared = self._prepare(request.method, action, fields, pair)
        self._check_permission(request, path["user"])
        return prepared()

    def _prepare(
        self, method: str, action: str | None, fields: dict[str, Any], pair: Pair | None
    ) -> Callable[[], dict[str, object] | None]:
        """Validate a request; return what carries it out."""
        match method, action:
            case "GET", None:
                return self._read
            case "POST", "setPresence":
                self._check_session(fields)
                lease = _duration(fields.get("expirationDuration", "PT5M"))
                return lambda: self._set_session(pair, lease)
            case "POST", "clearPresence":
                self._check_session(fields)
                return self._clear_session
            case "POST", "setUserPreferredPresence":
                given = fields.get("expirationDuration")
                lease_or_default = _duration(given) if given else None
                return lambda: self._set_preferred(pair, lease_or_default)
            case "POST", "clearUserPreferredPresence":
                return self._clear_preferred
            case "POST", "setStatusMessage":
                message = self._message(fields.get("statusMessage"))
                return lambda: self.model.set_message(message)
            case _:
                raise GraphError(404, "NotFound", "Resource not found.")

    # ------------------------------------------------------------------- actions

    def _read(self) -> dict[str, object]:
        seen = self.model.effective(self.now())
        shown = self.model.message(self.now())
        message = _read_back(shown, self.now()) if shown else None
        return {
            "availability": seen.availability,
            "activity": seen.activity,
            "outOfOfficeSettings": {"message": None, "isOutOfOffice": False},
            "statusMessage": message,
        }

    def _set_session(self, pair: Pair | None, lease: timedelta) -> None:
        if pair is None or not self.model.set_session(APPLICATION, pair, lease, self.now()):
            raise GraphError(
                400, "InvalidArgument", "The provided [Availability, Activity] or duration is not supported."
            )

    def _clear_session(self) -> None:
        if not self.model.clear_session(APPLICATION, self.now()):
            raise GraphError(404, "NotFound", "The presence session does not exist.")

    def _set_preferred(self, pair: Pair | None, lease: timedelta | None) -> None:
        if pair is None or not self.model.set_preferred(pair, lease, self.now()):
            raise GraphError(400, "InvalidArgument", "The provided [Availability, Activity] is not supported.")

    def _clear_preferred(self) -> None:
        self.model.clear_preferred(self.now())

    # ------------------------------------------------------------------- checks

    def _check_service(self) -> None:
        if self.throttled_until and self.now() < self.throttled_until:
            wait = int((self.throttled_until - self.now()).total_seconds()) + 1
            raise GraphError(429, "TooManyRequests", "Too many requests.", {"retry-after": str(wait)})
        if self.down:
            raise GraphError(503, "ServiceUnavailable", "The service is unavailable.")

    def _check_session(self, fields: dict[str, Any]) -> None:
        if not fields.get("sessionId"):
            raise GraphError(400, "InvalidArgument", "[SessionId]: The SessionId field is required.")
        if fields["sessionId"] != self.client_id:
            raise GraphError(400, "InvalidArgument", "[SessionId]: not the application's id.")

    def _message(self, written: Any) -> Message:
        """Read a status message as Graph's page on `setStatusMessage` describes it."""
        match written:
            case {"message": {"content": str(text), "contentType": "text"}} if not self.refuses_messages:
                expiry = written.get("expiryDateTime")
            case _:
                raise GraphError(400, "InvalidArgument", "The provided [StatusMessage] is not supported.")
        match expiry:
            case None:
                return Message(text)
            case {"dateTime": str(at), "timeZone": "UTC"} if WITHOUT_OFFSET.match(at):
                return Message(text, datetime.fromisoformat(at).replace(tzinfo=UTC))
            case _:
                raise GraphError(400, "InvalidArgument", "The provided [ExpiryDateTime] is not supported.")

    def _check_permission(self, request: HttpRequest, user: str) -> None:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        owner = self.accepts(bearer)
        if owner is None or self.challenge:
            raise GraphError(401, "InvalidAuthenticationToken", "Access token is not valid.", self._authenticate())
        if self.forbidden:
            raise GraphError(403, "Forbidden")
        if owner.casefold() != user.casefold():
            raise GraphError(401, "Unauthorized", "Cannot set the presence of another user.")
        if not self.is_teams_user:
            raise GraphError(404, "NotFound", "The user is not a Teams user.")

    def _authenticate(self) -> dict[str, str]:
        claims = f', error="insufficient_claims", claims="{self.challenge}"' if self.challenge else ""
        self.challenge = None
        return {"www-authenticate": f'Bearer realm=""{claims}'}

    @staticmethod
    def _fields(request: HttpRequest) -> dict[str, Any]:
        try:
            fields = json.loads(request.content or b"{}")
        except ValueError as exc:
            raise GraphError(400, "BadRequest", "The request body is not JSON.") from exc
        return fields if isinstance(fields, dict) else {}


def _read_back(message: Message, now: datetime) -> dict[str, object]:
    """Write a status message as it is read: another service has replaced some characters by entities."""
    content = message.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        "message": {"content": content, "contentType": "text"},
        "publishedDateTime": now.isoformat(),
        "expiryDateTime": _expiry(message.expires_at) if message.expires_at else None,
    }


def _expiry(at: datetime) -> dict[str, str]:
    return {"dateTime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC"}


def _duration(text: object) -> timedelta:
    found = DURATION.match(str(text))
    if found is None or not (found[1] or found[2]):
        raise GraphError(400, "InvalidArgument", "The provided [ExpirationDuration] is not a duration.")
    lease = timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0))
    if not timedelta(minutes=5) <= lease <= timedelta(hours=4):
        raise GraphError(400, "InvalidArgument", "The provided [ExpirationDuration] is out of range.")
    return lease
