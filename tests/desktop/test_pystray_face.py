"""The face for Windows and macOS, on stand-ins for pystray's backends, which need their own systems."""

import logging
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pystray
import pytest
from PIL import Image

from tray.core.events import (
    Event,
    LeaveAsked,
    Looked,
    Picked,
)
from tray.core.states import BUSY
from tray.core.values import Leaving
from tray.core.view_model import Icon, Notice, Row, RowKind, Shape, View
from tray.desktop.macos.tray import MacTray
from tray.desktop.pystray_face import PystrayFace, cut, menu_of
from tray.desktop.windows.tray import SMALL_ICON, WM_CALL, WM_ENDSESSION, WM_QUERYENDSESSION, WindowsTray

ROWS = (
    Row("held", RowKind.TEXT, "Rock & roll"),
    Row("line", RowKind.SEPARATOR),
    Row("state.busy", RowKind.RADIO, "Busy", checked=True, event=Picked(BUSY)),
    Row("more", RowKind.SUBMENU, "More", rows=(Row("deep", RowKind.CHECK, "Deep", enabled=False),)),
)


def view(rows: tuple[Row, ...] = ROWS, shape: Shape = Shape.BUSY, tooltip: str = "Busy") -> View:
    return View(Icon(shape), "Presence Tray", tooltip, rows, {})


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
        assert lparam == WIN32.WM_RBUTTONUP
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


WIN32 = SimpleNamespace(WM_NOTIFY=0x40B, WM_LBUTTONUP=0x202, WM_RBUTTONUP=0x205)


