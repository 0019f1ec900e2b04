"""What is said about launching at login; text only."""

ON = "Presence Tray launches at login."
OFF = "Presence Tray does not launch at login."
STALE = "Launch at login points to a program that is gone. `presence-tray autostart on` repairs it."


def not_installed() -> tuple[str, str]:
    """Say that there is no command that will still be there at the next login."""
    return "Presence Tray is not installed here.", "Install it first, in its folder: pipx install ."


def not_moved() -> tuple[str, str]:
    """Say that macOS runs the app from a place that is gone at the next login."""
    return "Presence Tray is still where it was downloaded.", "Move it to the Applications folder and open it there."


def not_switched(why: str) -> tuple[str, str]:
    """Say that the system did not take it."""
    return f"Launch at login could not be switched: {why}.", "Use the system's own settings for startup programs."
