"""A session of GNOME without a screen: the shell draws on a monitor of its own and is used as a remote desktop is."""

import time
from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
from PIL import Image

from tests.lanes.panels.desktop_session import SCREEN, Session

REMOTE = DBusAddress(
    "/org/gnome/Mutter/RemoteDesktop", "org.gnome.Mutter.RemoteDesktop", "org.gnome.Mutter.RemoteDesktop"
)
SCREENSHOT = DBusAddress("/org/gnome/Shell/Screenshot", "org.gnome.Shell.Screenshot", "org.gnome.Shell.Screenshot")
PHOTOGRAPHER = "org.gnome.Screenshot"  # whose requests for pictures the shell grants
# xdotool's names, and the numbers of linux/input-event-codes.h; of the keysym Down the shell makes another key.
BUTTONS = {1: 0x110, 3: 0x111}
KEYS = {"Escape": 1, "Return": 28, "Down": 108}
VERTICAL = 0
CLOCK = (SCREEN[0] // 2, 16)
NEWS = 3  # that it runs as root, that it cannot lock the screen; and one to spare
NOTICE = 6.0  # seconds in which a notice comes and goes
FAR = 4000.0  # pixels, beyond every edge
SECONDS = 30.0


class GnomeSession(Session):
    """Like the others, but the shell itself tells what is on the screen and takes what is pressed."""

    def _start_screen(self) -> None:
        """Do nothing: the shell has a monitor of its own."""

    def _start_buses(self) -> None:
        super()._start_buses()
        self._bus = open_dbus_connection(self.address)
        self._stack.callback(self._bus.close)
        self._bus.send_and_get_reply(message_bus.RequestName(PHOTOGRAPHER))
        self._input: DBusAddress | None = None

    def _ask(self, to: DBusAddress, method: str, signature: str = "", *body: Any) -> tuple[Any, ...]:
        reply = self._bus.send_and_get_reply(new_method_call(to, method, signature or None, body), timeout=SECONDS)
        if reply.header.message_type is MessageType.error:
            raise OSError(method, *reply.body)
        return tuple(reply.body)

    def _do(self, method: str, signature: str, *body: Any) -> None:
        """Do something with mouse or keyboard."""
        if self._input is None:
            self._input = self._begin()
        try:
            self._ask(self._input, method, signature, *body)
        except OSError:  # the shell was started anew
            self._input = self._begin()
            self._ask(self._input, method, signature, *body)

    def _begin(self) -> DBusAddress:
        """Ask the shell for mouse and keyboard."""
        (path,) = self._ask(REMOTE, "CreateSession")
        session = DBusAddress(path, REMOTE.bus_name, f"{REMOTE.interface}.Session")
        self._ask(session, "Start")
        time.sleep(1)  # a mark in the top bar, which moves the icons
        return session

    def picture(self, name: str) -> Image.Image:
        """Leave a picture of the screen in the folder, and return it."""
        taken = self.folder / "screen.png"
        self._ask(SCREENSHOT, "Screenshot", "bbs", False, False, str(taken))
        with Image.open(taken) as image:
            image.save(self.leave.with_name(f"{self.leave.name}-{name}.png"))
            return image.convert("RGB")

    def point(self, x: int, y: int) -> None:
        """Move the pointer, from the corner at the lower left: the one above opens the overview."""
        self._do("NotifyPointerMotionRelative", "dd", -FAR, FAR)
        self._do("NotifyPointerMotionRelative", "dd", float(x), float(y - SCREEN[1] + 1))
        time.sleep(0.3)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click a place on the screen."""
        self.point(x, y)
        self._press(lambda down: self._do("NotifyPointerButton", "ib", BUTTONS[button], down))

    def key(self, *names: str) -> None:
        """Press keys, one after the other."""
        for name in names:
            self._press(lambda down, key=KEYS[name]: self._do("NotifyKeyboardKeycode", "ub", key, down))

    def _press(self, say: Callable[[bool], None]) -> None:
        for down in (True, False):
            say(down)
            time.sleep(0.1)

    def settle(self) -> None:
        """Let the shell tell its own news.

        Without a graphics card it draws no motion, and after one notice waits for something else to happen before it
        shows the next: the calendar opens and closes.
        """
        for _ in range(NEWS):
            for side in (-1, 1) * 4:  # a notice stays until somebody is there
                self.point(SCREEN[0] // 2, SCREEN[1] // 2 + 10 * side)
                time.sleep(NOTICE / 8)
            self.click(*CLOCK)
            time.sleep(1)
            self.key("Escape")

    def scroll(self, times: int) -> None:
        """Turn the wheel of the mouse downwards."""
        for _ in range(times):
            self._do("NotifyPointerAxisDiscrete", "ui", VERTICAL, 1)
            time.sleep(0.1)
