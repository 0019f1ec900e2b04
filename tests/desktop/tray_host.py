"""A stand-in for a panel, driven step by step; must not know the program behind the item.

Watcher and host in one: it owns `org.kde.StatusNotifierWatcher`, reads items the way panels do, and clicks by
label. Everything happens inside its calls: there is no thread.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from jeepney import (
    DBusAddress,
    HeaderFields,
    Message,
    MessageType,
    new_error,
    new_method_call,
    new_method_return,
)
from jeepney.io.blocking import DBusConnection, open_dbus_connection

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
PROPERTIES = "org.freedesktop.DBus.Properties"
BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


class CallFailed(Exception):  # noqa: N818
    """The other side answered with an error."""

    def __init__(self, name: str, text: Any) -> None:
        super().__init__(name, text)
        self.name = name


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


class TrayHost:
    """A panel for one item."""

    def __init__(self, address: str, *, watching: bool = True) -> None:
        self.connection: DBusConnection = open_dbus_connection(address)
        self.signals: list[tuple[str, tuple[Any, ...]]] = []  # (member, values), oldest first
        self.registrations: list[str] = []
        self._met = 0  # how many registrations wait_item() has seen
        self._replies: dict[int, Message] = {}
        self._call(BUS, "AddMatch", "s", (f"type='signal',interface='{ITEM}'",))
        self._call(BUS, "AddMatch", "s", (f"type='signal',interface='{MENU}'",))
        if watching:
            self.appear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    # ------------------------------------------------------------------- coming and going

    def appear(self) -> None:
        """Own the watcher's name, as a panel that starts does."""
        self._call(BUS, "RequestName", "su", (WATCHER, 4))

    def vanish(self) -> None:
        """Give the watcher's name up, as a panel that ends does."""
        self._call(BUS, "ReleaseName", "s", (WATCHER,))

    # ------------------------------------------------------------------- waiting

    def wait_for(self, condition: Callable[[], bool], timeout: float = 10) -> None:
        """Handle what comes in until a condition holds; raises `TimeoutError`."""
        until = time.monotonic() + timeout
        while not condition():
            self._handle(self.connection.receive(timeout=max(0, until - time.monotonic())))

    def settle(self) -> None:
        """Handle everything that the item has sent so far: a call's answer comes after it."""
        self._call(self._at("/", "org.freedesktop.DBus.Peer"), "Ping")

    def wait_item(self, timeout: float = 10) -> str:
        """Return the next item's bus name, and read it as a panel would."""
        self.wait_for(lambda: len(self.registrations) > self._met, timeout)
        self._met = len(self.registrations)
        self.properties()
        return self.registrations[-1]

    # ------------------------------------------------------------------- looking

    def properties(self) -> dict[str, Any]:
        """Return the item's properties without their types."""
        (found,) = self._call(self._at("/StatusNotifierItem", PROPERTIES), "GetAll", "s", (ITEM,))
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
        path = self.properties()["Menu"]
        return self._call(self._at(path, MENU), member, signature, values)

    def open_menu(self) -> None:
        """Tell the item that the user opens its menu."""
        self.menu("AboutToShow", "i", 0)

    def click(self, label: str) -> None:
        """Click the item with a label, whatever its state; raises `KeyError` when there is none."""
        self.click_number(self.layout().find(label).number)

    def click_number(self, number: int) -> None:
        """Click an item by its id."""
        self.menu("Event", "isvu", number, "clicked", ("i", 0), 0)

    def call(self, path: str, interface: str | None, member: str, signature: str = "", *values: Any) -> Any:
        """Call anything on the item's connection; raises `CallFailed`."""
        return self._call(self._at(path, interface), member, signature, values)

    # ------------------------------------------------------------------- the wire

    def _at(self, path: str, interface: str | None) -> DBusAddress:
        return DBusAddress(path, self.registrations[-1], interface)

    def _call(
        self, address: DBusAddress, member: str, signature: str = "", values: tuple[Any, ...] = ()
    ) -> tuple[Any, ...]:
        serial = next(self.connection.outgoing_serial)
        self.connection.send(new_method_call(address, member, signature or None, values), serial=serial)
        self.wait_for(lambda: serial in self._replies)
        reply = self._replies.pop(serial)
        if reply.header.message_type is MessageType.error:
            raise CallFailed(reply.header.fields[HeaderFields.error_name], reply.body)
        return tuple(reply.body)

    def _handle(self, message: Message) -> None:
        fields = message.header.fields
        match message.header.message_type:
            case MessageType.signal:
                if fields[HeaderFields.interface] in (ITEM, MENU):
                    self.signals.append((fields[HeaderFields.member], message.body))
            case MessageType.method_call:
                self.connection.send(self._answer(message, fields[HeaderFields.member]))
            case _:
                self._replies[fields[HeaderFields.reply_serial]] = message

    def _answer(self, message: Message, member: str) -> Message:
        if member != "RegisterStatusNotifierItem":
            return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
        self.registrations.append(message.header.fields[HeaderFields.sender])
        return new_method_return(message)


def _node(node: tuple[int, dict[str, Any], list[Any]]) -> MenuNode:
    number, properties, children = node
    plain = {name: value for name, (_signature, value) in properties.items()}
    label = plain.get("label", "").replace("__", "\0").replace("_", "").replace("\0", "_")
    return MenuNode(number, label, plain, [_node(child) for _signature, child in children])
