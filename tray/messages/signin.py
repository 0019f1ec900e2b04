"""Why a sign-in is needed, what came of one, and the page that the browser shows at its end.

Most come as a title and a message. An empty message means that nothing helps but trying again: the app does so by
itself, and a command says so.
"""

from tray.core.values import NetworkFailure
from tray.messages.catalogue import N_, ptranslated, translated

_AGAIN = {
    "": (
        N_("Microsoft asks you to sign in again."),
        N_("In the menu, choose More › Sign in. Or run: presence-tray sign-in"),
    ),
    "consent_required": (
        N_("Your organisation has to approve Presence Tray."),
        N_("Ask your IT department, then sign in again."),
    ),
    "basic_action": (N_("Microsoft needs something from you."), N_("Sign in again to see what it is.")),
    "additional_action": (N_("Your organisation asks for an extra step."), N_("Sign in again to complete it.")),
    "message_only": (N_("Your organisation doesn't allow this sign-in."), N_("Ask your IT department.")),
    "user_password_expired": (N_("Your password has expired."), N_("Change it, then sign in again.")),
}
PROXIES = {
    NetworkFailure.VARIABLE: (
        N_("HTTPS_PROXY, ALL_PROXY or SSL_CERT_FILE can't be used."),
        N_("To see which one, run: presence-tray doctor"),
    ),
    NetworkFailure.PROXY_AWAY: (
        N_("The proxy can't be reached."),
        N_("Check your connection or VPN, and HTTPS_PROXY."),
    ),
    NetworkFailure.PROXY_LOGIN: (
        N_("The proxy wants a user name and password."),
        N_("Put them in HTTPS_PROXY, or ask your IT department for a helper such as Cntlm."),
    ),
    NetworkFailure.PROXY_FORBIDS: (
        N_("The proxy doesn't allow connections to Microsoft."),
        N_("Ask your IT department to allow them, or check HTTPS_PROXY."),
    ),
    NetworkFailure.PROXY_FAILS: (
        N_("The proxy can't connect to Microsoft."),
        N_("Check your connection, and HTTPS_PROXY."),
    ),
    NetworkFailure.PROXY_PLAIN: (
        N_("The proxy doesn't speak HTTPS itself."),
        N_("In HTTPS_PROXY, begin its address with http:// instead of https://"),
    ),
}
_UNREACHED = PROXIES | {
    NetworkFailure.TLS: (
        N_("The connection to Microsoft's sign-in is not trusted."),
        N_("Ask your IT department about the proxy's root certificate."),
    ),
    NetworkFailure.TLS_CLOCK: (
        N_("The connection to Microsoft's sign-in is not trusted."),
        N_("Check this computer's date and time."),
    ),
    NetworkFailure.PORTAL: (
        N_("This network asks you to sign in to it."),
        N_("Open a browser and sign in to the network, then try again."),
    ),
}


def nobody() -> tuple[str, str]:
    """Say that nobody is signed in."""
    return (
        translated("You're not signed in."),
        translated("In the menu, choose More › Sign in. Or run: presence-tray sign-in"),
    )


def again(kind: str) -> tuple[str, str]:
    """Say why the identity platform wants the user; `kind` is Entra's classification, `""` where there is none."""
    title, message = _AGAIN.get(kind, _AGAIN[""])
    return translated(title), translated(message)


def unreached(failure: NetworkFailure) -> tuple[str, str]:
    """Say why the identity platform did not answer."""
    if failure in _UNREACHED:
        title, message = _UNREACHED[failure]
        return translated(title), translated(message)
    return translated("Microsoft's sign-in can't be reached."), translated("Check your connection, then try again.")


def busy() -> tuple[str, str]:
    """Say that the identity platform answers with an error of its own."""
    return translated("Microsoft's sign-in has a problem."), ""


def strange_link() -> tuple[str, str]:
    """Say that the identity platform names an address that is not its own."""
    return (
        translated("Microsoft's sign-in leads to an address that isn't its own."),
        translated("Correct authority in the settings, or ask your IT department."),
    )


