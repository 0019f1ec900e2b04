"""pystray on macOS: its thread, its menu and its notices; must not know what is shown."""

import logging
import subprocess
import threading
from collections.abc import Callable
from typing import Any

log = logging.getLogger("tray.desktop")

CallAfter = Callable[[Callable[[], None]], None]
WatchMenu = Callable[[Any, Callable[[], None], Callable[[], None]], Any]


class MacDesk:
    """The menu bar; `icon_class` is pystray's.

    The icon is in colour, not a template image: it is made to be seen on a light bar as on a dark one.
    """

    icon_size = 22  # points; pystray would scale any other size

    def __init__(self, icon_class: Callable[[str], Any], call_after: CallAfter, watch_menu: WatchMenu) -> None:
        self._icon_class = icon_class
        self._call_after = call_after
        self._watch_menu = watch_menu
        self._opened: Callable[[], None]
        self._closed: Callable[[], None]
        self._watcher: Any = None

    def make_icon(self, name: str, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
        """Return pystray's icon."""
        self._opened, self._closed = opened, closed
        return self._icon_class(name)

    def call(self, act: Callable[[], None]) -> None:
        """Have something done by the main thread's run loop."""
        self._call_after(act)

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
        self._watcher = self._watch_menu(menu, self._opened, self._closed)

    def close_menu(self, icon: Any) -> None:
        """Close the menu, which else would hold the run loop."""
        menu, _callbacks = icon._menu_handle  # noqa: SLF001  the same
        menu.cancelTracking()


def call_after(act: Callable[[], None]) -> None:
    """Have something done by the main thread's run loop."""
    from PyObjCTools import AppHelper  # type: ignore[import-not-found]  # noqa: PLC0415  on macOS only

    AppHelper.callAfter(act)


def watch_menu(menu: Any, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
    """Have a menu tell when it is opened and closed; returns what must be kept for as long."""
    from Foundation import NSObject  # type: ignore[import-not-found]  # noqa: PLC0415  the same

    class MenuWatcher(NSObject):  # type: ignore[misc]  # it ships no types
        def menuWillOpen_(self, _menu: Any) -> None:  # noqa: N802  AppKit's name
            opened()

        def menuDidClose_(self, _menu: Any) -> None:  # noqa: N802  the same
            closed()

    watcher = MenuWatcher.alloc().init()
    menu.setDelegate_(watcher)
    return watcher
