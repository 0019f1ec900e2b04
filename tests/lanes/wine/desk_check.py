"""The tray's own Windows code against the real functions of Windows (here Wine's); run by Windows' Python."""

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from pystray import _win32
from pystray._util import win32

from tray.core.events import Event, LeaveAsked, Looked, Picked, Stopped
from tray.core.states import BUSY
from tray.core.values import LeaveReason
from tray.core.view_model import Icon, Notice, Row, RowKind, Shape, View
from tray.desktop.pystray_face import PystrayFace
from tray.desktop.windows.tray import WM_ENDSESSION, WM_QUERYENDSESSION, WindowsTray, window_library

T = TypeVar("T")
user32 = ctypes.windll.user32
user32.SendMessageW.restype = ctypes.c_ssize_t
MENU_CLASS, MN_GETHMENU = "#32768", 0x01E1
BY_POSITION, CHECKED, GRAYED, RADIO = 0x400, 0x8, 0x3, 0x200
WM_KEYDOWN, DOWN, RETURN, ESCAPE = 0x100, 0x28, 0x0D, 0x1B
PATIENCE = 20.0
ROWS = (
    Row("held", RowKind.TEXT, "Rock & roll, first_name"),
    Row("why", RowKind.TEXT, " "),
    Row("busy", RowKind.RADIO, "Busy", checked=True, event=Picked(BUSY)),
    Row("stop", RowKind.ACTION, "Stop", event=Stopped()),
    Row("more", RowKind.SUBMENU, "More", rows=(Row("deep", RowKind.CHECK, "Deep", checked=True),)),
)


def view(rows: tuple[Row, ...] = ROWS, tooltip: str = "Busy", shape: Shape = Shape.BUSY) -> View:
    return View(Icon(shape), "Presence Tray", tooltip, rows, {})


def wait(condition: Callable[[], T | None]) -> T:
    limit = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < limit, "it never became so"
        time.sleep(0.02)
    return found


