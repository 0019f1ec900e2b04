"""HTTP as every part of the program speaks it: the system's trust, limits of time and size, no redirects.

Graph's client, MSAL in the token child and the doctor all send through an `HttpClient`. httpcore, which httpx is made
on, is all that one request at a time needs (ARCHITECTURE.md says what httpx would cost). `proxies.py` says which way a
request goes.
"""

import os
import socket
import ssl
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import httpcore
import truststore

from tray import __version__
from tray.core.record import Record
from tray.core.values import NetworkFailure
from tray.errors import BadSettings
from tray.graph.http_messages import HttpRequest, HttpResponse, NoAnswer, Send
from tray.graph.network_errors import failure_of
from tray.graph.proxies import proxy_for
from tray.messages import settings as words

LARGEST = 1 << 20  # bytes of an answer that are read; Graph's and Entra's own have a few thousand
HEADERS = {"user-agent": f"presence-tray/{__version__}", "accept": "*/*", "accept-encoding": "identity"}
ADDRESS = ":/?#[]@!$&'()*+,;=%"  # what stays as it is in an address: RFC 3986's delimiters
IDLE = 5.0  # seconds after which an idle connection is not used again: the network may have changed under it


class Timeouts(Record):
    """Seconds for each part of an exchange; the callers limit the whole. `None` is no limit."""

    connect: float | None = 5.0
    others: float | None = 10.0

    def named(self) -> dict[str, float | None]:
        """Return what httpcore calls them."""
        return {"connect": self.connect} | dict.fromkeys(("read", "write", "pool"), self.others)


TIMEOUTS = Timeouts()


class HttpClient:
    """Sends requests, each the way that it has to go: directly, or through the proxy for its server.

    `network` stands in for the network. A client that is closed ends the call in flight at its socket and sends nothing
    more; closing is for any thread.
    """

    def __init__(self, timeouts: Timeouts = TIMEOUTS, network: Send | None = None) -> None:
        self._timeouts = timeouts.named()
        self._network = network
        self._ways: dict[str | None, httpcore.ConnectionPool] = {}
        self._socket: socket.socket | None = None
        self._is_closed = False

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and return its answer.

        Raise `NoAnswer`, also for an answer that is larger than `LARGEST` or compressed; raise `BadSettings` when a
        variable names a proxy or a certificate file that cannot be used.
        """
        if self._network:
            answer = self._network(request)
            return HttpResponse(answer.status_code, answer.headers, _body(answer.headers, [answer.content]))
        try:
            server = urlsplit(request.url)
            proxy = proxy_for(server.scheme, server.hostname or "", server.port or 443)
            way = self._ways.get(proxy) or self._ways.setdefault(proxy, _way(proxy))
        except ValueError as exc:  # an address that makes no sense
            raise NoAnswer(NetworkFailure.BROKEN) from exc
        if self._is_closed:  # while the trust store was read
            raise NoAnswer(NetworkFailure.TIMEOUT)
        try:
            return self._exchange(way, request)
        except NoAnswer:
            raise
        except Exception as exc:  # httpcore's errors have no common class; a closed connection raises others as well
            raise NoAnswer(failure_of(exc, proxy)) from exc

    def close(self) -> None:
        """Close every connection, also under a call in flight."""
        self._is_closed = True
        if line := self._socket:
            with suppress(OSError):  # it is closed already
                # Closing alone does not wake a thread that reads; an SSL socket's own `shutdown` would unwrap it.
                socket.socket.shutdown(line, socket.SHUT_RDWR)
        for way in list(self._ways.values()):
            way.close()

    def _exchange(self, way: httpcore.ConnectionPool, request: HttpRequest) -> HttpResponse:
        headers = [*HEADERS.items(), *request.headers.items()]
        extensions = {"timeout": self._timeouts, "trace": self._watch}
        content = request.content if request.method == "POST" else None
        url = quote(request.url, ADDRESS)
        with way.stream(request.method, url, headers=headers, content=content, extensions=extensions) as response:
            received = _headers(response.headers)
            assert isinstance(response.stream, Iterable)  # noqa: S101  for the type checker
            return HttpResponse(response.status, received, _body(received, response.stream))

    def _watch(self, name: str, info: dict[str, Any]) -> None:
        """Keep the socket at hand, and let a client that was closed while it connected send nothing.

        See https://www.encode.io/httpcore/extensions/#trace for the names.
        """
        if name.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
        elif self._is_closed and name.endswith(".send_request_headers.started"):
            raise NoAnswer(NetworkFailure.TIMEOUT)


def _way(proxy: str | None) -> httpcore.ConnectionPool:
    """Return a pool with contexts of its own: two handshakes cannot share one."""
    if proxy is None:
        return httpcore.ConnectionPool(ssl_context=_trust(), keepalive_expiry=IDLE)
    parts = urlsplit(proxy)
    host = parts.netloc.rpartition("@")[2]
    return httpcore.HTTPProxy(
        urlunsplit((parts.scheme, host, "", "", "")),
        proxy_auth=_login(parts.username, parts.password),
        ssl_context=_trust(),
        proxy_ssl_context=_trust() if parts.scheme == "https" else None,
        keepalive_expiry=IDLE,
    )


def _login(user: str | None, password: str | None) -> tuple[bytes, bytes] | None:
    if not (user or password):
        return None
    return unquote(user or "").encode(), unquote(password or "").encode()


def _trust() -> ssl.SSLContext:
    """Return the trust of the operating system, company roots included; `SSL_CERT_FILE` is honoured.

    Raise `BadSettings` when that file is missing or holds no certificate: OpenSSL would silently trust nobody.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if named := os.environ.get("SSL_CERT_FILE"):
        try:
            context.load_verify_locations(named)  # OpenSSL reads the variable on Linux; Windows and macOS do not
        except OSError as exc:
            raise BadSettings(*words.bad_cert_file()) from exc
    if sys.platform != "linux":  # the system verifies
        return context
    # There truststore reads all of the system's certificates again at each connection, 15 ms; the context behind
    # something that it has wrapped has read them.
    return context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost").context


def _headers(received: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by their names in lower case; those that came twice are joined, as HTTP has it."""
    found: dict[str, str] = {}
    for name, value in received:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _body(headers: Mapping[str, str], received: Iterable[bytes]) -> bytes:
    """Read a body; one that is compressed was not asked for and may be a bomb, so it is not unpacked."""
    if "content-encoding" in headers or int(headers.get("content-length", 0)) > LARGEST:
        raise NoAnswer(NetworkFailure.BROKEN)
    chunks, size = list[bytes](), 0
    for chunk in received:
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise NoAnswer(NetworkFailure.BROKEN)
    return b"".join(chunks)
