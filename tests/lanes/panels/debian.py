"""A Debian in a folder, whose programs run beside this machine's: its desktops are other ones, and newer."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

SUITES = {"bookworm": "12", "trixie": "13"}
# Places of this machine's, and how they are mounted. The sockets are below /tmp, where other Debians may be at work.
SHARED = {"tmp": ("--bind", "--make-slave"), **dict.fromkeys(("proc", "dev", "sys"), ("--rbind", "--make-rslave"))}


def make(root: Path, suite: str, packages: str) -> None:
    """Make a Debian with packages, unless it is there."""
    done = root / "packages"
    if done.exists() and done.read_text("ascii") == packages:
        return
    if not (root / "usr").exists():
        subprocess.run(["debootstrap", "--variant=minbase", suite, root], check=True)
    policy = root / "usr/sbin/policy-rc.d"  # no service starts
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    policy.chmod(0o755)
    apt = "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends"
    subprocess.run(["chroot", root, "sh", "-c", f"{apt} -y {packages}"], check=True)
    done.write_text(packages, encoding="ascii")


def version(root: Path, package: str) -> str:
    """Return the version of a package, without what Debian adds to it."""
    asked = ["chroot", root, "dpkg-query", "--show", "--showformat=${source:Upstream-Version}", package]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


@contextlib.contextmanager
def mounted(root: Path) -> Iterator[None]:
    """Let a Debian see this machine's processes, devices and temporary files."""
    for place, options in SHARED.items():
        subprocess.run(["mount", *options, f"/{place}", root / place], check=True)
    try:
        yield
    finally:
        for place in reversed(SHARED):
            subprocess.run(["umount", "--lazy", root / place], check=False)
