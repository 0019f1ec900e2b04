"""What the settings page says."""

from collections.abc import Mapping
from typing import Any

from tray.core.states import BY_KEY
from tray.messages.catalogue import N_, ntranslated, own_name, translated
from tray.messages.presence import label as state_label
from tray.messages.settings import SETTINGS
from tray.messages.times import typed

_PARTS = {
    "account": N_("Account"),
    "automatic": N_("Automatic"),
    "messages": N_("Messages"),
    "general": N_("General"),
    "problems": N_("Troubleshooting"),
}

_DAYS = {
    "mon": N_("Monday"),
    "tue": N_("Tuesday"),
    "wed": N_("Wednesday"),
    "thu": N_("Thursday"),
    "fri": N_("Friday"),
    "sat": N_("Saturday"),
    "sun": N_("Sunday"),
}
_SHORT_DAYS = {
    "mon": N_("Mon"),
    "tue": N_("Tue"),
    "wed": N_("Wed"),
    "thu": N_("Thu"),
    "fri": N_("Fri"),
    "sat": N_("Sat"),
    "sun": N_("Sun"),
}

_TEXTS = {
    # around every part
    "title": N_("{part} · Presence Tray settings"),
    "settings": N_("Settings"),
    "skip": N_("Skip to the settings"),
    "parts": N_("Parts of the settings"),
    "now": N_("Your status now"),
    "not running": N_("Presence Tray isn't running."),
    "not running, now what": N_("What you save here is used when it starts."),
    "start": N_("Start Presence Tray"),
    "set up here": N_("You can set it up under Account on this page."),
    "sign in here": N_("You can sign in under Account on this page."),
    "save": N_("Save"),
    "saved": N_("Saved."),
    "nothing changed": N_("Nothing was changed."),
    "not saved": N_("Nothing was saved. Please correct what is marked."),
    "managed": N_("Your organisation has set this."),
    "more": N_("More settings"),
    "none": N_("none"),
    "on": N_("on"),
    "off": N_("off"),
    "ended": N_("This page has closed, because it was not used for a while or Presence Tray was quit."),
    "open again": N_("In the menu, choose More › Settings again."),
    "refused title": N_("Please open this page from Presence Tray"),
    "refused": N_("A link to the settings works once, and in your own browser only."),
    "broken": N_("The settings can't be changed here until the file is corrected."),
    "changed meanwhile": N_("Nothing was saved, because the file was changed while this page was open."),
    "in the file": N_("In the file now: {value}"),
    "yours": N_("You chose: {value}"),
    "keep mine": N_("Save what I chose"),
    "take the file's": N_("Use what is in the file"),
    # account: first run
    "set up title": N_("Set up Presence Tray"),
    "set up intro": N_(
        "Presence Tray can set your status only if your organisation has registered it in Microsoft Entra. One app"
        " registration serves everybody. You need its two IDs."
    ),
    "step 1": N_("Get the two IDs"),
    "step 2": N_("Enter them here"),
    "step 3": N_("Sign in"),
    "ask IT": N_("Most people ask their IT department. You can send them this:"),
    "text for IT": N_(
        "Hello,\n\n"
        "I would like to use Presence Tray, an app that sets my Microsoft Teams status. It needs an app registration in"
        " our Entra directory, once for everybody:\n"
        "- Supported accounts: this organisation only\n"
        "- Platform “Mobile and desktop applications” with the redirect URI http://localhost\n"
        "- “Allow public client flows”: Yes\n"
        "- Delegated permissions for Microsoft Graph: Presence.ReadWrite and Presence.Read\n\n"
        "It needs no secret, no certificate and no application permission. Could you please send me its Application"
        " (client) ID and the Directory (tenant) ID?\n\n"
        "Thank you"
    ),
    "text for IT, label": N_("Text for your IT department"),
    "make one yourself": N_("I may create app registrations myself"),
    "in the portal": N_("In the Microsoft Entra admin center"),
    "portal 1": N_(
        "Open entra.microsoft.com, choose Entra ID › App registrations › New registration. Give it a name and choose"
        " “Accounts in this organizational directory only”. Choose Register."
    ),
    "portal 2": N_(
        "Choose Authentication › Add a platform › Mobile and desktop applications and enter this redirect URI:"
    ),
    "portal 3": N_("Further down, set “Allow public client flows” to Yes. Choose Save."),
    "portal 4": N_(
        "Choose API permissions › Add a permission › Microsoft Graph › Delegated permissions, and add"
        " Presence.ReadWrite and Presence.Read."
    ),
    "portal 5": N_("Overview shows the two IDs."),
    "with az": N_("Or with one command"),
    "az where": N_("In the Azure Cloud Shell (Bash). It prints both IDs."),
    "redirect URI": N_("Redirect URI"),
    "command": N_("Command"),
    "copy": N_("Copy"),
    "copied": N_("Copied"),
    "step 3, later": N_("Your browser asks for your work or school account. You do this once."),
    "save and sign in": N_("Save and sign in"),
    # account: signing in
    "signed in as": N_("You're signed in as {name}."),
    "signed in, now what": N_("Everything is ready. Choose a status in the tray."),
    "not signed in": N_("You're not signed in."),
    "sign in": N_("Sign in"),
    "sign in as another": N_("Sign in with another account"),
    "sign in by code": N_("Sign in with a code"),
    "sign out": N_("Sign out"),
    "signing in": N_("Signing in…"),
    "signing in, where": N_("Choose your account in the browser window that opened. This page updates by itself."),
    "cancel": N_("Cancel"),
    "unlock": N_("Unlock keyring"),
    "sign-in failed": N_("The sign-in didn't work."),
    "start first": N_("Presence Tray must be running to sign you in."),
    "registration": N_("App registration"),
    "registration, why": N_(
        "The IDs of your organisation's app registration. If they change, Presence Tray starts again."
    ),
    # automatic
    "automatic intro": N_(
        "These rules set your status automatically. A status that you choose in the menu comes first, except Available."
    ),
    "your week": N_("Your week"),
    "day": N_("Day"),
    "days": N_("Days"),
    "statuses": N_("Status and times"),
    "from": N_("From"),
    "to": N_("To"),
    "status": N_("Status"),
    "except": N_("Except on"),
    "except, help": N_("Days off, for example 2026-12-24..2027-01-01"),
    "message": N_("Status message"),
    "hours, number": N_("Working hours {number}"),
    "hours, first decides": N_("Where several fit, the first one decides."),
    "add hours": N_("Add hours"),
    "remove": N_("Remove"),
    "remove, number": N_("Remove: working hours {number}"),
    "move up": N_("Move up"),
    "move up, number": N_("Move up: working hours {number}"),
    "in a row": N_("{state}, {begins} to {ends}"),
    "hours in words": N_("{days} {begins} to {ends}: {state}"),
    "nothing that day": N_("no status"),
    # messages
    "messages intro": N_("These messages appear in the menu."),
    # general
    "turn on": N_("Turn on"),
    "turn off": N_("Turn off"),
    "turn launch on": N_("Turn on: Launch at login"),
    "turn launch off": N_("Turn off: Launch at login"),
    # troubleshooting
    "problems intro": N_("Presence Tray checks everything that it needs. This takes a few seconds."),
    "look again": N_("Check again"),
    "checks": N_("Results"),
    "good": N_("OK"),
    "bad": N_("Problem"),
    "cannot tell": N_("Unknown"),
}

