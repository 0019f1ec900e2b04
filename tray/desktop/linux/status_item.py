"""StatusNotifierItem as tables: what an item answers; must not know what this one shows."""

from collections.abc import Callable
from typing import Any

from tray.desktop.linux.bus_objects import Interface, Method, Property, RefusedCall

NAME = "org.kde.StatusNotifierItem"
PATH = "/StatusNotifierItem"
MENU_PATH = "/MenuBar"

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
    """Return what an item answers; `live` reads the properties that change, `activated` hears of a left click.

    Only panels that overlook ItemIsMenu tell of one: the others open the menu.
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
