"""Lists the libraries that lie inside other packages' wheels, with their licences.

Wheels with native code carry bills of their own (PEP 770), which name what was linked in, as cryptography's OpenSSL.
"""

import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any, NamedTuple

UNKNOWN = "as told in third-party-licences.txt"

# Libraries beside a wheel's modules: the beginning of the file's name, and the name in the wheel's own bill.
BESIDE = {
    "libjpeg": "libjpeg / libjpeg-turbo",
    "libtiff": "libtiff",
    "libopenjp2": "OpenJPEG",
    "libxcb": "libxcb",
    "libXau": "libXau",
    "liblzma": "liblzma",
    "libzstd": "libzstd",
}
# Libraries that are linked into a wheel's module and have no address in the wheel's own bill.
LINKED = {"pillow": "zlib"}

# SPDX expressions for parts that name none themselves.
LICENCES = {
    "python": "PSF-2.0",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "libbz2-1.0": "bzip2-1.0.6",
    "libffi8": "MIT",
    "libgcc-s1": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "liblzma5": "LicenseRef-public-domain",
    "libsqlite3-0": "blessing",
    "libssl3": "Apache-2.0",
    "libuuid1": "BSD-3-Clause",
    "zlib1g": "Zlib",
    "openssl": "Apache-2.0",
    "libjpeg / libjpeg-turbo": "IJG AND BSD-3-Clause",
    "libtiff": "libtiff",
    "OpenJPEG": "BSD-2-Clause",
    "libxcb": "X11",
    "libXau": "X11",
    "liblzma": "0BSD",
    "libzstd": "BSD-3-Clause",
    "zlib": "Zlib",
}


class Part(NamedTuple):
    """A library inside the program; `licence` is an SPDX expression, or empty where `LICENCES` has it."""

    name: str
    version: str
    purl: str
    licence: str = ""

    def component(self) -> dict[str, Any]:
        """Return the part as CycloneDX has it."""
        licence = self.licence or LICENCES.get(self.name)
        said = {"expression": licence} if licence else {"license": {"name": UNKNOWN}}
        told: dict[str, Any] = {"type": "library", "bom-ref": self.purl, "name": self.name, "version": self.version}
        return {**told, "purl": self.purl, "licenses": [said]}


def in_wheel(package: Distribution, frozen: Path) -> Iterator[Part]:
    """Yield what lies inside a package's native code, as far as that was frozen."""
    native = [file for file in package.files or [] if re.search(r"\.(so|pyd|dylib)\b", file.name)]
    if not any((frozen / "_internal" / file).exists() for file in native):
        return
    named: dict[str, dict[str, Any]] = {}
    for bill in (file for file in package.files or [] if ".dist-info/sboms/" in file.as_posix()):
        for told in json.loads(bill.read_text("utf-8")).get("components", []):
            named[told["name"]] = told
            address = told.get("purl", "").partition("?")[0].partition("#")[0]
            if address and "version" in told and not address.startswith("pkg:pypi/"):
                yield Part(told["name"], told["version"], address, _licence(told))
    for name in _without_address(package, frozen):
        told = named.get(name[0], {})
        version = told.get("version", name[1])
        if version and "purl" not in told:
            plain = name[0].rpartition(" / ")[2].casefold()
            yield Part(name[0], version, f"pkg:generic/{plain}@{version}")


def _without_address(package: Distribution, frozen: Path) -> Iterator[tuple[str, str]]:
    """Yield name and version, if the file tells it, of what lies beside a package's modules or is linked into them."""
    for file in sorted((frozen / "_internal" / f"{package.name.casefold()}.libs").glob("lib*")):
        stem, _, version = re.sub(r"-[0-9a-f]{8}", "", file.name).partition(".so.")
        yield BESIDE.get(stem, stem), version
    if package.name.casefold() in LINKED:
        yield LINKED[package.name.casefold()], ""


def _licence(told: dict[str, Any]) -> str:
    said = [each.get("expression") or each.get("license", {}).get("id", "") for each in told.get("licenses", [])]
    return " AND ".join(filter(None, said))
