"""What faces the desktop: icons, menu, tray, notices, launch at login, control channel, sleep."""
