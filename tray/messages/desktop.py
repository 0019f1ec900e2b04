"""What is said about the tray, the desktop's session and launch at login."""

from tray.messages.catalogue import N_, translated


def no_session_bus() -> tuple[str, str]:
    """Say that this session has no D-Bus."""
    return (
        translated("There is no tray here, because this session has no D-Bus session bus."),
        translated("Start Presence Tray from your desktop."),
    )


def no_tray() -> tuple[str, str]:
    """Say that nothing shows tray icons, and what would."""
    return translated("This desktop shows no tray icons."), add_tray()


def add_tray() -> str:
    """Say what shows tray icons."""
    return translated("Add a status tray to your panel. On GNOME, install the AppIndicator extension.")


def no_icon_to_click() -> str:
    """Say why there is no icon to click, and what would show one."""
    return translated(
        "This desktop shows no tray icons. Add a status tray to your panel. On GNOME, install the AppIndicator"
        " extension. Until then, `presence-tray set busy` sets a status."
    )


def runs_without_a_tray() -> str:
    """Say how to use the program where there is no icon."""
    return translated(
        "Presence Tray is running without its icon: `presence-tray set busy` sets a status. To see the icon, add a"
        " status tray to your panel. On GNOME, install the AppIndicator extension."
    )


def right_click() -> tuple[str, str]:
    """Say which mouse button opens the menu."""
    return (
        translated("Right-click the icon to set your status."),
        translated("In this panel only the right mouse button opens menus."),
    )


def no_menus() -> tuple[str, str]:
    """Say how to set a status where the panel shows an icon without its menu."""
    return (
        translated("This panel shows no menus."),
        translated("To set your status, run `presence-tray set busy`. To see the menu, use another panel."),
    )


def in_the_terminal(reason: str) -> str:
    """Say that the terminal takes the place of the tray."""
    return translated(
        "{reason} Until then, Presence Tray runs in this terminal. Ctrl-C clears your status and quits.", reason=reason
    )


_LAUNCH = {
    "on": N_("Presence Tray launches at login."),
    "off": N_("Presence Tray doesn't launch at login."),
    "stale": N_("Launch at login points to a program that no longer exists. To repair it: presence-tray autostart on"),
}


def launch(how: str) -> str:
    """Say whether the program launches at login."""
    return translated(_LAUNCH[how])


def not_installed() -> tuple[str, str]:
    """Say that there is no command that will still be there at the next login."""
    return (
        translated("Presence Tray isn't installed, so it can't launch at login."),
        translated("Install it first. In its folder, run: pipx install ."),
    )


def not_moved() -> tuple[str, str]:
    """Say that macOS runs the app from a place that is gone at the next login."""
    return (
        translated("Presence Tray is still in the folder it was downloaded to."),
        translated("Move it to the Applications folder and open it from there."),
    )


def launch_not_changed(why: str) -> tuple[str, str]:
    """Say that the system refused to change launch at login."""
    return (
        translated("Launch at login could not be changed: {why}.", why=why),
        translated("Use the system's own settings for startup apps."),
    )


def path_not_utf8() -> str:
    """Say why Linux cannot launch the program."""
    return translated("the path to the program is not UTF-8")


def odd_path(character: str) -> str:
    """Say why a desktop on Linux would not launch the program."""
    shown = character if character.isprintable() else ascii(character)[1:-1]
    return translated("a folder's name has a “{character}”, which not every desktop understands", character=shown)


def command_too_long(characters: int) -> str:
    """Say why Windows cannot launch the program."""
    return translated("the path of the program has more than {number} characters", number=characters)


def desktop_entry_comment() -> str:
    """Describe the program in the entry that launches it at login."""
    return translated("Set your Microsoft Teams status from the tray")


def inhibitor() -> str:
    """Say why the machine is asked to wait before it sleeps or shuts down; logind shows it."""
    return translated("Update your Teams status")


def no_browser_for_settings(link: str) -> tuple[str, str]:
    """Say that no browser opened the settings, and where they are."""
    return translated("No browser could be opened."), translated("For the settings, go to {link}", link=link)
