"""Presence Tray: pick a Microsoft Teams state in the tray; Teams shows it until you stop."""
