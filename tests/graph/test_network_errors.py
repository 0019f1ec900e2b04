"""What a failed connection means on each system, told by its number."""

import ssl

import httpcore
import pytest

from tray.core.values import NetworkFailure
from tray.graph.network_errors import failure_of

UNTRUSTED_ROOT = {"Linux": 19, "Windows": 0x800B0109, "macOS": -67843}


def not_verified(code: int) -> Exception:
    """Make what httpcore raises, with words in Danish."""
    beneath = ssl.SSLCertVerificationError("Certifikatkæden er ikke betroet")
    beneath.verify_code = code
    above = httpcore.ConnectError(str(beneath))
    above.__cause__ = beneath
    return above


@pytest.mark.parametrize(
    ("codes", "failure"),
    [
        ({"Linux": 10, "Windows": 0x800B0101, "macOS": -67818}, NetworkFailure.TLS_CLOCK),
        ({"Linux": 62, "Windows": 0x800B010F, "macOS": -67602}, NetworkFailure.PORTAL),
        (UNTRUSTED_ROOT, NetworkFailure.TLS),
    ],
)
def test_a_refused_certificate_is_told_apart_by_its_number(codes: dict[str, int], failure: NetworkFailure) -> None:
    assert {failure_of(not_verified(code)) for code in codes.values()} == {failure}
