"""Events that a tray posts, loaded when they happen: the icon is there before them; must not know who takes them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tray.core.events import Event

Post = Callable[["Event"], None]
Later = Callable[[Post], None]


def looked(post: Post) -> None:
    """Post that the user opens the menu."""
    from tray.core.events import Looked  # noqa: PLC0415  see above

    post(Looked())


def tray_missed(post: Post) -> None:
    """Post that nobody shows the icon."""
    from tray.core.events import TrayMissed  # noqa: PLC0415  see above

    post(TrayMissed())


def menu_missed(post: Post) -> None:
    """Post that the panel shows the icon and no menu."""
    from tray.core.events import MenuMissed  # noqa: PLC0415  see above

    post(MenuMissed())


def session_ended(post: Post) -> None:
    """Post that the login is over."""
    from tray.core.events import LeaveAsked  # noqa: PLC0415  see above
    from tray.core.values import Leaving  # noqa: PLC0415  see above

    post(LeaveAsked(Leaving.ENDED))
