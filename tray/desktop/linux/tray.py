"""The tray on Linux: a pystray backend that speaks StatusNotifierItem itself; must not know what a state is.

One thread, no polling: the loop sleeps until the bus or another thread has something.
"""

import contextlib
import logging
import os
import queue
import select
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from tray.core.events import Event, LeaveAsked, Looked, MenuMissed, TrayMissed
from tray.core.values import Leaving
from tray.core.view_model import Icon, Notice, Row, Shape, View
from tray.desktop.icons.pixmaps import pixmaps
from tray.desktop.linux import menu, status_item
from tray.desktop.linux.bus import Reply
from tray.desktop.linux.bus_objects import Interface, clean
from tray.desktop.linux.expecting import Expecting
from tray.desktop.linux.menu import ExportedMenu
from tray.desktop.linux.notifications import Notices
from tray.desktop.linux.watcher import Registration
from tray.desktop.pystray_menu import Menu, PlainIcon, menu_of
from tray.messages import APP_NAME

ITEM, MENU = (status_item.PATH, status_item.NAME), (status_item.MENU_PATH, menu.NAME)  # where signals come from
PARTING = timedelta(seconds=1)  # how long the end may wait for the bus to take what is still unsent
OPENING = timedelta(seconds=2)  # some panels open the menu when Activate is refused

log = logging.getLogger("tray.desktop")


class LinuxTray(PlainIcon):  # type: ignore[misc]  # pystray ships no types
    """An icon with a menu in the panel; shows views, posts events, and keeps pystray's contract."""

    HAS_DEFAULT_ACTION = False

    def __init__(
        self,
        post: Callable[[Event], None],
        registration: Registration,
        *,
        app_id: str = "presence-tray",
        wait_for_host: timedelta = timedelta(seconds=60),
    ) -> None:
        self._registration, self._bus = registration, registration.bus
        super().__init__(app_id, title=APP_NAME, menu=Menu())
        self.icon: Icon = Icon(Shape.IDLE)  # until the first view
        self._post = post
        self._wait_for_host = wait_for_host
        self._rows: tuple[Row, ...] = ()
        self._heading = APP_NAME
        self._last_view: View | None = None  # that was ordered; whoever calls show() owns it
        self._next_view: View | None = None
        self._expecting = Expecting()
        self._was_activated = False
        self._is_over = False  # the session, with its bus
        self._inbox: queue.SimpleQueue[View | Notice | None] = queue.SimpleQueue()
        # Never closed: another thread may call show() while the loop ends.
        self._bell, self._cord = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._exported = ExportedMenu(partial(self._emit, source=MENU), self._opened, lambda item: item(self))
        self._notices = Notices(self._bus, self._post, lambda: self.icon)
        self._bus.objects = {status_item.PATH: (self._item(),), status_item.MENU_PATH: (self._exported.interface(),)}
        registration.answered = self._registered

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
            self._order(view)

    def notify(self, notice: Notice | str, title: str | None = None) -> None:
        """Tell the user something: a notice of ours, or pystray's message and title."""
        if isinstance(notice, str):
            notice = Notice("", title or self.title, notice)
        self._order(notice)

    def stop(self) -> None:
        """Let `run` return."""
        self._order(None)

    def _order(self, order: View | Notice | None) -> None:
        self._inbox.put(order)
        with contextlib.suppress(BlockingIOError):  # a full pipe rings as well
            os.write(self._cord, b"\0")

    # ------------------------------------------------------------------- the loop

    def _start_setup(self, setup: Callable[["LinuxTray"], None] | None) -> None:
        """Keep what pystray would run on a thread of its own; the loop's thread does it."""
        self._setup = setup

    def _run(self) -> None:
        self._expecting.expect(self._wait_for_host, otherwise=self._tray_missed)
        self._mark_ready()
        self._take_orders()  # a view that is there already is the first that a host sees
        self._show_next()
        if threading.current_thread() is threading.main_thread():
            # A signal that arrives just before the poll would wait for the next event: let it ring the bell itself.
            signal.set_wakeup_fd(self._cord, warn_on_full_buffer=False)
        if self._setup:
            self._setup(self)
        else:
            self.visible = True
        while self._running:
            self._turn()
        self.visible = False
        self._part()

    def _turn(self) -> None:
        """Sleep until something happens, and see to it."""
        self._tell_of_the_end()
        waits = select.poll()
        waits.register(self._bell, select.POLLIN)
        if self._bus.alive:
            waits.register(self._bus.fileno(), select.POLLOUT if self._bus.is_blocked else select.POLLIN)
        for descriptor, _events in waits.poll(self._patience()):
            if descriptor == self._bell:
                os.read(self._bell, 4096)
                self._take_orders()
            elif self._bus.is_blocked:
                self._bus.flush()
            else:
                self._bus.read()
        self._bus.expire()
        for missed in self._expecting.take_due():
            missed()
        self._show_next()

    def _tell_of_the_end(self) -> None:
        """Tell once that the bus went away, which any word to it may have found out, the first too."""
        if not self._bus.alive and not self._is_over:
            self._is_over = True
            log.warning("The session bus went away: the session is over.")
            self._post(LeaveAsked(Leaving.ENDED))  # as GLib and libdbus do: nothing else may tell of a logout

    def _patience(self) -> float | None:
        """Return how long the loop may sleep, in milliseconds; `None`: until something happens."""
        moments = [moment for moment in (self._bus.deadline, self._expecting.moment) if moment is not None]
        return max(0.0, min(moments) - time.monotonic()) * 1000 if moments else None

    def _take_orders(self) -> None:
        while not self._inbox.empty():
            order = self._inbox.get()
            match order:
                case View():
                    self._next_view = order
                case Notice():
                    self._notices.send(order)
                case None:
                    self._running = False

    def _part(self) -> None:
        """Hang up, after the bus took what was still to be said."""
        leave_at = time.monotonic() + PARTING.total_seconds()
        while self._bus.is_blocked and time.monotonic() < leave_at:
            select.select([], [self._bus.fileno()], [], PARTING.total_seconds())
            self._bus.flush()
        self._bus.close()

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
            self.menu = menu_of(view.rows, self._post)

    # ------------------------------------------------------------------- the host

    def _show(self) -> None:
        self._registration.ask()

    def _registered(self, reply: Reply) -> None:
        if reply.error is not None:
            log.info("No tray host yet (%s): the icon appears when there is one.", reply.error)

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
        self._exported.publish(self.menu or Menu())

    def _remove_notification(self) -> None:
        """Leave it: the desktop takes it away by itself."""

    def _emit(self, member: str, signature: str = "", *values: Any, source: tuple[str, str] = ITEM) -> None:
        self._bus.emit(*source, member, signature, *values)

    def _activated(self) -> None:
        """Expect the menu; where none opens, the panel knows no menus on this button, and the user is told once."""
        if not self._was_activated:
            self._was_activated = True
            self._expecting.expect(OPENING, otherwise=self._menu_missed)

    def _opened(self) -> None:
        self._expecting.met(self._menu_missed)
        self._post(Looked())

    def _menu_missed(self) -> None:
        self._post(MenuMissed())

    def _tray_missed(self) -> None:
        self._post(TrayMissed())

    def _read_pixmaps(self) -> list[tuple[int, int, bytes]]:
        """Return the icon in every size, and note that there is a host: only hosts ask for it."""
        self._expecting.met(self._tray_missed)
        return pixmaps(self.icon)
