"""The face on macOS, with the run loop in the test's hands."""

import logging
import subprocess
import time
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from tests.desktop.pystray_backend import ROWS, FakeBackend, view
from tray.core.events import Event, Looked
from tray.core.view_model import Notice
from tray.desktop.macos.tray import MacTray
from tray.desktop.pystray_face import PystrayFace


class FakeMac:
    """A menu bar with its run loop in the test's hands."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.calls: list[Callable[[], None]] = []
        self.observed: list[Any] = []
        self.opened: Callable[[], None]
        self.closed: Callable[[], None]
        self.backend = FakeBackend("presence-tray")
        self.colourless = False
        self.pictures: list[bool] = []
        self.hears_signals = False
        self.face = PystrayFace(self.events.append, MacTray(lambda _name: self.backend, self))

    def hear_signals(self) -> None:
        assert self.backend._hwnd, "pystray has Ctrl-C end the process when its loop begins"
        self.hears_signals = True

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

    def observe_menu(self, menu: Any, opened: Callable[[], None], closed: Callable[[], None]) -> None:
        self.observed.append(menu)
        self.opened, self.closed = opened, closed

    def pump(self) -> None:
        while self.calls:
            self.calls.pop(0)()


def test_the_run_loop_hears_signals_once_it_runs() -> None:
    mac = FakeMac()
    mac.face.run()
    assert not mac.hears_signals
    mac.pump()
    assert mac.hears_signals


def test_the_menu_bar_follows_each_new_menu_and_replaces_none_that_is_open() -> None:
    mac = FakeMac()
    mac.face.show(view())
    mac.face.run()
    mac.pump()
    assert mac.observed == [mac.backend._menu_handle[0]]
    assert next(iter(mac.backend.menu)).text == "Rock & roll"

    mac.opened()
    mac.face.show(view(ROWS[:3]))
    mac.pump()
    assert len(mac.observed) == 1
    mac.closed()
    assert len(mac.observed) == 1, "what was clicked must still find its item"
    mac.pump()
    assert len(mac.observed) == 2
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
