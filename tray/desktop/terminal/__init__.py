"""The app in a terminal: a live view and its keys."""
