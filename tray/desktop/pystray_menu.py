"""Rows as pystray's `Menu`, the same for every desktop; must not know which of them shows it."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tray.core.view_model import Row, RowKind

if TYPE_CHECKING:
    from tray.core.events import Event  # the icon comes first

# pystray picks a backend while it is imported, and some touch the display or fail; ours are picked by name.
_chosen = os.environ.get("PYSTRAY_BACKEND")
os.environ["PYSTRAY_BACKEND"] = "dummy"
import pystray  # noqa: E402  after the choice above

if _chosen is None:
    del os.environ["PYSTRAY_BACKEND"]
else:
    os.environ["PYSTRAY_BACKEND"] = _chosen

PlainIcon = pystray.Icon  # the contract without a desktop: what a backend subclasses
Menu = pystray.Menu
MenuItem = pystray.MenuItem

Post = Callable[["Event"], None]


class RowItem(pystray.MenuItem):  # type: ignore[misc]  # pystray ships no types
    """A menu item that remembers the key of its row, so that it is known again in the next menu."""

    def __init__(self, row: Row, action: Any, label: str) -> None:
        self.key = row.key
        toggles = row.kind in (RowKind.RADIO, RowKind.CHECK)
        super().__init__(
            label,
            action,
            checked=(lambda _item: row.checked) if toggles else None,
            radio=row.kind is RowKind.RADIO,
            enabled=row.enabled and row.kind is not RowKind.TEXT,
        )


def menu_of(rows: tuple[Row, ...], post: Post, escape: Callable[[str], str] = str) -> pystray.Menu:
    """Return a menu whose clicks post the rows' events; `escape` is for labels with a mnemonic mark."""
    return Menu(*_items(rows, post, escape))


def _items(rows: tuple[Row, ...], post: Post, escape: Callable[[str], str]) -> Iterator[pystray.MenuItem]:
    for row in rows:
        match row.kind:
            case RowKind.SEPARATOR:
                yield Menu.SEPARATOR
            case RowKind.SUBMENU:
                yield RowItem(row, menu_of(row.rows, post, escape), escape(row.label))
            case RowKind.TEXT:
                yield RowItem(row, None, escape(row.label))
            case _:
                yield RowItem(row, _click(row, post), escape(row.label))


def _click(row: Row, post: Post) -> Callable[[], None]:
    return lambda: post(row.event)
