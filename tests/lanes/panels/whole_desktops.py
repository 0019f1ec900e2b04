"""The demo in whole desktops of Debian 13: `sudo uv run python -m tests.lanes.panels.whole_desktops plasma FOLDER`.

Makes a Debian of the desktop's name in the folder if there is none, and does on a screen of 1366 by 768 what a user
does first: look at the icon, click it with both buttons, read the menu, pick by mouse and by keyboard, open *Keep for*,
read the tooltip and a notice, press its button, lose the panel, quit. It prints the desktop's row of docs/panels.md.
Each step leaves a picture in the folder. Needs root, and Debian's `debootstrap xvfb xdotool imagemagick tesseract-ocr`.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.lanes.panels.debian import make, mounted, version
from tests.lanes.panels.desktop_session import SCREEN, Place, Session, changed, end, find, wait
from tests.program.panel_reading import Reading
from tests.program.running import PROGRAM

COMMON = "dbus-daemon dbus-bin python3-dbusmock fonts-dejavu-core adwaita-icon-theme libgl1-mesa-dri"
LEFT, RIGHT = 1, 3  # buttons of the mouse
LARGEST_ICON = 64  # pixels
AROUND = 50  # pixels; a notice may lie over the panel, where no change is looked at
MARGIN = 12  # pixels of the panel above and below the icon
SMALLEST_MENU = 250  # pixels high
SMALLEST_POPUP = 150  # pixels wide
OPENING, HOVERING = 1.5, 2.5  # seconds
ASIDE = (500, 400)  # where the pointer is in nobody's way
LEFT_TOLD = "Right-click the icon to set your status."


@dataclass(frozen=True)
class Desktop:
    """What to install, how to start it, and what it does not do."""

    packages: str
    versioned: str  # the package whose version is told
    panel: str  # the program that shows the icon
    services: tuple[str, ...] = ()  # that run before the panel
    environ: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # in the user's home
    settings: tuple[str, ...] = ()  # for `gsettings set`
    has_keyboard: bool = True
    has_tooltip: bool = True


DESKTOPS = {
    "plasma": Desktop(
        "plasma-workspace plasma-desktop kwin-x11 breeze breeze-icon-theme kded6 kactivitymanagerd",
        "plasma-workspace",
        "plasmashell",
        ("kwin_x11", "kded6", "/usr/libexec/kactivitymanagerd"),
        {
            "XDG_CURRENT_DESKTOP": "KDE",
            "KDE_FULL_SESSION": "true",
            "KDE_SESSION_VERSION": "6",
            "QT_QUICK_BACKEND": "software",
            "QT_X11_NO_MITSHM": "1",
            "XDG_CONFIG_DIRS": "/etc/xdg",
            "XDG_DATA_DIRS": "/usr/share",
        },
    ),
    "cinnamon": Desktop(
        "cinnamon xapp-sn-watcher",
        "cinnamon",
        "cinnamon --replace",
        ("/usr/lib/x86_64-linux-gnu/xapps/xapp-sn-watcher",),
        {"XDG_CURRENT_DESKTOP": "X-Cinnamon"},
    ),
    "mate": Desktop(
        "mate-panel marco mate-notification-daemon dconf-gsettings-backend",
        "mate-panel",
        "mate-panel",
        ("marco --no-composite", "/usr/libexec/mate-notification-daemon/mate-notification-daemon"),
        {"XDG_CURRENT_DESKTOP": "MATE"},
    ),
    "budgie": Desktop(
        "budgie-core budgie-desktop dconf-gsettings-backend",
        "budgie-core",
        "budgie-panel",
        ("budgie-wm", "budgie-daemon"),
        {"XDG_CURRENT_DESKTOP": "Budgie:GNOME"},
    ),
}


class Walk:
    """One desktop, and what a user finds there, cell by cell."""

    def __init__(self, name: str, session: Session) -> None:
        self.desktop, self.session = DESKTOPS[name], session
        self.cells: dict[str, str] = {}
        self.button = RIGHT  # the one that opens the menu
        self.icon = Place(0, 0, 0, 0)
        self.strip: Place | None = None  # of the screen, where the panel is

    def log_in(self) -> None:
        """Start the desktop."""
        for setting in self.desktop.settings:
            self.session.run(f"gsettings set {setting}", inside=True)
        for name, text in self.desktop.files.items():
            file = self.session.folder / "home" / name if name[0] != "/" else self.session.root / name[1:]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        for service in self.desktop.services:
            self.session.start(service)
            time.sleep(2)
        self._start_panel()

    def _start_panel(self) -> None:
        self.panel = self.session.start(self.desktop.panel)
        wait(self.session.has_watcher, "a panel that shows icons")
        time.sleep(5)  # it still draws itself

    # ------------------------------------------------------------------- the walk

    def go(self) -> None:
        """Do what a user does, and note what comes of it."""
        session = self.session
        with self._demo():
            wait(lambda: session.status().get("account", {}).get("signed_in"), "the demo")
            self._note("icon", self.find_icon)
            self._note("left", lambda: self.press(LEFT))
            self._note("right", lambda: self.press(RIGHT))
            self._note("rows", self.read)
            self._note("mouse", self.pick_by_mouse)
            self._note("keyboard", self.pick_by_keyboard)
            self._note("keep", self.keep)
            self._note("tooltip", self.hover)
            self._note("notice", self.be_told)
            self._note("restarted", self.restart)
            self._note("quit", self.quit)

    @contextlib.contextmanager
    def _demo(self) -> Iterator[None]:
        self.process = self.session.start(f"{PROGRAM} run --demo --speed 10", inside=False)
        wait(self.session.status, "the program")
        yield
        end(self.process)

    def _note(self, cell: str, step: Callable[[], str]) -> None:
        try:
            self.cells[cell] = step()
        except (TimeoutError, AssertionError) as exc:
            self.session.picture(f"{cell}-failed")
            self.cells[cell] = f"FAILED: {exc}"
            self.session.key("Escape", "Escape")
        print(f"{cell}: {self.cells[cell]}", flush=True)

    def look(self, name: str, act: Callable[[], None], seconds: float = OPENING) -> tuple[Image.Image, Place]:
        """Do something; return the screen afterwards and what changed on it."""
        before = self.session.picture(f"{name}-before")
        act()
        time.sleep(seconds)
        after = self.session.picture(name)
        return after, changed(before, after, self.strip)

    def find_icon(self) -> str:
        """Find the icon: it is what changes when the status does."""
        self.session.point(*ASIDE)
        self.strip = None
        for _ in range(5):
            self.session.ours("set available")
            time.sleep(OPENING)
            _, place = self.look("icon", lambda: self.session.ours("set busy") and None)
            if 0 < max(place.size) <= LARGEST_ICON:
                self.icon = place
                self.strip = Place(0, max(0, place.top - MARGIN), SCREEN[0], min(SCREEN[1], place.bottom + MARGIN))
                return "ok"
        raise TimeoutError("no icon")

    def open(self, name: str, button: int) -> tuple[Image.Image, Place]:
        """Open the menu; return the screen and where the menu is."""
        self.session.point(*ASIDE)
        time.sleep(OPENING)
        return self.look(name, lambda: self.session.click(*self.icon.middle, button))

    def press(self, button: int) -> str:
        """Press a button of the mouse on the icon."""
        name = {LEFT: "left", RIGHT: "right"}[button]
        before = self.session.picture(f"{name}-nothing")
        _, place = self.open(name, button)
        if place.size[1] >= SMALLEST_MENU:
            self.button = button
            self.session.key("Escape", "Escape")
            return "menu"
        time.sleep(OPENING)
        image = self.session.picture(f"{name}-later")
        told = find(self.session.lines(image, Place(0, 0, *SCREEN)), LEFT_TOLD)
        self.session.point(*ASIDE)
        wait(lambda: not any(changed(before, self.session.picture(name), self.strip)), "the notice stays")
        return "told" if told else "nothing"

    def menu(self, name: str) -> tuple[list[tuple[str, Place]], Image.Image]:
        """Open the menu; return its lines and the screen."""
        image, place = self.open(name, self.button)
        assert place.size[1] >= SMALLEST_MENU, "no menu"
        return self.session.lines(image, place), image

    def read(self) -> str:
        """Read the menu: every row must be on the screen."""
        lines, _ = self.menu("menu")
        with Reading(self.session.address) as reading:
            labels = [child.label for child in reading.layout().children if child.label]
        self.session.key("Escape", "Escape")
        missing = [label for label in labels if find(lines, label) is None]
        return f"{len(labels)} rows" + (f", not read: {', '.join(missing)}" if missing else "")

    def click_row(self, lines: list[tuple[str, Place]], label: str) -> None:
        """Click a line of text."""
        place = find(lines, label)
        assert place, f"no {label} on the screen"
        self.session.click(*place.middle)

    def holds(self, state: str) -> bool:
        """Tell whether a state is held."""
        hold = self.session.status().get("hold")
        return bool(hold and hold["state"] == state)

    def pick_by_mouse(self) -> str:
        """Pick a state with the mouse."""
        self.click_row(self.menu("mouse")[0], "Do not disturb")
        wait(lambda: self.holds("do-not-disturb"), "nothing was picked", 15)
        return "ok"

    def pick_by_keyboard(self) -> str:
        """Pick a state with the arrow keys."""
        if not self.desktop.has_keyboard:
            return "none"
        self.menu("keyboard")
        with Reading(self.session.address) as reading:
            (above,) = reading.path("Be right back")
        self.session.key(*["Down"] * (above + 1), "Return")
        wait(lambda: self.holds("be-right-back"), "nothing was picked", 15)
        return "ok"

    def keep(self) -> str:
        """Open *Keep for* and choose half an hour."""
        lines, before = self.menu("keep-for")
        self.click_row(lines, "Keep for")
        time.sleep(OPENING)
        after = self.session.picture("keep-for-open")
        place = changed(before, after, self.strip)
        self.click_row(self.session.lines(after, place), "30 minutes")
        wait(lambda: (self.session.status()["hold"] or {}).get("until"), "no end was set", 15)
        return "ok"

    def hover(self) -> str:
        """Read the tooltip."""
        if not self.desktop.has_tooltip:
            return "none"
        with Reading(self.session.address) as reading:
            text = reading.properties()["ToolTip"][2]
        self.session.point(*ASIDE)
        time.sleep(HOVERING)
        image, place = self.look("tooltip", lambda: self.session.point(*self.icon.middle), HOVERING)
        read = find(self.session.lines(image, place), text.partition(" · ")[0])
        self.session.point(*ASIDE)
        assert read, f"the tooltip is not shown: {text}"
        return "ok"

    def be_told(self) -> str:
        """Set a status in Teams, read the notice, and press its button."""
        self.session.ours("set away")
        wait(lambda: (self.session.status()["hold"] or {}).get("held_by") == "session", "nothing is held")
        self.session.point(*ASIDE)
        time.sleep(OPENING)
        before = self.session.picture("notice-before")
        self.session.ours("demo choose-busy")
        wait(lambda: self._popup(before), "no notice")
        place = self._popup(before)
        assert place, "the notice is gone"
        self.session.point(*place.middle)  # a notice stays while the pointer is on it
        time.sleep(OPENING)
        around = Place(place.left, max(0, place.top - AROUND), place.right, min(SCREEN[1], place.bottom + AROUND))
        lines = self.session.lines(self.session.picture("notice"), around)
        assert find(lines, "You set “Busy” in Teams"), "another notice"
        button = find(lines, "Clear it")
        if button is None:
            return "shown, without a button"
        self.session.click(*button.middle)
        wait(lambda: "Busy" not in str(self.session.status()["teams_shows"]), "the button did nothing", 15)
        return "ok"

    def _popup(self, before: Image.Image) -> Place | None:
        """Return where a notice is; asking for the status lets the program look at Teams."""
        self.session.status()
        place = changed(before, self.session.picture("notice"), self.strip)
        return place if place.size[0] > SMALLEST_POPUP else None

    def restart(self) -> str:
        """Let the panel crash and come again."""
        self.panel.kill()
        self.panel.wait()
        time.sleep(2)
        self._start_panel()
        self.find_icon()
        lines, _ = self.menu("restarted")
        self.session.key("Escape", "Escape")
        return "ok" if find(lines, "Do not disturb") else "no menu"

    def quit(self) -> str:
        """Quit by the menu."""
        self.click_row(self.menu("quit")[0], "Quit")
        wait(lambda: self.process.poll() is not None, "it goes on", 15)
        return "ok"


def main(name: str, folder: Path) -> int:
    """Walk through a desktop; return how many cells failed."""
    folder.mkdir(parents=True, exist_ok=True)
    root, desktop = folder / name, DESKTOPS[name]
    make(root, "trixie", f"{COMMON} {desktop.packages}")
    with contextlib.ExitStack() as stack:
        stack.enter_context(mounted(root))
        session = Session(root, folder, desktop.environ, stack)
        walk = Walk(name, session)
        try:
            walk.log_in()
            session.picture("desktop")
            walk.go()
        except TimeoutError as exc:
            session.picture("stuck")
            print(f"{name}: {exc}; what its programs wrote is in {root}.txt")
            return 1
    print("|", " | ".join((name, version(root, desktop.versioned), *walk.cells.values())), "|")
    return sum(cell.startswith("FAILED") for cell in walk.cells.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]).resolve()))
