"""The HTTP client of Graph: sends what `requests` wrote and hands what came back to `answers`.

How long a call may take in all is its caller's decision, who closes the client when it has taken too long. Such a call
ends at its socket and sends nothing more, so that it cannot arrive at Graph after the next one.
"""

import logging
import socket
import time
import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any

import httpx

from tray.core.effects import ReadPresence, Request
from tray.core.values import Answer, AnswerKind, NetworkFailure
from tray.errors import BadSettings
from tray.graph import answers, requests
from tray.graph.network_errors import failure_of
from tray.graph.requests import Token
from tray.graph.transport import TIMEOUT, exchange, open_client

LOG = logging.getLogger("tray.graph")
OVERLOADED = 503  # Graph asks for a new connection at the next try


class GraphClient:
    """Sends one request at a time to Graph, on one connection."""

    def __init__(
        self,
        origin: str,
        client_id: str,
        *,
        transport: httpx.BaseTransport | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self._origin = origin
        self._client_id = client_id
        self._transport = transport
        self._timeout = timeout
        self._client: httpx.Client | None = None
        self._socket: socket.socket | None = None
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

    def _call(self, request: Request, token: Token | None) -> tuple[Answer, httpx.Response | None]:
        began, closings, response = time.monotonic(), self._closings, None
        client = self._client or self._open()
        if closings == self._closings:  # else the call was given up while the trust store was read
            self._client = client
        try:
            response = self._exchange(client, request, token)
            answer = answers.read(request, response.status_code, response.headers, response.content)
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError, ValueError) as exc:
            # RuntimeError and ValueError come from a connection that was closed under the call.
            given_up = closings != self._closings
            answer = Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.TIMEOUT if given_up else failure_of(exc))
        took = time.monotonic() - began
        LOG.debug("%s → %s %s in %.2f s", type(request).__name__, answer.kind, answer.failure or answer.status, took)
        if answer.kind is AnswerKind.UNREACHABLE or answer.status == OVERLOADED:
            self._drop(client)
        return answer, response

    def _open(self) -> httpx.Client:
        return open_client(self._origin, transport=self._transport, timeout=self._timeout)

    def _exchange(self, client: httpx.Client, request: Request, token: Token | None) -> httpx.Response:
        wire = requests.write(request, object_id=token.object_id if token else "me", client_id=self._client_id)
        headers = {"client-request-id": str(uuid.uuid4())}
        if token:
            headers["Authorization"] = f"Bearer {token.access_token}"
        extensions = {"trace": lambda name, info: self._watch(client, name, info)}
        response = exchange(client, wire.method, wire.path, json=wire.body, headers=headers, extensions=extensions)
        LOG.debug("request-id %s", response.headers.get("request-id"))
        return response

    def _drop(self, client: httpx.Client) -> None:
        """Close a client, and leave alone the one that another call has made meanwhile."""
        if self._client is client:
            line, self._client, self._socket = self._socket, None, None
            if line:
                with suppress(OSError):  # it is closed already
                    # Closing alone does not wake a thread that reads; an SSL socket's own `shutdown` would unwrap it.
                    socket.socket.shutdown(line, socket.SHUT_RDWR)
        client.close()

    def _watch(self, client: httpx.Client, name: str, info: dict[str, Any]) -> None:
        """Keep the socket at hand, and let a call that was given up while it connected send nothing.

        See https://www.python-httpx.org/advanced/extensions/#trace for the names.
        """
        is_current = self._client is client
        if is_current and name.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
        elif not is_current and name.endswith(".send_request_headers.started"):
            raise httpx.ConnectTimeout("given up")
