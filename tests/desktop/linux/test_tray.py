"""The tray on a bus of the test's own, seen by a stand-in for a panel."""

import gc
import inspect
import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pystray
import pytest
from PIL import Image

from tests.desktop.conftest import RunningTray, StartTray
from tests.desktop.linux import hostile
from tests.desktop.linux.bus_peer import CallFailed
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import MenuNode, TrayHost
from tray import desktop
from tray.core.events import (
    Event,
    LeaveAsked,
    Looked,
    MenuMissed,
    Picked,
    PinToggled,
    Stopped,
    TrayMissed,
)
from tray.core.record import replace
from tray.core.states import AVAILABLE, BUSY
from tray.core.values import LeaveReason
from tray.core.view_model import Badge, Icon, Notice, Row, RowKind, Shape, View
from tray.desktop.icons.pixmaps import FILE_SIZE, pixels, pixmaps
from tray.desktop.linux import status_item
from tray.desktop.linux.bus import NoSessionBus
from tray.desktop.linux.bus_objects import MACHINE_ID
from tray.desktop.linux.menu import MOST_KEPT, ExportedMenu
from tray.desktop.linux.tray import LinuxTray

OWNER = """
import sys
from tests.desktop.linux.bus_peer import BusPeer
peer = BusPeer(sys.argv[1])
peer.own(sys.argv[2])
print(flush=True)
sys.stdin.read()
"""
QUIT = LeaveAsked(LeaveReason.QUIT)
ROWS = (
    Row("held", RowKind.TEXT, "Nothing is held"),
    Row("line.1", RowKind.SEPARATOR),
    Row("state.available", RowKind.RADIO, "Available", checked=True, event=Picked(AVAILABLE)),
    Row("state.busy", RowKind.RADIO, "Busy", event=Picked(BUSY)),
    Row("line.2", RowKind.SEPARATOR),
    Row("pin", RowKind.CHECK, "Override Teams", checked=True, event=PinToggled()),
    Row("stop", RowKind.ACTION, "Stop", enabled=False, event=Stopped()),
    Row(
        "account",
        RowKind.SUBMENU,
        "first_last@example.com",
        rows=(Row("sign-out", RowKind.ACTION, "Sign out"),),
    ),
    Row("quit", RowKind.ACTION, "Quit", event=QUIT),
)


def view(
    rows: tuple[Row, ...] = ROWS,
    shape: Shape = Shape.IDLE,
    tooltip: str = "idle",
    title: str = "Presence Tray",
) -> View:
    return View(Icon(shape), title, tooltip, rows, {})


def renamed(rows: tuple[Row, ...], key: str, label: str) -> tuple[Row, ...]:
    return tuple(Row(row.key, row.kind, label) if row.key == key else row for row in rows)


def shown(host: TrayHost, tray: LinuxTray, something: View) -> MenuNode:
    """Show a view and return the menu once its tooltip, which the test makes new each time, has arrived."""
    tray.show(something)
    deadline = time.monotonic() + 10
    while host.properties()["ToolTip"][2] != something.tooltip:
        assert time.monotonic() < deadline
    return host.layout()


# --------------------------------------------------------------------------- registration


