"""The menu bar of macOS through pystray: its thread, its menu and its notices."""

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any, Protocol

from tray.core.events import Event
from tray.core.view_model import Icon
from tray.desktop.icons import drawing
from tray.desktop.pystray_face import PystrayFace

LOG = logging.getLogger("tray.desktop")

POINTS = 22  # the menu bar's height allows no more
PIXELS = 2 * POINTS  # for fine screens


class MenuBar(Protocol):
    """What is asked of AppKit."""

    def call_after(self, act: Callable[[], None]) -> None:
        """Have something done by the main thread's run loop."""

    def picture(self, png: bytes, *, template: bool) -> Any:
        """Return a picture for the menu bar; a template is coloured by macOS."""

    def wants_no_colour(self) -> bool:
        """Tell whether the user wants differences that do not rest on colour."""

    def hear_signals(self) -> None:
        """Have the run loop call the handlers of signals: Python's wait until it runs some Python."""

    def observe_menu(self, menu: Any, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
        """Have a menu tell when it is opened and closed; return what must be kept for as long."""


class MacTray:
    """The menu bar; `icon_class` is pystray's.

    The icon is in colour and can be seen on light and dark bars. Users who have asked macOS to differentiate without
    colour get a template image.
    """

    def __init__(self, icon_class: Callable[[str], Any], menu_bar: MenuBar) -> None:
        self._icon_class = icon_class
        self._menu_bar = menu_bar
        self._icon: Any = None
        self._template = False
        self._opened: Callable[[], None]
        self._closed: Callable[[], None]
        self._observer: Any = None

    def make_icon(self, name: str, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
        """Return pystray's icon."""
        self._opened, self._closed = opened, closed
        self._icon = self._icon_class(name)
        self._icon._assert_image = self._assert_image  # noqa: SLF001  pystray offers no public way
        return self._icon

    def begun(self) -> None:
        """Hear signals from now on; pystray has just had Ctrl-C end the process."""
        self._menu_bar.hear_signals()

    def draw(self, icon: Icon) -> Any:
        """Return the picture of a look."""
        self._template = self._menu_bar.wants_no_colour()
        return (drawing.draw_template if self._template else drawing.draw)(icon, PIXELS)

    def _assert_image(self) -> None:
        """Show the icon as it is drawn: pystray supports neither fine screens nor templates."""
        icon = self._icon
        if icon._icon_image is None:  # noqa: SLF001  pystray offers no public way
            png = BytesIO()
            icon.icon.save(png, "PNG")
            icon._icon_image = self._menu_bar.picture(png.getvalue(), template=self._template)  # noqa: SLF001  pystray offers no public way
            icon._status_item.button().setImage_(icon._icon_image)  # noqa: SLF001  pystray offers no public way

    def call(self, act: Callable[[], None]) -> None:
        """Have something done by the main thread's run loop."""
        self._menu_bar.call_after(act)

    def escape(self, label: str) -> str:
        """Return the label: menus have no mnemonics."""
        return label

    def notify(self, icon: Any, title: str, message: str, _remedy: Event | None) -> None:
        """Show a notice from a thread of its own: pystray waits for the program that shows it."""

        def show() -> None:
            try:
                icon.notify(message, title)
            except (OSError, subprocess.SubprocessError) as exc:
                LOG.warning("No notification could be shown (%s): %s", type(exc).__name__, title)

        threading.Thread(target=show, name="notice", daemon=True).start()

    def menu_replaced(self, icon: Any) -> None:
        """Observe the new menu; AppKit keeps no reference to its delegate."""
        menu, _callbacks = icon._menu_handle  # noqa: SLF001  pystray offers no public way
        self._observer = self._menu_bar.observe_menu(menu, self._opened, self._closed)

    def close_menu(self, icon: Any) -> None:
        """Close the menu: an open one holds the run loop."""
        menu, _callbacks = icon._menu_handle  # noqa: SLF001  pystray offers no public way
        menu.cancelTracking()


if sys.platform == "darwin":
    from AppKit import NSImage, NSWorkspace
    from Foundation import NSData, NSObject
    from PyObjCTools import AppHelper, MachSignals
    from pystray import _darwin

    class MenuObserver(NSObject):
        """AppKit's delegate of a menu; `opened` and `closed` are set by whoever makes it."""

        def menuWillOpen_(self, _menu: Any) -> None:  # noqa: D102, N802  AppKit's name
            self.opened()

        def menuDidClose_(self, _menu: Any) -> None:  # noqa: D102, N802  AppKit's name
            self.closed()

    class AppKitMenuBar:
        """The menu bar of this Mac."""

        def call_after(self, act: Callable[[], None]) -> None:
            """Have something done by the main thread's run loop."""
            AppHelper.callAfter(act)

        def picture(self, png: bytes, *, template: bool) -> Any:
            """Return a picture for the menu bar; a template is coloured by macOS."""
            picture = NSImage.alloc().initWithData_(NSData.dataWithBytes_length_(png, len(png)))
            picture.setSize_((POINTS, POINTS))
            picture.setTemplate_(template)
            return picture

        def wants_no_colour(self) -> bool:
            """Tell whether *Differentiate without colour* is on in the accessibility settings."""
            return bool(NSWorkspace.sharedWorkspace().accessibilityDisplayShouldDifferentiateWithoutColor())

        def hear_signals(self) -> None:
            """Have the run loop call the handlers of signals."""
            for number in signal.valid_signals():
                if callable(handler := signal.getsignal(number)) and handler is not signal.default_int_handler:
                    MachSignals.signal(number, lambda heard, handler=handler: handler(heard, None))

        def observe_menu(self, menu: Any, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
            """Have a menu tell when it is opened and closed; return what must be kept for as long."""
            observer = MenuObserver.alloc().init()
            observer.opened, observer.closed = opened, closed
            menu.setDelegate_(observer)
            return observer

    def open_tray(post: Callable[[Event], None]) -> PystrayFace:
        """Return the tray of this Mac."""
        return PystrayFace(post, MacTray(_darwin.Icon, AppKitMenuBar()))
