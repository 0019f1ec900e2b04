"""Runs the tests against the built wheel, without the checkout's `tray`, on each CPython that is here.

    python3 tests/lanes/pythons.py [3.11 3.12 3.13] [-- arguments of pytest]

Needs uv (`python3 -m pip install uv`); `python3 -m uv run python tests/lanes/pythons.py` does as well.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parents[2]
UV = [os.environ["UV"]] if "UV" in os.environ else [sys.executable, "-m", "uv"]  # under `uv run` it names itself
VERSIONS = ["3.11", "3.12", "3.13"]
ORIGIN = "import sys, tray; print(sys.version.split()[0], tray.__file__)"


def main(arguments: list[str]) -> int:
    """Return 0 if the tests pass on every version asked for that is here, and on one at least."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    versions, options = arguments[:split] or VERSIONS, arguments[split + 1 :]
    codes: dict[str, int | None] = {}
    with tempfile.TemporaryDirectory(prefix="wheel-") as folder:
        wheel = built(Path(folder))
        for version in versions:
            python = found(version)
            codes[version] = tested(Path(folder) / version, python, wheel, options) if python else None
    for version, code in codes.items():
        print(f"{version}: {'not run, there is no such CPython here' if code is None else f'pytest ended with {code}'}")
    ran = [code for code in codes.values() if code is not None]
    return 0 if ran and not any(ran) else 1


def built(folder: Path) -> Path:
    """Build the wheel."""
    subprocess.run([*UV, "build", "--quiet", "--wheel", "--out-dir", folder, PROJECT], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def found(version: str) -> Path | None:
    """Find a CPython of a version, also among those that pyenv keeps out of the way."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for python in (*kept, shutil.which(f"python{version}")):
        told = python and subprocess.run([python, "--version"], capture_output=True, text=True, check=False)
        if python and told and told.returncode == 0 and f"Python {version}." in told.stdout:
            return Path(python)
    return None


def tested(folder: Path, python: Path, wheel: Path, options: list[str]) -> int:
    """Run the tests in a copy of the project that has no `tray`, in an environment that has the wheel's."""
    ignored = shutil.ignore_patterns("tray", "dist", "build", ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__")
    shutil.copytree(PROJECT, folder, ignore=ignored)
    environment = folder / ".venv"
    subprocess.run([*UV, "venv", "--quiet", "--python", python, environment], check=True)
    own = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    group = ["--group", f"{folder / 'pyproject.toml'}:dev"]
    subprocess.run([*UV, "pip", "install", "--quiet", "--python", own, *group, wheel], check=True)
    told = subprocess.run([own, "-c", ORIGIN], cwd=folder, check=True, capture_output=True, text=True).stdout
    assert str(environment) in told, told
    print(f"--- {told.strip()}", flush=True)
    return subprocess.run([own, "-m", "pytest", *options], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
