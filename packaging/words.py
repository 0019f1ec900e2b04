"""What the packages say: Linux's menus and software centres, the man page, Windows' installer."""

from collections.abc import Iterator
from contextlib import contextmanager

from tray.messages import catalogue
from tray.messages.catalogue import N_, translated

# Of the .desktop file; keywords are what people type to find the program.
DESKTOP = {
    "GenericName": N_("Status for Microsoft Teams"),
    "Comment": N_("Set your Microsoft Teams status from the tray"),
    # TRANSLATORS: each keyword ends with a semicolon
    "Keywords": N_("Teams;presence;status;busy;available;away;"),
    "Name": N_("Settings"),  # of the action; the program's own name is the same everywhere
}
# Of AppStream's metainfo, which software centres show.
METAINFO = (
    N_("Set your Microsoft Teams status from the tray"),
    N_(
        "Click the icon and choose a status. Microsoft Teams shows it until you stop it, or until a time that you"
        " choose."
    ),
    N_("Available stays Available, even when you do not touch the keyboard."),
    N_("The menu says what Teams really shows, and what helps if that is something else."),
    N_("After sleep or a lost connection your status is set again automatically. When you quit, it is cleared."),
    N_("There is a command for everything, and a demo that needs no account."),
)
# Of the man page.
SUMMARY = N_("set your Microsoft Teams status from the tray or the command line")
HEADINGS = {
    # TRANSLATORS: headings of a man page, as other man pages in the language have them
    "manual": N_("User Commands"),
    "name": N_("NAME"),
    "synopsis": N_("SYNOPSIS"),
    "description": N_("DESCRIPTION"),
    "commands": N_("COMMANDS"),
    "options": N_("OPTIONS"),
    "files": N_("FILES"),
}
FILES = {
    "~/.config/presence-tray/settings.toml": N_("the settings; a fresh file shows every key with its default"),
    "/etc/presence-tray/settings.toml": N_("the administrator's settings; what is in [managed] binds everybody"),
    "~/.local/state/presence-tray/": N_("what survives a restart, and the log"),
    "~/.config/autostart/presence-tray.desktop": N_("launch at login"),
}
# Of Windows' installer. Below the list of parts there is room for about 100 characters.
INSTALLER = {
    "StartNow": N_("Start Presence Tray now"),
    "LaunchAtLogin": N_("Launch at login"),
    "SignOut": N_("Sign out"),
    "SettingsAndLog": N_("Settings and log"),
    "AboutProgram": N_("The tray and the command line, for you alone."),
    "AboutLogin": N_("Starts quietly when you log in. You can change this in the menu or in Windows' settings."),
    "AboutSignOut": N_("Clears your status, and removes your sign-in from Windows' Credential Manager."),
    "AboutUnProgram": N_("The program, its Start menu entry and launch at login."),
    "AboutData": N_("Removes your settings and log, too. A later installation starts from scratch."),
    "Shortcut": N_("Set your Microsoft Teams status"),
    "SettingsShortcut": N_("Open the settings in your browser"),
    "StillRuns": N_("Presence Tray is still running. Choose Quit in its menu, then try again."),
}


def languages() -> list[str]:
    """Return the languages besides English, as their folders are named."""
    return [each for each in catalogue.languages() if each != catalogue.ENGLISH]


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Speak a language for a while."""
    catalogue.speak(language)
    try:
        yield
    finally:
        catalogue.speak(catalogue.ENGLISH)


def in_each(text: str) -> dict[str, str]:
    """Return a text's translations by language, without those that there are not."""
    said = {}
    for language in languages():
        with spoken(language):
            said[language] = str(translated(text))
    return {language: translation for language, translation in said.items() if translation != text}
