"""How the app is to be started, as values; must not know what the app is made of."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tray.core.events import Picked  # the icon comes before the events


class RunOptions(NamedTuple):
    """What the command line asks of the app; `hold` set makes it a foreground hold in the terminal."""

    demo: bool = False
    speed: float = 1.0  # of the clock; 1 unless the service is on this machine
    at_login: bool = False
    hold: "Picked | None" = None
    takes_up: "Picked | None" = None  # what the replaced version held until stopped
    profile: str = "five"  # which pairs the demo's Graph accepts: "five" or "table"