class FakeWindows:
    """A Windows desk with its message queue in our hands."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.messages = 0
        win32 = SimpleNamespace(**vars(WIN32), PostMessage=self._post_message)
        self.backend: FakeBackend
        user32 = SimpleNamespace(
            GetSystemMetrics={SMALL_ICON: 20}.__getitem__,
            EndMenu=lambda: self.backend.done.append("close"),
            CreateIconFromResourceEx=lambda data, *_: self.pictures.append(data),
        )
        self.pictures: list[bytes] = []
        self.desk = WindowsTray(self.events.append, self._make, win32, user32)
        self.face = PystrayFace(self.events.append, self.desk)

    def _make(self, name: str) -> FakeBackend:
        self.backend = FakeBackend(name)
        return self.backend

    def _post_message(self, window: int, message: int, _wparam: int, _lparam: int) -> None:
        assert (window, message) == (1, WM_CALL)
        self.messages += 1

    def send(self, message: int, wparam: int = 0, lparam: int = 0) -> Any:
        return self.backend._message_handlers[message](wparam, lparam)

    def pump(self) -> None:
        while self.messages:
            self.messages -= 1
            self.send(WM_CALL)

    def start(self, first: View | None = None) -> list[str]:
        """Run until ready and return the list of what is done from now on."""
        if first is not None:
            self.face.show(first)
        self.face.run()
        self.pump()
        self.backend.done.clear()
        return self.backend.done


def test_what_was_asked_before_the_window_exists_is_done_once_it_does() -> None:
    windows = FakeWindows()
    windows.face.show(view())
    windows.face.run()
    assert "show" not in windows.backend.done
    windows.pump()
    assert windows.backend.visible
    assert windows.backend.title == "Busy"
    assert [item.text for item in windows.backend.menu][2:] == ["Busy", "More"]


def test_only_what_changed_is_touched() -> None:
    windows = FakeWindows()
    done = windows.start(view())
    for changed, expected in (
        (view(), []),
        (view(tooltip="Still busy"), ["title"]),
        (view(shape=Shape.AWAY, tooltip="Still busy"), ["icon"]),
        (view(ROWS[:3], shape=Shape.AWAY, tooltip="Still busy"), ["menu"]),
    ):
        windows.face.show(changed)
        assert done == []
        windows.pump()
        assert done == expected
        done.clear()


def test_a_view_that_looks_the_same_wakes_nobody() -> None:
    windows = FakeWindows()
    windows.start(view())
    windows.face.show(replace(view(), status={"session": None}))
    assert windows.messages == 0


@pytest.mark.parametrize("button", [WIN32.WM_LBUTTONUP, WIN32.WM_RBUTTONUP])
def test_either_button_opens_the_menu_which_is_not_replaced_while_it_is_open(button: int) -> None:
    windows = FakeWindows()
    done = windows.start(view())

    def while_open() -> None:
        assert windows.events == [Looked()]
        windows.face.show(view(ROWS[:3], shape=Shape.AWAY))
        windows.pump()
        assert done == ["icon"]

    windows.backend.popup = while_open
    windows.send(WIN32.WM_NOTIFY, 0, button)
    windows.pump()
    assert done == ["icon", "menu"]


def test_other_mouse_messages_open_nothing() -> None:
    windows = FakeWindows()
    windows.start(view())
    windows.send(WIN32.WM_NOTIFY, 0, 0x0200)
    assert windows.events == []


def test_labels_keep_their_ampersand_and_long_texts_are_cut_to_the_room_there_is() -> None:
    windows = FakeWindows()
    windows.start(view(tooltip="word " * 100))
    assert next(iter(windows.backend.menu)).text == "Rock && roll"
    assert windows.backend.title == "word " * 24 + "word…"
    windows.face.notify(Notice("key", "title " * 30, "message " * 60))
    windows.pump()
    ((message, title),) = windows.backend.notices
    assert len(message) <= 255
    assert len(title) <= 63


def test_a_logout_is_let_through_and_waits_for_the_release() -> None:
    windows = FakeWindows()
    done = windows.start(view())
    assert windows.send(WM_QUERYENDSESSION) == 1
    windows.send(WM_ENDSESSION, wparam=0)  # somebody else refused
    assert windows.events == []
    windows.face.stop()  # stands for the app, which stops once everything is released
    windows.send(WM_ENDSESSION, wparam=1)
    assert windows.events == [LeaveAsked(Leaving.ENDED)]
    assert done == ["stop"]


def test_stopping_stops_pystray() -> None:
    windows = FakeWindows()
    done = windows.start(view())
    windows.face.stop()
    windows.pump()
    assert done == ["stop"]


def test_stopping_closes_a_menu_that_is_open_first() -> None:
    windows = FakeWindows()
    done = windows.start(view())

    def while_open() -> None:
        windows.face.stop()
        windows.pump()

    windows.backend.popup = while_open
    windows.send(WIN32.WM_NOTIFY, 0, WIN32.WM_LBUTTONUP)
    assert done == ["close", "stop"]


def test_the_icon_is_loaded_as_large_as_the_screen_wants_it() -> None:
    windows = FakeWindows()
    windows.start(view())
    windows.backend._assert_icon_handle()  # type: ignore[attr-defined]
    (png,) = windows.pictures
    with Image.open(BytesIO(png)) as image:
        assert image.size == (20, 20)


def test_lines_that_only_keep_a_place_free_are_left_out() -> None:
    windows = FakeWindows()
    windows.start(view((Row("why", RowKind.TEXT, " "), *ROWS)))
    assert len(tuple(windows.backend.menu)) == len(ROWS)


# --------------------------------------------------------------------------- macOS


class FakeMac:
    """A macOS desk with its run loop in our hands."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.calls: list[Callable[[], None]] = []
        self.watched: list[Any] = []
        self.opened: Callable[[], None]
        self.closed: Callable[[], None]
        self.backend = FakeBackend("presence-tray")
        self.colourless = False
        self.pictures: list[bool] = []
        self.face = PystrayFace(self.events.append, MacTray(lambda _name: self.backend, self))

    def call_after(self, act: Callable[[], None]) -> None:
        self.calls.append(act)

    def wants_no_colour(self) -> bool:
        return self.colourless

    def picture(self, png: bytes, *, template: bool) -> Any:
        with Image.open(BytesIO(png)) as image:
            assert image.size == (44, 44)
            assert template == (image.convert("RGB").getextrema() == ((0, 0),) * 3)
        self.pictures.append(template)
        return png

    def watch_menu(self, menu: Any, opened: Callable[[], None], closed: Callable[[], None]) -> None:
        self.watched.append(menu)
        self.opened, self.closed = opened, closed

    def pump(self) -> None:
        while self.calls:
            self.calls.pop(0)()


