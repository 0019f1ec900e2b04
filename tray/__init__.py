"""Presence Tray: pick a Microsoft Teams state in the tray; Teams shows it until you stop it."""

__version__ = "0.1.0"
