"""The tray on Linux: a pystray icon that speaks StatusNotifierItem itself, on one thread that never polls."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from tray.core.events import Event, LeaveAsked, Looked, MenuMissed, TrayMissed
from tray.core.values import LeaveReason
from tray.core.view_model import Icon, Notice, Row, Shape, View
from tray.desktop.icons.pixmaps import picture_file, pixmaps
from tray.desktop.linux import menu, status_item
from tray.desktop.linux.bus import ERROR, Loop, Reply
from tray.desktop.linux.bus_objects import Interface, one_line
from tray.desktop.linux.menu import ExportedMenu
from tray.desktop.linux.notifications import Notifications
from tray.desktop.linux.status_item import Registration
from tray.desktop.pystray_face import PlainIcon
from tray.messages import APP_NAME

ITEM, MENU = (status_item.PATH, status_item.NAME), (status_item.MENU_PATH, menu.NAME)  # where signals come from
PARTING_SECONDS = 1.0  # how long the end may wait for the bus to take what is still unsent
OPENING = timedelta(seconds=2)  # some panels open the menu when Activate is refused
MENU_COMES = timedelta(seconds=2)  # how long a panel that asks for the menu waits for the first one
LOOK_LASTS = 1.0  # seconds; most panels tell twice of one menu that opens
SECOND_LOOK = timedelta(seconds=0.5)  # GNOME misses an icon that changes while it reads the one before
FIRST_RETRY, LAST_RETRY = timedelta(seconds=1), timedelta(minutes=1)  # until a watcher without an answer is asked again
ABSENT = {f"{ERROR}ServiceUnknown", f"{ERROR}NameHasNoOwner"}  # the bus tells when a watcher comes

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
        self._registration = registration
        self.bus = registration.bus
        super().__init__(app_id, title=APP_NAME)
        self.icon: Icon = Icon(Shape.IDLE)  # until the first view
        self._post = post
        self._wait_for_host = wait_for_host
        self._opening = opening
        self._rows: tuple[Row, ...] = ()
        self._heading = APP_NAME
        self._last_view: View | None = None  # passed to show(), whose caller alone reads and writes it
        self._next_view: View | None = None
        self._told: set[Event] = set()  # `MenuMissed` events that were posted: each is told once
        self._looked_at = float("-inf")  # on the monotonic clock
        self._retry = FIRST_RETRY
        self._exported = ExportedMenu(partial(self._emit, source=MENU), self._opened, post)
        self._notifications = Notifications(self.bus, post, lambda: self.icon)
        self.bus.objects = {status_item.PATH: (self._item(),), status_item.MENU_PATH: (self._exported.interface(),)}
        self.bus.defer(menu.NAME)  # GNOME asks once: what it gets then is all that it ever shows
        registration.answered = self._registered
        registration.name_asked = partial(self._emit, "NewIcon")
        self.loop.serve(self.bus, lost=self._session_ended)

    def _item(self) -> Interface:
        return status_item.item_interface(
            {
                "Id": lambda: self.name,
                "Title": lambda: one_line(self._heading),
                "Status": lambda: "Active" if self.visible else "Passive",
                "IconName": lambda: str(picture_file(self.icon)) if self._registration.by_name else "",
                "IconPixmap": self._read_pixmaps,
                "IconAccessibleDesc": lambda: one_line(self.title),
                "ToolTip": lambda: ("", [], one_line(self.title), ""),
            },
            lambda: self._expect_menu(MenuMissed()),
            lambda: self._expect_menu(MenuMissed(any_button=True)),
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
        self.loop.call_later(MENU_COMES, self.bus.answer_deferred)
        self._mark_ready()
        if threading.current_thread() is threading.main_thread():
            # A signal that arrives just before the loop sleeps would wait for the next event: let it end the sleep.
            signal.set_wakeup_fd(self.loop.wake_fd, warn_on_full_buffer=False)
        self.loop.call(self._begin)  # after the view that is there already: it is the first that a host sees
        while self._running:
            self.loop.turn()
            self._show_next()
        self.visible = False
        self.bus.serve_until(lambda: not self.bus.is_blocked, PARTING_SECONDS)
        self.bus.close()

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
        if self._next_view is None or self.bus.is_blocked:
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
            self.loop.cancel(self.bus.answer_deferred)
            self.bus.answer_deferred()

    def _session_ended(self) -> None:
        LOG.warning("The session bus went away: the session is over.")
        self._post(LeaveAsked(LeaveReason.ENDED))  # as GLib and libdbus do: nothing else may tell of a logout

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
            self.loop.call_later(SECOND_LOOK, self._show_again)

    def _show_again(self) -> None:
        self._emit("NewIcon")
        self._emit("NewToolTip")

    def _update_title(self) -> None:
        self._emit("NewToolTip")

    def _update_menu(self) -> None:
        """Do nothing: the menu comes with the views."""

    def _emit(self, member: str, signature: str = "", *values: Any, source: tuple[str, str] = ITEM) -> None:
        self.bus.emit(*source, member, signature, *values)

    # ------------------------------------------------------------------- the host

    def _registered(self, reply: Reply) -> None:
        if reply.error is None:
            self._retry = FIRST_RETRY
            return
        LOG.info("No tray host yet (%s): the icon appears when there is one.", reply.error)
        if reply.error not in ABSENT:  # somebody has the watcher's name, and nothing tells when it begins to answer
            self.loop.call_later(self._retry, self._registration.ask_again)
            self._retry = min(2 * self._retry, LAST_RETRY)

    def _host_missed(self) -> None:
        self._post(TrayMissed())

    def _expect_menu(self, missed: MenuMissed) -> None:
        """Expect the menu; where none opens, this button opens none, and the user is told once.

        A panel whose menu has been open once needs no advice.
        """
        if missed not in self._told and self._looked_at < 0:
            self._told.add(missed)
            self.loop.call_later(self._opening, self._menu_missed)

    def _menu_missed(self) -> None:
        self._post(MenuMissed(any_button=MenuMissed(any_button=True) in self._told))

    def _opened(self) -> None:
        self.loop.cancel(self._menu_missed)
        now = time.monotonic()
        if now - self._looked_at >= LOOK_LASTS:
            self._post(Looked())
        self._looked_at = now

    def _read_pixmaps(self) -> list[tuple[int, int, bytes]]:
        """Return the icon in every size, and note that there is a host: only hosts ask for it."""
        self.loop.cancel(self._host_missed)
        return pixmaps(self.icon)


def open_tray(post: Callable[[Event], None], wait_for_host: timedelta) -> LinuxTray:
    """Return a tray that has joined the session bus; raise NoSessionBus."""
    return LinuxTray(post, status_item.join(), wait_for_host=wait_for_host)