def test_the_menu_bar_follows_each_new_menu_and_replaces_none_that_is_open() -> None:
    mac = FakeMac()
    mac.face.show(view())
    mac.face.run()
    mac.pump()
    assert mac.watched == [mac.backend._menu_handle[0]]
    assert next(iter(mac.backend.menu)).text == "Rock & roll"

    mac.opened()
    mac.face.show(view(ROWS[:3]))
    mac.pump()
    assert len(mac.watched) == 1
    mac.closed()
    assert len(mac.watched) == 1, "what was clicked must still find its item"
    mac.pump()
    assert len(mac.watched) == 2
    assert mac.events == [Looked()]


@pytest.mark.parametrize("colourless", [False, True])
def test_the_menu_bar_gets_a_template_where_the_user_wants_no_colour(*, colourless: bool) -> None:
    mac = FakeMac()
    mac.colourless = colourless
    mac.face.show(view())
    mac.face.run()
    mac.pump()
    shown: list[Any] = []
    mac.backend._status_item = SimpleNamespace(button=lambda: SimpleNamespace(setImage_=shown.append))
    for _ in range(2):
        mac.backend._assert_image()
    assert mac.pictures == [colourless]
    assert shown == [mac.backend._icon_image]


def test_on_a_mac_too_an_open_menu_is_closed_before_the_end() -> None:
    mac = FakeMac()
    mac.face.show(view())
    mac.face.run()
    mac.pump()
    mac.opened()
    mac.backend.done.clear()
    mac.face.stop()
    mac.backend._menu_handle = (SimpleNamespace(cancelTracking=lambda: mac.backend.done.append("close")), [])
    mac.pump()
    assert mac.backend.done == ["close", "stop"]


def test_a_notice_that_cannot_be_shown_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    mac = FakeMac()
    mac.face.run()

    def fail(_message: str, _title: str | None = None) -> None:
        raise subprocess.CalledProcessError(1, "osascript")

    mac.backend._notify = fail
    with caplog.at_level(logging.WARNING, "tray.desktop"):
        mac.face.notify(Notice("key", "Sign in again", "…"))
        mac.pump()
        deadline = time.monotonic() + 10
        while not caplog.messages and time.monotonic() < deadline:
            time.sleep(0.01)
    assert caplog.messages == ["No notification could be shown (CalledProcessError): Sign in again"]


# --------------------------------------------------------------------------- pure parts


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("fits", 4, "fits"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two three", 7, "one…"),
        ("one, two", 5, "one…"),
        ("Donaudampfschiff", 6, "Donau…"),
        ("\U0001f600\U0001f600\U0001f600", 4, "\U0001f600…"),
        ("", 4, ""),
    ],
)
def test_texts_are_cut_between_words(text: str, room: int, expected: str) -> None:
    assert cut(text, room) == expected


def test_a_menu_has_the_kinds_of_its_rows_and_clicks_post_their_events() -> None:
    posted: list[Event] = []
    held, line, busy, more = menu_of(ROWS, posted.append)
    assert (held.enabled, held.checked) == (False, None)
    assert line is pystray.Menu.SEPARATOR
    assert (busy.radio, busy.checked, busy.enabled) == (True, True, True)
    (deep,) = more.submenu
    assert (deep.radio, deep.checked, deep.enabled) == (False, False, False)
    held(None)
    busy(None)
    assert posted == [Picked(BUSY)]
