"""The icon as a StatusNotifierItem: what an item answers, and its registration with the panel's watcher.

Source: https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from tray.desktop.face import Host
from tray.desktop.linux.bus import BUS, DAEMON, Bus, Reply, Target, open_session_bus
from tray.desktop.linux.bus_objects import PROPERTIES as BUS_PROPERTIES
from tray.desktop.linux.bus_objects import Interface, Method, Property, RefusedCall

NAME = "org.kde.StatusNotifierItem"
# Cinnamon opens the menu with the left button only for items below this path, as Ayatana's library names its own.
PATH = "/org/ayatana/NotificationItem/presence_tray"
MENU_PATH = "/MenuBar"
WATCHER = Target("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher")
# Services whose process is a watcher that knows an item's IconName alone, for MATE's, Xfce's and Budgie's indicator
# applets. Any other host prefers a name to the pixmaps and would scale the file.
BY_NAME = ("org.ayatana.indicator.application", "com.canonical.indicator.application")
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
    "IconAccessibleDesc": ("s", ""),  # screen readers say it; GNOME logs an error at each new icon without it
    "OverlayIconName": ("s", ""),
    "OverlayIconPixmap": (PICTURES, []),
    "AttentionIconName": ("s", ""),
    "AttentionIconPixmap": (PICTURES, []),
    "AttentionAccessibleDesc": ("s", ""),
    "AttentionMovieName": ("s", ""),
    "ToolTip": (f"(s{PICTURES}ss)", ("", [], "", "")),  # icon, pictures, title, text
}
SIGNALS = {"NewTitle": "", "NewIcon": "", "NewToolTip": "", "NewStatus": "s"}


def item_interface(
    live: dict[str, Callable[[], Any]], activated: Callable[[], None], menu_asked: Callable[[], None]
) -> Interface:
    """Return what an item answers; `live` reads the properties that change.

    `activated` is called at a left click: only panels that overlook ItemIsMenu tell of it, the others open the menu.
    `menu_asked` is called where the item is to draw its menu itself: only panels without menus ask that.
    """

    def refuse(told: Callable[[], None]) -> Callable[[int, int], tuple[Any, ...]]:
        def answer(_x: int, _y: int) -> tuple[Any, ...]:
            told()
            raise RefusedCall("NotSupported", "The menu is what there is: see the property Menu.")

        return answer

    return Interface(
        NAME,
        {
            # An error makes hosts that overlook ItemIsMenu open the menu instead.
            "Activate": Method("ii", "", refuse(activated)),
            "ContextMenu": Method("ii", "", refuse(menu_asked)),
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


# ----------------------------------------------------------------------- the watcher


class Registration:
    """Registers the item with the watcher, and with each watcher that comes: panels restart, and desktops load late."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.answered: Callable[[Reply], None] = lambda _reply: None  # called at each registration, accepted or not
        self.by_name = False  # whether the watcher shows the icon by its name alone
        self.name_asked: Callable[[], None] = lambda: None  # called when it turns out so
        self._is_wanted = False
        rule = {"sender": BUS, "interface": BUS, "member": "NameOwnerChanged", "arg0": WATCHER.destination}
        bus.listen(rule, "sss", self._watcher_changed)

    def ask(self) -> None:
        """Register, unless that is done."""
        if not self._is_wanted:
            self._is_wanted = True
            self._register()

    def ask_again(self) -> None:
        """Register once more, if it is still wanted."""
        if self._is_wanted:
            self._register()

    def withdraw(self) -> None:
        """Register no more."""
        self._is_wanted = False

    def _watcher_changed(self, sender: str, body: tuple[Any, ...]) -> None:
        name, _old_owner, new_owner = body
        if sender == BUS and name == WATCHER.destination and new_owner and self._is_wanted:
            self._register()

    def _register(self) -> None:
        self.bus.call(WATCHER, "RegisterStatusNotifierItem", "s", (PATH,), then=self._answered)

    def _answered(self, reply: Reply) -> None:
        self.by_name = False
        if reply.error is None:
            for name in BY_NAME:
                self._ask_process(name, partial(self._service_found, reply.sender))
        self.answered(reply)

    def _ask_process(self, name: str, then: Callable[[Reply], None]) -> None:
        self.bus.call(DAEMON, "GetConnectionUnixProcessID", "s", (name,), gives="u", then=then)

    def _service_found(self, watcher: str, service: Reply) -> None:
        if service.error is None:
            self._ask_process(watcher, partial(self._watcher_found, service.body))

    def _watcher_found(self, service: tuple[Any, ...], watcher: Reply) -> None:
        if watcher.body == service:
            self.by_name = True
            self.name_asked()


def join(environ: Mapping[str, str] = os.environ) -> Registration:
    """Join the session bus, within seconds; raise `NoSessionBus`."""
    return Registration(open_session_bus(environ))


def find_host(environ: Mapping[str, str] = os.environ) -> Host:
    """Tell whether a watcher is there and answers; raise `NoSessionBus`."""
    bus = open_session_bus(environ)
    owned = _ask(bus, DAEMON, "NameHasOwner", "s", (WATCHER.destination,), gives="b")
    if owned is None or owned.error is not None:
        found = Host.UNKNOWN
    elif not owned.body[0]:
        found = Host.ABSENT
    else:
        properties = Target(WATCHER.destination, WATCHER.path, BUS_PROPERTIES)
        asked = (WATCHER.interface, "IsStatusNotifierHostRegistered")
        answer = _ask(bus, properties, "Get", "ss", asked, gives="v")
        found = Host.SILENT if answer is None or answer.error is not None else Host.THERE
    bus.close()
    return found


def _ask(  # noqa: PLR0913  a call has that many parts
    bus: Bus, target: Target, member: str, signature: str, body: tuple[Any, ...], *, gives: str
) -> Reply | None:
    """Return the answer to a call, or nothing if none comes in time."""
    replies: list[Reply] = []
    bus.call(target, member, signature, body, gives=gives, then=replies.append)
    bus.serve_until(lambda: bool(replies), ASKING)
    return replies[0] if replies else None
