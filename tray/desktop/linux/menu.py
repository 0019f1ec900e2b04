"""The menu as com.canonical.dbusmenu, read from the rows of a view.

A click passes through these functions on its way to the engine's inbox: `Bus.read`, which the loop calls when there is
something to read → `Bus._answer` → `ExportedMenu._event` (or `_event_group`) → `_clicked` → the `post` that the program
gave to the tray.

Hosts rely on this: an item keeps its id for the life of the process, a change of label or mark is told as a change of
properties (an open menu stays open), and `LayoutUpdated` means that items came, went or moved.
Source: https://github.com/AyatanaIndicators/libdbusmenu/blob/master/libdbusmenu-glib/dbus-menu.xml.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tray.core.events import Event
from tray.core.view_model import Row, RowKind
from tray.desktop.linux.bus_objects import Interface, KeptAnswer, Method, Property, RefusedCall, one_line

NAME = "com.canonical.dbusmenu"
VERSION = 3
ROOT = 0
ROOT_PROPERTIES = {"children-display": ("s", "submenu")}
NODE = "(ia{sv}av)"
MOST_KEPT = 16  # answers; a panel asks for a few, over and over
TAKEN_FOR_GRANTED = {"enabled": ("b", True)}  # hosts assume it: a quarter of a menu's properties need not be sent
KINDS = {  # a row that turns into another of these is another item to hosts
    RowKind.TEXT: "standard",
    RowKind.ACTION: "standard",
    RowKind.SEPARATOR: "separator",
    RowKind.SUBMENU: "submenu",
    RowKind.RADIO: "radio",
    RowKind.CHECK: "checkmark",
}
CLICKABLE = {RowKind.ACTION, RowKind.RADIO, RowKind.CHECK}

Emit = Callable[..., None]  # member, signature, values


class Item(NamedTuple):
    """One item as hosts see it; properties are D-Bus variants (signature, value)."""

    properties: Mapping[str, tuple[str, Any]]
    children: tuple[int, ...] = ()
    row: Row | None = None  # none for the root


class ExportedMenu:
    """The menu on the bus; `opened` is called when a user is about to see it, a click posts its row's event."""

    def __init__(self, emit: Emit, opened: Callable[[], None], post: Callable[[Event], None]) -> None:
        self._emit = emit
        self._opened = opened
        self._post = post
        self._ids: dict[tuple[str, str], int] = {}
        self._numbers = itertools.count(1)
        self._revision = 1
        self._items: dict[int, Item] = {ROOT: Item(ROOT_PROPERTIES)}
        self._layouts: dict[tuple[int, int, tuple[str, ...]], KeptAnswer] = {}  # given since the last change

    # ------------------------------------------------------------------- publishing

    def publish(self, rows: tuple[Row, ...]) -> None:
        """Show a menu: tell hosts what changed, and nothing else."""
        before, children = self._items, self._numbered(rows)
        self._layouts.clear()
        self._items = {ROOT: Item(ROOT_PROPERTIES, tuple(children))}
        for number, row in children.items():
            self._items.update(self._read(number, row))
        changed = [(each, found) for each in self._items if (found := _difference(before, self._items, each))]
        if changed:
            self._emit("ItemsPropertiesUpdated", "a(ia{sv})a(ias)", changed, [])

        moved = [
            each for each, item in self._items.items() if each in before and before[each].children != item.children
        ]
        if moved:
            self._revision += 1
            self._emit("LayoutUpdated", "ui", self._revision, moved[0] if len(moved) == 1 else ROOT)

    def _read(self, number: int, row: Row) -> Iterator[tuple[int, Item]]:
        """Yield an item and everything below it."""
        children = self._numbered(row.rows)
        yield number, Item(_properties(row), tuple(children), row)
        for child, below in children.items():
            yield from self._read(child, below)

    def _numbered(self, rows: tuple[Row, ...]) -> dict[int, Row]:
        return {self._id(row): row for row in rows}

    def _id(self, row: Row) -> int:
        """Return a row's number; one that turned into another kind is another item: hosts cannot follow."""
        key = row.key, KINDS[row.kind]
        if key not in self._ids:
            self._ids[key] = next(self._numbers)
        return self._ids[key]

    # ------------------------------------------------------------------- answering

    def interface(self) -> Interface:
        """Return what the menu's object answers."""
        return Interface(
            NAME,
            {
                "GetLayout": Method("iias", f"u{NODE}", self._get_layout),
                "GetGroupProperties": Method("aias", "a(ia{sv})", self._get_group_properties),
                "GetProperty": Method("is", "v", self._get_property),
                "Event": Method("isvu", "", self._event),
                "EventGroup": Method("a(isvu)", "ai", self._event_group),
                "AboutToShow": Method("i", "b", self._about_to_show),
                "AboutToShowGroup": Method("ai", "aiai", self._about_to_show_group),
            },
            {
                "Version": Property("u", lambda: VERSION),
                "Status": Property("s", lambda: "normal"),
                "TextDirection": Property("s", lambda: "ltr"),
                "IconThemePath": Property("as", list),
            },
            {
                "ItemsPropertiesUpdated": "a(ia{sv})a(ias)",
                "LayoutUpdated": "ui",
                "ItemActivationRequested": "iu",
            },
        )

    def _item(self, number: int) -> Item:
        if number not in self._items:
            raise RefusedCall("InvalidArgs", f"The menu has no item {number}.")
        return self._items[number]

    def _get_layout(self, parent: int, depth: int, names: list[str]) -> tuple[Any, ...]:
        """Return a part of the menu; announce what lies below where the host does not ask for it.

        Plasma asks for one level and places a submenu by what it knows of it: an unknown one lands off the screen.
        """
        children = self._item(parent).children
        if depth == 1:
            for child in children:
                if self._items[child].children:
                    self._emit("LayoutUpdated", "ui", self._revision, child)
        asked = parent, depth, tuple(names)
        if asked not in self._layouts:
            if len(self._layouts) == MOST_KEPT:
                self._layouts.clear()
            self._layouts[asked] = KeptAnswer((self._revision, self._node(parent, depth, names)))
        return self._layouts[asked]

    def _node(self, number: int, depth: int, names: list[str]) -> tuple[Any, ...]:
        """Return an item with what lies below, `depth` levels of it, all when negative."""
        item = self._items[number]
        children = () if depth == 0 else item.children
        below = [(NODE, self._node(child, depth - 1, names)) for child in children]
        return number, _chosen(item, names), below

    def _get_group_properties(self, numbers: list[int], names: list[str]) -> tuple[Any, ...]:
        wanted = [each for each in dict.fromkeys(numbers) if each in self._items] if numbers else self._items
        return ([(each, _chosen(self._items[each], names)) for each in wanted],)

    def _get_property(self, number: int, name: str) -> tuple[Any, ...]:
        properties = self._item(number).properties
        if name not in properties:
            raise RefusedCall("InvalidArgs", f"Item {number} has no property {name}.")
        return (properties[name],)

    def _event(self, number: int, event: str, _data: Any, _timestamp: int) -> tuple[Any, ...]:
        self._item(number)
        for clicked in self._clicked(number, event):
            self._post(clicked)
        return ()

    def _clicked(self, number: int, event: str) -> Iterator[Event]:
        """Act on an event of a host; yield what to post when it is a click."""
        row = self._items[number].row
        if event == "opened" and number == ROOT:  # Budgie tells of an open menu in no other way
            self._opened()
        if event == "clicked" and row is not None and row.kind in CLICKABLE and row.enabled:
            yield row.event
            if row.kind is not RowKind.ACTION:
                self._restore_marks(number)

    def _restore_marks(self, number: int) -> None:
        """Say again which marks are set: some hosts move a mark at the click, not when the state does."""
        siblings = next(item.children for item in self._items.values() if number in item.children)
        marks = [
            (each, {"toggle-state": self._items[each].properties["toggle-state"]})
            for each in siblings
            if "toggle-state" in self._items[each].properties
        ]
        self._emit("ItemsPropertiesUpdated", "a(ia{sv})a(ias)", marks, [])

    def _event_group(self, events: list[tuple[int, str, Any, int]]) -> tuple[Any, ...]:
        absent = [number for number, *_ in events if number not in self._items]
        if events and len(absent) == len(events):
            raise RefusedCall("InvalidArgs", "The menu has none of these items.")
        for number, event, _data, _timestamp in events:
            if number in self._items:
                for clicked in self._clicked(number, event):
                    self._post(clicked)
        return (absent,)

    def _about_to_show(self, number: int) -> tuple[Any, ...]:
        self._item(number)
        if number == ROOT:
            self._opened()
        return (False,)  # what the host has is what there is: changes were told when they happened

    def _about_to_show_group(self, numbers: list[int]) -> tuple[Any, ...]:
        absent = [number for number in numbers if number not in self._items]
        if numbers and len(absent) == len(numbers):
            raise RefusedCall("InvalidArgs", "The menu has none of these items.")
        if ROOT in numbers:
            self._opened()
        return [], absent


