"""What the commands say that press the menu's items; text only."""

from tray.core.values import Keep
from tray.messages import menu

CHANGE = "The change"
CLEARING = "The status chosen in Teams is being cleared: `presence-tray status` shows what came of it."
NOTHING_TO_CLEAR = "There is nothing to clear: no status chosen in Teams hides yours."
UNLOCKING = "The desktop asks for the keyring's password."
NOTHING_TO_UNLOCK = "The keyring is not locked."
CANCELLED = "The sign-in has been cancelled."
NOTHING_TO_CANCEL = "The running Presence Tray is not signing in."

KEEP: dict[str, str] = {**{keep.value: label for keep, label in menu.KEPT.items()}, Keep.END_OF_DAY: "end of the day"}


def cannot_pin(*, on: bool) -> tuple[str, str]:
    """Say that the present state decides about overriding Teams by itself."""
    if on:
        return "What is held now cannot override Teams.", "Available, Busy and Do not disturb can."
    return "What is held now always overrides Teams.", "Hold Available or Busy instead."


def next_is_pinned(*, on: bool) -> str:
    """Say what becomes of the next hold."""
    return "The next state will override Teams." if on else "The next state will not override Teams."


def next_is_kept(keep: str) -> str:
    """Say how long the next hold lasts."""
    return f"The next state is kept: {KEEP[keep].lower()}."


def day_is_over() -> tuple[str, str]:
    """Say that the end of the day has passed."""
    return "The end of the day has passed.", "Take a time: presence-tray keep 1h"


def opening(target: str) -> str:
    """Name what is opened, for those who have nothing to open it with."""
    return f"Opening {target}"


def not_opened(file: str, why: str) -> tuple[str, str]:
    """Say that there is no file to open."""
    return f"{file} cannot be written: {why}.", "Make its folder writable for you."


def no_demo() -> tuple[str, str]:
    """Say that there is no demo to play with."""
    return "No demo is running.", "Start one: presence-tray --demo"


def played(label: str) -> str:
    """Say what the demo's other side did."""
    return f"Demo: {label}"
