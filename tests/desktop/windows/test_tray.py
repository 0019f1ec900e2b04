"""The face on Windows, with the message queue in the test's hands."""

import ctypes
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from tests.desktop.pystray_backend import RIGHT_BUTTON_UP, ROWS, FakeBackend, view
from tray.core.events import Event, LeaveAsked, Looked, Picked
from tray.core.record import replace
from tray.core.states import BUSY
from tray.core.values import LeaveReason
from tray.core.view_model import Notice, Remedy, Row, RowKind, Shape, View
from tray.desktop.pystray_face import PystrayFace
from tray.desktop.windows.tray import (
    ADD_TIMER,
    NIN_BALLOONUSERCLICK,
    SMALL_ICON,
    WM_CALL,
    WM_ENDSESSION,
    WM_QUERYENDSESSION,
    WM_TIMER,
    WindowsTray,
)

NIM_ADD, NIM_MODIFY = 0, 1
WIN32 = SimpleNamespace(
    WM_NOTIFY=0x40B,
    WM_LBUTTONUP=0x202,
    WM_RBUTTONUP=RIGHT_BUTTON_UP,
    NIM_ADD=NIM_ADD,
    NIM_MODIFY=NIM_MODIFY,
    NIF_MESSAGE=1,
    NIF_ICON=2,
    NIF_TIP=4,
)


class NotifyIconData(ctypes.Structure):
    """What pystray's NOTIFYICONDATAW takes of what is given here."""

    _fields_ = (
        ("cbSize", ctypes.c_ulong),
        ("hWnd", ctypes.c_void_p),
        ("hID", ctypes.c_void_p),
        ("uFlags", ctypes.c_uint),
        ("uCallbackMessage", ctypes.c_uint),
        ("hIcon", ctypes.c_void_p),
        ("szTip", ctypes.c_wchar * 128),
    )


class FakeWindows:
    """A notification area with its message queue in the test's hands."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.messages = 0
        self.refusals = 0  # how often the taskbar says no before it takes the icon
        self.added_unsaid = False  # it takes the icon, and says no all the same
        self.added: list[str] = []
        self.timers: list[int] = []
        win32 = SimpleNamespace(
            **vars(WIN32),
            PostMessage=self._post_message,
            NOTIFYICONDATAW=NotifyIconData,
            Shell_NotifyIcon=self._notify_icon,
        )
        self.backend: FakeBackend
        user32 = SimpleNamespace(
            GetSystemMetrics={SMALL_ICON: 20}.__getitem__,
            EndMenu=lambda: self.backend.done.append("close"),
            SetTimer=lambda _window, number, _milliseconds, _: self.timers.append(number),
            KillTimer=lambda _window, _number: self.timers.clear(),
            CreateIconFromResourceEx=self._load_icon,
        )
        self.pictures: list[bytes] = []
        self.tray = WindowsTray(self.events.append, self._make, win32, user32)
        self.face = PystrayFace(self.events.append, self.tray)

    def _make(self, name: str) -> FakeBackend:
        self.backend = FakeBackend(name)
        return self.backend

    def _load_icon(self, data: bytes, *_: object) -> int:
        self.pictures.append(data)
        return len(self.pictures)

    def _notify_icon(self, code: int, data: NotifyIconData) -> bool:
        if code == NIM_MODIFY:
            return bool(self.added)
        if self.refusals:
            self.refusals -= 1
            if self.added_unsaid:
                self.added.append(data.szTip)
            return False
        assert not self.added, "Windows refuses an icon that is there"
        self.added.append(data.szTip)
        return True

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


def test_an_icon_that_a_busy_login_refuses_is_added_again_until_it_is_there() -> None:
    windows = FakeWindows()
    windows.refusals = 3
    windows.start(view())
    for _ in range(3):
        assert not windows.added
        assert len(windows.timers) == 1
        windows.send(WM_TIMER, ADD_TIMER)
    assert windows.added == ["Busy"]
    assert not windows.timers


def test_an_icon_that_was_added_although_windows_said_no_is_left_alone() -> None:
    windows = FakeWindows()
    windows.refusals, windows.added_unsaid = 1, True
    windows.start(view())
    assert len(windows.added) == 1
    assert not windows.timers


def test_a_click_on_a_notice_does_what_its_button_would() -> None:
    windows = FakeWindows()
    windows.start(view())
    for notice in (Notice("a", "You need to sign in.", "", Remedy("Sign in", Picked(BUSY))), Notice("b", "Solved", "")):
        windows.face.notify(notice)
        windows.pump()
        windows.send(WIN32.WM_NOTIFY, 0, NIN_BALLOONUSERCLICK)
    assert windows.events == [Picked(BUSY)]


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
    assert windows.events == [LeaveAsked(LeaveReason.ENDED)]
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
