"""What the commands about the account say; text only."""

from datetime import timedelta

REGISTRATION = """\
Presence Tray needs an app registration in your Microsoft Entra directory (ask your administrator, or make one):
  - a single tenant; platform "Mobile and desktop applications" with the redirect URI http://localhost
  - "Allow public client flows": yes
  - delegated permissions of Microsoft Graph: Presence.ReadWrite, Presence.Read
"""
PROMPTS = {
    "client_id": "Application (client) ID",
    "tenant": "Directory (tenant) ID or domain",
}
SIGN_IN_NOW = "Sign in now? [Y/n] "
RESTART = "Presence Tray is running: start it again to use them (`presence-tray quit`, then `presence-tray`)."
ALL_MANAGED = "There is nothing to ask: your organisation has set Presence Tray up."
SIGN_IN_LATER = "To sign in: presence-tray sign-in"
SIGNED_OUT = "Signed out."
NOT_SIGNED_IN = "Not signed in."
NOT_NOW = "That did not work now."


def prompt(key: str, now: str | None) -> str:
    """Ask for a setting; an empty answer keeps what it is now."""
    return f"{PROMPTS[key]} [{now}]: " if now else f"{PROMPTS[key]}: "


def written(file: str) -> str:
    """Say where the settings are."""
    return f"Written to {file}"


def nobody_to_ask() -> tuple[str, str]:
    """Say that there is no terminal to ask in."""
    return "There is nobody to ask.", "Give both: presence-tray setup --client-id ID --tenant TENANT"


def managed(key: str) -> tuple[str, str]:
    """Say that a setting is not the user's."""
    return f"{key} is decided by your organisation.", "Ask your administrator to change it."


def signed_in(username: str) -> str:
    """Say who is signed in."""
    return f"Signed in as {username}."


def not_remembered() -> tuple[str, str]:
    """Say that a sign-in by command is forgotten at once."""
    return (
        "No keyring could take the sign-in.",
        "Start one and unlock it, or sign in from the tray's menu, which remembers until it quits.",
    )


def still_signed_in() -> tuple[str, str]:
    """Say that the running app did not sign out."""
    return "Presence Tray was told to sign out and has not done so yet.", "Look again with `presence-tray status`."


def browser(link: str) -> str:
    """Say where to sign in."""
    return f"Go on in your browser. If it does not open, go to:\n{link}"


def time_left(left: timedelta) -> str:
    """Say how long a code is still good, and how to give up."""
    seconds = max(0, int(left.total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02} left. Ctrl-C gives up."


def device_code(link: str, code: str, until: str | None) -> str:
    """Say where to type which code."""
    return f"On any device, go to {link} and type {code}" + (f" before {until}." if until else ".")
