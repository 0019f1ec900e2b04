"""HTTP as every part of the program speaks it: the system's trust, limits of time and size, no redirects.

Graph's client, MSAL in the token child and the doctor all send through a client from `open_client`, and read an
answer by `exchange`. httpx reads no variable and no `.netrc` by itself: `proxies.py` says which way a request goes.
"""

import os
import ssl
from typing import Any

import httpx
import truststore

from tray import __version__
from tray.errors import BadSettings
from tray.graph.network_errors import ProxyAway, ProxyPlain, causes, is_plain
from tray.graph.proxies import proxy_for
from tray.messages import settings as words

TIMEOUT = httpx.Timeout(10, connect=5)  # seconds for each part of an exchange; the callers limit the whole
LARGEST = 1 << 20  # bytes of an answer that are read; Graph's and Entra's own have a few thousand
HEADERS = {"User-Agent": f"presence-tray/{__version__}", "Accept-Encoding": "identity"}


class Routes(httpx.BaseTransport):
    """Sends each request the way that it has to go: directly, or through the proxy for its server."""

    def __init__(self) -> None:
        self._ways: dict[str | None, httpx.HTTPTransport] = {}
        self._is_closed = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raise `BadSettings` when a variable names what cannot be used."""
        url = request.url
        proxy = proxy_for(url.scheme, url.host, url.port or 443)
        if proxy not in self._ways:
            self._ways[proxy] = _way(proxy)
        if self._is_closed:  # the call was given up while the trust store was read
            raise httpx.ConnectError("closed", request=request)
        try:
            return self._ways[proxy].handle_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout) as exc:
            raise (_blamed(exc, proxy) if proxy else None) or exc from exc.__cause__

    def close(self) -> None:
        """Close every connection."""
        self._is_closed = True
        for way in list(self._ways.values()):
            way.close()


def _way(proxy: str | None) -> httpx.HTTPTransport:
    """Return a transport with contexts of its own: two handshakes cannot share one."""
    through = httpx.Proxy(proxy, ssl_context=_trust() if proxy.startswith("https:") else None) if proxy else None
    return httpx.HTTPTransport(verify=_trust(), proxy=through, trust_env=False)


def _blamed(exc: httpx.TransportError, proxy: str) -> httpx.TransportError | None:
    """Return what is wrong with the proxy when no connection came about through it; `None` when it is not to blame."""
    tls = next((cause for cause in causes(exc) if isinstance(cause, ssl.SSLError)), None)
    if tls is None:
        return ProxyAway(str(exc))
    return ProxyPlain(str(exc)) if is_plain(tls) and proxy.startswith("https:") else None


def open_client(
    origin: str = "", *, transport: httpx.BaseTransport | None = None, timeout: httpx.Timeout = TIMEOUT
) -> httpx.Client:
    """Return a client for an origin, or for any; `transport` stands in for the network.

    A request raises `BadSettings` when a variable names a proxy or a certificate file that cannot be used.
    """
    return httpx.Client(
        base_url=origin,
        headers=HEADERS,
        timeout=timeout,
        transport=transport or Routes(),
        trust_env=False,
        follow_redirects=False,
    )


def exchange(client: httpx.Client, method: str, url: str, **options: Any) -> httpx.Response:
    """Send a request and return its answer, whose body has been read; `options` are those of `httpx.Client.stream`.

    Raise `httpx.ReadError` for an answer that is larger than `LARGEST` or compressed.
    """
    with client.stream(method, url, **options) as response:
        body = _body(response)
    return httpx.Response(response.status_code, headers=response.headers, content=body, request=response.request)


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
    return context


def _body(response: httpx.Response) -> bytes:
    """Read a body; one that is compressed was not asked for and may be a bomb, so it is not unpacked."""
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
