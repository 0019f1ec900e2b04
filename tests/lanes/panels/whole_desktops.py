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

from tests.desktop.panel import SETTINGS as XFCE
from tests.lanes.panels.debian import make, mounted, version
from tests.lanes.panels.desktop_session import SCREEN, Place, Session, changed, end, find, wait
from tests.lanes.panels.gnome_session import GnomeSession
from tests.lanes.panels.other_panels import LXQT
from tests.program.panel_reader import Reading
from tests.program.processes import PROGRAM

COMMON = "dbus-daemon dbus-bin python3-dbusmock fonts-dejavu-core adwaita-icon-theme libgl1-mesa-dri"
LEFT, RIGHT = 1, 3  # buttons of the mouse
LARGEST_ICON = 64  # pixels
AROUND = 50  # pixels; a menu or a notice may lie over the panel, where no change is looked at
MARGIN = 12  # pixels of the panel above and below the icon
SMALLEST_MENU = 250  # pixels high
SMALLEST_POPUP = 150  # pixels wide
OPENING, HOVERING = 1.5, 2.5  # seconds
ASIDE = (500, 400)  # where the pointer is in nobody's way
TOLD = ("Right-click the icon", "This panel shows no menus")  # how the advice begins; popups break lines
BUTTON = "Clear that status"
MATE = (
    "mate-panel marco mate-notification-daemon dconf-gsettings-backend mate-indicator-applet"
    " ayatana-indicator-application mate-settings-daemon-common"
)
MATE_SERVICES = ("marco --no-composite", "/usr/libexec/mate-notification-daemon/mate-notification-daemon")
INDICATORS = """\
[Toplevel top]
expand=true
orientation=top
size=24

[Object indicators]
object-type=applet
applet-iid=IndicatorAppletCompleteFactory::IndicatorAppletComplete
toplevel-id=top
position=0
relative-to-edge=end
locked=true
"""
SWAY_PACKAGES = "sway waybar mako-notifier"
MAKO = "background-color=#ffffff\ntext-color=#000000\ndefault-timeout=5000\n"  # else white on blue, and for ever
SWAY_ENVIRON = {
    "WAYLAND_DISPLAY": "wayland-1",
    "WLR_BACKENDS": "x11",
    "WLR_RENDERER": "pixman",
    "XDG_CURRENT_DESKTOP": "sway",
}
SWAY = "output * mode {}x{}\n".format(*SCREEN)


@dataclass(frozen=True)
class Desktop:
    """What to install, how to start it, and what it does not do."""

    debian: str  # the folder's name: desktops can share a Debian
    packages: str
    versioned: str  # the package whose version is told
    panel: str  # the program that shows the icon
    services: tuple[str, ...] = ()  # that run before the panel
    environ: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)  # in the user's home
    settings: tuple[str, ...] = ()  # for `gsettings set`
    has_menu: bool = True
    has_keyboard: bool = True
    has_tooltip: bool = True
    session: type[Session] = Session


