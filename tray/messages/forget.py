"""What is said about removing everything; text only."""

from collections.abc import Sequence
from pathlib import Path

SURE = "Remove all of this? [y/N] "
DONE = "Presence Tray keeps nothing here any more. The program itself is removed as it was installed."

NO_KEYRING = "There is no keyring in this session: a sign-in that another session's keyring has kept stays there."


def what_goes(files: Sequence[Path]) -> str:
    """List what will be removed."""
    lines = ["the sign-in in the keyring", "launch at login", *map(str, files)]
    return "\n".join(["This goes:", *(f"  {line}" for line in lines)])


def nobody_to_ask() -> tuple[str, str]:
    """Say that nobody can agree."""
    return "There is nobody to ask.", "To remove all of it without a question: presence-tray forget --yes"


def nothing_removed() -> tuple[str, str]:
    """Say that it is all still there."""
    return "Nothing was removed.", ""


def not_removed(file: str, why: str) -> tuple[str, str]:
    """Say what could not be removed."""
    return f"{file} cannot be removed: {why}.", "Remove it yourself, then run it again for the rest."
