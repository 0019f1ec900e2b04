"""Linux: the tray on D-Bus, notifications, logind, launch at login."""
