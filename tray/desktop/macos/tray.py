"""pystray on macOS: its thread, its menu and its notices; must not know what is shown."""

import logging
import subprocess
import threading
from collections.abc import Callable
from io import BytesIO
from typing import Any, Protocol

from tray.core.view_model import Icon
from tray.desktop.icons import drawing

log = logging.getLogger("tray.desktop")

POINTS = 22  # the menu bar's height allows no more
PIXELS = 2 * POINTS  # for fine screens


class MenuBar(Protocol):
    """What is asked of macOS."""

    def call_after(self, act: Callable[[], None]) -> None:
        """Have something done by the main thread's run loop."""

    def picture(self, png: bytes, *, template: bool) -> Any:
        """Return a picture for the menu bar; a template is coloured by macOS."""

    def wants_no_colour(self) -> bool:
        """Tell whether the user wants differences that do not rest on colour."""

    def watch_menu(self, menu: Any, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
        """Have a menu tell when it is opened and closed; returns what must be kept for as long."""


class MacTray:
    """The menu bar; `icon_class` is pystray's.

    The icon is in colour, made to be seen on a light bar as on a dark one; who has asked macOS to differentiate
    without colour gets a template image.
    """

    def __init__(self, icon_class: Callable[[str], Any], system: MenuBar) -> None:
        self._icon_class = icon_class
        self._system = system
        self._icon: Any = None
        self._template = False
        self._opened: Callable[[], None]
        self._closed: Callable[[], None]
        self._watcher: Any = None

    def make_icon(self, name: str, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
        """Return pystray's icon."""
        self._opened, self._closed = opened, closed
        self._icon = self._icon_class(name)
        self._icon._assert_image = self._assert_image  # noqa: SLF001  pystray has no public way
        return self._icon

    def draw(self, icon: Icon) -> Any:
        """Return the picture of a look."""
        self._template = self._system.wants_no_colour()
        return (drawing.draw_template if self._template else drawing.draw)(icon, PIXELS)

    def _assert_image(self) -> None:
        """Show the icon as it is drawn: pystray's way knows neither fine screens nor templates."""
        icon = self._icon
        if icon._icon_image is None:  # noqa: SLF001  the same
            png = BytesIO()
            icon.icon.save(png, "PNG")
            icon._icon_image = self._system.picture(png.getvalue(), template=self._template)  # noqa: SLF001  the same
            icon._status_item.button().setImage_(icon._icon_image)  # noqa: SLF001  the same

    def call(self, act: Callable[[], None]) -> None:
        """Have something done by the main thread's run loop."""
        self._system.call_after(act)

    def escape(self, label: str) -> str:
        """Return the label: menus have no mnemonics."""
        return label

    def notify(self, icon: Any, title: str, message: str) -> None:
        """Show a notice from a thread of its own: pystray waits for a program that shows it."""

        def show() -> None:
            try:
                icon.notify(message, title)
            except (OSError, subprocess.SubprocessError) as exc:
                log.warning("No notification could be shown (%s): %s", type(exc).__name__, title)

        threading.Thread(target=show, name="notice", daemon=True).start()

    def menu_replaced(self, icon: Any) -> None:
        """Follow the new menu; the bar keeps no reference to who follows it."""
        menu, _callbacks = icon._menu_handle  # noqa: SLF001  pystray has no public way
        self._watcher = self._system.watch_menu(menu, self._opened, self._closed)

    def close_menu(self, icon: Any) -> None:
        """Close the menu, which else would hold the run loop."""
        menu, _callbacks = icon._menu_handle  # noqa: SLF001  the same
        menu.cancelTracking()


class AppKitMenuBar:
    """The real macOS."""

    def call_after(self, act: Callable[[], None]) -> None:
        """Have something done by the main thread's run loop."""
        from PyObjCTools import AppHelper  # type: ignore[import-not-found]  # noqa: PLC0415  on macOS only

        AppHelper.callAfter(act)

    def picture(self, png: bytes, *, template: bool) -> Any:
        """Return a picture for the menu bar; a template is coloured by macOS."""
        from AppKit import NSImage  # type: ignore[import-not-found]  # noqa: PLC0415  the same
        from Foundation import NSData  # type: ignore[import-not-found]  # noqa: PLC0415  the same

        picture = NSImage.alloc().initWithData_(NSData.dataWithBytes_length_(png, len(png)))
        picture.setSize_((POINTS, POINTS))
        picture.setTemplate_(template)
        return picture

    def wants_no_colour(self) -> bool:
        """Tell whether *Differentiate without colour* is on in the accessibility settings."""
        from AppKit import NSWorkspace  # noqa: PLC0415  the same

        return bool(NSWorkspace.sharedWorkspace().accessibilityDisplayShouldDifferentiateWithoutColor())

    def watch_menu(self, menu: Any, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
        """Have a menu tell when it is opened and closed; returns what must be kept for as long."""
        from Foundation import NSObject  # noqa: PLC0415  the same

        class MenuWatcher(NSObject):  # type: ignore[misc]  # it ships no types
            def menuWillOpen_(self, _menu: Any) -> None:  # noqa: N802  AppKit's name
                opened()

            def menuDidClose_(self, _menu: Any) -> None:  # noqa: N802  the same
                closed()

        watcher = MenuWatcher.alloc().init()
        menu.setDelegate_(watcher)
        return watcher
