"""What the bill of materials says of libraries inside other packages' wheels."""

import json
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
OWN = {"name": "own", "version": "1", "purl": "pkg:pypi/cryptography@1"}
OPENSSL = {"name": "openssl", "version": "4.0.3", "purl": "pkg:generic/openssl@4.0.3?download_url=somewhere"}
CRATE = {"name": "pem", "version": "4.0.0", "purl": "pkg:cargo/pem@4.0.0", "licenses": [{"expression": "MIT"}]}
JPEG = {"name": "libjpeg / libjpeg-turbo", "version": "3.2.0", "licenses": [{"license": {"id": "IJG"}}]}
ZLIB = {"name": "zlib", "version": "2.3.3"}
WEBP = {"name": "libwebp", "version": "1.6.0"}


@pytest.fixture
def bundled(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(PACKAGING))
    import bundled  # noqa: PLC0415  a script, not a package

    return SimpleNamespace(in_wheel=bundled.in_wheel, Part=bundled.Part)


def installed(folder: Path, name: str, module: str, *told: dict[str, Any]) -> Distribution:
    """Install a package with one native module and a bill of its own."""
    info = folder / f"{name}-1.dist-info"
    (info / "sboms").mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "sboms" / "some.json").write_text(json.dumps({"components": told}))
    (info / "RECORD").write_text(f"{module},,\n{info.name}/sboms/some.json,,\n")
    (folder / module).parent.mkdir()
    (folder / module).touch()  # from 3.12 on what is not there is not listed
    return PathDistribution(info)


def frozen(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / "_internal" / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / "_internal" / file).touch()
    return folder


def test_what_is_linked_into_a_frozen_module_is_named_with_its_licence(
    tmp_path: Path, bundled: SimpleNamespace
) -> None:
    module = "cryptography/_rust.abi3.so"
    package = installed(tmp_path / "site", "cryptography", module, OWN, OPENSSL, CRATE)
    parts = list(bundled.in_wheel(package, frozen(tmp_path / "frozen", module)))
    assert [part.purl for part in parts] == ["pkg:generic/openssl@4.0.3", "pkg:cargo/pem@4.0.0"]
    assert [part.component()["licenses"] for part in parts] == [[{"expression": "Apache-2.0"}], [{"expression": "MIT"}]]


def test_what_was_not_frozen_is_not_named(tmp_path: Path, bundled: SimpleNamespace) -> None:
    package = installed(tmp_path / "site", "cryptography", "cryptography/_rust.abi3.so", OPENSSL)
    assert list(bundled.in_wheel(package, frozen(tmp_path / "frozen", "other.so"))) == []


def test_libraries_beside_a_module_get_the_version_of_the_wheels_bill_else_that_of_the_file(
    tmp_path: Path, bundled: SimpleNamespace
) -> None:
    package = installed(tmp_path / "site", "pillow", "PIL/_imaging.so", JPEG, ZLIB, WEBP)
    beside = ["pillow.libs/libjpeg-6dc8d115.so.62.4.0", "pillow.libs/libzstd-40ad5e7e.so.1.5.7"]
    parts = list(bundled.in_wheel(package, frozen(tmp_path / "frozen", "PIL/_imaging.so", *beside)))
    assert [part.purl for part in parts] == [
        "pkg:generic/libjpeg-turbo@3.2.0",
        "pkg:generic/libzstd@1.5.7",
        "pkg:generic/zlib@2.3.3",
    ]


def test_a_library_that_nobody_knows_is_named_all_the_same(bundled: SimpleNamespace) -> None:
    component = bundled.Part("libnew", "1", "pkg:generic/libnew@1").component()
    assert component["licenses"] == [{"license": {"name": "as told in third-party-licences.txt"}}]
