"""What the desktop side says to the user; must not know when it is said."""

APP_NAME = "Presence Tray"

NO_SESSION_BUS = "This session has no desktop bus."
NO_SESSION_BUS_CURE = "Start Presence Tray from inside the desktop, or steer it with `presence-tray set`."

IN_THE_TERMINAL = "Presence Tray runs in this terminal instead; Ctrl-C gives the state back and ends it."
