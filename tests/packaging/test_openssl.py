"""A program whose OpenSSL is no longer supported is not given to users."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
SHIPPED = b"\x7fELF\0OpenSSL 3.0.13 30 Jan 2024\0"  # as it stands in the library
KEPT = b"MZ\0OpenSSL 3.5.7 1 Sep 2026\0"
NEW = b"MZ\0OpenSSL 9.9.9 1 Sep 2026\0"
MENDED, LATER = date(2026, 9, 7), date(2026, 9, 8)


@pytest.fixture
def openssl(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(PACKAGING))
    import openssl  # noqa: PLC0415  a script, not a package

    return SimpleNamespace(why_refused=openssl.why_refused, of_debian=openssl.of_debian)


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    (tmp_path / "_internal" / "cryptography").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "day", "says"),
    [
        (SHIPPED, MENDED, ""),
        (SHIPPED, LATER, "3.0.13, not supported upstream since 2026-09-07"),
        (KEPT, LATER, ""),
        (NEW, MENDED, "does not know how long 9.9 is supported"),
        (b"MZ", MENDED, "No OpenSSL was found"),
    ],
)
def test_one_that_its_makers_no_longer_support_is_refused(
    openssl: SimpleNamespace, frozen: Path, content: bytes, day: date, says: str
) -> None:
    (frozen / "_internal" / "libcrypto-3.dll").write_bytes(content)
    why = openssl.why_refused(frozen, day, lambda _: None)
    assert (says in why) if says else not why


def test_debians_is_patched_by_debian_and_must_be_the_newest(openssl: SimpleNamespace, frozen: Path) -> None:
    (frozen / "_internal" / "libcrypto.so.3").write_bytes(SHIPPED)
    assert openssl.why_refused(frozen, LATER, lambda _: ("libssl3", "3.0.22", "3.0.22")) == ""
    assert openssl.why_refused(frozen, LATER, lambda _: ("libssl3", "3.0.19", "3.0.22")).endswith(
        "Run: apt-get install --only-upgrade libssl3"
    )


def test_a_library_of_another_version_is_not_taken_for_debians(openssl: SimpleNamespace, frozen: Path) -> None:
    library = frozen / "_internal" / "libcrypto.so.3"
    library.write_bytes(NEW)
    assert openssl.of_debian(library) is None
