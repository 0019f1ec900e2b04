"""The HTTP shell: sends what `requests` wrote and hands what came to `answers`; decides nothing by itself.

A call is bounded: ten seconds in all, whatever the phases take, and one megabyte read.
"""

import logging
import os
import ssl
import time
import uuid
from datetime import timedelta
from pathlib import Path

import httpx
import truststore

from tray import __version__
from tray.core.effects import Request
from tray.core.things import Answer, Kind, Reach
from tray.errors import BadSettings
from tray.graph import answers, requests
from tray.signin.protocol import Token
from tray.words import network as words

LOG = logging.getLogger("tray.graph")
LIMIT = timedelta(seconds=10)
CONNECT = timedelta(seconds=5)
LARGEST = 1 << 20  # bytes of an answer that are read; Graph's own are a few hundred
OVERLOADED = 503  # Graph asks that the next try uses a new connection


def trust() -> ssl.SSLContext:
    """Return the trust of the operating system, company roots included; `SSL_CERT_FILE` is honoured.

    Raises BadSettings when that file is not there: OpenSSL would silently trust nobody.
    """
    named = os.environ.get("SSL_CERT_FILE")
    if named and not Path(named).is_file():
        raise BadSettings(words.BAD_CERT_FILE, words.BAD_CERT_FILE_CURE)
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


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
        self._speed = speed
        self._client: httpx.Client | None = None

    def send(self, request: Request, token: Token) -> Answer:
        """Send and return what the answer means; never raises."""
        wire = requests.write(request, object_id=token.object_id, client_id=self._client_id)
        began = time.monotonic()
        try:
            answer = self._exchange(request, wire, token)
        except BadSettings as exc:
            LOG.error("%s", exc)  # noqa: TRY400  one line says it
            answer = Answer(Kind.UNREACHABLE, reach=Reach.TLS)
        except (httpx.HTTPError, httpx.StreamError, OSError, RuntimeError) as exc:
            answer = Answer(Kind.UNREACHABLE, reach=_reach(exc))
        took = time.monotonic() - began
        LOG.debug("%s → %s %s in %.2f s", type(request).__name__, answer.kind, answer.reach or answer.status, took)
        if answer.kind is not Kind.ACCEPTED and (answer.kind is Kind.UNREACHABLE or answer.status == OVERLOADED):
            self.close()
        return answer

    def close(self) -> None:
        """Drop the connection, also under a call in flight; the next call makes a new one."""
        client, self._client = self._client, None
        if client:
            client.close()

    def _exchange(self, request: Request, wire: requests.Wire, token: Token) -> Answer:
        client = self._client = self._client or self._open()
        limit = time.monotonic() + LIMIT.total_seconds() / self._speed
        headers = {"Authorization": f"Bearer {token.access_token}", "client-request-id": str(uuid.uuid4())}
        with client.stream(wire.method, wire.path, json=wire.body, headers=headers) as response:
            LOG.debug("request-id %s", response.headers.get("request-id"))
            return answers.read(request, response.status_code, response.headers, _body(response, limit))

    def _open(self) -> httpx.Client:
        return httpx.Client(
            base_url=self._origin,
            headers={"User-Agent": f"presence-tray/{__version__}", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(LIMIT.total_seconds() / self._speed, connect=CONNECT.total_seconds() / self._speed),
            verify=True if self._transport else trust(),
            transport=self._transport,
            follow_redirects=False,
        )


def _body(response: httpx.Response, limit: float) -> bytes:
    """Read a body within time and size; raises httpx.ReadTimeout or httpx.ReadError beyond them.

    A compressed one was not asked for and may be a bomb: it is not unpacked.
    """
    if "content-encoding" in response.headers:
        raise httpx.ReadError("compressed")
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > LARGEST:
            raise httpx.ReadError("too large")
        if time.monotonic() > limit:
            raise httpx.ReadTimeout("too slow")
    return bytes(body)


def _reach(exc: Exception) -> Reach:
    """Tell why no answer came, as far as an exception says."""
    text = str(exc).casefold()
    if "certificate" in text and ("expired" in text or "not yet valid" in text):
        return Reach.TLS_CLOCK
    if "certificate" in text or "ssl" in text:
        return Reach.TLS
    if isinstance(exc, httpx.TimeoutException):
        return Reach.TIMEOUT
    if isinstance(exc, httpx.ConnectError):
        unknown = ("name or service", "name resolution", "getaddrinfo", "nodename", "no address")
        return Reach.NAME if any(part in text for part in unknown) else Reach.NETWORK
    return Reach.BROKEN
