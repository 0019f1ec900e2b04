"""What every connection trusts."""

import ssl
import sys
from pathlib import Path

import pytest

from tests.certificates import certificate
from tray.graph import transport

HAS_CERTIFICATES = Path(ssl.get_default_verify_paths().cafile or "/nowhere").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system verifies")
class TestTheTrustOfLinux:
    @pytest.mark.skipif(not HAS_CERTIFICATES, reason="a system without certificates")
    def test_it_is_the_systems(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        context = transport._trust()
        assert context.cert_store_stats()["x509_ca"] > 10
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname

    def test_it_is_read_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _server, ca_file = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
        context = transport._trust()
        ca_file.write_text("no certificate any more", encoding="utf-8")
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
        assert context.cert_store_stats()["x509_ca"] == 1
        assert type(context) is ssl.SSLContext
