"""A whole desktop on a screen of its own: its programs come from a Debian in a folder, ours from this machine.

What a user does, a test does here: it looks for words on the screen, clicks where they stand, presses keys.
"""

import contextlib
import difflib
import json
import os
import shlex
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageChops, ImageOps

from tests.program.processes import PROGRAM

SCREEN = (1366, 768)
PATIENCE = 60.0
SYSTEM_BUS = """<busconfig><type>system</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow own="*"/><allow send_destination="*"/><allow eavesdrop="true"/></policy></busconfig>"""
WATCHER = "org.kde.StatusNotifierWatcher"
ENLARGED = 3  # times, so that tesseract reads small letters
ALIKE = 0.75  # of a line's letters that tesseract must have read right


class Place(NamedTuple):
    """A frame on the screen."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def middle(self) -> tuple[int, int]:
        """Return where to click."""
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height."""
        return self.right - self.left, self.bottom - self.top


class Session:
    """Screen, buses and a stand-in for logind; then the desktop's programs and ours, until the lane ends."""

    def __init__(self, root: Path, leave: Path, environ: Mapping[str, str], stack: contextlib.ExitStack) -> None:
        """Start it; pictures and what the programs write are left beside `leave`, and with its name."""
        self.root, self.leave, self._stack = root, leave, stack
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="desktop-", dir="/tmp")))
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "XDG_RUNTIME_DIR": str(self.folder),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/bus",
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/system",
            "LANG": "C.UTF-8",
            "NO_AT_BRIDGE": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "BROWSER": "true",
            "XDG_SESSION_TYPE": "x11",
            **environ,
        }
        (self.folder / "home").mkdir()
        self._start_screen()
        self._start_buses()

    def _start_screen(self) -> None:
        read, write = os.pipe()
        geometry = "{}x{}x24".format(*SCREEN)
        self.start(
            f"Xvfb -displayfd {write} -screen 0 {geometry} -nolisten tcp -noreset", inside=False, descriptors=(write,)
        )
        os.close(write)
        with os.fdopen(read) as answer:
            self.environ["DISPLAY"] = f":{answer.readline().strip()}"

    def _start_buses(self) -> None:
        (self.folder / "system.conf").write_text(SYSTEM_BUS.format(socket=self.folder / "system"), encoding="utf-8")
        self.start(f"dbus-daemon --config-file={self.folder}/system.conf --nofork")
        self.start(f"dbus-daemon --session --address={self.address} --nofork --nopidfile")
        wait(lambda: (self.folder / "bus").exists() and (self.folder / "system").exists(), "the buses")
        self.start("python3 -m dbusmock --system --template logind")
        self.run("dbus-update-activation-environment --all", inside=True)

    @property
    def address(self) -> str:
        """Return the session bus's."""
        return self.environ["DBUS_SESSION_BUS_ADDRESS"]

    # ------------------------------------------------------------------- programs

    def start(self, command: str, *, inside: bool = True, descriptors: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        """Start a program, inside its Debian or on this machine; it ends with the lane."""
        words = shlex.split(command.replace("$HOME", self.environ["HOME"]))
        whole = ["chroot", str(self.root), *words] if inside else words
        with self.leave.with_suffix(".txt").open("ab") as log:
            process = subprocess.Popen(whole, env=self.environ, stdout=log, stderr=log, pass_fds=descriptors)
        self._stack.callback(end, process)
        return process

    def run(self, command: str, *, inside: bool = False) -> str:
        """Run a program to its end and return what it says."""
        words = shlex.split(command)
        whole = ["chroot", str(self.root), *words] if inside else words
        done = subprocess.run(whole, env=self.environ, capture_output=True, text=True, check=False, timeout=PATIENCE)
        return done.stdout

    def ours(self, command: str) -> str:
        """Run a command of the program's."""
        return self.run(f"{PROGRAM} {command}")

    def status(self) -> dict[str, Any]:
        """Return the status document, empty while the program does not answer."""
        told = self.ours("status --json")
        return json.loads(told) if told.startswith("{") else {}

    def has_watcher(self) -> bool:
        """Tell whether there is somebody to register an icon with."""
        bus = "--dest=org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.NameHasOwner"
        return "boolean true" in self.run(f"dbus-send --session --print-reply {bus} string:{WATCHER}", inside=True)

    # ------------------------------------------------------------------- looking

    def picture(self, name: str) -> Image.Image:
        """Leave a picture of the screen in the folder, and return it."""
        file = self.leave.with_name(f"{self.leave.name}-{name}.png")
        self.run(f"import -window root {file}")
        with Image.open(file) as image:
            return image.convert("RGB")

    def lines(self, image: Image.Image, place: Place, until: str | None = None) -> list[tuple[str, Place]]:
        """Return the lines of text that can be read within a frame, and where each is; look no longer than `until`."""
        if not all(place.size):
            return []
        cut = image.crop(place).convert("L")
        dark_on_light, light_on_dark = (  # what cannot be chosen is grey
            each.point(lambda grey: max(0, 2 * grey - 255)) for each in (cut, ImageOps.invert(cut))
        )
        lines: list[tuple[str, Place]] = []
        for each in (cut, dark_on_light, light_on_dark):
            lines += self._read(each, place)
            if until and find(lines, until):
                break
        return lines

    def _read(self, cut: Image.Image, place: Place) -> list[tuple[str, Place]]:
        file = self.folder / "lines.png"
        cut.resize((cut.width * ENLARGED, cut.height * ENLARGED), Image.Resampling.LANCZOS).save(file)
        lines: dict[tuple[str, ...], list[tuple[str, Place]]] = {}
        for row in self.run(f"tesseract {file} stdout --psm 11 tsv").splitlines()[1:]:
            *numbers, text = row.split("\t")
            left, top, width, height = (int(each) // ENLARGED for each in numbers[6:10])
            if text.strip():
                corner = place.left + left, place.top + top
                word = Place(*corner, corner[0] + width, corner[1] + height)
                lines.setdefault(tuple(numbers[2:5]), []).append((text, word))
        return [(" ".join(text for text, _ in line), _around([each for _, each in line])) for line in lines.values()]

    # ------------------------------------------------------------------- acting

    def point(self, x: int, y: int) -> None:
        """Move the pointer, in two steps: Qt's menus want to see it come."""
        self.run(f"xdotool mousemove {x - 2} {y} sleep 0.1 mousemove {x} {y} sleep 0.3")

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click a place on the screen."""
        self.point(x, y)
        self.run(f"xdotool click {button}")

    def key(self, *names: str) -> None:
        """Press keys, one after the other."""
        self.run(f"xdotool key --delay 150 {' '.join(names)}")

    def scroll(self, times: int) -> None:
        """Turn the wheel of the mouse downwards."""
        self.run(f"xdotool click --repeat {times} 5")

    def settle(self) -> None:
        """Wait until the desktop has said what it has to say after a start."""


def end(process: subprocess.Popen[bytes]) -> None:
    """End a program."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until something holds; raise TimeoutError."""
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.3)


def changed(before: Image.Image, after: Image.Image, but: Place | None = None) -> Place:
    """Return the frame around what is different, outside a place where there may be a clock."""
    difference = ImageChops.difference(before, after)
    if but:
        difference.paste(0, but)
    return Place(*(difference.getbbox() or (0, 0, 0, 0)))


def find(lines: list[tuple[str, Place]], label: str) -> Place | None:
    """Return where a line of text stands, as far as it can be read."""
    best = max(lines, key=lambda line: _likeness(line[0], label), default=None)
    return best[1] if best and _likeness(best[0], label) >= ALIKE else None


def _likeness(read: str, label: str) -> float:
    """Compare letters alone, and no more of what was read than the label is long: a mark or an arrow stands beside."""
    seen, wanted = ("".join(filter(str.isalnum, each.casefold())) for each in (read, label))
    starts = range(max(1, len(seen) - len(wanted) + 1))
    return max(difflib.SequenceMatcher(None, seen[start : start + len(wanted)], wanted).ratio() for start in starts)


def _around(places: list[Place]) -> Place:
    lefts, tops, rights, bottoms = zip(*places, strict=True)
    return Place(min(lefts), min(tops), max(rights), max(bottoms))
