"""Packs the tree as a Debian package.

The program brings its own Python. It needs the C library it was built on, and zlib, which its first instructions use
before they find the libraries beside the program.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from linux.tree import AUTHORS, NAME

HERE = Path(__file__).parent
CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: {authors}
Installed-Size: {kibibytes}
Depends: libc6 (>= {glibc}), zlib1g
Recommends: default-dbus-session-bus | dbus-session-bus, gnome-keyring | kwalletmanager | keepassxc, xdg-utils
Suggests: gnome-shell-extension-appindicator
Section: net
Priority: optional
Description: set your Microsoft Teams status from the tray
 Click the icon and choose a status. Microsoft Teams shows it until you stop
 it, or until a time that you choose. After sleep or a lost connection it is
 set again automatically.
 .
 Everything works without a tray as well, with the command presence-tray. The
 demo needs no account: presence-tray --demo.
"""
SCRIPTS = ("postinst", "prerm", "postrm")


def pack(tree: Path, work: Path, target: Path, version: str) -> None:
    """Make the package `target` with `tree` as /usr; `SOURCE_DATE_EPOCH` must be set."""
    root = work / "deb"
    shutil.copytree(tree, root / "usr", symlinks=True)
    overrides = root / f"usr/share/lintian/overrides/{NAME}"
    overrides.parent.mkdir(parents=True)
    shutil.copyfile(HERE / "lintian-overrides", overrides)
    for path in (overrides.parent.parent, overrides.parent, overrides):  # whatever the builder's umask
        path.chmod(0o755 if path.is_dir() else 0o644)
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    control = root / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(
        CONTROL.format(
            name=NAME,
            version=version,
            authors=AUTHORS,
            architecture=architecture(),
            kibibytes=sum(-(-path.stat().st_size // 1024) for path in files),
            glibc=least_glibc(files),
        )
    )
    sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in files]
    (control / "md5sums").write_text("".join(sums))
    for script in SCRIPTS:
        shutil.copyfile(HERE / script, control / script)
        (control / script).chmod(0o755)
    for path in (control, control / "control", control / "md5sums", root):
        path.chmod(0o755 if path.is_dir() else 0o644)
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "--threads-max=1", "--build", root, target],
        check=True,
        stdout=sys.stderr,
    )


def least_glibc(files: list[Path]) -> str:
    """Return the newest version of the C library that any of the programs and libraries asks for."""
    asked = {(2, 17)}
    for file in files:
        raw = file.read_bytes()
        if raw.startswith(b"\x7fELF"):
            asked |= {(int(major), int(minor)) for major, minor in re.findall(rb"GLIBC_(\d+)\.(\d+)", raw)}
    return "{}.{}".format(*max(asked))


def architecture() -> str:
    """Return Debian's name of this machine's architecture."""
    return subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
