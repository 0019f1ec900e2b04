"""A virtual environment for each candidate, with what it needs and nothing else, and what it takes on disk."""

import os
import shutil
import subprocess
import sys
from collections.abc import Container
from pathlib import Path

PROJECT = Path(__file__).parents[3]
NEEDS: dict[str, list[str]] = {
    "presence-tray": [str(PROJECT)],
    "floor": ["jeepney"],
    "pystray": ["pystray", "pillow"],  # and Debian's gi
    "pyside6": ["pyside6-essentials"],
    "sdk": ["msgraph-sdk", "azure-identity"],
}
DEBIANS_PYTHON = "/usr/bin/python3"  # the one that has Debian's gi


PRODUCT, BEFORE = "presence-tray", "before"
HEAVY = ("pyside6", "sdk")  # hundreds of megabytes each


class Environments:
    """Made under a folder; the product anew each time, the others when they are not there yet.

    `before` is a checkout of another version of the product, measured beside it.
    """

    def __init__(self, folder: Path, before: Path | None = None, *, without: Container[str] = ()) -> None:
        self._folder = folder
        needs = NEEDS | ({BEFORE: [str(before)]} if before else {})
        self._needs = {name: packages for name, packages in needs.items() if name not in without}

    def make(self) -> None:
        """Make those that are missing, with compiled modules: installers compile them too."""
        for name, packages in self._needs.items():
            folder = self._folder / name
            if name in (PRODUCT, BEFORE):
                shutil.rmtree(folder, ignore_errors=True)
            if folder.exists():
                continue
            debians = ["--python", DEBIANS_PYTHON, "--system-site-packages"] if name == "pystray" else []
            _uv("venv", *(debians or ["--python", sys.executable]), str(folder))
            _uv("pip", "install", "--compile-bytecode", "--python", str(folder), *packages)

    def python(self, name: str) -> str:
        """Return an environment's interpreter."""
        return str(self._folder / name / "bin" / "python")

    def has(self, name: str) -> bool:
        """Tell whether there is such an environment."""
        return name in self._needs

    def program(self, name: str = PRODUCT) -> str:
        """Return the installed program, or the other version of it."""
        return str(self._folder / name / "bin" / "presence-tray")

    def megabytes(self, name: str) -> float:
        """Return what an environment takes on disk, without the interpreter that all share."""
        return size_of(self._folder / name / "lib")


def size_of(folder: Path) -> float:
    """Return the size of all files below a folder, or of one file, in MB."""
    files = folder.rglob("*") if folder.is_dir() else [folder]
    return sum(file.lstat().st_size for file in files if not file.is_dir()) / (1 << 20)


def _uv(*arguments: str) -> None:
    program = os.environ.get("UV", "uv")  # `uv run` names itself
    subprocess.run([program, "-q", *arguments], check=True, cwd=PROJECT)
