"""What `setup`, `sign-in`, `sign-out` and `forget` say."""

from collections.abc import Sequence
from datetime import timedelta

from tray.messages.catalogue import N_, ptranslated, translated

_PROMPTS = {
    "client_id": N_("Application (client) ID"),
    "tenant": N_("Directory (tenant) ID or domain"),
}
_WRONG_ANSWERS = {
    "client_id": N_("That isn't a client ID. It looks like this: 00000000-0000-0000-0000-000000000000"),
    "tenant": N_("That isn't a tenant. It is an ID or a domain, for example contoso.onmicrosoft.com"),
}


def registration() -> str:
    """Say what setup needs, and how to get it."""
    return translated("""\
Presence Tray signs in through an app registration in your organisation's Microsoft Entra directory.
Ask your IT department for its two IDs. If you can create one yourself:
  - Supported accounts: this organisation only
  - Platform "Mobile and desktop applications" with the redirect URI http://localhost
  - "Allow public client flows": Yes
  - Delegated permissions for Microsoft Graph: Presence.ReadWrite and Presence.Read
""")


def prompt(key: str, now: str | None) -> str:
    """Ask for a setting; an empty answer keeps what it is now."""
    label = translated(_PROMPTS[key])
    return f"{label} [{now}]: " if now else f"{label}: "


def wrong_answer(key: str) -> str:
    """Say what the answer to a prompt looks like."""
    return translated(_WRONG_ANSWERS[key])


def sign_in_now() -> str:
    """Ask whether to go on with the sign-in."""
    return translated("Sign in now? [Y/n] ")


def is_yes(answer: str) -> bool:
    """Tell whether what was typed means yes, in the user's language or in English."""
    # TRANSLATORS: what people type for yes, with blanks between; the questions show its letter in [Y/n] and [y/N]
    return answer.strip().casefold() in {"y", "yes", *ptranslated("answers", "y yes").split()}


def sign_in_later() -> str:
    """Say how to sign in after setup."""
    return translated("To sign in, run: presence-tray sign-in")


def all_managed() -> str:
    """Say that an administrator has done the setup."""
    return translated("Your organisation has already set up Presence Tray.")


def written(file: str) -> str:
    """Say where the settings are."""
    return translated("Saved in {file}", file=file)


def not_interactive() -> tuple[str, str]:
    """Say that there is no terminal to ask in."""
    return (
        translated("Setup can't ask questions here, because this is not a terminal."),
        translated("Pass both values: presence-tray setup --client-id ID --tenant TENANT"),
    )


def managed(key: str) -> tuple[str, str]:
    """Say that a setting is not the user's."""
    return (
        translated("{key} is set by your organisation.", key=key),
        translated("Ask your IT department to change it."),
    )


def signed_in(username: str) -> str:
    """Say who is signed in."""
    return translated("Signed in as {username}.", username=username)


def signed_out() -> str:
    """Say that the sign-out is done."""
    return translated("Signed out.")


def empty_the_bin() -> str:
    """Say that KeePassXC keeps what was deleted."""
    return translated("Empty KeePassXC's recycle bin, which keeps old sign-ins.")


def not_of_the_demo() -> str:
    """Say that a running demo has an account of its own."""
    return translated("(This is about your real account. The demo that is running keeps its own.)")


def try_again() -> str:
    """Say that nothing helps but trying again."""
    return translated("Try again in a moment.")


def failed() -> str:
    """Say that something failed for a while; the message that follows says what."""
    return translated("That didn't work.")


def not_remembered() -> tuple[str, str]:
    """Say that a sign-in by command is lost at once."""
    return (
        translated("No keyring could store your sign-in."),
        translated("Start and unlock one, or sign in from the tray menu; you then stay signed in until you quit."),
    )


def keyring_asks() -> str:
    """Say that the keyring has a window open, which may lie behind others."""
    return translated("Your keyring is waiting for an answer. Look for its window.")


def unlocked() -> str:
    """Say that the keyring can be used."""
    return translated("The keyring is unlocked.")


def not_locked() -> str:
    """Say that there was nothing to unlock."""
    return translated("The keyring isn't locked.")


def cancelled() -> str:
    """Say that the running app gave its sign-in up."""
    return translated("Sign-in cancelled.")


def nothing_to_cancel() -> str:
    """Say that the running app is not signing in."""
    return translated("There is no sign-in to cancel.")


def browser(link: str) -> str:
    """Say where to sign in."""
    return translated("Continue in your browser. If it doesn't open, go to:\n{link}", link=link)


def time_left(left: timedelta) -> str:
    """Say how long a code can still be used, and how to cancel."""
    minutes, seconds = divmod(max(0, int(left.total_seconds())), 60)
    clock = f"{minutes}:{seconds:02}"
    return translated("{time} left. Press Ctrl-C to cancel.", time=clock)


def device_code(link: str, code: str, until: str | None) -> str:
    """Say where to enter which code."""
    if until:
        return translated(
            "On any device, go to {link} and enter the code {code} before {time}.", link=link, code=code, time=until
        )
    return translated("On any device, go to {link} and enter the code {code}.", link=link, code=code)


# --- `forget` ----------------------------------------------------------------------------------------------------


def what_goes(files: Sequence[str]) -> str:
    """List what will be removed."""
    lines = [
        translated("your sign-in, from the keyring"),
        translated("launch at login"),
        *files,
    ]
    return "\n".join([translated("This will be removed:"), *(f"  {line}" for line in lines)])


def sure() -> str:
    """Ask before everything is removed."""
    return translated("Remove all of this? [y/N] ")


def forgotten() -> str:
    """Say that nothing is stored any more."""
    return translated("Everything Presence Tray stored for you is removed. You can now uninstall the program itself.")


def no_keyring() -> str:
    """Say that a sign-in may be left in a keyring that is not running."""
    return translated(
        "No keyring is running in this session. If another session's keyring stores your sign-in, it stays there."
    )


def sign_in_may_stay(why: str) -> tuple[str, str]:
    """Say that everything is removed but a sign-in, which only right settings can find."""
    return (
        translated(
            "{problem} Everything else is removed, but your sign-in can't be found until the settings are corrected.",
            problem=why,
        ),
        translated("If your keyring lists “Presence Tray: sign-in”, delete it there."),
    )


def forget_not_interactive() -> tuple[str, str]:
    """Say that nobody can confirm."""
    return (
        translated("Nothing was removed, because this is not a terminal to confirm in."),
        translated("To remove everything without being asked, run: presence-tray forget --yes"),
    )


def nothing_removed() -> tuple[str, str]:
    """Say that the user did not confirm."""
    return translated("Nothing was removed."), ""


def not_removed(file: str, why: str) -> tuple[str, str]:
    """Say what could not be removed."""
    return (
        translated("{file} can't be deleted: {why}.", file=file, why=why),
        translated("Delete it yourself, then run this command again for the rest."),
    )
