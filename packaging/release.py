"""Builds what this system can build, from pinned parts, with the same bytes each time.

    python3 packaging/release.py                 into dist/
    python3 packaging/release.py --windows       the Windows program too: on Linux, under Wine
    python3 packaging/release.py --windows --python ARCHIVE --sha256 SUM
                                                 the same with a CPython that was downloaded from python.org
    python3 packaging/release.py --twice         build a second time elsewhere, and compare
    python3 packaging/release.py --pin           renew the pinned requirements
    python3 packaging/release.py --not-for-users build even with an OpenSSL that is no longer supported

Needs uv (`python3 -m pip install uv`), on Linux dpkg-deb as well.
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import openssl

PACKAGING = Path(__file__).resolve().parent
PROJECT = PACKAGING.parent
NAME = "presence-tray"
UV = [sys.executable, "-m", "uv"]
# What runs, what freezes it, what builds: each with hashes and without the address of any registry.
PINNED = {
    "runtime.txt": ["--no-dev"],
    "freezing.txt": ["--only-group", "freezing"],
    "tools.txt": ["--only-group", "release"],
}


def main() -> int:
    """Build, and print the sums."""
    options = argparse.ArgumentParser(description="Build what this system can build, into dist/.")
    options.add_argument("--twice", action="store_true", help="build again in another folder, and compare")
    options.add_argument("--pin", action="store_true", help="renew the pinned requirements, build nothing")
    options.add_argument("--windows", action="store_true", help="on Linux: the Windows program too, under Wine")
    options.add_argument("--in-place", action="store_true", help="build this folder as it is, not the last commit")
    options.add_argument("--not-for-users", action="store_true", help="build even with an unsupported OpenSSL")
    options.add_argument("--out", type=Path, default=PROJECT / "dist", help="where to put it (default: dist)")
    options.add_argument("--python", type=Path, metavar="ARCHIVE", help="CPython for Windows, from python.org")
    options.add_argument("--sha256", default="", metavar="SUM", help="of that archive")
    args = options.parse_args()
    given = ["--python", str(args.python.resolve()), "--sha256", args.sha256] if args.python else []
    if args.pin:
        return pin()
    if args.in_place:
        build(args.out, windows=args.windows, for_users=not args.not_for_users, python=given)
        return 0
    commit = told_by_git("rev-parse", "HEAD")
    passed_on = [option for option in ("--windows", "--not-for-users") if option in sys.argv] + given
    sums = build_commit(commit, args.out, passed_on)
    print(sums, end="")
    if not args.twice:
        return 0
    time.sleep(2)  # zip counts in steps of two seconds: a time that slipped in must differ
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="again-") as folder:
        again = build_commit(commit, Path(folder), passed_on)
    different = sorted(set(again.splitlines()) ^ set(sums.splitlines()))
    print("\n".join(["Built twice, and these differ:", *different]) if different else "Built twice: the same bytes.")
    return 1 if different else 0


def build_commit(commit: str, out: Path, options: list[str]) -> str:
    """Build a commit in a folder of its own; return the sums."""
    with tempfile.TemporaryDirectory(prefix="commit-") as folder:
        archive = Path(folder) / "project.tar"
        run("git", "-C", PROJECT, "archive", "--output", archive, commit)
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        os.environ |= {
            "SOURCE_DATE_EPOCH": told_by_git("log", "-1", "--format=%ct", commit),
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        script = Path(folder) / "packaging" / "release.py"
        run(sys.executable, script, "--in-place", "--out", out.resolve(), *options)
    return (out / "SHA256SUMS").read_text()


def pin() -> int:
    """Write the newest versions that fit, with their hashes, into the pinned requirements."""
    for name, chosen in PINNED.items():
        plain = ["--no-emit-project", "--no-header", "--no-annotate", "--quiet"]
        run(*UV, "export", "--upgrade", *plain, *chosen, "--output-file", PACKAGING / name)
    return 0


def build(out: Path, *, windows: bool, for_users: bool, python: Sequence[str] = ()) -> None:
    """Build everything, then write the sums; exit where users must not get it.

    `python` names a CPython for Windows, in the options of `windows/build.py`.
    """
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        work, made = Path(folder), Path(folder) / "made"
        made.mkdir()
        sources(made)
        wheel = next(made.glob("*.whl"))
        unpack_catalogues(wheel)
        version = wheel.name.split("-")[1]
        runtime = environment(work / "runtime", wheel, "runtime.txt")
        tools = environment(work / "tools", wheel, "runtime.txt", "tools.txt")
        frozen = freeze(work, environment(work / "freezing", wheel, "runtime.txt", "freezing.txt"))
        if for_users and (why := openssl.why_refused(frozen, datetime.now(UTC).date())):
            sys.exit(f"This build must not be given to users: {why}")
        run(tools, PACKAGING / "inside.py", runtime, frozen, made / f"{NAME}-{version}.cdx.json", version)
        if sys.platform == "linux":
            for_linux(work, made, frozen, tools, version)
        elif sys.platform == "win32":
            from windows import build as of_windows  # noqa: PLC0415  one system's parts

            of_windows.pack(frozen, made)
        if windows:
            allowed = [] if for_users else ["--not-for-users"]
            run(sys.executable, PACKAGING / "windows" / "build.py", "--out", made, *allowed, *python)
        out.mkdir(parents=True, exist_ok=True)
        built = [Path(shutil.move(file, out / file.name)) for file in sorted(made.iterdir())]
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in built]
    (out / "SHA256SUMS").write_text("".join(sums))


def epoch() -> int:
    """Return the time stamp of everything that is built: `SOURCE_DATE_EPOCH`, else the commit's."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or told_by_git("log", "-1", "--format=%ct"))