def not_registered() -> tuple[str, str]:
    """Say that the app registration does not fit."""
    return (
        translated("Microsoft doesn't accept this app registration."),
        translated("Correct client_id, cloud or graph_url in the settings."),
    )


def not_public() -> tuple[str, str]:
    """Say that the app registration is for a server, which has a secret."""
    return (
        translated("Your app registration isn't set up for desktop apps."),
        translated("Under Authentication, set “Allow public client flows” to Yes."),
    )


def wrong_redirect() -> tuple[str, str]:
    """Say that the app registration has the redirect URI of a website."""
    return (
        translated("Your app registration has the wrong redirect URI."),
        translated("Register http://localhost under “Mobile and desktop applications”."),
    )


def no_browser() -> tuple[str, str]:
    """Say that nothing opened."""
    return translated("Your browser can't be opened."), translated("In the menu, choose More › Sign in with a code.")


def unknown_tenant() -> tuple[str, str]:
    """Say that there is no such tenant."""
    return (
        translated("Microsoft doesn't know this tenant."),
        translated("Correct tenant or authority in the settings, or run: presence-tray setup"),
    )


def cancelled() -> tuple[str, str]:
    """Say that the user gave the sign-in up."""
    return translated("You cancelled the sign-in."), ""


def code_expired() -> tuple[str, str]:
    """Say that a device code can no longer be used."""
    return translated("The code has expired."), translated("Sign in again to get a new one.")


def timed_out() -> tuple[str, str]:
    """Say that the browser brought nothing in time."""
    return (
        translated("You didn't sign in within five minutes."),
        translated(
            "If Microsoft's page said AADSTS50011, the app registration lacks http://localhost under"
            " “Mobile and desktop applications”."
        ),
    )


def refused(why: str) -> tuple[str, str]:
    """Repeat what Microsoft says against a sign-in."""
    return translated("Microsoft refused the sign-in: {reason}", reason=why), ""


def unknown_person() -> tuple[str, str]:
    """Say that a token does not name its owner."""
    return (
        translated("Microsoft didn't say who signed in."),
        translated("Sign in with a work or school account."),
    )


def another_at_work() -> tuple[str, str]:
    """Say that another process uses the stored sign-in."""
    return translated("Another Presence Tray is using your sign-in right now."), ""


def not_locked(file: str, why: str) -> tuple[str, str]:
    """Say that the stored sign-in cannot be kept for this process alone."""
    return (
        translated("{file} can't be locked: {why}.", file=file, why=why),
        translated("Make sure that you can write there, or set XDG_RUNTIME_DIR to a folder of your own."),
    )


def not_set_up() -> tuple[str, str]:
    """Say that there is no app registration to sign in with."""
    return translated("Presence Tray isn't set up yet."), translated(
        "To set it up, choose More › Settings, or run: presence-tray settings"
    )


def no_answer() -> tuple[str, str]:
    """Say that the token side does not answer."""
    return translated("The sign-in isn't responding."), ""


def child_hung() -> tuple[str, str]:
    """Say that the token process was ended because it hung."""
    return translated("The sign-in stopped responding."), ""


def child_broke() -> tuple[str, str]:
    """Say that the token process ended without a reply."""
    return translated("The sign-in stopped unexpectedly."), ""


def child_failed(error: str) -> tuple[str, str]:
    """Name the error that ended the token process, for whoever reads the log."""
    return translated("The sign-in failed unexpectedly ({error}).", error=error), ""


def page_done() -> str:
    """Say in the browser that the sign-in is done."""
    return translated("You're signed in. You can close this window and go back to Presence Tray.")


def page_refused() -> str:
    """Say in the browser that the sign-in did not work."""
    return translated("This sign-in didn't work. Go back to Presence Tray and try again.")


def page_language() -> str:
    """Name the language of the page, as HTML does."""
    return ptranslated("language tag", "en")