DESKTOPS = {
    "plasma": Desktop(
        "plasma",
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
        "cinnamon",
        "cinnamon xapp-sn-watcher",
        "cinnamon",
        "cinnamon --replace",
        ("/usr/lib/x86_64-linux-gnu/xapps/xapp-sn-watcher",),
        {"XDG_CURRENT_DESKTOP": "X-Cinnamon"},
    ),
    "mate": Desktop("mate", MATE, "mate-panel", "mate-panel", MATE_SERVICES, {"XDG_CURRENT_DESKTOP": "MATE"}),
    "mate-indicators": Desktop(
        "mate",
        MATE,
        "ayatana-indicator-application",
        "mate-panel",
        (*MATE_SERVICES, "/usr/libexec/ayatana-indicator-application/ayatana-indicator-application-service"),
        {"XDG_CURRENT_DESKTOP": "MATE"},
        {"/usr/share/mate-panel/layouts/indicators.layout": INDICATORS},
        ("org.mate.panel default-layout indicators",),
        has_tooltip=False,
    ),
    "gnome": Desktop(
        "gnome",
        "gnome-shell gnome-shell-extension-appindicator gnome-session-bin dconf-cli dconf-gsettings-backend"
        " gsettings-desktop-schemas",
        "gnome-shell",
        "gnome-shell --headless --wayland --no-x11 --virtual-monitor {}x{}".format(*SCREEN),
        environ={"XDG_CURRENT_DESKTOP": "GNOME", "XDG_SESSION_TYPE": "wayland"},
        settings=(
            "org.gnome.shell enabled-extensions \"['ubuntu-appindicators@ubuntu.com']\"",
            "org.gnome.shell welcome-dialog-last-shown-version \"'99'\"",
        ),
        has_tooltip=False,
        session=GnomeSession,
    ),
    "budgie": Desktop(
        "budgie",
        "budgie-core budgie-desktop dconf-gsettings-backend",
        "budgie-core",
        "budgie-panel",
        ("budgie-wm", "budgie-daemon"),
        {"XDG_CURRENT_DESKTOP": "Budgie:GNOME"},
    ),
    "waybar": Desktop(
        "sway",
        SWAY_PACKAGES,
        "waybar",
        "waybar --config $HOME/waybar.json",
        ("env SWAYSOCK=$HOME/socket sway --config $HOME/sway", "mako"),
        SWAY_ENVIRON,
        {"sway": SWAY, ".config/mako/config": MAKO, "waybar.json": '{"modules-right": ["tray"], "height": 30}'},
        has_keyboard=False,
    ),
    "swaybar": Desktop(
        "sway",
        SWAY_PACKAGES,
        "sway",
        "swaybar --bar_id bar-0 --socket $HOME/socket",
        ("env SWAYSOCK=$HOME/socket sway --config $HOME/sway", "mako"),
        SWAY_ENVIRON,
        {".config/mako/config": MAKO, "sway": f"{SWAY}bar {{\n  position top\n  swaybar_command true\n}}\n"},
        has_menu=False,
        has_tooltip=False,
    ),
    "lxqt": Desktop(
        "lxqt",
        "lxqt-panel lxqt-notificationd lxqt-themes openbox",
        "lxqt-panel",
        "lxqt-panel",
        ("openbox", "lxqt-notificationd"),
        {"XDG_CURRENT_DESKTOP": "LXQt"},
        {".config/lxqt/panel.conf": LXQT},
    ),
    "xfce": Desktop(
        "xfce",
        "xfce4-panel xfwm4 xfce4-notifyd",
        "xfce4-panel",
        "xfce4-panel",
        ("xfwm4 --compositor=off", "/usr/lib/x86_64-linux-gnu/xfce4/notifyd/xfce4-notifyd"),
        {"XDG_CURRENT_DESKTOP": "XFCE"},
        {".config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml": XFCE.format(dark="true")},
    ),
}


