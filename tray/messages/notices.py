"""Words for problems and recoveries, each told once: what is wrong, and what to do next."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from tray.core.events import (
    ChosenStatusClearAsked,
    SignInAsked,
    Stopped,
    UnlockAsked,
)
from tray.core.model import Trouble, TroubleCode
from tray.core.states import Pair, State
from tray.core.values import (
    Hold,
    KeyringState,
    Lease,
    Reach,
    SignInWay,
)
from tray.core.view_model import Notice, Remedy
from tray.messages import desktop
from tray.messages.catalogue import translated
from tray.messages.presence import at, shown

NO_ANSWER = "The sign-in does not answer. Try again."
FAILED = "Presence Tray had to end: a fault of its own, which the log names. Start it again."

BACK = "Your state comes back by itself."
TRIES = "The app keeps trying."

# What is wrong, and what helps: two lines of the menu's header, so neither is longer than a menu can be.
_REACH = {
    Reach.NETWORK: ("No network.", BACK),
    Reach.NAME: ("Microsoft cannot be found.", f"Check the network or the VPN. {BACK}"),
    Reach.TIMEOUT: ("Microsoft does not answer.", TRIES),
    Reach.TLS: (
        "The connection to Microsoft is not trusted.",
        "Ask your administrator about the proxy's root certificate.",
    ),
    Reach.TLS_CLOCK: ("The connection to Microsoft is not trusted.", "Check this computer's date and time."),
    Reach.PORTAL: ("The network wants you to sign in.", f"Do so in a browser. {BACK}"),
    Reach.BROKEN: ("The connection broke off.", TRIES),
}

_KEYRING = {
    KeyringState.ABSENT: (
        "There is no keyring to keep your sign-in.",
        "Start one (GNOME Keyring, KWallet), or sign in after each start.",
    ),
    KeyringState.LOCKED: ("The keyring is locked.", "Unlock it: menu › Account › Unlock keyring."),
    KeyringState.HUNG: ("The keyring does not answer.", "Log out of the desktop and in again."),
    KeyringState.DAMAGED: ("The stored sign-in cannot be read.", "Sign in again: menu › Account › Sign in."),
}

_TROUBLE = {
    TroubleCode.OFFLINE: _REACH[Reach.NETWORK],
    TroubleCode.THROTTLED: ("Teams asked us to wait.", "Your state is set again by itself."),
    TroubleCode.SERVICE: ("Microsoft's service has a problem.", TRIES),
    TroubleCode.FORBIDDEN: (
        "Your organisation does not allow this app.",
        "Ask your administrator for consent to Presence.ReadWrite.",
    ),
    TroubleCode.NOT_A_TEAMS_USER: ("This account has no Teams.", "Sign in with an account that has a Teams licence."),
}


def trouble_words(trouble: Trouble) -> tuple[str, str]:
    """Return a title and what to do about a trouble."""
    if trouble.code is TroubleCode.SIGN_IN_NEEDED:
        if trouble.setup:
            return "Not set up yet.", "In a terminal, run: presence-tray setup"
        return "Sign in again.", trouble.why or "Menu › Account › Sign in."
    if trouble.code is TroubleCode.KEYRING and trouble.keyring:
        return _KEYRING[trouble.keyring]
    if trouble.code is TroubleCode.DECLINED and trouble.state:
        return f"Teams does not accept “{trouble.state.label}”.", "Pick another state."
    if trouble.code is TroubleCode.OFFLINE and trouble.reach:
        return _REACH[trouble.reach]
    if trouble.code is TroubleCode.SERVICE and ". " in trouble.why:  # the token side says it better
        title, remedy = trouble.why.split(". ", 1)
        return f"{title}.", TRIES if remedy.startswith("Try again") else remedy  # nobody else has to
    return _TROUBLE[trouble.code]


def _remedy(trouble: Trouble) -> Remedy | None:
    if trouble.code is TroubleCode.SIGN_IN_NEEDED and not trouble.setup:
        return Remedy("Sign in", SignInAsked(SignInWay.BROWSER))
    if trouble.keyring is KeyringState.LOCKED:
        return Remedy("Unlock keyring", UnlockAsked())
    return None


def trouble(of: Trouble) -> Notice:
    """Tell of a trouble."""
    return Notice("trouble", *trouble_words(of), _remedy(of))


def healed(hold: Hold) -> Notice:
    """Tell that the hold is kept again."""
    return Notice("trouble", "Your state is back.", f"Teams shows “{hold.state.label}” for you.")


def chosen(state: State, seen: Pair, *, ends: bool) -> Notice:
    """Tell that a status chosen in Teams ended a hold or a pin."""
    what = f"“{state.label}” has ended." if ends else f"“{state.label}” no longer overrides Teams."
    return Notice(
        "chosen",
        f"“{shown(seen)}” was chosen in Teams.",
        f"It stays. {what}",
        Remedy("Clear it", ChosenStatusClearAsked()),
    )


def slept(hold: Hold) -> Notice:
    """Tell after a long sleep that the hold goes on."""
    return Notice(
        "slept",
        f"Still “{hold.state.label}”.",
        "The computer slept for hours, and your state goes on. Stop it if it no longer fits.",
        Remedy("Stop", Stopped()),
    )


def left(leases: Sequence[Lease], zone: tzinfo) -> str | None:
    """Say what could not be released and until when it stays; `None` when nothing did."""
    if not leases:
        return None
    names = " or ".join(dict.fromkeys(f"“{shown(lease.pair)}”" for lease in leases))
    until = max(lease.expires_at for lease in leases)
    return f"Teams could not be told in time: it may show {names} until {at(until, zone)}."


def left_behind(leases: Sequence[Lease], zone: tzinfo) -> Notice:
    """Tell what an account keeps that was left without a release."""
    return Notice("left", "Signed out without telling Teams.", left(leases, zone) or "")


def not_remembered() -> Notice:
    """Tell that the sign-in ends with the program."""
    return Notice(
        "keyring",
        "Signed in until you quit.",
        "No keyring could keep your sign-in. Start or unlock one, and it is kept from then on.",
    )


def code(of: str, link: str, until: datetime | None, zone: tzinfo) -> Notice:
    """Tell which code to type where."""
    before = f" before {at(until, zone)}" if until else ""
    return Notice("sign-in", "Sign in with a code.", f"On any device, go to {link} and type {of}{before}.")


def sign_in_failed(why: str) -> Notice:
    """Tell that a sign-in came to nothing."""
    return Notice("sign-in", "Not signed in.", why, Remedy("Try again", SignInAsked(SignInWay.BROWSER)))


def second_start(*, tray_missing: bool) -> Notice:
    """Tell that the program runs already."""
    title = translated("Presence Tray is already running.")
    if tray_missing:
        return Notice("second-start", title, desktop.no_icon_to_click())
    return Notice("second-start", title, translated("Click its icon in the tray to set your status."))


def tray_missing() -> Notice:
    """Tell that there is nothing to show an icon in."""
    return Notice("tray", desktop.no_tray()[0], desktop.runs_without_a_tray())


def menu_missing() -> Notice:
    """Tell how this panel opens menus."""
    return Notice("tray", *desktop.right_click())


def in_the_terminal(title: str, message: str) -> Notice:
    """Tell why the app shows itself in the terminal."""
    return Notice("tray", title, desktop.in_the_terminal(message))
