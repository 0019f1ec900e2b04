"""The demo in a real GNOME: `sudo uv run python -m tests.lanes.panels.gnome trixie FOLDER`.

Makes a Debian of that name in the folder if there is none (`bookworm` has GNOME 43, `trixie` has GNOME 48), starts its
shell with the AppIndicator extension on a screen of 1366 by 768, and does what a user does first: start, click, pick.
Each step leaves a picture in the folder. Needs root, and Debian's `debootstrap xvfb dbus-daemon xdotool imagemagick`.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.program.running import PROGRAM
from tray.desktop.linux import status_item

SCREEN = (1366, 768)
PACKAGES = (
    "gnome-shell gnome-shell-extension-appindicator gnome-session-bin dconf-cli dconf-gsettings-backend"
    " gsettings-desktop-schemas libgl1-mesa-dri adwaita-icon-theme fonts-dejavu-core python3-dbusmock"
)
EXTENSION = "ubuntu-appindicators@ubuntu.com"
SETTINGS = (
    ("org.gnome.shell", "enabled-extensions", f"['{EXTENSION}']"),
    ("org.gnome.shell", "welcome-dialog-last-shown-version", "'99'"),
    ("org.gnome.desktop.interface", "enable-animations", "false"),
)
ICON_FROM_RIGHT = 100  # pixels; the tray's first icon stands left of the system's own
PANEL_MIDDLE = 16
MENU_X, AVAILABLE, KEEP_FOR = SCREEN[0] - 160, 154, 497  # where the menu's rows are, below the icon
STARTS = 10  # of the program: an icon whose menu opens only now and then is a fault
PATIENCE = 60.0
GREETING = 8  # seconds in which the shell, just started, may miss a click
SYSTEM_BUS = """<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow own="*"/><allow send_destination="*"/><allow eavesdrop="true"/></policy></busconfig>"""


class Gnome:
    """GNOME's shell, run from its own Debian; the program and the screen are this machine's."""

    def __init__(self, root: Path, folder: Path, stack: contextlib.ExitStack) -> None:
        self.root, self.folder, self._stack = root, folder, stack
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "XDG_RUNTIME_DIR": str(folder),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus",
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/system",
            "LANG": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "XDG_CURRENT_DESKTOP": "GNOME",
            "XDG_SESSION_TYPE": "wayland",
            "MUTTER_DEBUG_DUMMY_MODE_SPECS": "{}x{}".format(*SCREEN),
        }
        (folder / "home").mkdir()

    def start(self, *command: str, inside: bool = True, **descriptors: tuple[int, ...]) -> subprocess.Popen[bytes]:
        """Start a program, inside its Debian or on this machine; it ends with the lane."""
        whole = ("chroot", str(self.root), *command) if inside else command
        with (self.folder / f"{Path(command[0]).name}.log").open("ab") as log:
            process = subprocess.Popen(
                whole, env=self.environ, stdout=log, stderr=log, pass_fds=descriptors.get("descriptors", ())
            )
        self._stack.callback(_end, process)
        return process

    def run(self, *command: str, inside: bool = False) -> str:
        """Run a program to its end and return what it says."""
        whole = ("chroot", str(self.root), *command) if inside else command
        done = subprocess.run(whole, env=self.environ, capture_output=True, text=True, check=False)
        return done.stdout

    def log_in(self) -> None:
        """Start screen, buses, logind and the shell."""
        read, write = os.pipe()
        geometry = f"{SCREEN[0] + 10}x{SCREEN[1] + 10}x24"
        self.start(
            *("Xvfb", "-displayfd", str(write), "-screen", "0", geometry, "-nolisten", "tcp", "-noreset"),
            inside=False,
            descriptors=(write,),
        )
        os.close(write)
        with os.fdopen(read) as answer:
            self.environ["DISPLAY"] = f":{answer.readline().strip()}"
        (self.folder / "system.conf").write_text(SYSTEM_BUS.format(socket=self.folder / "system"), encoding="utf-8")
        self.start("dbus-daemon", f"--config-file={self.folder}/system.conf", "--nofork", inside=False)
        session = self.environ["DBUS_SESSION_BUS_ADDRESS"]
        self.start("dbus-daemon", "--session", f"--address={session}", "--nofork", "--nopidfile", inside=False)
        wait(lambda: (self.folder / "bus").exists() and (self.folder / "system").exists(), "the buses")
        self.start("python3", "-m", "dbusmock", "--system", "--template", "logind")
        for schema, key, value in SETTINGS:
            self.run("gsettings", "set", schema, key, value, inside=True)
        self.start("gnome-shell", "--nested", "--wayland", "--unsafe-mode")
        wait(lambda: "boolean true" in self.dbus("NameHasOwner", "org.kde.StatusNotifierWatcher"), "the extension")
        time.sleep(3)  # the shell greets with its overview
        self.picture("shell")

    def dbus(self, member: str, name: str) -> str:
        """Ask the session bus about a name."""
        bus = ("--dest=org.freedesktop.DBus", "/org/freedesktop/DBus", f"org.freedesktop.DBus.{member}")
        return self.run("dbus-send", "--session", "--print-reply", *bus, f"string:{name}")

    def items(self) -> str:
        """Return which tray icons the shell shows."""
        watcher = ("--dest=org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher")
        asked = ("string:org.kde.StatusNotifierWatcher", "string:RegisteredStatusNotifierItems")
        get = "org.freedesktop.DBus.Properties.Get"
        return self.run("dbus-send", "--session", "--print-reply", *watcher, get, *asked)

    def picture(self, name: str) -> None:
        """Leave a picture of the screen."""
        self.run("import", "-window", "root", str(self.root.parent / f"{self.root.name}-{name}.png"))

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click a place on the screen."""
        move = ("mousemove", str(x - 2), str(y), "sleep", "0.1", "mousemove", str(x), str(y), "sleep", "0.3")
        self.run("xdotool", *move, "click", str(button))

    def key(self, *names: str) -> None:
        """Press keys, one after the other."""
        self.run("xdotool", "key", "--delay", "150", *names)

    def status(self) -> dict[str, object] | None:
        """Return the status document, nothing while the program does not answer."""
        told = self.run(PROGRAM, "status", "--json")
        return json.loads(told) if told.startswith("{") else None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait(condition: Callable[[], object], what: str) -> None:
    """Wait until something holds; raise TimeoutError."""
    until = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.3)