class Walk:
    """One desktop, and what a user finds there, cell by cell."""

    def __init__(self, desktop: Desktop, session: Session) -> None:
        self.desktop, self.session = desktop, session
        self.cells: dict[str, str] = {}
        self.button = RIGHT  # the one that opens the menu
        self.icon = self.menu_place = Place(0, 0, 0, 0)
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
        self.close()  # what it greets with
        self.session.settle()

    # ------------------------------------------------------------------- the walk

    def go(self) -> None:
        """Do what a user does, and note what comes of it."""
        with self.demo():
            self._note("icon", self.find_icon)
            self._note("left", lambda: self.press(LEFT))
            self.find_icon()  # it moves where a notice brings another icon along
            self._note("right", lambda: self.press(RIGHT))
            if self.desktop.has_menu:
                self._note("rows", self.read)
                self._note("mouse", self.pick_by_mouse)
                self._note("keyboard", self.pick_by_keyboard)
                self._note("keep", self.keep)
            self._note("tooltip", self.hover)
            self._note("notice", self.be_told)
            self._note("restarted", self.restart)
            self._note("quit", self.quit)

    def start_often(self, times: int) -> int:
        """Start the demo again and again, and pick with the mouse; return how often that was taken."""
        taken = 0
        for number in range(times):
            with self.demo():
                if not number:
                    self.find_icon()
                    self.session.ours("stop")
                time.sleep(OPENING)
                self.button = RIGHT if number % 2 else LEFT
                self._note(f"start {number + 1}", self.pick_by_mouse)
                taken += self.cells[f"start {number + 1}"] == "ok"
                self.session.ours("quit")
        print(f"the menu opened and a pick was taken in {taken} of {times} starts")
        return taken

    @contextlib.contextmanager
    def demo(self) -> Iterator[None]:
        """Run the demo."""
        self.process = self.session.start(f"{PROGRAM} run --demo --speed 30", inside=False)
        wait(lambda: self.session.status().get("account", {}).get("signed_in"), "the demo")
        yield
        end(self.process)

    def _note(self, cell: str, step: Callable[[], str]) -> None:
        try:
            self.cells[cell] = step()
        except (TimeoutError, AssertionError) as exc:
            self.session.picture(f"{cell}-failed")
            self.cells[cell] = f"FAILED: {exc}"
            self.close()
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

    def close(self) -> None:
        """Close what is open; Waybar's menus know no keys."""
        self.session.key("Escape", "Escape")
        self.session.click(*ASIDE)

    def press(self, button: int) -> str:
        """Press a button of the mouse on the icon."""
        name = {LEFT: "left", RIGHT: "right"}[button]
        before = self.session.picture(f"{name}-nothing")
        _, place = self.open(name, button)
        if place.size[1] >= SMALLEST_MENU:
            self.button = button
            self.close()
            return "menu"
        time.sleep(OPENING)
        image = self.session.picture(f"{name}-later")
        lines = self.session.lines(image, Place(0, 0, *SCREEN))
        self.close()  # MATE's applets have a menu of their own
        wait(lambda: not any(changed(before, self.session.picture(name), self.strip)), "the notice stays")
        return next((f"*{words}*" for words in TOLD if find(lines, words)), "nothing")

    def menu(self, name: str, until: str | None = None) -> tuple[list[tuple[str, Place]], Image.Image]:
        """Open the menu; return its lines, read until one is found, and the screen."""
        image, place = self.open(name, self.button)
        assert place.size[1] >= SMALLEST_MENU, "no menu"
        self.menu_place = place
        return self.session.lines(image, around(place), until), image

    def read(self) -> str:
        """Read the menu: every row must be on the screen."""
        lines, image = self.menu("menu")
        lines += self.session.lines(image, self.menu_place)  # other borders, other mistakes
        with Reading(self.session.address) as reading:
            labels = [child.label for child in reading.layout().children if child.label]
        self.close()
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
        self.click_row(self.menu("mouse", "Do not disturb")[0], "Do not disturb")
        wait(lambda: self.holds("do-not-disturb"), "nothing was picked", 15)
        return "ok"

    def pick_by_keyboard(self) -> str:
        """Pick a state with the arrow keys; GNOME's menu hears them only when it is opened once more."""
        if not self.desktop.has_keyboard:
            return "none"
        for outcome in ("ok", "ok when opened again"):
            self.menu("keyboard")
            with Reading(self.session.address) as reading:
                (above,) = reading.path("Be right back")
            self.session.key(*["Down"] * (above + 1), "Return")
            with contextlib.suppress(TimeoutError):
                wait(lambda: self.holds("be-right-back"), "nothing was picked", 15)
                return outcome
            self.close()
        raise TimeoutError("nothing was picked")

    def keep(self) -> str:
        """Open *Keep for* and choose four hours."""
        lines, before = self.menu("keep-for", "Keep for")
        self.click_row(lines, "Keep for")
        time.sleep(OPENING)
        lines = self._lines_since(before, "keep-for-open", "4 hours")
        if find(lines, "4 hours") is None:  # GNOME unfolds it inside the menu, and lets it be scrolled
            first = find(lines, "30 minutes")
            assert first, "nothing opened"
            self.session.point(*first.middle)
            self.session.scroll(5)
            time.sleep(OPENING)
            lines = self._lines_since(before, "keep-for-scrolled", "4 hours")
        self.click_row(lines, "4 hours")
        wait(lambda: (self.session.status()["hold"] or {}).get("until"), "no end was set", 15)
        return "ok"

    def _lines_since(self, before: Image.Image, name: str, until: str) -> list[tuple[str, Place]]:
        """Return the lines of what has changed."""
        after = self.session.picture(name)
        return self.session.lines(after, changed(before, after, self.strip), until)

    def hover(self) -> str:
        """Read the tooltip."""
        if not self.desktop.has_tooltip:
            return "none"
        with Reading(self.session.address) as reading:
            text = reading.properties()["ToolTip"][2]
        self.session.point(*ASIDE)
        time.sleep(HOVERING)
        image, place = self.look("tooltip", lambda: self.session.point(*self.icon.middle), HOVERING)
        read = find(self.session.lines(image, around(place)), text.partition(" · ")[0])
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
        lines: list[tuple[str, Place]] = []

        def is_told() -> bool:
            """Look at what popped up: a desktop may have news of its own first."""
            self.session.point(*ASIDE)
            if "Busy" not in str(self.session.status()["teams_shows"]):  # being asked, the program looks at Teams
                return False
            lines[:] = self._lines_of_notice(before)
            return find(lines, "You set “Busy” in") is not None

        wait(is_told, "no notice")
        button = find(lines, BUTTON)
        if button:
            self.session.click(*button.middle)
        else:
            self.session.ours("clear-chosen")
        wait(lambda: "Busy" not in str(self.session.status()["teams_shows"]), "it is not cleared", 15)
        return "ok" if button else "no button"

    def _lines_of_notice(self, before: Image.Image) -> list[tuple[str, Place]]:
        """Return the lines of what pops up; a notice stays while the pointer is on it, and may show its button then."""
        lines: list[tuple[str, Place]] = []
        for name in ("notice", "notice-pointed-at"):
            image = self.session.picture(name)
            place = changed(before, image, self.strip)
            if place.size[0] < SMALLEST_POPUP:
                break
            self.session.point(*place.middle)
            lines = self.session.lines(image, around(place), until=BUTTON)
            if find(lines, BUTTON):
                break
        return lines

    def restart(self) -> str:
        """Let the panel crash and come again."""
        self.panel.kill()
        self.panel.wait()
        time.sleep(2)
        self._start_panel()
        self.find_icon()
        if not self.desktop.has_menu:
            return "ok"
        lines, _ = self.menu("restarted", "Do not disturb")
        self.close()
        return "ok" if find(lines, "Do not disturb") else "no menu"

    def quit(self) -> str:
        """Quit by the menu."""
        if not self.desktop.has_menu:
            self.session.ours("quit")
        else:
            self.click_row(self.menu("quit", "Quit")[0], "Quit")
        wait(lambda: self.process.poll() is not None, "it goes on", 15)
        return "ok"


