"""Reads what a real panel was given to show, and compares icon and menu with what was approved; no pixels."""

import json
import os
from pathlib import Path

from jeepney import DBusAddress

from tests.desktop.panel import SCREEN, Panel, Window
from tests.desktop.tray_host import PROPERTIES, WATCHER, MenuNode, TrayHost
from tray.desktop.linux import status_item

ROOT = Path(__file__).parent.parent.parent
GOLDENS = ROOT / "tests/lanes/panels/goldens"
PICTURES = {"xfce": ROOT / "docs/menu.png", "lxqt": ROOT / "docs/menu-lxqt.png"}
SLACK = 0.3  # fonts and themes differ from machine to machine


class Reading(TrayHost):
    """Looks over a panel's shoulder at the menu of the one item that it shows."""

    def __init__(self, address: str) -> None:
        super().__init__(address, watching=False)
        watcher = DBusAddress("/StatusNotifierWatcher", WATCHER, PROPERTIES)
        (found,) = self.send(watcher, "Get", "ss", (WATCHER, "RegisteredStatusNotifierItems"))
        self.registrations.append(found[1][0].partition("/")[0].rstrip("@"))  # Budgie tells the name alone
        self._item = status_item.PATH

    def path(self, label: str) -> list[int]:
        """Return the way to an item: at each level, how many items that can be chosen are before it."""
        way = _way(self.layout(), label)
        assert way is not None, label
        return way


def _way(node: MenuNode, label: str) -> list[int] | None:
    passed = 0
    for child in node.children:
        if child.label == label:
            return [passed]
        below = _way(child, label)
        if below is not None:
            return [passed, *below]
        passed += child.enabled and child.properties.get("type") != "separator"
    return None


def compare_with_golden(name: str, panel: Panel) -> None:
    """Compare the open menu and the icon above it; writes them instead if `PRESENCE_TRAY_GOLDENS` says so."""
    icon, menu = panel.icon(), panel.menu()
    with Reading(panel.address) as reading:
        labels = [child.label for child in reading.layout().children]
    seen = {"icon": [icon.width, icon.height], "menu": [menu.width, menu.height], "labels": labels}
    golden = GOLDENS / f"{name}.json"
    if os.environ.get("PRESENCE_TRAY_GOLDENS"):
        GOLDENS.mkdir(parents=True, exist_ok=True)
        golden.write_text(json.dumps(seen, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        left = menu.x - 8
        panel.screenshot(PICTURES[name], Window(0, left, 0, SCREEN[0] - left, menu.y + menu.height + 8))
    approved = json.loads(golden.read_text(encoding="utf-8"))

    assert seen["labels"] == approved["labels"]
    for what in ("icon", "menu"):
        for now, then in zip(seen[what], approved[what], strict=True):
            assert abs(now - then) <= SLACK * then, (what, seen[what], approved[what])
    assert icon.y + icon.height // 2 < menu.y + 4, "the menu hides its icon"
    assert menu.x + menu.width <= SCREEN[0]
    assert menu.x <= icon.x + icon.width
    assert menu.y + menu.height <= SCREEN[1]
