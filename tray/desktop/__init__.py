"""What faces the desktop: icons, menu, tray, notices, launch at login, sleep, microphone and screen lock."""
