"""The HTTP client of Graph: sends what `requests` wrote and hands what came back to `answers`.

How long a call may take in all is its caller's decision, who closes the client when it has taken too long. Such a call
ends at its socket and sends nothing more, so that it cannot arrive at Graph after the next one.
"""

import json
import logging
import time
import uuid
from datetime import datetime

from tray.core.effects import ReadPresence, Request
from tray.core.values import Answer, AnswerKind, NetworkFailure
from tray.errors import BadSettings
from tray.graph import answers, requests
from tray.graph.http_messages import HttpRequest, HttpResponse, NoAnswer, Send
from tray.graph.requests import Token
from tray.graph.transport import TIMEOUTS, HttpClient, Timeouts

LOG = logging.getLogger("tray.graph")
OVERLOADED = 503  # Graph asks for a new connection at the next try


class GraphClient:
    """Sends one request at a time to Graph, on one connection."""

    def __init__(
        self,
        origin: str,
        client_id: str,
        *,
        network: Send | None = None,
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        self._origin = origin
        self._client_id = client_id
        self._network = network
        self._timeouts = timeouts
        self._client: HttpClient | None = None
        self._closings = (
            0  # how often it was closed; a call that sees another number than at its start has been given up
        )

    def send(self, request: Request, token: Token) -> Answer:
        """Send a request and return what the answer means, `TIMEOUT` when it was given up; never raise."""
        try:
            answer, _ = self._call(request, token)
        except BadSettings as exc:
            LOG.error("%s", exc)  # noqa: TRY400  the message says it all
            return Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.VARIABLE)
        except Exception:  # the call would seem to go on for ever
            LOG.exception("a call failed")
            return Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.BROKEN)
        return answer

    def probe(self) -> tuple[Answer, datetime | None]:
        """Ask without a token, which Graph refuses: return what its answer means, and the time by Graph's clock.

        Raise `BadSettings` when a variable names a proxy or a certificate file that cannot be used.
        """
        answer, response = self._call(ReadPresence(0), None)
        return answer, answers.date(response.headers) if response else None

    def close(self) -> None:
        """Drop the connection, also under a call in flight; the next call makes a new one."""
        self._closings += 1
        if client := self._client:
            self._drop(client)

    def _call(self, request: Request, token: Token | None) -> tuple[Answer, HttpResponse | None]:
        began, closings, response = time.monotonic(), self._closings, None
        client = self._client or self._open()
        if closings == self._closings:  # else the call was given up while this was opened
            self._client = client
        else:
            client.close()
        try:
            response = client.send(self._written(request, token))
            LOG.debug("request-id %s", response.headers.get("request-id"))
            answer = answers.read(request, response.status_code, response.headers, response.content)
        except NoAnswer as exc:
            given_up = closings != self._closings
            answer = Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.TIMEOUT if given_up else exc.failure)
        took = time.monotonic() - began
        LOG.debug("%s → %s %s in %.2f s", type(request).__name__, answer.kind, answer.failure or answer.status, took)
        if answer.kind is AnswerKind.UNREACHABLE or answer.status == OVERLOADED:
            self._drop(client)
        return answer, response

    def _open(self) -> HttpClient:
        return HttpClient(self._timeouts, self._network)

    def _written(self, request: Request, token: Token | None) -> HttpRequest:
        wire = requests.write(request, object_id=token.object_id if token else "me", client_id=self._client_id)
        headers = {"client-request-id": str(uuid.uuid4())}
        if token:
            headers["authorization"] = f"Bearer {token.access_token}"
        if wire.body is not None:
            headers["content-type"] = "application/json"
        body = b"" if wire.body is None else json.dumps(wire.body, ensure_ascii=False).encode()
        return HttpRequest(wire.method, f"{self._origin}{wire.path}", headers, body)

    def _drop(self, client: HttpClient) -> None:
        """Close a client, and leave alone the one that another call has made meanwhile."""
        if self._client is client:
            self._client = None
        client.close()
