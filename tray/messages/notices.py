"""Problems and recoveries, each told once: the title says what is wrong, the message what to do next."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from tray.core.events import ChosenStatusClearAsked, SignInAsked, Stopped, UnlockAsked
from tray.core.model import Trouble, TroubleCode
from tray.core.states import Pair, State
from tray.core.values import (
    UNLOCKABLE,
    Hold,
    KeyringState,
    KeyringTrouble,
    Lease,
    NetworkFailure,
    SignInNeeded,
    SignInWay,
    TryLater,
)
from tray.core.view_model import Notice, Remedy
from tray.messages import account, desktop, signin
from tray.messages.catalogue import N_, again, translated, whole
from tray.messages.presence import label, shown
from tray.messages.times import at

_WILL_BE_SET = N_("Your status will be set automatically.")
_TRIES = N_("Presence Tray keeps trying.")

# What is wrong, and what helps: two lines of the menu's header, so neither is longer than a menu can be.
_REACH = signin.PROXIES | {
    NetworkFailure.NETWORK: (N_("No connection."), _WILL_BE_SET),
    NetworkFailure.NAME: (N_("Microsoft's servers can't be found."), N_("Check your connection or VPN.")),
    NetworkFailure.TIMEOUT: (N_("Microsoft's servers don't respond."), _TRIES),
    NetworkFailure.TLS: (
        N_("The connection to Microsoft is not trusted."),
        N_("Ask your IT department about the proxy's root certificate."),
    ),
    NetworkFailure.TLS_CLOCK: (
        N_("The connection to Microsoft is not trusted."),
        N_("Check this computer's date and time."),
    ),
    NetworkFailure.PORTAL: (
        N_("This network asks you to sign in to it."),
        N_("Open a browser and sign in to the network."),
    ),
    NetworkFailure.BROKEN: (N_("The connection was interrupted."), _TRIES),
}
_KEYRING = {
    KeyringState.ABSENT: (
        N_("No keyring found to store your sign-in."),
        N_("Start GNOME Keyring or KWallet, or sign in again each time you start Presence Tray."),
    ),
    KeyringState.LOCKED: (N_("The keyring is locked."), N_("In the menu, choose More › Unlock keyring.")),
    KeyringState.GUARDED: (
        N_("Your password manager needs your permission."),
        N_("In the menu, choose More › Unlock keyring, then allow it."),
    ),
    KeyringState.NOTHING_SHARED: (
        N_("The keyring has no place for your sign-in."),
        N_("GNOME: Unlock keyring. KeePassXC: share a group. Plasma: log in again."),
    ),
    KeyringState.HUNG: (N_("The keyring isn't responding."), N_("Log out of your desktop and log in again.")),
    KeyringState.DAMAGED: (N_("Your stored sign-in can't be read."), N_("In the menu, choose More › Sign in.")),
}
_TROUBLE = {
    TroubleCode.OFFLINE: _REACH[NetworkFailure.NETWORK],
    TroubleCode.THROTTLED: (N_("Microsoft is limiting requests."), _WILL_BE_SET),
    TroubleCode.SERVICE: (N_("Microsoft's service has a problem."), _TRIES),
    TroubleCode.FORBIDDEN: (
        N_("Your organisation doesn't allow this app."),
        N_("Ask your IT department to approve the permission Presence.ReadWrite."),
    ),
    TroubleCode.NOT_A_TEAMS_USER: (
        N_("This account doesn't have Teams."),
        N_("Sign in with an account that has a Teams licence."),
    ),
    TroubleCode.SIGN_IN_NEEDED: (N_("You need to sign in."), N_("In the menu, choose More › Sign in.")),
}


def trouble_words(trouble: Trouble, meanwhile: str | None = None) -> tuple[str, str]:
    """Return what is wrong and what to do; `meanwhile` is said instead where the user has nothing to do."""
    if trouble.code is TroubleCode.DECLINED and trouble.state:
        title = translated("Teams doesn't accept “{status}”.", status=label(trouble.state))
        return title, translated("Choose another status.")
    if trouble.code is TroubleCode.KEYRING and trouble.keyring:
        title, message = _KEYRING[trouble.keyring]
    elif trouble.code is TroubleCode.OFFLINE and trouble.failure:
        title, message = _REACH[trouble.failure]
    else:
        title, message = _TROUBLE[trouble.code]
        if trouble.title:  # the token side knows better
            return again(trouble.title), again(trouble.message) or translated(message)
    if meanwhile and message in {_WILL_BE_SET, _TRIES}:
        return translated(title), meanwhile
    return translated(title), translated(message)


def _remedy(trouble: Trouble) -> Remedy | None:
    if trouble.code is TroubleCode.SIGN_IN_NEEDED and not trouble.setup:
        return Remedy(translated("Sign in"), SignInAsked(SignInWay.BROWSER))
    if trouble.keyring in UNLOCKABLE:
        return Remedy(translated("Unlock keyring"), UnlockAsked())
    return None


def trouble(of: Trouble) -> Notice:
    """Tell of a problem."""
    return Notice("trouble", *trouble_words(of), _remedy(of))


def no_browser() -> Notice:
    """Tell that the sign-in page could not be opened."""
    return Notice("sign-in", *signin.no_browser())


def healed(hold: Hold) -> Notice:
    """Tell that a problem is over and the status is set."""
    message = translated("Teams shows you as “{status}”.", status=label(hold.state))
    return Notice("trouble", translated("Your status is set."), message)


def chosen(state: State, seen: Pair, *, ends: bool, is_certain: bool) -> Notice:
    """Tell that a status set in Teams, or a reset there if it is not certain, ended ours or its overriding."""
    remedy = Remedy(translated("Clear that status"), ChosenStatusClearAsked())
    if label(state) == shown(seen):
        title = translated("“{status}” is already set in Teams.", status=shown(seen))
        return Notice("chosen", title, translated("That one stays until you clear it."), remedy)
    if ends:
        message = translated("Teams shows that status now. “{status}” is no longer set.", status=label(state))
    else:
        message = translated("Teams shows that status now. “{status}” no longer overrides Teams.", status=label(state))
    if is_certain:
        title = translated("You set “{status}” in Teams.", status=shown(seen))
    else:
        title = translated("Your status was changed in Teams: “{status}”.", status=shown(seen))
    return Notice("chosen", title, message, remedy)


def slept(hold: Hold) -> Notice:
    """Tell after a long sleep that the status is being set again."""
    return Notice(
        "slept",
        translated("“{status}” is being set again.", status=label(hold.state)),
        translated("Your computer was asleep for hours. Choose Stop if it no longer applies."),
        Remedy(translated("Stop"), Stopped()),
    )


def failure_words(of: TryLater | SignInNeeded | KeyringTrouble) -> tuple[str, str]:
    """Say why an errand failed and what to do."""
    if isinstance(of, KeyringTrouble):
        return translated(_KEYRING[of.state][0]), translated(_KEYRING[of.state][1])
    return again(of.title), again(of.message) or account.try_again()


def sign_out_failed(why: TryLater | SignInNeeded | KeyringTrouble) -> Notice:
    """Tell that a sign-out came to nothing; the reason follows."""
    title, message = failure_words(why)
    reason = whole(title, message)
    return Notice("sign-out", translated("You're not signed out yet."), reason)


def signed_out_into_a_bin() -> Notice:
    """Tell that a sign-out is done, and that the keyring keeps what was deleted."""
    return Notice("sign-out", account.signed_out(), account.empty_the_bin())


def message_refused() -> Notice:
    """Tell that a status message came to nothing."""
    title = translated("Teams didn't accept your status message.")
    return Notice("message", title, translated("Try another text, or write it in Teams."))


def left(leases: Sequence[Lease], zone: tzinfo) -> str | None:
    """Say what could not be cleared and until when it stays; `None` when nothing is left."""
    if not leases:
        return None
    time = at(max(lease.expires_at for lease in leases), zone)
    first, *more = dict.fromkeys(shown(lease.pair) for lease in leases)
    if not more:
        return translated(
            "Couldn't reach Teams. Others may see you as “{status}” until {time}.", status=first, time=time
        )
    return translated(
        "Couldn't reach Teams. Others may see you as “{status}” or “{other}” until {time}.",
        status=first,
        other=more[0],
        time=time,
    )


def left_behind(leases: Sequence[Lease], zone: tzinfo) -> Notice:
    """Tell what an account keeps showing that was signed out offline."""
    return Notice("left", translated("You're signed out, but your status isn't cleared."), left(leases, zone) or "")


def not_remembered() -> Notice:
    """Tell that the sign-in ends with the program."""
    return Notice(
        "keyring",
        translated("You stay signed in until you quit."),
        translated("No keyring could store your sign-in. Start or unlock one to stay signed in."),
    )


def code(of: str, link: str, until: datetime | None, zone: tzinfo) -> Notice:
    """Tell which code to enter where."""
    message = account.device_code(link, of, at(until, zone) if until else None)
    return Notice("sign-in", translated("Sign in with a code."), message)


def sign_in_failed(title: str, message: str) -> Notice:
    """Tell that a sign-in came to nothing."""
    return Notice(
        "sign-in",
        title,
        message or account.try_again(),
        Remedy(translated("Try again"), SignInAsked(SignInWay.BROWSER)),
    )


def settings_refused(title: str, message: str) -> Notice:
    """Say that the settings have a mistake; the former ones stay in force."""
    return Notice(
        "settings",
        translated("Your settings have a mistake."),
        whole(title, message),
    )


def second_start(*, tray_missing: bool) -> Notice:
    """Tell that the program runs already."""
    title = translated("Presence Tray is already running.")
    if tray_missing:
        return Notice("second-start", title, desktop.no_icon_to_click())
    return Notice("second-start", title, translated("Click its icon in the tray to set your status."))


def second_start_here() -> Notice:
    """Tell in the terminal that the program was started again."""
    return Notice(
        "second-start", translated("Presence Tray is already running."), translated("It runs in this terminal.")
    )


def tray_missing() -> Notice:
    """Tell that nothing shows tray icons."""
    return Notice("tray", desktop.no_tray()[0], desktop.runs_without_a_tray())


def menu_missing(*, any_button: bool) -> Notice:
    """Tell which mouse button opens the menu, or what to do where none does."""
    return Notice("tray", *(desktop.no_menus() if any_button else desktop.right_click()))


def in_the_terminal(title: str, message: str) -> Notice:
    """Tell why the app shows itself in the terminal."""
    return Notice("tray", title, desktop.in_the_terminal(message))


def crashed() -> str:
    """Say that the program ends because of an error of its own."""
    return translated("Presence Tray had to quit because of an error. Details are in the log. Start it again.")
