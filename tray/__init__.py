"""Presence Tray: set your Microsoft Teams status from the tray."""

__version__ = "0.1.0"