_CHECKS = {
    "settings": N_("Settings"),
    "folders": N_("Folders"),
    "state": N_("Saved data"),
    "app": N_("App"),
    "autostart": N_("Launch at login"),
    "tray": N_("Tray"),
    "network": N_("Network"),
    "clock": N_("Clock"),
    "keyring": N_("Keyring"),
    "sign-in": N_("Sign-in"),
    "Graph": N_("Microsoft Graph"),
    "microphone": N_("Microphone"),
    "screen-lock": N_("Screen lock"),
}


# What is right in a field, where the settings file asks for quotes and brackets.
_RIGHT = {
    "lease_minutes": N_("It must be a whole number from 5 to 240."),
    "end_of_day": N_("It must be a time of day, such as 17:00."),
    "messages": N_("Line {line}: a message is one line of at most 280 characters."),
    "hours.from": N_("It must be a time of day, such as 17:00."),
    "hours.to": N_("It must be a time of day, such as 17:00."),
    "hours.days": N_("Choose at least one day."),
    "hours.except": N_("Write days as 2026-12-24, or from one day to another as 2026-12-28..2027-01-01."),
    "hours.message": N_("It must be one line of at most 280 characters."),
}


def right(key: str, line: int) -> str | None:
    """Say what is right in a field; `None` where that is as in the settings file."""
    return translated(_RIGHT[key], line=line) if key in _RIGHT else None


def text(key: str, **values: object) -> str:
    """Return a text of the page."""
    return translated(_TEXTS[key], **values)


def part(name: str) -> str:
    """Name a part of the page."""
    return translated(_PARTS[name])


def label(key: str) -> str:
    """Name a setting."""
    return translated(SETTINGS[key].label)


def help_for(key: str) -> str:
    """Say what a setting is for; empty where its name says it."""
    said = SETTINGS[key].help
    return translated(said) if said else ""


def choice(key: str, value: str) -> str:
    """Name a value that can be chosen."""
    if value in (named := SETTINGS[key].choices):
        return translated(named[value])
    if key == "language":
        return own_name(value.replace("-", "_"))
    return state_label(BY_KEY[value]) if value in BY_KEY else value


def day(key: str, *, short: bool = False) -> str:
    """Name a day of the week."""
    return translated((_SHORT_DAYS if short else _DAYS)[key])


def check(name: str) -> str:
    """Name what the doctor looks at."""
    return translated(_CHECKS[name]) if name in _CHECKS else name


def found(wrong: int) -> str:
    """Say what came of the checks."""
    if not wrong:
        return translated("No problem found")
    return ntranslated("{count} problem found", "{count} problems found", wrong)


def row_in_words(row: Mapping[str, Any]) -> str:
    """Say working hours in one line."""
    days = " ".join(day(each, short=True) for each in _DAYS if each in row["days"])
    state = choice("hours", row["state"])
    return text("hours in words", days=days, begins=typed(row["from"]), ends=typed(row["to"]), state=state)


def settings_opened(link: str) -> str:
    """Say where the settings are, for those whose browser does not open."""
    return translated("The settings open in your browser. If not, go to {link}", link=link)


def settings_not_opened() -> tuple[str, str]:
    """Say that the settings page could not be shown."""
    return translated("The settings could not be opened."), translated("Run: presence-tray open settings")
