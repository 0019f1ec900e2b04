"""The settings page: a process of its own that serves one person's browser. The tray imports nothing of it."""
