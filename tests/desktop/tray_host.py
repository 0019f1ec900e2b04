"""A stand-in for a panel, driven step by step.

It is watcher and host in one: it owns `org.kde.StatusNotifierWatcher`, reads items as panels do, and clicks by label.
Everything happens inside its calls: there is no thread.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, new_method_return

from tests.desktop.linux.bus_peer import BusPeer

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
ITEM_PATH = "/StatusNotifierItem"  # unless the item names another
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"


@dataclass(frozen=True)
class MenuNode:
    """One menu item with what lies below; label as a user reads it."""

    number: int
    label: str
    properties: dict[str, Any]
    children: list["MenuNode"] = field(default_factory=list)

    @property
    def enabled(self) -> bool:
        return bool(self.properties.get("enabled", True))

    @property
    def checked(self) -> bool:
        return self.properties.get("toggle-state") == 1

    def walk(self) -> Iterator["MenuNode"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, label: str) -> "MenuNode":
        """Return the first item with a label; raises `KeyError`."""
        for node in self.walk():
            if node.label == label:
                return node
        raise KeyError(label)

    @property
    def labels(self) -> list[str]:
        return [node.label for node in self.walk() if node.label]


class TrayHost(BusPeer):
    """A panel for one item."""

    def __init__(self, address: str, *, watching: bool = True) -> None:
        super().__init__(address)
        self.registrations: list[str] = []
        self._item = ITEM_PATH
        self.answers = True  # a watcher's name without its object answers nothing but errors
        self.refused = 0
        self._met = 0  # how many registrations wait_item() has seen
        self.hear(ITEM)
        self.hear(MENU)
        if watching:
            self.appear()

    def appear(self) -> None:
        """Own the watcher's name, as a panel that starts does."""
        self.own(WATCHER)

    def vanish(self) -> None:
        """Give the watcher's name up, as a panel that ends does."""
        self.disown(WATCHER)

    def settle(self) -> None:
        """Take in everything that the item has sent so far: a call's answer comes after it."""
        self.call("/", "org.freedesktop.DBus.Peer", "Ping")

    def wait_item(self, timeout: float = 10) -> str:
        """Return the next item's bus name, and read it as a panel would."""
        self.wait_for(lambda: len(self.registrations) > self._met, timeout)
        self._met = len(self.registrations)
        self.properties()
        return self.registrations[-1]

    # ------------------------------------------------------------------- looking

    def item(self, member: str, signature: str, *values: Any) -> tuple[Any, ...]:
        """Call the item outright; raises `CallFailed`."""
        return self.call(self._item, ITEM, member, signature, *values)

    def properties(self) -> dict[str, Any]:
        """Return the item's properties without their types."""
        (found,) = self.call(self._item, PROPERTIES, "GetAll", "s", ITEM)
        return {name: value for name, (_signature, value) in found.items()}

    def pixmaps(self) -> dict[int, bytes]:
        """Return the icon's pixels by size: ARGB, big endian."""
        return {width: pixels for width, _height, pixels in self.properties()["IconPixmap"]}

    def layout(self) -> MenuNode:
        """Return the whole menu."""
        _revision, root = self.menu("GetLayout", "iias", 0, -1, [])
        return _node(root)

    def menu(self, member: str, signature: str, *values: Any) -> tuple[Any, ...]:
        """Call the menu outright; raises `CallFailed`."""
        (found,) = self.call(self._item, PROPERTIES, "Get", "ss", ITEM, "Menu")
        return self.call(found[1], MENU, member, signature, *values)

    def open_menu(self) -> None:
        """Tell the item that the user opens its menu."""
        self.menu("AboutToShow", "i", 0)

    def click(self, label: str) -> None:
        """Click the item with a label, whatever its state; raises `KeyError` when there is none."""
        self.click_number(self.layout().find(label).number)

    def click_number(self, number: int) -> None:
        """Click an item by its id."""
        self.menu("Event", "isvu", number, "clicked", ("i", 0), 0)

    def call(self, path: str, interface: str | None, member: str, signature: str = "", *values: Any) -> tuple[Any, ...]:
        """Call anything on the item's connection; raises `CallFailed`."""
        return self.send(DBusAddress(path, self.registrations[-1], interface), member, signature, values)

    def answer(self, message: Message, member: str) -> Message | None:
        """Take a registration."""
        if member not in ("RegisterStatusNotifierItem", "Get") or not self.answers:
            self.refused += 1
            return super().answer(message, member)
        if member == "Get":  # of the watcher's own properties
            return new_method_return(message, "v", (("b", True),))
        self.registrations.append(message.header.fields[HeaderFields.sender])
        (named,) = message.body
        self._item = named if named.startswith("/") else ITEM_PATH
        return new_method_return(message)


def _node(node: tuple[int, dict[str, Any], list[Any]]) -> MenuNode:
    number, properties, children = node
    plain = {name: value for name, (_signature, value) in properties.items()}
    label = plain.get("label", "").replace("__", "\0").replace("_", "").replace("\0", "_")
    return MenuNode(number, label, plain, [_node(child) for _signature, child in children])