def make(root: Path, suite: str) -> None:
    """Make a Debian with GNOME, unless it is there."""
    if not (root / "usr/bin/gnome-shell").exists():
        subprocess.run(["debootstrap", "--variant=minbase", suite, root], check=True)
        (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
        (root / "usr/sbin/policy-rc.d").chmod(0o755)
        apt = "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends"
        subprocess.run(["chroot", root, "sh", "-c", f"{apt} -y {PACKAGES}"], check=True)


@contextlib.contextmanager
def mounted(root: Path) -> Iterator[None]:
    """Let a Debian see this machine's processes, devices and temporary files, where the sockets are."""
    places = ("tmp", "proc", "dev", "sys")
    for place in places:
        subprocess.run(["mount", "--rbind", "--make-rslave", f"/{place}", root / place], check=True)
    try:
        yield
    finally:
        for place in reversed(places):
            subprocess.run(["umount", "--recursive", "--lazy", root / place], check=False)


def main() -> None:
    """Start the program again and again, open its menu by mouse and pick a state."""
    suite, folder = sys.argv[1], Path(sys.argv[2]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    make(folder / suite, suite)
    with contextlib.ExitStack() as stack:
        stack.enter_context(mounted(folder / suite))
        gnome = Gnome(folder / suite, Path(tempfile.mkdtemp(prefix="gnome-", dir="/tmp")), stack)
        gnome.log_in()
        gnome.key("Escape")
        gnome.click(200, SCREEN[1] - 200)  # the desktop: the shell's own notice, that root has logged in, goes away
        time.sleep(GREETING)
        opened = sum(start(gnome, number) for number in range(STARTS))
    print(f"{suite}: the menu opened and a pick was taken in {opened} of {STARTS} starts")
    sys.exit(opened != STARTS)


def start(gnome: Gnome, number: int) -> bool:
    """Start the demo, open its menu, unfold *Keep for*, pick Available and quit; tell whether it was taken."""
    gnome.environ["PRESENCE_TRAY_HOME"] = str(gnome.folder / f"home-{number}")
    process = gnome.start(PROGRAM, "run", "--demo", inside=False)
    wait(gnome.status, "the program")
    wait(lambda: status_item.PATH in gnome.items(), "the icon")
    time.sleep(2)
    gnome.click(SCREEN[0] - ICON_FROM_RIGHT, PANEL_MIDDLE, button=3 if number % 2 else 1)
    time.sleep(1)
    gnome.picture(f"menu-{number}")
    gnome.click(MENU_X, KEEP_FOR)
    time.sleep(1)
    gnome.picture(f"keep-{number}")
    gnome.click(MENU_X, AVAILABLE)
    time.sleep(1)
    status = gnome.status()
    gnome.picture(f"picked-{number}")
    gnome.run(PROGRAM, "quit")
    process.wait(PATIENCE)
    return bool(status and status["hold"])


if __name__ == "__main__":
    main()
