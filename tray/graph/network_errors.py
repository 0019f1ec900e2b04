"""Why a request got no answer, as far as the exception of httpcore or of a socket says.

Exceptions are told apart by class and number: their texts are in the user's language on Windows and macOS.
"""

import socket
import ssl
from collections.abc import Iterator

import httpcore

from tray.core.values import NetworkFailure

# `verify_code`, which truststore fills with the system's own number: OpenSSL's X509_V_ERR_…, Windows' CERT_E_…
# (https://learn.microsoft.com/windows/win32/com/com-error-codes-4), macOS' errSec… (Security/SecBase.h).
OUT_OF_DATE = {9, 10, 0x800B0101, -67818, -67819}
OTHER_NAME = {62, 64, 0x800B010F, -67602}
# OpenSSL's reasons for what is no TLS at all.
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})
NO_CONNECTION = (httpcore.ConnectError, httpcore.ConnectTimeout)


def failure_of(exc: BaseException, proxy: str | None = None) -> NetworkFailure:
    """Return what an exception of httpcore or of a socket says about the network, or about the proxy on the way."""
    if isinstance(exc, httpcore.ProxyError):
        return _refused_by_the_proxy(exc)
    if proxy and isinstance(exc, NO_CONNECTION) and (blamed := _blamed(exc, proxy)):
        return blamed
    for cause in _causes(exc):
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
    if isinstance(exc, httpcore.TimeoutException):
        return NetworkFailure.TIMEOUT
    return NetworkFailure.NETWORK if isinstance(exc, httpcore.ConnectError) else NetworkFailure.BROKEN


def _blamed(exc: BaseException, proxy: str) -> NetworkFailure | None:
    """Return what is wrong with the proxy when no connection came about through it; `None` when it is not to blame."""
    tls = next((cause for cause in _causes(exc) if isinstance(cause, ssl.SSLError)), None)
    if tls is None:
        return NetworkFailure.PROXY_AWAY
    return NetworkFailure.PROXY_PLAIN if _is_plain(tls) and proxy.startswith("https:") else None


def _is_plain(exc: ssl.SSLError) -> bool:
    """Tell whether the other side does not speak TLS, which is no matter of trust."""
    return isinstance(exc, ssl.SSLEOFError) or exc.reason in NO_TLS


def _refused_by_the_proxy(exc: httpcore.ProxyError) -> NetworkFailure:
    status = str(exc)[:3]  # httpcore's text begins with the status of a proxy that refuses
    if status == "407":
        return NetworkFailure.PROXY_LOGIN
    return NetworkFailure.PROXY_FORBIDS if status.startswith("4") else NetworkFailure.PROXY_FAILS


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what caused it; httpcore raises its own `from None`, which leaves the context."""
    while exc:
        yield exc
        exc = exc.__cause__ or exc.__context__
