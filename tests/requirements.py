"""Names what the tests use of the system, and tells when a test had to be skipped for want of it.

`python -m tests.requirements` prints the Debian packages that are missing here.
"""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable

import pytest

# Program → the Debian package that has it.
PACKAGES = {
    "/usr/lib/systemd/user-generators/systemd-xdg-autostart-generator": "systemd",
    "Xvfb": "xvfb",
    "appstreamcli": "appstream",
    "bash": "bash",
    "dbus-daemon": "dbus-daemon",
    "desktop-file-validate": "desktop-file-utils",
    "dex": "dex",
    "dpkg-deb": "dpkg",
    "dunst": "dunst",
    "fish": "fish",
    "gnome-keyring-daemon": "gnome-keyring",
    "import": "imagemagick",
    "locale-gen": "locales",
    "man": "man-db",
    "pactl": "pulseaudio-utils",
    "parecord": "pulseaudio-utils",
    "pipewire": "pipewire",
    "pipewire-pulse": "pipewire-pulse",
    "pulseaudio": "pulseaudio",
    "setsid": "util-linux",
    "wireplumber": "wireplumber",
    "xdotool": "xdotool",
    "xfce4-panel": "xfce4-panel",
    "xsetroot": "x11-xserver-utils",
    "xz": "xz-utils",
    "zsh": "zsh",
}
EVERYTHING = "TESTS_REQUIRE_EVERYTHING"  # an environment variable: what is missing then fails a test
REASON = "needs "
PLACES = os.pathsep.join([*os.get_exec_path(), "/usr/sbin"])  # a user's path leaves that one out


def has_terminals() -> bool:
    """Tell whether a pseudo-terminal can be opened; some containers have no /dev/pts."""
    try:
        ends = os.openpty()
    except OSError:
        return False
    for end in ends:
        os.close(end)
    return True


def has_namespaces() -> bool:
    """Tell whether a user namespace can be made; a container may forbid it."""
    command = ["unshare", "--user", "--map-user=54321", "true"]
    return bool(shutil.which("unshare")) and not subprocess.run(command, capture_output=True, check=False).returncode


# What no package brings → whether it is here.
ABILITIES: dict[str, Callable[[], bool]] = {
    "pseudo-terminals": has_terminals,
    "user-namespaces": has_namespaces,
}

needs = pytest.mark.needs  # names the programs and abilities of a test, or of all tests of a module


def is_here(name: str) -> bool:
    """Tell whether the system has a program or an ability."""
    return ABILITIES[name]() if name in ABILITIES else shutil.which(name, path=PLACES) is not None


def require(*names: str) -> None:
    """Skip the running test unless the system has all that is named; whoever starts a program asks for it first."""
    assert set(names) <= PACKAGES.keys() | ABILITIES.keys(), "tests/requirements.py must name its package"
    missing = sorted(name for name in names if not is_here(name))
    if missing and os.environ.get(EVERYTHING):
        pytest.fail(REASON + ", ".join(missing), pytrace=False)
    if missing:
        pytest.skip(REASON + ", ".join(missing))


def missing_packages() -> list[str]:
    """Return the Debian packages whose programs are not here."""
    return sorted({package for program, package in PACKAGES.items() if not is_here(program)})


def summary(reasons: Iterable[str]) -> list[str]:
    """Return the lines that close a run in which tests were skipped for these reasons; empty if nothing was missing."""
    missing = [reason.removeprefix(REASON).split(", ") for reason in reasons if reason.startswith(REASON)]
    if not missing:
        return []
    counts = Counter(name for names in missing for name in names)
    told = ", ".join(f"{name} ({count})" for name, count in counts.most_common())
    lines = [f"{len(missing)} tests were skipped, because this machine lacks {told}."]
    if packages := missing_packages():
        lines.append(f"To run them as well: sudo apt install {' '.join(packages)}")
    return lines


if __name__ == "__main__":
    print(" ".join(missing_packages()))
