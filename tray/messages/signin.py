"""Words for signing in: why it is asked for, and what came of it."""

NOBODY = "Nobody is signed in. Sign in from the menu, or run: presence-tray sign-in"
AGAIN = {
    "": "Microsoft wants you to sign in again.",
    "consent_required": "Your organisation has to allow this app: ask an administrator, then sign in again.",
    "basic_action": "Microsoft wants you to do something before you go on: sign in again.",
    "additional_action": "Your organisation asks for something more: sign in again.",
    "message_only": "Your organisation does not allow this sign-in: ask an administrator.",
    "user_password_expired": "Your password has expired: change it, then sign in again.",
}
NO_NETWORK = "Microsoft's sign-in cannot be reached. Check the network, then try again."
NOT_TRUSTED = "The connection to Microsoft's sign-in is not trusted: a company proxy's root certificate may be missing."
WRONG_CLOCK = "The connection to Microsoft's sign-in is not trusted. Check this computer's date and time."
BUSY = "Microsoft's sign-in has a problem. Try again in a few minutes."
PORTAL = "A sign-in page of the network is in the way. Open a browser and sign in to the network."
NOT_REGISTERED = "Microsoft does not accept this app or this Graph. Correct `client_id`, `cloud` or `graph_url`."
AUTHORITY = "Microsoft does not know this tenant. Correct `tenant` or `authority`: presence-tray setup"
CANCELLED = "You cancelled it."
CODE_ENDED = "The code is no longer good. Start the sign-in again for a new one."
TIMED_OUT = "Nobody signed in within five minutes. Try again."
REFUSED = "Microsoft refused it: {why}"
NOBODYS = "Microsoft did not say who signed in. Sign in with a work or school account."
ANOTHER = "Another Presence Tray is at work on the sign-in. Try again in a moment."
NOT_SET_UP = "Nothing is set up yet. Run: presence-tray setup"
CHILD_HUNG = "The sign-in helper did not answer and was ended. Try again."
CHILD_BROKE = "The sign-in helper broke off. Try again."
CLOSE_WINDOW = "That is all that is needed here. You can close this window and go back to Presence Tray."
NOT_ACCEPTED = "This sign-in was not accepted. Go back to Presence Tray and try again."


def broke(why: str) -> str:
    """Say what kind of error ended the sign-in helper, for whoever reads the log."""
    return f"The sign-in helper failed ({why}). Try again."
