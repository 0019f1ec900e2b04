"""Tries README's two commands in a minimal Debian: Python, git, pipx; no bus, no screen, no keyring, no /dev/pts.

    sudo python3 tests/lanes/minimal_debian.py [FOLDER]     FOLDER is kept, and used again by the next run

Needs root and Debian's `debootstrap`. The new system takes over this machine's name servers, certificates and settings
of pip and uv, so that it reaches the packages that this machine reaches.
"""

import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
SUITE = "bookworm"
PACKAGES = "python3,git,pipx,ca-certificates"
USER = "somebody"
DEMO = "pipx run uv run presence-tray --demo"
TESTS = "pipx run uv run pytest"
SETTINGS = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf", "/etc/uv/uv.toml")
VARIABLES = ("PIP_", "UV_INDEX", "UV_DEFAULT_INDEX", "SSL_CERT_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXIES = ("http_proxy", "https_proxy", "no_proxy")
PATIENCE = 600.0  # seconds until the demo is there: pipx fetches uv, and uv the packages
# The demo as a user plays it: what is to be seen, and what is typed then.
PLAY = (("Quit", "2"), ("Busy (no end time)", "q"))
FAREWELL = "\x1b[?1049l"  # the screen is as it was before


def main(arguments: list[str]) -> int:
    """Return 0 if both commands do what README says."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory(prefix="debian-") as temporary:
        root = Path(arguments[0] if arguments else temporary).absolute()
        prepare(root)
        print(f"== {DEMO}", flush=True)
        demo = play(command(root, DEMO))
        print(f"== {TESTS}", flush=True)
        done = subprocess.run(command(root, TESTS), env=environment(), stdin=subprocess.DEVNULL, check=False)
    print(f"the demo ended with {demo}, the tests with {done.returncode}")
    return 1 if demo or done.returncode else 0


def prepare(root: Path) -> None:
    """Lay out the system, unless it is there, and clone the project into its user's home."""
    home = root / "home" / USER
    if not home.exists():
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, root], check=True)
        subprocess.run(["chroot", root, "useradd", "--create-home", USER], check=True)
    for file in SETTINGS:
        if Path(file).exists():
            (root / file[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, root / file[1:])
    clone = home / "presence-tray"
    shutil.rmtree(clone, ignore_errors=True)
    subprocess.run(["git", "clone", "--quiet", PROJECT, clone], check=True)
    subprocess.run(["chroot", root, "chown", "--recursive", f"{USER}:", f"/home/{USER}"], check=True)


def command(root: Path, line: str) -> list[str]:
    """Return how to run a line in the clone as the user, with processes and mounts of its own."""
    inside = f"cd ~/presence-tray && {line}"
    chroot = f"{shutil.which('chroot')} --userspec={USER}:{USER}"
    outside = f'mount -t proc proc "{root}/proc" && exec {chroot} "{root}" sh -c "$0"'
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", outside, inside]


def environment() -> dict[str, str]:
    """Return the variables of a login on a machine that reaches what this one reaches."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(VARIABLES) or name.lower().startswith(PROXIES)
    }
    return kept | {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": f"/home/{USER}", "USER": USER, "TERM": "linux"}


def play(line: list[str]) -> int:
    """Play the demo from outside, through a terminal; return its exit code, 1 if it did not show what it should."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        line, env=environment(), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    limit = time.monotonic() + PATIENCE
    for shown, typed in PLAY:
        if not appears(shown, ours, limit):
            process.kill()
            return 1
        os.write(ours, typed.encode())
    return process.wait(PATIENCE) if appears(FAREWELL, ours, limit) else 1


def appears(wanted: str, terminal: int, limit: float) -> bool:
    """Read what a program draws until it has drawn what is wanted; if it never does, print what it drew."""
    text = ""
    while wanted not in text:
        ready = select.select([terminal], [], [], max(0.0, limit - time.monotonic()))[0]
        try:
            drawn = os.read(terminal, 65536) if ready else b""
        except OSError:  # the program has closed the other end
            drawn = b""
        if not drawn:
            print(text)
            return False
        text += drawn.decode(errors="replace")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
