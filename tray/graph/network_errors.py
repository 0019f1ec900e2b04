"""Why a request got no answer, as far as the exception of httpx or of a socket says.

Exceptions are told apart by class and number: their texts are in the user's language on Windows and macOS.
"""

import socket
import ssl
from collections.abc import Iterator

import httpx

from tray.core.values import Reach

# `verify_code`, which truststore fills with the system's own number: OpenSSL's X509_V_ERR_…, Windows' CERT_E_…
# (https://learn.microsoft.com/windows/win32/com/com-error-codes-4), macOS' errSec… (Security/SecBase.h).
OUT_OF_DATE = {9, 10, 0x800B0101, -67818, -67819}
OTHER_NAME = {62, 64, 0x800B010F, -67602}


def reach_of(exc: BaseException) -> Reach:
    """Return what an exception of httpx or of a socket says about the network."""
    for cause in _causes(exc):
        match cause:
            case ssl.SSLCertVerificationError(verify_code=code) if code in OUT_OF_DATE:
                return Reach.TLS_CLOCK
            case ssl.SSLCertVerificationError(verify_code=code) if code in OTHER_NAME:
                return Reach.PORTAL  # a captive portal answers, with a certificate of its own
            case ssl.SSLError():
                return Reach.TLS
            case socket.gaierror():
                return Reach.NAME
    if isinstance(exc, httpx.TimeoutException):
        return Reach.TIMEOUT
    return Reach.NETWORK if isinstance(exc, httpx.ConnectError) else Reach.BROKEN


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what caused it; httpcore raises its own `from None`, which leaves the context."""
    while exc:
        yield exc
        exc = exc.__cause__ or exc.__context__
