"""What the desktop side says to the user; must not know when it is said."""

APP_NAME = "Presence Tray"

NO_SESSION_BUS = "This session has no desktop bus, so there is no tray."
NO_SESSION_BUS_CURE = "Start Presence Tray from inside the desktop."

NO_TRAY = "Nothing here shows tray icons."
ADD_TRAY = "For the icon, add a status tray to the panel (on GNOME: the AppIndicator extension)."
RUNS_ON = "Presence Tray runs all the same: `presence-tray set busy` picks a state."

RIGHT_CLICK = "Right-click the icon to pick a state."
RIGHT_CLICK_WHY = "This panel opens menus with the right mouse button only."

IN_THE_TERMINAL = "Presence Tray runs in this terminal; Ctrl-C gives the state back and ends it."
