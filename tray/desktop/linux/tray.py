"""The tray on Linux: a pystray icon that speaks StatusNotifierItem itself, on one thread that never polls."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from tray.core.events import Event, LeaveAsked, Looked, MenuMissed, TrayMissed
from tray.core.values import Leaving
from tray.core.view_model import Icon, Notice, Row, Shape, View
from tray.desktop.icons.pixmaps import pixmaps
from tray.desktop.linux import menu, status_item
from tray.desktop.linux.bus import Loop, Reply
from tray.desktop.linux.bus_objects import Interface, clean
from tray.desktop.linux.menu import ExportedMenu
from tray.desktop.linux.notifications import Notifications
from tray.desktop.linux.status_item import Registration
from tray.desktop.pystray_face import PlainIcon
from tray.messages import APP_NAME

ITEM, MENU = (status_item.PATH, status_item.NAME), (status_item.MENU_PATH, menu.NAME)  # where signals come from
PARTING_SECONDS = 1.0  # how long the end may wait for the bus to take what is still unsent
OPENING = timedelta(seconds=2)  # some panels open the menu when Activate is refused

LOG = logging.getLogger("tray.desktop")


class LinuxTray(PlainIcon):  # type: ignore[misc]  # pystray ships no types
    """An icon with a menu in the panel; it shows views and posts events.

    As an icon of pystray's it has `title`, `visible`, `run`, `stop` and a setup function. Its `icon` is a look of
    ours instead of an image, and its menu comes with the views.
    """

    HAS_DEFAULT_ACTION = False

    def __init__(
        self,
        post: Callable[[Event], None],
        registration: Registration,
        *,
        app_id: str = "presence-tray",
        wait_for_host: timedelta = timedelta(seconds=60),
        opening: timedelta = OPENING,
    ) -> None:
        self.loop = Loop()
        self._registration, self._bus = registration, registration.bus
        super().__init__(app_id, title=APP_NAME)
        self.icon: Icon = Icon(Shape.IDLE)  # until the first view
        self._post = post
        self._wait_for_host = wait_for_host
        self._opening = opening
        self._rows: tuple[Row, ...] = ()
        self._heading = APP_NAME
        self._last_view: View | None = None  # that was ordered; whoever calls show() owns it
        self._next_view: View | None = None
        self._was_activated = False
        self._exported = ExportedMenu(partial(self._emit, source=MENU), self._opened, post)
        self._notifications = Notifications(self._bus, post, lambda: self.icon)
        self._bus.objects = {status_item.PATH: (self._item(),), status_item.MENU_PATH: (self._exported.interface(),)}
        registration.answered = self._registered
        self.loop.serve(self._bus, lost=self._session_ended)

    def _item(self) -> Interface:
        return status_item.item_interface(
            {
                "Id": lambda: self.name,
                "Title": lambda: clean(self._heading),
                "Status": lambda: "Active" if self.visible else "Passive",
                "IconPixmap": self._read_pixmaps,
                "ToolTip": lambda: ("", [], clean(self.title), ""),
            },
            self._activated,
        )

    # ------------------------------------------------------------------- for any thread

    def show(self, view: View) -> None:
        """Show a view; of several that wait only the last is shown, and one that looks the same wakes nobody."""
        if not view.looks_like(self._last_view):
            self._last_view = view
            self.loop.call(partial(self._take, view))

    def notify(self, notice: Notice) -> None:
        """Show a notice in the desktop's popups."""
        self.loop.call(partial(self._notifications.send, notice))

    def stop(self) -> None:
        """Let `run` return."""
        self.loop.call(self._end)

    # ------------------------------------------------------------------- the loop

    def _start_setup(self, setup: Callable[["LinuxTray"], None] | None) -> None:
        """Keep what pystray would run on a thread of its own; the loop's thread does it."""
        self._setup = setup

    def _run(self) -> None:
        self.loop.call_later(self._wait_for_host, self._host_missed)
        self._mark_ready()
        if threading.current_thread() is threading.main_thread():
            # A signal that arrives just before the loop sleeps would wait for the next event: let it end the sleep.
            signal.set_wakeup_fd(self.loop.cord, warn_on_full_buffer=False)
        self.loop.call(self._begin)  # after the view that is there already: it is the first that a host sees
        while self._running:
            for act in self.loop.wait():
                act()
            self._show_next()
        self.visible = False
        self._bus.serve_until(lambda: not self._bus.is_blocked, PARTING_SECONDS)
        self._bus.close()

    def _begin(self) -> None:
        self._show_next()
        if not self._running:  # stopped before it ran
            return
        if self._setup:
            self._setup(self)
        else:
            self.visible = True

    def _end(self) -> None:
        self._running = False

    def _take(self, view: View) -> None:
        self._next_view = view

    def _show_next(self) -> None:
        """Show the view that waits, touching only what is different; not while the bus is behind."""
        if self._next_view is None or self._bus.is_blocked:
            return
        view, self._next_view = self._next_view, None
        if view.icon != self.icon:
            self.icon = view.icon
        if view.title != self._heading:
            self._heading = view.title
            self._emit("NewTitle")
        self.title = view.tooltip
        if view.rows != self._rows:
            self._rows = view.rows
            self._exported.publish(view.rows)

    def _session_ended(self) -> None:
        LOG.warning("The session bus went away: the session is over.")
        self._post(LeaveAsked(Leaving.ENDED))  # as GLib and libdbus do: nothing else may tell of a logout

    # ------------------------------------------------------------------- what pystray's properties change

    def _show(self) -> None:
        self._registration.ask()

    def _hide(self) -> None:
        self._registration.withdraw()
        self._emit("NewStatus", "s", "Passive")

    def _update_icon(self) -> None:
        self._icon_valid = True
        if self.visible:
            self._emit("NewIcon")

    def _update_title(self) -> None:
        self._emit("NewToolTip")

    def _update_menu(self) -> None:
        """Do nothing: the menu comes with the views."""

    def _emit(self, member: str, signature: str = "", *values: Any, source: tuple[str, str] = ITEM) -> None:
        self._bus.emit(*source, member, signature, *values)

    # ------------------------------------------------------------------- the host

    def _registered(self, reply: Reply) -> None:
        if reply.error is not None:
            LOG.info("No tray host yet (%s): the icon appears when there is one.", reply.error)

    def _host_missed(self) -> None:
        self._post(TrayMissed())

    def _activated(self) -> None:
        """Expect the menu; where none opens, the panel has no menus on this button, and the user is told once."""
        if not self._was_activated:
            self._was_activated = True
            self.loop.call_later(self._opening, self._menu_missed)

    def _menu_missed(self) -> None:
        self._post(MenuMissed())

    def _opened(self) -> None:
        self.loop.cancel(self._menu_missed)
        self._post(Looked())

    def _read_pixmaps(self) -> list[tuple[int, int, bytes]]:
        """Return the icon in every size, and note that there is a host: only hosts ask for it."""
        self.loop.cancel(self._host_missed)
        return pixmaps(self.icon)


def open_tray(post: Callable[[Event], None], wait_for_host: timedelta) -> LinuxTray:
    """Return a tray that has joined the session bus; raise NoSessionBus."""
    return LinuxTray(post, status_item.join(), wait_for_host=wait_for_host)
