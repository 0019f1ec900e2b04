"""What a failed connection means on each system, told by its number."""

import ssl

import httpx
import pytest

from tray.core.values import Reach
from tray.graph.network_errors import reach_of

UNTRUSTED_ROOT = {"Linux": 19, "Windows": 0x800B0109, "macOS": -67843}


def not_verified(code: int) -> Exception:
    """Make what httpx raises, with words in Danish."""
    beneath = ssl.SSLCertVerificationError("Certifikatkæden er ikke betroet")
    beneath.verify_code = code
    above = httpx.ConnectError(str(beneath))
    above.__cause__ = beneath
    return above


@pytest.mark.parametrize(
    ("codes", "reach"),
    [
        ({"Linux": 10, "Windows": 0x800B0101, "macOS": -67818}, Reach.TLS_CLOCK),
        ({"Linux": 62, "Windows": 0x800B010F, "macOS": -67602}, Reach.PORTAL),
        (UNTRUSTED_ROOT, Reach.TLS),
    ],
)
def test_a_refused_certificate_is_told_apart_by_its_number(codes: dict[str, int], reach: Reach) -> None:
    assert {reach_of(not_verified(code)) for code in codes.values()} == {reach}
