"""macOS: the menu bar, power notifications, launch at login."""
