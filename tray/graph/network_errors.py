"""Why a request got no answer, as far as the exception of httpx or of a socket says.

Exceptions are told apart by class and number: their texts are in the user's language on Windows and macOS.
"""

import socket
import ssl
from collections.abc import Iterator

import httpx

from tray.core.values import NetworkFailure

# `verify_code`, which truststore fills with the system's own number: OpenSSL's X509_V_ERR_…, Windows' CERT_E_…
# (https://learn.microsoft.com/windows/win32/com/com-error-codes-4), macOS' errSec… (Security/SecBase.h).
OUT_OF_DATE = {9, 10, 0x800B0101, -67818, -67819}
OTHER_NAME = {62, 64, 0x800B010F, -67602}
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})


# OpenSSL's reasons for what is no TLS at all.
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})


class ProxyAway(httpx.ConnectError):
    """The proxy itself cannot be reached."""


class ProxyPlain(httpx.ConnectError):
    """The proxy's address begins with https://, and it speaks plain HTTP."""


def failure_of(exc: BaseException) -> NetworkFailure:
    """Return what an exception of httpx or of a socket says about the network."""
    if isinstance(exc, httpx.ProxyError | ProxyAway | ProxyPlain):
        return _of_the_proxy(exc)
    for cause in causes(exc):
        match cause:
            case ssl.SSLCertVerificationError(verify_code=code) if code in OUT_OF_DATE:
                return NetworkFailure.TLS_CLOCK
            case ssl.SSLCertVerificationError(verify_code=code) if code in OTHER_NAME:
                return NetworkFailure.PORTAL  # a captive portal answers, with a certificate of its own
            case ssl.SSLCertVerificationError():
                return NetworkFailure.TLS
            case socket.gaierror():
                return NetworkFailure.NAME
            case ssl.SSLError():
                return NetworkFailure.BROKEN  # no TLS came about; nobody's certificate is to blame
    if isinstance(exc, httpx.TimeoutException):
        return NetworkFailure.TIMEOUT
    return NetworkFailure.NETWORK if isinstance(exc, httpx.ConnectError) else NetworkFailure.BROKEN


def is_plain(exc: ssl.SSLError) -> bool:
    """Tell whether the other side does not speak TLS, which is no matter of trust."""
    return isinstance(exc, ssl.SSLEOFError) or exc.reason in NO_TLS


def _of_the_proxy(exc: BaseException) -> NetworkFailure:
    match exc, str(exc)[:3]:  # httpcore's text begins with the status of a proxy that refuses
        case ProxyAway(), _:
            return NetworkFailure.PROXY_AWAY
        case ProxyPlain(), _:
            return NetworkFailure.PROXY_PLAIN
        case _, "407":
            return NetworkFailure.PROXY_LOGIN
        case _, status if status.startswith("4"):
            return NetworkFailure.PROXY_FORBIDS
    return NetworkFailure.PROXY_FAILS


def causes(exc: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what caused it; httpcore raises its own `from None`, which leaves the context."""
    while exc:
        yield exc
        exc = exc.__cause__ or exc.__context__
