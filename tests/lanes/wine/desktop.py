"""Wine's desktop with its taskbar on a screen of its own.

For Debian's own Python, inside `packaging/windows/under-wine`.
"""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

T = TypeVar("T")

FOLDER = Path(os.environ.get("FOLDER", "."))
WIDTH, HEIGHT, TASKBAR = 1000, 680, 20
ICON = (WIDTH - 11, HEIGHT - 10)  # where a single icon is
MARGIN = 8  # of a window in its picture
PATIENCE = 60.0  # seconds; Wine on a noisy machine is slow, not wrong
MENU, BALLOON = "#32768", "tooltips_class32"
STILL_OPEN: list[object] = []  # pipes that programs hold which go on running
DESKTOPS = r"HKCU\Software\Wine\Explorer"


def wait(condition: Callable[[], T | None], what: str) -> T:
    """Wait until something is so; raise AssertionError."""
    limit = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < limit, f"not seen: {what}"
        time.sleep(0.2)
    return found


def windows_path(path: Path) -> str:
    """Return a path as Windows sees it."""
    return f"Z:{path}".replace("/", "\\")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a Windows program to its end. Python needs a pipe there, which what it starts may keep open: nobody waits."""
    process = subprocess.Popen(
        ["wine64", *map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout
    said: list[bytes] = []
    reading = threading.Thread(target=lambda: said.extend(process.stdout), daemon=True)
    reading.start()
    process.wait(300)
    reading.join(2)
    if reading.is_alive():
        STILL_OPEN.append(process.stdout)
    else:
        process.stdout.close()
    return subprocess.CompletedProcess(command, process.returncode, b"".join(said).decode(errors="replace"))


class Desktop:
    """A screen, a taskbar, and eyes on both."""

    def __enter__(self) -> Self:
        out, into = os.pipe()
        screen = ["-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp", "-noreset"]
        self._screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(into), *screen], pass_fds=[into], stderr=subprocess.DEVNULL
        )
        os.environ["DISPLAY"] = f":{os.read(out, 16).decode().strip()}"
        run("reg", "add", DESKTOPS, "/v", "Desktop", "/d", "shell", "/f")  # this name brings the taskbar
        run("reg", "add", rf"{DESKTOPS}\Desktops", "/v", "shell", "/d", f"{WIDTH}x{HEIGHT}", "/f")
        self._eyes = subprocess.Popen(
            ["windows-python", windows_path(Path(__file__).with_name("eyes.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        wait(lambda: self.windows("Shell_TrayWnd"), "the taskbar")
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["wineserver", "-k"], check=False)
        self._eyes.kill()
        self._eyes.communicate()
        self._screen.terminate()
        self._screen.wait()

    @contextmanager
    def start(self, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
        """Start a Windows program."""
        process = subprocess.Popen(
            ["wine64", *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    # ------------------------------------------------------------------- looking

    def windows(self, kind: str) -> list[dict[str, Any]]:
        """Return the visible windows of a class."""
        assert self._eyes.stdin
        assert self._eyes.stdout
        self._eyes.stdin.write("\n")
        self._eyes.stdin.flush()
        return [window for window in json.loads(self._eyes.stdout.readline()) if window["kind"] == kind]

    def menu(self) -> dict[str, Any]:
        """Return the open menu."""
        return wait(lambda: next(iter(self.windows(MENU)), None), "a menu")

    def balloon(self) -> dict[str, Any]:
        """Return the balloon; tooltips are of the same class, and lower."""
        tall = 40
        return wait(
            lambda: next((each for each in self.windows(BALLOON) if each["sides"][3] - each["sides"][1] > tall), None),
            "a balloon",
        )

    def picture(self, name: str) -> Path:
        """Take a picture of the screen."""
        file = FOLDER / "pictures" / f"{name}.png"
        file.parent.mkdir(exist_ok=True)
        subprocess.run(["import", "-window", "root", str(file)], check=True)
        return file

    def corner(self, name: str, window: dict[str, Any]) -> None:
        """Take a picture of a window and of the corner below it, where the icon is."""
        left, top = (max(0, side - MARGIN) for side in window["sides"][:2])
        file = self.picture(name)
        subprocess.run(["convert", file, "-crop", f"+{left}+{top}", "+repage", "-strip", file], check=True)

    def tray(self) -> str:
        """Return a digest of what is drawn where a single icon and its neighbour are."""
        file = self.picture("tray")
        area = f"44x{TASKBAR}+{WIDTH - 44}+{HEIGHT - TASKBAR}"
        command = ["convert", str(file), "-crop", area, "-format", "%#", "info:"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    # ------------------------------------------------------------------- touching

    def click_icon(self, button: int = 1) -> None:
        """Click the icon."""
        self._x("mousemove", *map(str, ICON), "click", str(button))

    def press(self, window: dict[str, Any], *keys: str) -> None:
        """Press keys in a window; without a window manager X has to be told which one they are for."""
        left, top, right, bottom = window["sides"]
        for number in self._x("search", "--onlyvisible", "--name", ".*").split():
            shape = self._x("getwindowgeometry", "--shell", number).split()
            if {f"WIDTH={right - left}", f"HEIGHT={bottom - top}"} <= set(shape):
                self._x("windowfocus", number)
        for key in keys:
            self._x("key", key)
            time.sleep(0.2)  # a key that comes faster than the menu moves is lost

    def _x(self, *command: str) -> str:
        return subprocess.run(["xdotool", *command], check=False, timeout=20, capture_output=True, text=True).stdout