def test_a_panel_that_is_there_gets_the_item_at_once(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray():
        host.wait_item()
        properties = host.properties()
    assert properties["Id"] == "presence-tray"
    assert properties["Status"] == "Active"
    assert properties["Category"] == "Communications"
    assert properties["ItemIsMenu"] is True


def test_a_view_that_is_there_before_the_panel_is_the_first_that_it_sees(bus: PrivateBus, host: TrayHost) -> None:
    tray = LinuxTray(lambda _event: None, status_item.join(bus.environ))
    tray.show(view(tooltip="first"))
    thread = threading.Thread(target=tray.run)
    thread.start()
    host.wait_item()
    assert host.properties()["ToolTip"][2] == "first"
    assert host.layout().find("Quit")
    tray.stop()
    thread.join(10)
    assert "NewIcon" not in [member for member, _ in host.signals]


def test_a_panel_that_comes_late_gets_the_item_when_it_comes(bus: PrivateBus, start_tray: StartTray) -> None:
    with start_tray(), TrayHost(bus.address, watching=False) as late:
        late.appear()
        late.wait_item()


def test_a_panel_that_restarts_gets_the_item_again_with_the_same_menu(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        before = shown(host, running.tray, view(tooltip="before"))
        host.vanish()
        host.appear()
        host.wait_item()
        assert host.layout() == before


def test_no_panel_in_time_is_told_once_and_a_later_one_is_still_welcome(bus: PrivateBus, start_tray: StartTray) -> None:
    with start_tray(wait_for_host=timedelta(milliseconds=20)) as running:
        running.wait_until(lambda: running.posted == [TrayMissed()])
        with TrayHost(bus.address) as late:
            late.wait_item()
    assert running.posted == [TrayMissed()]


def test_a_watcher_whose_items_nobody_reads_is_no_panel(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray(wait_for_host=timedelta(milliseconds=50)) as running:
        host.wait_for(lambda: len(host.registrations) > 0)
        running.wait_until(lambda: running.posted == [TrayMissed()])


def test_a_panel_that_reads_the_item_in_time_is_not_missed(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray(wait_for_host=timedelta(seconds=1)) as running:
        host.wait_item()
        time.sleep(1.2)  # longer than it waits for a panel
        assert running.posted == []


def test_a_watcher_that_begins_to_answer_late_gets_the_item(host: TrayHost, start_tray: StartTray) -> None:
    """The daemon of KDE can own the watcher's name without its object."""
    host.answers = False
    with start_tray():
        host.handle_until(lambda: host.refused > 0)
        assert host.registrations == []
        host.answers = True
        host.wait_item()


def test_an_idle_tray_never_wakes(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="settled"))
        host.settle()
        running.wait_until(lambda: sleeps_through(running, 0.5))


def sleeps_through(running: RunningTray, seconds: float) -> bool:
    """Tell whether a while passes without a wake-up; another thread's turn at the interpreter may look like one."""
    before = running.wake_ups()
    time.sleep(seconds)
    return running.wake_ups() == before


# --------------------------------------------------------------------------- menu


def test_every_kind_of_row_becomes_its_kind_of_item(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        menu = shown(host, running.tray, view(tooltip="shown"))
    expected = [
        {"label": "Nothing is held", "enabled": False},
        {"type": "separator"},
        {"label": "Available", "toggle-type": "radio", "toggle-state": 1},
        {"label": "Busy", "toggle-type": "radio", "toggle-state": 0},
        {"type": "separator"},
        {"label": "Override Teams", "toggle-type": "checkmark", "toggle-state": 1},
        {"label": "Stop", "enabled": False},
        {"label": "first__last@example.com", "children-display": "submenu"},
        {"label": "Quit"},
    ]
    assert [child.properties for child in menu.children] == expected
    assert menu.find("first_last@example.com").labels == ["first_last@example.com", "Sign out"]


def test_items_keep_their_ids_when_they_are_renamed_and_moved_and_come_back(
    host: TrayHost, start_tray: StartTray
) -> None:
    with start_tray() as running:
        host.wait_item()
        first = shown(host, running.tray, view(tooltip="1"))
        second = shown(host, running.tray, view(tuple(reversed(renamed(ROWS, "quit", "Leave"))), tooltip="2"))
        shown(host, running.tray, view(ROWS[:4], tooltip="3"))
        fourth = shown(host, running.tray, view(tooltip="4"))
    assert second.find("Leave").number == first.find("Quit").number
    assert second.find("Busy").number == first.find("Busy").number
    assert fourth == first


def test_changes_of_label_and_mark_are_told_in_place(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        menu = shown(host, running.tray, view(tooltip="1"))
        host.signals.clear()
        changed = list(renamed(ROWS, "held", "Busy until 17:00"))
        changed[2] = Row("state.available", RowKind.RADIO, "Available", event=Picked(AVAILABLE))
        shown(host, running.tray, view(tuple(changed), tooltip="2"))
    expected = [
        (menu.find("Nothing is held").number, {"label": ("s", "Busy until 17:00")}),
        (menu.find("Available").number, {"toggle-state": ("i", 0)}),
    ]
    assert host.signals == [("NewToolTip", ()), ("ItemsPropertiesUpdated", (expected, []))]


def test_an_answer_is_kept_until_the_menu_changes_however_many_there_are() -> None:
    menu = ExportedMenu(lambda *_: None, lambda: None, lambda _: None)
    get_layout = menu.interface().methods["GetLayout"].act
    menu.publish(ROWS)
    kept = get_layout(0, -1, [])
    assert get_layout(0, -1, []) is kept
    menu.publish(tuple(renamed(ROWS, "held", "Busy until 17:00")))
    assert get_layout(0, -1, []) != kept
    for number in range(3 * MOST_KEPT):
        get_layout(0, -1, [f"name {number}"])
    assert len(menu._layouts) <= MOST_KEPT


def test_items_that_come_or_go_are_told_as_a_new_layout_of_their_menu(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        menu = shown(host, running.tray, view(tooltip="1"))
        revision = host.menu("GetLayout", "iias", 0, 0, [])[0]
        host.signals.clear()
        longer = list(ROWS)
        longer[7] = Row(
            "account",
            RowKind.SUBMENU,
            "first_last@example.com",
            rows=(*ROWS[7].rows, Row("other", RowKind.ACTION, "Other")),
        )
        shown(host, running.tray, view(tuple(longer), tooltip="2"))
        parent = menu.find("first_last@example.com").number
        assert host.signals == [("NewToolTip", ()), ("LayoutUpdated", (revision + 1, parent))]
        assert host.menu("GetLayout", "iias", 0, 0, [])[0] == revision + 1


def test_a_hundred_updates_of_one_menu_never_change_its_layout(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="first"))
        host.signals.clear()
        for second in range(100):
            running.tray.show(view(renamed(ROWS, "held", f"{second} s"), tooltip="first"))
            host.settle()
        assert host.layout().children[0].label == "99 s"
    assert [member for member, _ in host.signals] == ["ItemsPropertiesUpdated"] * 100


def test_a_hundred_new_menus_and_icons_leave_no_memory_behind(host: TrayHost, start_tray: StartTray) -> None:
    looks = itertools.cycle(Icon(shape, badge) for shape in Shape for badge in Badge)

    def update(running: RunningTray, times: int) -> None:
        for number in range(times):
            running.tray.show(View(next(looks), "t", f"{number % 7}", renamed(ROWS, "held", f"{number % 5} s"), {}))
            host.settle()
        host.pixmaps()
        host.signals.clear()
        gc.collect()

    with start_tray() as running:
        host.wait_item()
        tracemalloc.start()
        try:
            update(running, len(Shape) * len(Badge))  # every picture has been drawn
            before, _ = tracemalloc.get_traced_memory()
            update(running, 100)
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert after - before < 50_000  # bytes; one icon left behind at each update would be megabytes


def test_text_that_the_bus_cannot_carry_costs_no_connection(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        menu = shown(host, running.tray, view(renamed(ROWS, "held", "a\0b\ud800c"), tooltip="hurt"))
    assert menu.children[0].label == "a b?c"


def test_a_name_from_outside_is_one_line_that_turns_nothing_around(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        menu = shown(host, running.tray, view(renamed(ROWS, "held", "Anna\nQuit \u202etiuQ"), tooltip="named"))
    assert menu.children[0].label == "Anna Quit tiuQ"


def test_layouts_are_given_by_depth_and_by_property(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        menu = shown(host, running.tray, view(tooltip="shown"))
        account = menu.find("first_last@example.com").number

        _, (_, _, children) = host.menu("GetLayout", "iias", 0, 1, ["label"])
        assert children[0] == (
            "(ia{sv}av)",
            (menu.children[0].number, {"label": ("s", "Nothing is held")}, []),
        )
        assert children[7][1][2] == []
        _, (number, _, below) = host.menu("GetLayout", "iias", account, -1, [])
        assert (number, len(below)) == (account, 1)
        (everything,) = host.menu("GetGroupProperties", "aias", [], ["label"])
        assert len(everything) == len(list(menu.walk()))
        (some,) = host.menu("GetGroupProperties", "aias", [account, 99999, account], ["enabled"])
        assert some == [(account, {"enabled": ("b", True)})]
        assert host.menu("GetProperty", "is", account, "label") == (("s", "first__last@example.com"),)


# --------------------------------------------------------------------------- clicks


def test_clicks_post_what_their_rows_say(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        menu = shown(host, running.tray, view(tooltip="shown"))
        host.click("Busy")
        host.click("Quit")
        pin = menu.find("Override Teams").number
        absent = host.menu("EventGroup", "a(isvu)", [(pin, "clicked", ("i", 0), 0), (99, "clicked", ("i", 0), 0)])
    assert running.posted == [Picked(BUSY), QUIT, PinToggled()]
    assert absent == ([99],)


@pytest.mark.parametrize("member", ["Event", "EventGroup"])
def test_a_click_reaches_the_inbox_in_at_most_five_functions(bus: PrivateBus, host: TrayHost, member: str) -> None:
    passed: list[list[str]] = []

    def post(event: Event) -> None:
        if isinstance(event, Picked):
            ours = str(Path(desktop.__file__).parent)
            passed.append([each.function for each in inspect.stack() if each.filename.startswith(ours)])

    tray = LinuxTray(post, status_item.join(bus.environ))
    thread = threading.Thread(target=tray.run)
    thread.start()
    host.wait_item()
    number = shown(host, tray, view(tooltip="shown")).find("Busy").number
    click = (number, "clicked", ("i", 0), 0)
    if member == "Event":
        host.menu("Event", "isvu", *click)
    else:
        host.menu("EventGroup", "a(isvu)", [click])
    tray.stop()
    thread.join(10)
    (functions,) = passed
    assert len(functions) <= 5, functions


@pytest.mark.parametrize("label", ["Nothing is held", "Stop", "first_last@example.com"])
def test_clicks_on_what_cannot_be_clicked_post_nothing(host: TrayHost, start_tray: StartTray, label: str) -> None:
    with start_tray() as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="shown"))
        host.click(label)
    assert running.posted == []


def test_a_click_on_an_item_that_is_gone_posts_nothing(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        quit_item = shown(host, running.tray, view(tooltip="1")).find("Quit")
        shown(host, running.tray, view(ROWS[:3], tooltip="2"))
        with pytest.raises(CallFailed, match="InvalidArgs"):
            host.click_number(quit_item.number)
    assert running.posted == []


def test_hovering_and_opening_are_not_clicks(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        item = shown(host, running.tray, view(tooltip="shown")).find("Quit")
        for event in ("hovered", "opened", "closed", "vendor-thing"):
            host.menu("Event", "isvu", item.number, event, ("s", ""), 0)
    assert running.posted == []


def test_a_clicked_mark_is_said_again_because_some_panels_move_it_themselves(
    host: TrayHost, start_tray: StartTray
) -> None:
    with start_tray() as running:
        host.wait_item()
        menu = shown(host, running.tray, view(tooltip="shown"))
        host.signals.clear()
        host.click("Busy")
    marks = [
        (menu.find(label).number, {"toggle-state": ("i", state)})
        for label, state in (("Available", 1), ("Busy", 0), ("Override Teams", 1))
    ]
    assert host.signals == [("ItemsPropertiesUpdated", (marks, []))]


def test_opening_the_menu_asks_for_fresh_news_and_opening_a_submenu_does_not(
    host: TrayHost, start_tray: StartTray
) -> None:
    with start_tray() as running:
        host.wait_item()
        account = shown(host, running.tray, view(tooltip="shown")).find("first_last@example.com").number
        assert host.menu("AboutToShow", "i", account) == (False,)
        assert host.menu("AboutToShowGroup", "ai", [account, 99]) == ([], [99])
        assert running.posted == []
        host.open_menu()
        time.sleep(1.1)  # what comes sooner is the same look
        host.menu("AboutToShowGroup", "ai", [0, account])
    assert running.posted == [Looked(), Looked()]


def test_a_left_click_is_sent_to_the_menu(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray():
        host.wait_item()
        for member in ("Activate", "ContextMenu"):
            with pytest.raises(CallFailed, match="NotSupported"):
                host.item(member, "ii", 1, 2)
        assert host.item("SecondaryActivate", "ii", 1, 2) == ()
        assert host.item("Scroll", "is", 1, "vertical") == ()


def test_a_panel_that_asks_once_at_the_start_gets_the_whole_menu(host: TrayHost, start_tray: StartTray) -> None:
    """GNOME's extension of 2023 to 2025 reads the menu once, and shows an empty one for good."""
    with start_tray() as running:
        host.wait_for(lambda: len(host.registrations) > 0)
        view_later = threading.Timer(0.3, running.tray.show, [view()])
        view_later.start()
        menu = host.layout()
        view_later.join()
    assert menu.find("Quit")


def test_a_panel_waits_for_the_menu_no_longer_than_a_while(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray():
        host.wait_for(lambda: len(host.registrations) > 0)
        asked = time.monotonic()
        assert host.layout().children == []
    assert time.monotonic() - asked < 5


def test_a_panel_that_asks_for_one_level_is_told_of_the_levels_below(host: TrayHost, start_tray: StartTray) -> None:
    """Plasma places a submenu by what it knows of it before it opens."""
    with start_tray() as running:
        host.wait_item()
        account = shown(host, running.tray, view(tooltip="shown")).find("first_last@example.com").number
        host.signals.clear()
        revision, _ = host.menu("GetLayout", "iias", 0, 1, [])
        assert host.signals == [("LayoutUpdated", (revision, account))]
        host.menu("GetLayout", "iias", account, 1, [])
        host.menu("GetLayout", "iias", 0, -1, [])
    assert host.signals == [("LayoutUpdated", (revision, account))]


@pytest.mark.parametrize("sends_both", [True, False])
def test_an_opened_menu_is_one_look_however_it_is_told(host: TrayHost, start_tray: StartTray, sends_both: bool) -> None:
    """Budgie sends `opened` alone, GNOME, Plasma and MATE ask AboutToShow as well."""
    with start_tray() as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="shown"))
        if sends_both:
            host.open_menu()
        host.menu("Event", "isvu", 0, "opened", ("s", ""), 0)
    assert running.posted == [Looked()]


def test_a_panel_without_menus_is_told_of_once(host: TrayHost, start_tray: StartTray) -> None:
    """Sway's own bar answers both buttons with ContextMenu and draws no menu."""
    with start_tray(opening=timedelta(milliseconds=50)) as running:
        host.wait_item()
        for _click in range(2):
            with pytest.raises(CallFailed, match="NotSupported"):
                host.item("ContextMenu", "ii", 1, 2)
            time.sleep(0.2)  # longer than it waits for a menu
    assert running.posted == [MenuMissed(any_button=True)]


def test_a_panel_whose_menu_has_been_open_needs_no_advice(host: TrayHost, start_tray: StartTray) -> None:
    """Some panels open the menu with one button and call Activate for the other."""
    with start_tray(opening=timedelta(milliseconds=50)) as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="shown"))
        host.open_menu()
        left_click(host)
        time.sleep(0.2)  # longer than it waits for a menu
    assert running.posted == [Looked()]


def left_click(host: TrayHost) -> None:
    with pytest.raises(CallFailed, match="NotSupported"):
        host.item("Activate", "ii", 1, 2)


def test_a_left_click_that_opens_no_menu_is_told_once(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray(opening=timedelta(milliseconds=50)) as running:
        host.wait_item()
        left_click(host)
        running.wait_until(lambda: running.posted == [MenuMissed()])
        left_click(host)
        time.sleep(0.2)  # longer than it waits for a menu
    assert running.posted == [MenuMissed()]


def test_a_panel_that_opens_the_menu_after_all_is_not_complained_of(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray(opening=timedelta(milliseconds=500)) as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="shown"))
        left_click(host)
        host.open_menu()
        time.sleep(0.7)  # longer than it waits for a menu
    assert running.posted == [Looked()]


# --------------------------------------------------------------------------- icon, title, tooltip


def test_icon_title_and_tooltip_are_told_only_when_they_change(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="1"))
        host.signals.clear()
        shown(host, running.tray, view(shape=Shape.BUSY, title="Busy", tooltip="2"))
        assert host.properties()["Title"] == "Busy"
        shown(host, running.tray, view(shape=Shape.BUSY, title="Busy", tooltip="3"))
    assert [member for member, _ in host.signals] == ["NewIcon", "NewTitle", "NewToolTip", "NewToolTip"]


def test_a_new_icon_is_told_twice_because_a_panel_may_be_reading_the_one_before(
    host: TrayHost, start_tray: StartTray
) -> None:
    """GNOME's extension forgets a change that comes while it reads."""
    with start_tray() as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="1"))
        host.signals.clear()
        shown(host, running.tray, view(shape=Shape.BUSY, tooltip="2"))
        host.wait_for(lambda: len(host.signals) == 4)
    assert [member for member, _ in host.signals] == ["NewIcon", "NewToolTip"] * 2


def test_a_screen_reader_hears_the_state(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="Busy until 17:00"))
        assert host.properties()["IconAccessibleDesc"] == "Busy until 17:00"


def test_the_icon_comes_in_every_size_that_panels_use(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        idle = host.pixmaps()
        shown(host, running.tray, view(shape=Shape.BUSY, tooltip="busy"))
        busy = host.pixmaps()
    assert {size: len(pixels) for size, pixels in busy.items()} == {
        size: size * size * 4 for size in (16, 20, 22, 24, 32, 48, 64)
    }
    assert all(idle[size] != busy[size] for size in busy)


@pytest.mark.parametrize("service", status_item.BY_NAME)
def test_a_watcher_that_shows_icons_by_name_alone_gets_a_file(
    host: TrayHost, start_tray: StartTray, service: str
) -> None:
    """The indicator applets of MATE, Xfce and Budgie know an icon's name and no pixels."""
    host.own(service)
    with start_tray() as running:
        host.wait_item()
        host.wait_for(lambda: ("NewIcon", ()) in host.signals)
        shown(host, running.tray, view(shape=Shape.BUSY, tooltip="busy"))
        with Image.open(host.properties()["IconName"]) as picture:
            assert picture.size == (FILE_SIZE, FILE_SIZE)
            assert picture.convert("RGBA").tobytes() == pixels(Icon(Shape.BUSY), FILE_SIZE)

        host.disown(service)
        host.vanish()
        host.appear()
        host.wait_item()
        assert host.properties()["IconName"] == ""


def test_a_watcher_beside_such_a_service_gets_the_pixels(
    bus: PrivateBus, host: TrayHost, start_tray: StartTray
) -> None:
    """Every other panel would scale the file."""
    owner = [sys.executable, "-c", OWNER, bus.address, status_item.BY_NAME[0]]
    with subprocess.Popen(owner, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as service:
        assert service.stdout
        service.stdout.readline()  # it owns the name now
        with start_tray():
            host.wait_item()
            for _ in range(3):  # questions to the bus, of which each waits for the one before
                host.settle()
            assert host.properties()["IconName"] == ""
        service.communicate()


# --------------------------------------------------------------------------- no bus, dead bus


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"DBUS_SESSION_BUS_ADDRESS": ""},
        {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"},
        {"DBUS_SESSION_BUS_ADDRESS": "tcp:host=localhost,port=1"},
        {"DBUS_SESSION_BUS_ADDRESS": "nonsense"},
        {"XDG_RUNTIME_DIR": "/nonexistent"},
    ],
)
def test_without_a_bus_connecting_says_what_to_do(environ: dict[str, str]) -> None:
    with pytest.raises(NoSessionBus, match="Start Presence Tray"):
        status_item.join(environ)


@pytest.mark.parametrize("greeting", [b"", b"REJECTED EXTERNAL\r\n", b"OK 1234\r\n"])
def test_a_bus_that_does_not_answer_as_a_bus_is_no_bus(tmp_path: Path, greeting: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen()

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(100)
                connection.send(greeting)
                connection.recv(100)

        threading.Thread(target=greet, daemon=True).start()
        with pytest.raises(NoSessionBus):
            status_item.join({"XDG_RUNTIME_DIR": str(tmp_path)})


def test_without_an_address_the_bus_of_the_runtime_folder_is_used(bus: PrivateBus) -> None:
    folder = Path(bus.address.removeprefix("unix:path=").split(",")[0]).parent
    found = status_item.join({"XDG_RUNTIME_DIR": str(folder)}).bus
    assert found.alive
    found.close()


def test_when_the_bus_dies_the_session_is_over_and_the_tray_waits_quietly_to_be_stopped(
    bus: PrivateBus, host: TrayHost, start_tray: StartTray
) -> None:
    with start_tray() as running:
        host.wait_item()
        bus.kill()
        running.wait_until(lambda: running.posted == [LeaveAsked(LeaveReason.ENDED)])
        running.tray.show(view(shape=Shape.BUSY))
        running.tray.notify(Notice("key", "Nobody", "hears this."))
        running.wait_until(lambda: sleeps_through(running, 0.3))
        assert running.thread.is_alive()


@pytest.mark.parametrize("has_a_view", [True, False], ids=["a view", "no view"])
def test_a_bus_that_died_before_the_loop_is_the_end_of_the_session_too(bus: PrivateBus, has_a_view: bool) -> None:
    posted: list[object] = []
    registration = status_item.join(bus.environ)
    tray = LinuxTray(posted.append, registration)
    bus.kill()
    if has_a_view:
        tray.show(view(shape=Shape.BUSY))
    thread = threading.Thread(target=tray.run)
    thread.start()
    deadline = time.monotonic() + 10
    while not posted:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    tray.stop()
    thread.join(10)
    assert posted == [LeaveAsked(LeaveReason.ENDED)]


def test_a_bus_that_hangs_holds_back_views_and_nothing_piles_up(
    bus: PrivateBus, host: TrayHost, start_tray: StartTray
) -> None:
    with start_tray() as running:
        host.wait_item()
        bus.process.send_signal(signal.SIGSTOP)
        count = 0

        def block() -> bool:
            nonlocal count
            count += 1
            running.tray.show(view(renamed(ROWS, "held", f"{count} " * 5000), tooltip=f"{count}"))
            return running.bus.is_blocked

        running.wait_until(block)
        for _ in range(50):
            block()
        bus.process.send_signal(signal.SIGCONT)
        menu = shown(host, running.tray, view(tooltip="caught up"))
    assert menu.children[0].label == "Nothing is held"
    assert len([member for member, _ in host.signals if member == "ItemsPropertiesUpdated"]) < count


def test_a_tray_can_be_stopped_while_the_bus_hangs(bus: PrivateBus, host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        bus.process.send_signal(signal.SIGSTOP)
        labels = itertools.cycle("ab")

        def block() -> bool:
            running.tray.show(view(renamed(ROWS, "held", next(labels) * 50_000)))
            return running.bus.is_blocked

        running.wait_until(block)


def test_a_view_that_looks_the_same_wakes_nobody(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        host.wait_item()
        shown(host, running.tray, view(tooltip="settled"))
        host.settle()

        def is_left_alone() -> bool:
            before = running.wake_ups()
            for second in range(50):
                running.tray.show(replace(view(tooltip="settled"), status={"second": second}))
            time.sleep(0.2)
            return running.wake_ups() == before

        running.wait_until(is_left_alone)


def test_a_tray_that_is_stopped_before_it_runs_does_not_run(bus: PrivateBus) -> None:
    tray = LinuxTray(lambda _event: None, status_item.join(bus.environ))
    tray.stop()
    tray.run()
    tray.show(view())  # another thread may be late


def test_the_tray_is_loaded_without_touching_a_display_or_loading_what_draws() -> None:
    program = (
        "import os, sys, tray.desktop.linux.tray\n"
        "print(os.environ['PYSTRAY_BACKEND'], 'PIL' in sys.modules, 'Xlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYSTRAY_BACKEND": "xorg"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "xorg False False\n"


# --------------------------------------------------------------------------- strangers


def test_strangers_are_answered_and_do_no_harm(bus: PrivateBus, host: TrayHost, start_tray: StartTray) -> None:
    with start_tray() as running:
        name = host.wait_item()
        before = shown(host, running.tray, view(tooltip="before"))
        hostile.annoy(bus.address, name, 250)
        assert host.layout() == before
        assert shown(host, running.tray, view(tooltip="after")) == before
    assert all(isinstance(event, Looked | Picked | PinToggled | LeaveAsked) for event in running.posted)


@pytest.mark.parametrize(
    ("path", "interface", "member", "signature", "values", "error"),
    [
        ("/nowhere", "org.kde.StatusNotifierItem", "Activate", "ii", (0, 0), "UnknownObject"),
        ("/MenuBar", "org.example.Other", "Activate", "", (), "UnknownInterface"),
        ("/MenuBar", "com.canonical.dbusmenu", "Fetch", "", (), "UnknownMethod"),
        ("/MenuBar", None, "Fetch", "", (), "UnknownMethod"),
        ("/MenuBar", "com.canonical.dbusmenu", "GetLayout", "s", ("",), "InvalidArgs"),
        ("/MenuBar", "com.canonical.dbusmenu", "GetLayout", "", (), "InvalidArgs"),
        ("/MenuBar", "com.canonical.dbusmenu", "GetLayout", "iias", (99, 0, []), "InvalidArgs"),
        ("/MenuBar", "com.canonical.dbusmenu", "GetProperty", "is", (99, "label"), "InvalidArgs"),
        ("/MenuBar", "com.canonical.dbusmenu", "GetProperty", "is", (0, "label"), "InvalidArgs"),
        ("/MenuBar", "com.canonical.dbusmenu", "AboutToShow", "i", (99,), "InvalidArgs"),
        ("/MenuBar", "com.canonical.dbusmenu", "AboutToShowGroup", "ai", ([99],), "InvalidArgs"),
        (
            "/MenuBar",
            "com.canonical.dbusmenu",
            "EventGroup",
            "a(isvu)",
            ([(99, "clicked", ("i", 0), 0)],),
            "InvalidArgs",
        ),
        (
            status_item.PATH,
            "org.freedesktop.DBus.Properties",
            "Get",
            "ss",
            ("org.kde.StatusNotifierItem", "Nothing"),
            "UnknownProperty",
        ),
        (
            status_item.PATH,
            "org.freedesktop.DBus.Properties",
            "GetAll",
            "s",
            ("org.example.Other",),
            "UnknownInterface",
        ),
        (
            status_item.PATH,
            "org.freedesktop.DBus.Properties",
            "Set",
            "ssv",
            ("org.kde.StatusNotifierItem", "Title", ("s", "hacked")),
            "PropertyReadOnly",
        ),
    ],
)
def test_wrong_calls_get_the_error_that_names_what_is_wrong(  # noqa: PLR0913, PLR0917  a table's columns
    host: TrayHost,
    start_tray: StartTray,
    path: str,
    interface: str | None,
    member: str,
    signature: str,
    values: tuple[object, ...],
    error: str,
) -> None:
    with start_tray():
        host.wait_item()
        with pytest.raises(CallFailed) as caught:
            host.call(path, interface, member, signature, *values)
    assert caught.value.name == error


def test_objects_describe_themselves(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray():
        host.wait_item()
        inspect = ("org.freedesktop.DBus.Introspectable", "Introspect")
        (root,) = host.call("/", *inspect)
        assert '<node name="org"/>' in root
        assert '<node name="MenuBar"/>' in root
        (menu,) = host.call("/MenuBar", *inspect)
        assert '<method name="Event"><arg type="i" direction="in"/><arg type="s" direction="in"/>' in menu
        assert '<property name="Version" type="u" access="read"/>' in menu
        (item,) = host.call(status_item.PATH, *inspect)
        assert '<property name="ToolTip" type="(sa(iiay)ss)" access="read"/>' in item
        assert '<signal name="NewStatus"><arg type="s" direction="out"/></signal>' in item


def test_objects_know_their_machine(host: TrayHost, start_tray: StartTray) -> None:
    with start_tray():
        host.wait_item()
        if MACHINE_ID.exists():
            (found,) = host.call("/", "org.freedesktop.DBus.Peer", "GetMachineId")
            assert found == MACHINE_ID.read_text(encoding="ascii").strip()
        else:
            with pytest.raises(CallFailed, match="FileNotFound"):
                host.call("/", "org.freedesktop.DBus.Peer", "GetMachineId")


# --------------------------------------------------------------------------- pystray's contract


def test_it_is_a_pystray_icon_with_pystrays_properties(bus: PrivateBus, host: TrayHost) -> None:
    tray = LinuxTray(lambda _event: None, status_item.join(bus.environ))
    assert isinstance(tray, pystray._base.Icon)
    tray.icon = Icon(Shape.AWAY)
    tray.title = "A title"

    def set_up(icon: LinuxTray) -> None:
        icon.title = "Another title"
        icon.visible = True

    thread = threading.Thread(target=lambda: tray.run(setup=set_up))
    thread.start()
    host.wait_item()
    assert host.properties()["ToolTip"][2] == "Another title"
    assert sorted(host.pixmaps().items()) == [(size, pixels) for size, _, pixels in pixmaps(Icon(Shape.AWAY))]
    tray.stop()
    thread.join(10)
    assert not tray.visible
