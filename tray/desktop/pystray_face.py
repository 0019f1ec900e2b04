"""The tray on Windows and macOS, on top of pystray's own backends; and pystray itself, as all trays import it.

pystray takes calls on its own thread only, so everything is handed over to that thread by the backend. The menu is
replaced only when it differs, and never while it is open: pystray would close it, or mistake what is clicked. Nothing
moves under the pointer, and lines that keep a place free are left out.
"""

import os
from collections.abc import Callable
from typing import Any, Protocol

from tray.core.events import Event, Looked
from tray.core.view_model import Icon, Notice, Row, RowKind, Shape, View
from tray.messages import APP_NAME

# pystray picks a backend while it is imported, and some touch the display or fail. Ours are picked by name.
_chosen = os.environ.get("PYSTRAY_BACKEND")
os.environ["PYSTRAY_BACKEND"] = "dummy"
import pystray  # noqa: E402  after the choice above

if _chosen is None:
    del os.environ["PYSTRAY_BACKEND"]
else:
    os.environ["PYSTRAY_BACKEND"] = _chosen

PlainIcon = pystray.Icon  # the contract without a desktop: what a backend subclasses
Menu = pystray.Menu

# Room in Windows' NOTIFYICONDATAW, in UTF-16 units; pystray raises an error for more.
TOOLTIP_ROOM = 127
MESSAGE_ROOM = 255
TITLE_ROOM = 63


class Backend(Protocol):
    """What differs between Windows and macOS."""

    def make_icon(self, name: str, opened: Callable[[], None], closed: Callable[[], None]) -> Any:
        """Return pystray's icon for this desktop; `opened` and `closed` follow its menu, on its thread."""

    def begun(self) -> None:
        """Take note that the icon's loop runs; called on its thread."""

    def draw(self, icon: Icon) -> Any:
        """Return the picture of an icon, as this desktop wants it."""

    def call(self, act: Callable[[], None]) -> None:
        """Have something done on the icon's thread, now or once it runs; callable from any thread."""

    def escape(self, label: str) -> str:
        """Return a label that is shown as it is written."""

    def notify(self, icon: Any, title: str, message: str, remedy: Event | None) -> None:
        """Show a notice, and have a click on it post its remedy where the system tells; called on the icon's thread."""

    def menu_replaced(self, icon: Any) -> None:
        """Take note that the icon has a new menu."""

    def close_menu(self, icon: Any) -> None:
        """Close the icon's menu, which is open; called on the icon's thread."""


class PystrayFace:
    """An icon with a menu in the notification area or the menu bar; shows views and posts events."""

    def __init__(self, post: Callable[[Event], None], backend: Backend, *, app_id: str = "presence-tray") -> None:
        self._post = post
        self._backend = backend
        self._app_id = app_id
        self._icon: Any = None
        self._latest: View | None = None
        self._shown = View(Icon(Shape.IDLE), APP_NAME, APP_NAME, (), {})
        self._menu_is_open = False

    def run(self) -> None:
        """Show until stopped."""
        icon = self._icon = self._backend.make_icon(self._app_id, self._opened, self._closed)
        icon.icon = self._backend.draw(self._shown.icon)
        icon.title = self._shown.tooltip
        icon.menu = Menu()
        icon.run(setup=lambda _icon: self._backend.call(self._begin))

    def show(self, view: View) -> None:
        """Show a view; of several that wait only the last is shown, and one that looks the same wakes nobody."""
        if not view.looks_like(self._latest):
            self._latest = view
            self._backend.call(self._catch_up)

    def notify(self, notice: Notice) -> None:
        """Tell the user something, as far as there is room; there are no buttons, but a click does what one would."""
        title, message = cut(notice.title, TITLE_ROOM), cut(notice.message, MESSAGE_ROOM)
        remedy = notice.remedy.event if notice.remedy else None
        self._backend.call(lambda: self._backend.notify(self._icon, title, message, remedy))

    def stop(self) -> None:
        """Let `run` return."""
        self._backend.call(self._end)

    # ------------------------------------------------------------------- on the icon's thread

    def _begin(self) -> None:
        self._backend.begun()
        self._icon.visible = True
        self._catch_up()

    def _catch_up(self) -> None:
        """Show the latest view, touching only what is different; an open menu waits until it is closed."""
        view, shown = self._latest, self._shown
        if view is None or self._icon is None:
            return
        if view.icon != shown.icon:
            self._icon.icon = self._backend.draw(view.icon)
        self._icon.title = cut(view.tooltip, TOOLTIP_ROOM)
        rows = shown.rows
        worded = tuple(row for row in view.rows if row.kind is not RowKind.TEXT or row.label.strip())
        if worded != rows and not self._menu_is_open:
            rows = worded
            self._icon.menu = menu_of(rows, self._post, self._backend.escape)
            self._backend.menu_replaced(self._icon)
        self._shown = View(view.icon, view.title, view.tooltip, rows, {})

    def _end(self) -> None:
        if self._menu_is_open:
            self._backend.close_menu(self._icon)
        self._icon.stop()

    def _opened(self) -> None:
        self._menu_is_open = True
        self._post(Looked())

    def _closed(self) -> None:
        self._menu_is_open = False
        self._backend.call(self._catch_up)  # later: first what was clicked finds its item


def cut(text: str, room: int) -> str:
    """Return as many whole words as there is room for, in UTF-16 units."""
    if _units(text) <= room:
        return text
    kept = text
    while _units(kept) > room - 1:
        kept = kept[:-1]
    whole, space, _part = kept.rpartition(" ")
    if space and text[len(kept)] != " ":
        kept = whole
    return kept.rstrip(" ,;:.") + "…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


# ----------------------------------------------------------------------- menus


def menu_of(rows: tuple[Row, ...], post: Callable[[Event], None], escape: Callable[[str], str] = str) -> pystray.Menu:
    """Return a menu whose clicks post the rows' events; `escape` is for labels with a mnemonic mark."""
    return Menu(*(_item(row, post, escape) for row in rows))


def _item(row: Row, post: Callable[[Event], None], escape: Callable[[str], str]) -> pystray.MenuItem:
    if row.kind is RowKind.SEPARATOR:
        return Menu.SEPARATOR
    action: Any = None
    if row.kind is RowKind.SUBMENU:
        action = menu_of(row.rows, post, escape)
    elif row.kind is not RowKind.TEXT:
        action = lambda: post(row.event)  # noqa: E731  one of three kinds of action
    return pystray.MenuItem(
        escape(row.label),
        action,
        checked=(lambda _item: row.checked) if row.kind in (RowKind.RADIO, RowKind.CHECK) else None,
        radio=row.kind is RowKind.RADIO,
        enabled=row.enabled and row.kind is not RowKind.TEXT,
    )
