"""What the tests of the network share."""

from pathlib import Path

import pytest

from tests.certificates import certificate


@pytest.fixture(scope="session")
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    _, ca_file = certificate(tmp_path_factory.mktemp("authority"))
    return ca_file


@pytest.fixture(autouse=True)
def _few_authorities(one_authority: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have clients read one authority: to read all of the system's would take longer than most tests."""
    monkeypatch.setenv("SSL_CERT_FILE", str(one_authority))
