"""Words for problems and recoveries, each told once: what is wrong, and what to do next."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from tray.core.events import (
    ChosenStatusClearAsked,
    SignInAsked,
    Stopped,
    UnlockAsked,
)
from tray.core.known import Trouble, TroubleCode
from tray.core.look import Notice, Remedy
from tray.core.states import Pair, State
from tray.core.things import (
    Hold,
    KeyringState,
    Lease,
    Reach,
    SignInWay,
)
from tray.words.presence import at, shown

NO_ANSWER = "The sign-in does not answer. It is tried again by itself."

_REACH = {
    Reach.NETWORK: ("No network.", "Your state is taken up again by itself when it is back."),
    Reach.NAME: (
        "Microsoft cannot be found.",
        "Check the network or the VPN; your state comes back by itself.",
    ),
    Reach.TIMEOUT: ("Microsoft does not answer in time.", "It is tried again by itself."),
    Reach.TLS: (
        "The connection is not trusted.",
        "A company proxy's root certificate may be missing on this computer: ask your administrator.",
    ),
    Reach.TLS_CLOCK: ("The connection is not trusted.", "Check this computer's date and time."),
    Reach.PORTAL: (
        "A sign-in page of the network is in the way.",
        "Open a browser and sign in to the network; your state comes back by itself.",
    ),
    Reach.BROKEN: ("The connection broke off.", "It is tried again by itself."),
}

_KEYRING = {
    KeyringState.ABSENT: (
        "There is no keyring to keep the sign-in in.",
        "Start a keyring (GNOME Keyring, KWallet), or sign in again after each start.",
    ),
    KeyringState.LOCKED: ("The keyring is locked.", "Unlock it: menu › Unlock keyring."),
    KeyringState.HUNG: ("The keyring does not answer.", "Restart it, or sign out of the desktop and in again."),
    KeyringState.DAMAGED: ("The stored sign-in cannot be read.", "Sign in again: menu › Account › Sign in."),
}

_TROUBLE = {
    TroubleCode.OFFLINE: _REACH[Reach.NETWORK],
    TroubleCode.THROTTLED: ("Teams asked us to wait.", "Your state is set again by itself."),
    TroubleCode.SERVICE: ("Microsoft's service has a problem.", "It is tried again by itself."),
    TroubleCode.FORBIDDEN: (
        "Your organisation does not allow this app to set your presence.",
        "Ask your administrator for consent to Presence.ReadWrite, then pick again.",
    ),
    TroubleCode.NOT_A_TEAMS_USER: (
        "This account is not a Teams user.",
        "Sign in with an account that has a Teams licence.",
    ),
}


def trouble_words(trouble: Trouble) -> tuple[str, str]:
    """Return a title and what to do about a trouble."""
    if trouble.code is TroubleCode.SIGN_IN_NEEDED:
        if trouble.setup:
            return "Not set up yet.", "Run: presence-tray setup"
        return "Sign in again.", trouble.why or "Menu › Account › Sign in."
    if trouble.code is TroubleCode.KEYRING and trouble.keyring:
        return _KEYRING[trouble.keyring]
    if trouble.code is TroubleCode.DECLINED and trouble.state:
        return f"Teams does not accept “{trouble.state.label}”.", "Pick another state, for example Busy."
    if trouble.code is TroubleCode.OFFLINE and trouble.reach:
        return _REACH[trouble.reach]
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
    return Notice("trouble", "Back again.", f"Teams shows “{hold.state.label}” for you.")


def chosen(state: State, seen: Pair, *, ends: bool) -> Notice:
    """Tell that a status chosen in Teams ended a hold or a pin."""
    what = f"“{state.label}” has ended." if ends else f"“{state.label}” no longer overrides Teams."
    return Notice(
        "chosen",
        f"“{shown(seen)}” was chosen in Teams.",
        f"It stays. {what}",
        Remedy("Clear the status chosen in Teams", ChosenStatusClearAsked()),
    )


def slept(hold: Hold) -> Notice:
    """Tell after a long sleep that the hold goes on."""
    return Notice(
        "slept",
        f"Still “{hold.state.label}”.",
        "The computer slept for hours and your state goes on. Stop it if it no longer fits.",
        Remedy("Stop", Stopped()),
    )


def left(leases: Sequence[Lease], zone: tzinfo) -> str | None:
    """Say what could not be released and until when it stays; `None` when nothing did."""
    if not leases:
        return None
    last = max(leases, key=lambda lease: lease.expires_at)
    return f"Teams could not be told in time: it may show “{shown(leases[0].pair)}” until {at(last.expires_at, zone)}."


def left_behind(leases: Sequence[Lease], zone: tzinfo) -> Notice:
    """Tell what an account keeps that was left without a release."""
    return Notice("left", "Signed out without telling Teams.", left(leases, zone) or "")


def not_remembered() -> Notice:
    """Tell that the sign-in ends with the program."""
    return Notice(
        "keyring",
        "Signed in until you quit.",
        "No keyring could take the sign-in. It is kept in one as soon as there is one and it is unlocked.",
    )


def code(of: str, link: str, until: datetime | None, zone: tzinfo) -> Notice:
    """Tell which code to type where."""
    before = f" before {at(until, zone)}" if until else ""
    return Notice("sign-in", "Sign in with a code.", f"On any device, go to {link} and type {of}{before}.")


def sign_in_failed(why: str) -> Notice:
    """Tell that a sign-in came to nothing."""
    return Notice("sign-in", "Not signed in.", why)


def second_start() -> Notice:
    """Tell that the program runs already."""
    return Notice("second-start", "Presence Tray is already running.", "Its icon is in the tray.")


def tray_missing() -> Notice:
    """Tell that there is nothing to show an icon in."""
    return Notice(
        "tray",
        "No tray to show an icon in.",
        "Presence Tray runs on. Add a status tray (on GNOME: the AppIndicator extension), or use: presence-tray set",
    )