def told_by_git(*asked: str) -> str:
    """Return what git prints about this project."""
    command = ["git", "-C", str(PROJECT), *asked]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def sources(made: Path) -> None:
    """Make the source archive, and the wheel from it."""
    run(
        *UV,
        "build",
        "--quiet",
        "--build-constraints",
        PACKAGING / "tools.txt",
        "--require-hashes",
        "--out-dir",
        made,
        PROJECT,
    )
    (made / ".gitignore").unlink(missing_ok=True)


def unpack_catalogues(wheel: Path) -> None:
    """Put the catalogues that the wheel's build has compiled where the frozen programs take them from."""
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            if name.endswith(".mo"):
                packed.extract(name, PROJECT)


def environment(folder: Path, wheel: Path, *pinned: str) -> Path:
    """Make an environment with exactly the pinned parts and the wheel; return its interpreter.

    It takes nothing from uv's cache, whose files are links: a change in one environment would be a change in all.
    """
    run(*UV, "venv", "--quiet", "--python", sys.executable, folder)
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    install = [*UV, "pip", "install", "--quiet", "--no-cache", "--python", python]
    run(*install, "--require-hashes", *(part for name in pinned for part in ("-r", PACKAGING / name)))
    run(*install, "--no-deps", wheel)
    return python


def freeze(work: Path, python: Path) -> Path:
    """Freeze the program into a folder with the Python that it needs; return the folder."""
    places = ["--distpath", work / "frozen", "--workpath", work / "frozen-by-the-way"]
    run(python, "-m", "PyInstaller", "--log-level", "ERROR", *places, PACKAGING / f"{NAME}.spec")
    return work / "frozen" / NAME


def for_linux(work: Path, made: Path, frozen: Path, tools: Path, version: str) -> None:
    """Make the .deb, and an archive of the same tree for other systems."""
    from linux import deb, tree  # noqa: PLC0415  one system's parts

    laid = work / "tree"
    tree.lay_out(laid, frozen, tools, version, epoch())
    deb.pack(laid, work, made / f"{NAME}_{version}_{deb.architecture()}.deb", version)
    packed = made / f"{NAME}-{version}-linux-{platform.machine()}.tar.xz"
    with tarfile.open(packed, "w:xz") as archive:
        archive.add(laid, f"{NAME}-{version}", filter=nobodys)  # in the order of their names


def nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Remove who built it, and when, from an entry of the archive."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = epoch()
    return entry


def run(*command: str | Path) -> None:
    """Run a command; raise `CalledProcessError` when it fails."""
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    sys.exit(main())