def around(place: Place) -> Place:
    """Return a place and what is above and below it."""
    return Place(place.left, max(0, place.top - AROUND), place.right, min(SCREEN[1], place.bottom + AROUND))


@contextlib.contextmanager
def logged_in(name: str, folder: Path) -> Iterator[Walk]:
    """Start a desktop whose Debian is in the folder, or is made there."""
    folder.mkdir(parents=True, exist_ok=True)
    desktop = DESKTOPS[name]
    root = folder / desktop.debian
    make(root, "trixie", f"{COMMON} {desktop.packages}")
    with contextlib.ExitStack() as stack:
        stack.enter_context(mounted(root))
        walk = Walk(desktop, desktop.session(root, folder / name, desktop.environ, stack))
        walk.log_in()
        walk.session.picture("desktop")
        yield walk


def main(name: str, folder: Path, starts: int = 0) -> int:
    """Walk through a desktop, or start the program again and again; return how much failed."""
    with logged_in(name, folder) as walk:
        if starts:
            return starts - walk.start_often(starts)
        walk.go()
    cells = {"panel": name, "version": version(walk.session.root, walk.desktop.versioned), **walk.cells}
    print("|", " | ".join(cells.values()), "|")
    return sum(cell.startswith("FAILED") for cell in cells.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]).resolve(), *map(int, sys.argv[3:])))
