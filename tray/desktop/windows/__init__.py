"""Windows: the notification area, power notifications, launch at login."""