def _difference(before: dict[int, Item], after: dict[int, Item], number: int) -> dict[str, Any]:
    """Return what changed in an item that hosts already know."""
    if number not in before:
        return {}
    old, new = before[number].properties, after[number].properties
    return {name: value for name, value in new.items() if old.get(name) != value}


def _chosen(item: Item, names: list[str]) -> dict[str, Any]:
    """Return the properties that a host asks for; when it names none, those that it does not take for granted."""
    everything = item.properties.items()
    return {
        name: value for name, value in everything if (name in names if names else TAKEN_FOR_GRANTED.get(name) != value)
    }


def _properties(row: Row) -> dict[str, tuple[str, Any]]:
    """Return an item's properties; which there are depends on its kind alone, so none is ever withdrawn."""
    if row.kind is RowKind.SEPARATOR:
        return {"type": ("s", "separator")}
    properties: dict[str, tuple[str, Any]] = {
        "label": ("s", one_line(row.label).replace("_", "__")),  # a single underline marks a mnemonic
        "enabled": ("b", row.enabled and row.kind is not RowKind.TEXT),
    }
    if row.kind is RowKind.SUBMENU:
        properties["children-display"] = ("s", "submenu")
    elif row.kind in CLICKABLE - {RowKind.ACTION}:
        properties["toggle-type"] = ("s", KINDS[row.kind])
        properties["toggle-state"] = ("i", int(row.checked))
    return properties
