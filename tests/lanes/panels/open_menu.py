"""The tray in a real panel; slow, so it is run by name: `pytest tests/lanes/panels/open_menu.py`."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.desktop.conftest import RunningTray
from tests.desktop.linux.test_tray import QUIT, ROWS, renamed, view
from tests.desktop.panel import Panel
from tray.core.events import Looked, SignInAsked
from tray.core.view_model import Notice, Remedy, Row, RowKind, Shape


@pytest.fixture(scope="module")
def panel() -> Iterator[Panel]:
    with Panel(popups=True) as panel:
        yield panel


@pytest.fixture
def running(panel: Panel) -> Iterator[RunningTray]:
    running = RunningTray(panel.environ)
    running.tray.show(view())
    panel.icon()
    yield running
    panel.key("Escape")
    running.stop()


def picture(panel: Panel, folder: Path) -> Image.Image:
    path = folder / f"{time.monotonic_ns()}.png"
    panel.screenshot(path)
    with Image.open(path) as image:
        return image.convert("RGB")


def changed(
    panel: Panel, before: Image.Image, folder: Path, frame: tuple[int, int, int, int] | None = None
) -> Image.Image | None:
    """Return the picture that is different now, within a frame if one is given."""
    now = picture(panel, folder)
    return now if ImageChops.difference(before.crop(frame), now.crop(frame)).getbbox() else None


@pytest.mark.parametrize("button", [1, 3])
def test_either_button_opens_the_menu_and_asks_for_news(panel: Panel, running: RunningTray, button: int) -> None:
    panel.click_icon(button)
    panel.menu()
    running.wait_until(lambda: running.posted == [Looked()])


def test_the_last_item_can_be_reached_by_keyboard(panel: Panel, running: RunningTray) -> None:
    panel.click_icon()
    panel.menu()
    panel.key("Up", "Return")
    running.wait_until(lambda: running.posted == [Looked(), QUIT])


def test_an_open_menu_stays_open_while_labels_marks_and_items_change(
    panel: Panel, running: RunningTray, tmp_path: Path
) -> None:
    panel.click_icon()
    menu = panel.menu()
    before = picture(panel, tmp_path)
    for second in range(200):
        running.tray.show(view(renamed(ROWS, "held", f"Busy for {second} s"), tooltip=f"{second}"))
        time.sleep(0.005)
    panel.wait(lambda: changed(panel, before, tmp_path), 5)
    assert panel.menu().number == menu.number

    before = picture(panel, tmp_path)
    running.tray.show(view((*ROWS, Row("more", RowKind.ACTION, "One more"))))
    panel.wait(lambda: changed(panel, before, tmp_path), 5)
    assert panel.menu().number == menu.number


def test_a_new_icon_is_seen(panel: Panel, running: RunningTray, tmp_path: Path) -> None:
    before = picture(panel, tmp_path)
    running.tray.show(view(shape=Shape.AVAILABLE))
    icon = panel.icon()
    frame = (icon.x, icon.y, icon.x + icon.width, icon.y + icon.height)
    panel.wait(lambda: changed(panel, before, tmp_path, frame), 5)


def test_the_icon_comes_back_when_the_panel_does(panel: Panel, running: RunningTray) -> None:
    panel.restart_panel()
    panel.icon()
    panel.click_icon()
    panel.menu()
    running.wait_until(lambda: running.posted == [Looked()])


def test_a_notice_pops_up(panel: Panel, running: RunningTray, tmp_path: Path) -> None:
    before = picture(panel, tmp_path)
    running.tray.notify(Notice("k", "Sign in again", "Microsoft wants you.", Remedy("Sign in", SignInAsked())))
    panel.wait(lambda: changed(panel, before, tmp_path), 5)