class Running:
    """The face, shown on a thread of its own, as `run` on the main thread would."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.desk = WindowsTray(self.events.append, _win32.Icon, win32, window_library())
        self.face = PystrayFace(self.events.append, self.desk)
        self.face.show(view())
        self.thread = threading.Thread(target=self.face.run, daemon=True)
        self.thread.start()
        self.icon: Any = wait(lambda: self.face._icon)
        wait(lambda: self.icon.visible and self.icon._menu_handle)

    def click(self, button: int = win32.WM_LBUTTONUP) -> int:
        """Click the icon and return the menu that opens."""
        user32.PostMessageW(self.icon._hwnd, win32.WM_NOTIFY, 0, button)
        window = wait(lambda: user32.FindWindowW(MENU_CLASS, None))
        return int(wait(lambda: user32.SendMessageW(window, MN_GETHMENU, 0, 0)))

    def press(self, *keys: int) -> None:
        for key in keys:
            user32.PostMessageW(self.icon._menu_hwnd, WM_KEYDOWN, key, 0)

    def done(self, act: Callable[[], object]) -> None:
        """Have something done and wait for it."""
        after = threading.Event()
        act()
        self.desk.call(after.set)
        assert after.wait(PATIENCE)


@pytest.fixture
def running() -> Iterator[Running]:
    running = Running()
    yield running
    running.face.stop()
    running.thread.join(PATIENCE)
    assert not running.thread.is_alive()


def labels(menu: int) -> list[tuple[str, int]]:
    """Return the text and the state of each item."""
    found = []
    for position in range(user32.GetMenuItemCount(menu)):
        text = ctypes.create_unicode_buffer(200)
        user32.GetMenuStringW(menu, position, text, 200, BY_POSITION)
        found.append((text.value, user32.GetMenuState(menu, position, BY_POSITION) & (CHECKED | GRAYED)))
    return found


@pytest.mark.parametrize("button", [win32.WM_LBUTTONUP, win32.WM_RBUTTONUP])
def test_either_button_opens_the_menu_with_its_labels_and_marks(running: Running, button: int) -> None:
    menu = running.click(button)
    assert [(text, bool(state & CHECKED), bool(state & GRAYED)) for text, state in labels(menu)] == [
        ("Rock && roll, first_name", False, True),
        ("Busy", True, False),
        ("Stop", False, False),
        ("More", False, False),
    ]
    assert labels(user32.GetSubMenu(menu, 3)) == [("Deep", CHECKED)]
    assert running.events == [Looked()]
    running.press(ESCAPE)
    wait(lambda: not user32.FindWindowW(MENU_CLASS, None))
    assert running.events == [Looked()]


def test_a_menu_is_used_by_keyboard_alone(running: Running) -> None:
    running.click()
    running.press(DOWN, DOWN, DOWN, RETURN)  # disabled lines are stops too, on Windows
    wait(lambda: len(running.events) > 1)
    assert running.events[1] in (Picked(BUSY), Stopped())


def test_an_open_menu_stays_as_it_is_and_the_next_one_is_new(running: Running) -> None:
    menu = running.click()
    before = labels(menu)
    running.done(lambda: running.face.show(view(ROWS[2:4], shape=Shape.AWAY)))
    assert labels(menu) == before
    running.press(ESCAPE)
    wait(lambda: not user32.FindWindowW(MENU_CLASS, None))
    assert [text for text, _ in labels(running.click())] == ["Busy", "Stop"]


def test_views_from_many_threads_touch_windows_on_the_icons_thread_alone(running: Running) -> None:
    threads: set[int] = set()
    update = running.icon._update_title

    def update_title() -> None:
        threads.add(threading.get_ident())
        update()

    running.icon._update_title = update_title
    senders = [
        threading.Thread(target=lambda of=of: [running.face.show(view(tooltip=f"{of} {n}")) for n in range(200)])
        for of in range(4)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    running.done(lambda: running.face.show(view(tooltip="last")))
    assert threads == {running.thread.ident}
    assert running.icon.title == "last"


def test_of_two_thousand_icons_only_the_last_is_kept_in_memory(running: Running) -> None:
    made: set[int] = set()
    update = running.icon._update_icon

    def update_icon() -> None:
        update()
        made.add(running.icon._icon_handle)

    running.icon._update_icon = update_icon
    shapes = [Shape.BUSY, Shape.AWAY]
    for turn in range(2000):
        running.done(lambda turn=turn: running.face.show(view(shape=shapes[turn % 2])))
    room = ctypes.create_string_buffer(64)
    alive = [handle for handle in made if user32.GetIconInfo(ctypes.c_void_p(handle), room)]
    assert alive == [running.icon._icon_handle]


def test_texts_longer_than_windows_takes_are_cut_and_shown(running: Running) -> None:
    running.done(lambda: running.face.show(view(tooltip="word " * 100)))
    assert running.icon.title.endswith("word…")
    assert len(running.icon.title) <= 127
    running.done(lambda: running.face.notify(Notice("key", "title " * 30, "message " * 60)))


def test_a_logout_waits_until_all_is_given_back(running: Running) -> None:
    window = running.icon._hwnd
    assert user32.SendMessageW(window, WM_QUERYENDSESSION, 0, 0) == 1
    threading.Timer(0.2, running.face.stop).start()  # stands for the app, which stops once everything is released
    user32.SendMessageW(window, WM_ENDSESSION, 1, 0)
    assert running.events == [LeaveAsked(LeaveReason.ENDED)]
    running.thread.join(PATIENCE)
    assert not running.thread.is_alive()


def test_it_stops_while_its_menu_is_open(running: Running) -> None:
    running.click()
    running.face.stop()
    running.thread.join(PATIENCE)
    assert not running.thread.is_alive()


def test_the_icon_comes_back_when_the_taskbar_does(running: Running) -> None:
    shown: list[str] = []
    show = running.icon._show
    running.icon._show = lambda: (shown.append("shown"), show())
    user32.SendMessageW(running.icon._hwnd, user32.RegisterWindowMessageW("TaskbarCreated"), 0, 0)
    assert shown == ["shown"]
