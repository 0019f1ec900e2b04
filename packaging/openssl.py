"""Refuses a frozen program whose OpenSSL is no longer supported upstream: it reads what comes from the network.

Debian patches the one in its own packages for as long as the release lives. Any other is supported for as long as
OpenSSL's release strategy says: https://openssl-library.org/policies/releasestrat/
"""

import re
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

MENDED_UNTIL = {
    "3.0": date(2026, 9, 7),
    "3.4": date(2026, 10, 22),
    "3.5": date(2030, 4, 8),
    "3.6": date(2026, 11, 1),
}
VERSION = re.compile(rb"OpenSSL ((\d+\.\d+)\.\d+)[^\0]{0,30} \d{1,2} [A-Z][a-z]{2} \d{4}")
MAY_HAVE_IT = ("*crypto*", "libpython*", "_ssl*", "lib-dynload/_ssl*", "python-dynload/_ssl*")


def of_debian(library: Path) -> tuple[str, str, str] | None:
    """Return the Debian package of a library, its version here and the newest one; `None` if it is not Debian's."""
    asked = ["dpkg-query", "--search", f"*/{library.name}"]
    try:
        found = subprocess.run(asked, check=False, capture_output=True, text=True).stdout
    except FileNotFoundError:
        return None
    for line in found.splitlines():
        package, _, path = line.partition(": ")
        if version(Path(path)) == version(library):
            told = subprocess.run(["apt-cache", "policy", package], check=True, capture_output=True, text=True).stdout
            installed, newest = re.findall(r"(?m)^  (?:Installed|Candidate): (.+)$", told)
            return package.partition(":")[0], installed, newest
    return None


def version(file: Path) -> tuple[str, str] | None:
    """Return version and branch of the OpenSSL in a file; `None` if it has none, or is a folder."""
    if not file.is_file():
        return None
    found = VERSION.search(file.read_bytes())
    return (found[1].decode(), found[2].decode()) if found else None


def why_refused(frozen: Path, day: date, from_debian: Callable[[Path], tuple[str, str, str] | None] = of_debian) -> str:
    """Say why a frozen program must not be given to users; empty if it may."""
    files = [file for pattern in MAY_HAVE_IT for file in sorted((frozen / "_internal").glob(pattern))]
    found = [(file, told) for file in files if (told := version(file))]
    if not found:
        return "No OpenSSL was found in it: packaging/openssl.py does not know where this Python keeps it."
    for file, (number, branch) in found:
        if package := from_debian(file):
            name, installed, newest = package
            if installed != newest:
                return f"{name} is {installed}, Debian has {newest}. Run: apt-get install --only-upgrade {name}"
        elif branch not in MENDED_UNTIL:
            return (
                f"{file.name} is OpenSSL {number}. packaging/openssl.py does not know how long {branch} is supported."
            )
        elif day > MENDED_UNTIL[branch]:
            return f"{file.name} is OpenSSL {number}, not supported upstream since {MENDED_UNTIL[branch]}."
    return ""
