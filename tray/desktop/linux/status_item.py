"""The icon as a StatusNotifierItem: what an item answers, and its registration with the panel's watcher.

Source: https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from tray.desktop.linux.bus import BUS, DAEMON, Bus, Reply, Target, open_session_bus
from tray.desktop.linux.bus_objects import Interface, Method, Property, RefusedCall

NAME = "org.kde.StatusNotifierItem"
PATH = "/StatusNotifierItem"
MENU_PATH = "/MenuBar"
WATCHER = Target("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher")
ASKING = 3.0  # seconds that a question to the bus may take

PICTURES = "a(iiay)"  # width, height, ARGB32 big endian
PROPERTIES: dict[str, tuple[str, Any]] = {  # signature, and the value unless it is read from the tray
    "Category": ("s", "Communications"),
    "Id": ("s", ""),
    "Title": ("s", ""),
    "Status": ("s", "Active"),
    "WindowId": ("i", 0),
    "ItemIsMenu": ("b", True),  # a left click opens the menu like a right click
    "Menu": ("o", MENU_PATH),
    "IconThemePath": ("s", ""),
    "IconName": ("s", ""),
    "IconPixmap": (PICTURES, []),
    "OverlayIconName": ("s", ""),
    "OverlayIconPixmap": (PICTURES, []),
    "AttentionIconName": ("s", ""),
    "AttentionIconPixmap": (PICTURES, []),
    "AttentionMovieName": ("s", ""),
    "ToolTip": (f"(s{PICTURES}ss)", ("", [], "", "")),  # icon, pictures, title, text
}
SIGNALS = {"NewTitle": "", "NewIcon": "", "NewToolTip": "", "NewStatus": "s"}


def item_interface(live: dict[str, Callable[[], Any]], activated: Callable[[], None]) -> Interface:
    """Return what an item answers; `live` reads the properties that change, `activated` is called at a left click.

    Only panels that overlook ItemIsMenu tell of a left click: the others open the menu.
    """

    def refuse_activation(x: int, y: int) -> tuple[Any, ...]:
        activated()
        return _refuse(x, y)

    return Interface(
        NAME,
        {
            # An error makes hosts that overlook ItemIsMenu open the menu instead.
            "Activate": Method("ii", "", refuse_activation),
            "ContextMenu": Method("ii", "", _refuse),
            "SecondaryActivate": Method("ii", "", lambda _x, _y: ()),
            "Scroll": Method("is", "", lambda _delta, _orientation: ()),
        },
        {
            name: Property(signature, live.get(name, _constant(value)))
            for name, (signature, value) in PROPERTIES.items()
        },
        SIGNALS,
    )


def _constant(value: Any) -> Callable[[], Any]:
    return lambda: value


def _refuse(_x: int, _y: int) -> tuple[Any, ...]:
    raise RefusedCall("NotSupported", "The menu is what there is: see the property Menu.")


# ----------------------------------------------------------------------- the watcher


class Registration:
    """Registers the item with the watcher, and with each watcher that comes: panels restart, and desktops load late."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.answered: Callable[[Reply], None] = lambda _reply: None  # called at each registration, accepted or not
        self._is_wanted = False
        rule = {"sender": BUS, "interface": BUS, "member": "NameOwnerChanged", "arg0": WATCHER.destination}
        bus.listen(rule, "sss", self._watcher_changed)

    def ask(self) -> None:
        """Register, unless that is done."""
        if not self._is_wanted:
            self._is_wanted = True
            self._register()

    def withdraw(self) -> None:
        """Register no more."""
        self._is_wanted = False

    def _watcher_changed(self, sender: str, body: tuple[Any, ...]) -> None:
        _name, _old_owner, new_owner = body
        if sender == BUS and new_owner and self._is_wanted:
            self._register()

    def _register(self) -> None:
        self.bus.call(WATCHER, "RegisterStatusNotifierItem", "s", (self.bus.name,), then=self._answered)

    def _answered(self, reply: Reply) -> None:
        self.answered(reply)


def join(environ: Mapping[str, str] = os.environ) -> Registration:
    """Join the session bus, within seconds; raise `NoSessionBus`."""
    return Registration(open_session_bus(environ))


def host_present(environ: Mapping[str, str] = os.environ) -> bool | None:
    """Tell whether a watcher is there; `None` if the bus does not say. Raise `NoSessionBus`."""
    bus = open_session_bus(environ)
    replies: list[Reply] = []
    bus.call(DAEMON, "NameHasOwner", "s", (WATCHER.destination,), gives="b", then=replies.append)
    bus.serve_until(lambda: bool(replies), ASKING)
    bus.close()
    return bool(replies[0].body[0]) if replies and replies[0].error is None else None
