"""HTTP as every part of the program speaks it: the system's trust, limits of time and size, no redirects.

Graph's client, MSAL in the token child and the doctor all send through a client from `open_client`, and read an
answer by `exchange`.
"""

import os
import ssl
from typing import Any

import httpx
import truststore

from tray import __version__
from tray.errors import BadSettings
from tray.messages import settings as words

TIMEOUT = httpx.Timeout(10, connect=5)  # seconds for each part of an exchange; how long all of it may take, callers say
LARGEST = 1 << 20  # bytes of an answer that are read; Graph's and Entra's own have a few thousand
HEADERS = {"User-Agent": f"presence-tray/{__version__}", "Accept-Encoding": "identity"}


def open_client(
    origin: str = "", *, transport: httpx.BaseTransport | None = None, timeout: httpx.Timeout = TIMEOUT
) -> httpx.Client:
    """Return a client for an origin, or for any; `transport` stands in for the network.

    Raise `BadSettings` when a variable names a proxy or a certificate file that cannot be used.
    """
    try:
        return httpx.Client(
            base_url=origin,
            headers=HEADERS,
            timeout=timeout,
            verify=True if transport else _trust(),  # a context for each client: two handshakes cannot share one
            transport=transport,
            follow_redirects=False,
        )
    except (ValueError, ImportError) as exc:  # ImportError: a SOCKS proxy, for which httpx wants another package
        raise BadSettings(*words.bad_proxy()) from exc


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
