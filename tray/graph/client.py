"""The HTTP shell: sends what `requests` wrote and hands what came to `answers`; decides nothing by itself.

A call reads one megabyte at most and waits ten seconds for each part of an answer; how long it may take in all is its
caller's affair, who closes the client under it. A call that was given up so is ended at its socket and sends nothing
any more: the next one must not meet it on the service.
"""

import logging
import os
import socket
import ssl
import time
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import truststore

from tray import __version__
from tray.core.effects import Request
from tray.core.values import Answer, Kind, Reach
from tray.errors import BadSettings
from tray.graph import answers, requests
from tray.graph.network_errors import reach_of
from tray.messages import settings as words
from tray.signin.source import Token

LOG = logging.getLogger("tray.graph")
LIMIT = timedelta(seconds=10)
CONNECT = timedelta(seconds=5)
LARGEST = 1 << 20  # bytes of an answer that are read; Graph's own are a few hundred
OVERLOADED = 503  # Graph asks that the next try uses a new connection


def trust() -> ssl.SSLContext:
    """Return the trust of the operating system, company roots included; `SSL_CERT_FILE` is honoured.

    Raises BadSettings when that file is not there, or none of certificates: OpenSSL would silently trust nobody.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if named := os.environ.get("SSL_CERT_FILE"):
        try:
            context.load_verify_locations(named)  # which OpenSSL would do by itself on Linux, and nobody elsewhere
        except OSError as exc:
            raise BadSettings(*words.bad_cert_file()) from exc
    return context


class GraphClient:
    """Sends one request at a time to Graph, on one connection."""

    def __init__(
        self,
        origin: str,
        client_id: str,
        *,
        transport: httpx.BaseTransport | None = None,
        speed: float = 1.0,
    ) -> None:
        self._origin = origin
        self._client_id = client_id
        self._transport = transport
        self._limit = LIMIT.total_seconds() / speed
        self._connect = CONNECT.total_seconds() / speed
        self._client: httpx.Client | None = None
        self._socket: socket.socket | None = None
        self._closings = 0  # a call that began before the last one is given up

    def send(self, request: Request, token: Token) -> Answer:
        """Send and return what the answer means, `TIMEOUT` when it was given up; never raises."""
        wire = requests.write(request, object_id=token.object_id, client_id=self._client_id)
        began, closings = time.monotonic(), self._closings
        try:
            client = self._client or self._open()
        except BadSettings as exc:
            LOG.error("%s", exc)  # noqa: TRY400  one line says it
            return Answer(Kind.UNREACHABLE, reach=Reach.TLS)
        if closings == self._closings:  # else it was given up meanwhile: the trust store takes its time
            self._client = client
        try:
            answer = self._exchange(client, request, wire, token)
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError, ValueError) as exc:
            # The last two come from a connection that was closed under the call.
            given_up = closings != self._closings
            answer = Answer(Kind.UNREACHABLE, reach=Reach.TIMEOUT if given_up else reach_of(exc))
        took = time.monotonic() - began
        LOG.debug("%s → %s %s in %.2f s", type(request).__name__, answer.kind, answer.reach or answer.status, took)
        if answer.kind is Kind.UNREACHABLE or answer.status == OVERLOADED:
            self._drop(client)
        return answer

    def close(self) -> None:
        """Drop the connection, also under a call in flight; the next call makes a new one."""
        self._closings += 1
        if client := self._client:
            self._drop(client)

    def _drop(self, client: httpx.Client) -> None:
        """Close a client; the one that another call has made meanwhile is left alone."""
        if self._client is client:
            line, self._client, self._socket = self._socket, None, None
            if line:
                with suppress(OSError):  # closed before
                    # Closing alone does not wake a thread that reads; an SSL socket's own `shutdown` would unwrap it.
                    socket.socket.shutdown(line, socket.SHUT_RDWR)
        client.close()

    def _exchange(self, client: httpx.Client, request: Request, wire: requests.Wire, token: Token) -> Answer:
        headers = {"Authorization": f"Bearer {token.access_token}", "client-request-id": str(uuid.uuid4())}
        watching = {"trace": lambda name, info: self._watch(client, name, info)}
        with client.stream(wire.method, wire.path, json=wire.body, headers=headers, extensions=watching) as response:
            LOG.debug("request-id %s", response.headers.get("request-id"))
            return answers.read(request, response.status_code, response.headers, _body(response))

    def _watch(self, client: httpx.Client, name: str, info: dict[str, Any]) -> None:
        """Keep the socket at hand, and let a call that was given up while it connected send nothing.

        See https://www.python-httpx.org/advanced/extensions/#trace for the names.
        """
        is_current = self._client is client
        if is_current and name.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
        elif not is_current and name.endswith(".send_request_headers.started"):
            raise httpx.ConnectTimeout("given up")

    def _open(self) -> httpx.Client:
        return httpx.Client(
            base_url=self._origin,
            headers={"User-Agent": f"presence-tray/{__version__}", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(self._limit, connect=self._connect),
            verify=True if self._transport else trust(),  # a new one each time: two handshakes cannot share it
            transport=self._transport,
            follow_redirects=False,
        )


def _body(response: httpx.Response) -> bytes:
    """Read a body of at most so many bytes; raises httpx.ReadError beyond them.

    A compressed one was not asked for and may be a bomb: it is not unpacked.
    """
    if "content-encoding" in response.headers:
        raise httpx.ReadError("compressed")
    if int(response.headers.get("content-length", 0)) > LARGEST:
        raise httpx.ReadError("too large")
    chunks, size = list[bytes](), 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise httpx.ReadError("too large")
    return b"".join(chunks)
