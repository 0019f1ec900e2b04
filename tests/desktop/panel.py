"""A real panel on a screen of its own.

Xvfb, a session bus and xfce4-panel, without a window manager.
"""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from tests.desktop.private_bus import PrivateBus
from tests.requirements import require

T = TypeVar("T")

SCREEN = (1024, 768)
PANEL_HEIGHT = 28
DESKTOP = "#4a6078"
PLUGINS = {1: "separator", 2: "systray", 3: "clock"}
SETTINGS = f"""<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{{dark}}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="{PANEL_HEIGHT}"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/><value type="int" value="2"/><value type="int" value="3"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="icon-size" type="int" value="22"/>
    </property>
    <property name="plugin-3" type="string" value="clock"/>
  </property>
</channel>
"""


@dataclass(frozen=True)
class Window:
    """A visible window's place on the screen."""

    number: int
    x: int
    y: int
    width: int
    height: int


class Panel:
    """A desktop for one program: start the program in `environ`, then look, click and take pictures."""

    command: tuple[str, ...] = ("xfce4-panel", "--disable-wm-check")
    thickness = PANEL_HEIGHT
    window_name = "wrapper-2.0"  # the panel's tray plugin: its icons, and its menus while they are open

    def __init__(self, *, dark: bool = True, popups: bool = False, late: bool = False) -> None:
        self._dark = dark
        self._popups = popups
        self._late = late

    def __enter__(self) -> Self:
        require("dbus-daemon", "Xvfb", "xsetroot", "xdotool", "import", *["dunst"][: self._popups])
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="panel-")))
            self.write_settings(folder / "cfg")
            self.environ = {
                **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
                "HOME": str(folder),
                "XDG_RUNTIME_DIR": str(folder),
                "XDG_CONFIG_HOME": str(folder / "cfg"),
                "NO_AT_BRIDGE": "1",
                "DISPLAY": stack.enter_context(screen()),
            }
            self._run("xsetroot", "-solid", DESKTOP)
            bus = stack.enter_context(PrivateBus(self.environ))
            self.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
            if self._popups:
                stack.enter_context(self.start("dunst"))
            self.address = bus.address
            self._stack = stack.pop_all()
        if not self._late:
            self.start_panel()
        return self

    def write_settings(self, folder: Path) -> None:
        """Write the panel's settings: one panel on top, with a tray at its right end."""
        settings = folder / "xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS.format(dark=str(self._dark).lower()), encoding="utf-8")

    def start_panel(self) -> None:
        """Start the panel itself."""
        self._panel = self._stack.enter_context(self.start(*self.command))

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextlib.contextmanager
    def start(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program on this desktop, and end it with all that it started."""
        process = subprocess.Popen(command, env=self.environ, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:  # some panels hang on an open menu
                process.kill()
                process.wait()

    def restart_panel(self) -> None:
        """End the panel and start it again, as a crash does."""
        os.killpg(self._panel.pid, signal.SIGKILL)
        self._panel.wait()
        self.start_panel()

    # ------------------------------------------------------------------- looking

    def icon(self, timeout: float = 15) -> Window:
        """Return the tray plugin's window, as wide as its icons, once it shows one."""
        return self.wait(lambda: next((each for each in self._tray_windows() if _is_icon(each)), None), timeout)

    def menu(self, timeout: float = 5) -> Window:
        """Return the menu that is open."""
        return self.wait(self.open_menu, timeout)

    def open_menu(self) -> Window | None:
        """Return the menu if one is open, the innermost submenu if there are several."""
        menus = [each for each in self._tray_windows() if each.height > self.thickness * 2]
        return menus[-1] if menus else None

    def wait(self, look: Callable[[], T | None], timeout: float) -> T:
        """Look again and again until there is something; raises `TimeoutError`."""
        until = time.monotonic() + timeout
        while (found := look()) is None:
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(0.1)
        return found

    def _tray_windows(self) -> list[Window]:
        listed = self._run("xdotool", "search", "--onlyvisible", "--name", self.window_name).split()
        return [window for number in listed if (window := self._window(int(number))) is not None]

    def _window(self, number: int) -> Window | None:
        text = self._run("xdotool", "getwindowgeometry", "--shell", str(number))
        found = dict(line.split("=") for line in text.split())
        if "WIDTH" not in found:  # it closed while we looked
            return None
        return Window(number, *(int(found[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")))

    def screenshot(self, path: Path, window: Window | None = None) -> None:
        """Take a picture of the screen, or of what lies within a window's frame."""
        crop = [] if window is None else ["-crop", f"{window.width}x{window.height}+{window.x}+{window.y}"]
        self._run("import", "-window", "root", *crop, str(path))

    # ------------------------------------------------------------------- acting

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click a place on the screen: button 1 is the left one, 3 the right one."""
        self._run("xdotool", "mousemove", str(x), str(y), "sleep", "0.2", "click", str(button))

    def click_icon(self, button: int = 1) -> None:
        """Click the tray's icon."""
        icon = self.icon()
        self.click(icon.x + icon.width // 2, icon.y + icon.height // 2, button)

    def key(self, *names: str) -> None:
        """Press keys, one after the other."""
        self._run("xdotool", "key", "--delay", "80", *names)

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        return done.stdout


def _is_icon(window: Window) -> bool:
    return 20 < window.width < 60 and window.height <= PANEL_HEIGHT + 2


@contextlib.contextmanager
def screen(size: tuple[int, int] = SCREEN) -> Iterator[str]:
    """Start an X server of our own; yields its DISPLAY."""
    read, write = os.pipe()
    geometry = "x".join(map(str, size)) + "x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", geometry, "-nolisten", "tcp", "-noreset"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        server.terminate()
        server.wait(10)
