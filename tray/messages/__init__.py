"""Every sentence that a user can read, one module for each part of the program that speaks."""

APP_NAME = "Presence Tray"  # a name: the same in every language
