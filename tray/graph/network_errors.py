"""Why no answer came, as far as an exception says; must not know what was asked.

By kinds and numbers, not by words: Windows and macOS say theirs in the user's language.
"""

import socket
import ssl
from collections.abc import Iterator

import httpx

from tray.core.values import Reach

# `verify_code`, which truststore fills with the system's own number: OpenSSL's X509_V_ERR_…, Windows' CERT_E_…
# (https://learn.microsoft.com/windows/win32/com/com-error-codes-4), macOS' errSec… (Security/SecBase.h).
NOT_YET_OR_NO_LONGER = {9, 10, 0x800B0101, -67818, -67819}
SOMEBODY_ELSES = {62, 64, 0x800B010F, -67602}


def reach_of(exc: BaseException) -> Reach:
    """Tell what an exception of httpx means, or one of the sockets beneath."""
    for cause in _causes(exc):
        match cause:
            case ssl.SSLCertVerificationError(verify_code=code) if code in NOT_YET_OR_NO_LONGER:
                return Reach.TLS_CLOCK
            case ssl.SSLCertVerificationError(verify_code=code) if code in SOMEBODY_ELSES:
                return Reach.PORTAL  # a network that wants a sign-in answers, with a certificate of its own
            case ssl.SSLError():
                return Reach.TLS
            case socket.gaierror():
                return Reach.NAME
    if isinstance(exc, httpx.TimeoutException):
        return Reach.TIMEOUT
    return Reach.NETWORK if isinstance(exc, httpx.ConnectError) else Reach.BROKEN


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    """Walk from an exception to what caused it; httpcore raises its own `from None`, which leaves the context."""
    while exc:
        yield exc
        exc = exc.__cause__ or exc.__context__
