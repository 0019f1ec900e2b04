"""A stand-in for pystray's backends, which need their own systems."""

import threading
from collections.abc import Callable
from typing import Any

import pystray

from tray.core.events import Picked
from tray.core.states import BUSY
from tray.core.view_model import Icon, Row, RowKind, Shape, View

ROWS = (
    Row("held", RowKind.TEXT, "Rock & roll"),
    Row("line", RowKind.SEPARATOR),
    Row("state.busy", RowKind.RADIO, "Busy", checked=True, event=Picked(BUSY)),
    Row("more", RowKind.SUBMENU, "More", rows=(Row("deep", RowKind.CHECK, "Deep", enabled=False),)),
)


def view(rows: tuple[Row, ...] = ROWS, shape: Shape = Shape.BUSY, tooltip: str = "Busy") -> View:
    return View(Icon(shape), "Presence Tray", tooltip, rows, {})


RIGHT_BUTTON_UP = 0x205


class FakeBackend(pystray._base.Icon):
    """pystray without a desktop: what it would do to one is a list of words, and messages come by hand."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.done: list[str] = []
        self.notices: list[tuple[str, str]] = []
        self._hwnd: int | None = None
        self._message_handlers: dict[int, Callable[[int, int], Any]] = {}
        self._menu_handle: Any = None
        self._icon_handle: Any = None
        self._icon_image: Any = None
        self._status_item: Any = None
        self.popup: Callable[[], None] = lambda: None

    def _start_setup(self, setup: Callable[[pystray.Icon], None]) -> None:
        self._setup = setup

    def _run(self) -> None:
        self._hwnd = 1
        self._setup_thread = threading.current_thread()
        self._mark_ready()
        self._setup(self)

    def _on_notify(self, _wparam: int, lparam: int) -> None:
        assert lparam == RIGHT_BUTTON_UP
        self.popup()

    def _show(self) -> None:
        self.done.append("show")

    def _update_icon(self) -> None:
        self._icon_valid = True
        self.done.append("icon")

    def _update_title(self) -> None:
        self.done.append("title")

    def _update_menu(self) -> None:
        self._menu_handle = (object(), [])
        self.done.append("menu")

    def _stop(self) -> None:
        self.done.append("stop")

    def _hide(self) -> None:
        self.done.append("hide")

    def _notify(self, message: str, title: str | None = None) -> None:
        self.notices.append((message, title or ""))
