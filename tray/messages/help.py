"""What `--help` and the man page say; text only."""

DESCRIPTION = """\
Pick a Microsoft Teams state; Teams shows it until you stop.
Without a command the tray is started, with the options of `run` if there are any; every command works without a tray,
most of them on the running app."""
USAGE = "presence-tray [-h] [--version] [COMMAND ...]"

EPILOG = """\
exit codes:
  0 done, 1 unexpected, 2 usage, 3 not running, 4 sign-in needed, 5 refused by Graph,
  6 bad settings, 7 no usable keyring, 8 already running

environment:
  PRESENCE_TRAY_HOME=DIR   keep settings, state, log and control channel under DIR
  SSL_CERT_FILE, HTTPS_PROXY, NO_PROXY   are honoured; so is NO_COLOR

try it without an account:  presence-tray --demo"""

# For each command: the line in the list, and what its own --help begins with.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": (
        "start the tray (what happens without a command)",
        "Start the tray; with no tray to be had, the same app in this terminal.",
    ),
    "hold": (
        "hold a state here, until Ctrl-C",
        "Hold a state in the foreground, with a live view. Ctrl-C gives it back and ends.",
    ),
    "set": (
        "tell the running app to hold a state",
        "Tell the running app to hold a state, until stopped unless a time is given. Waits up to 15 seconds.",
    ),
    "stop": ("tell the running app to hold nothing", "Tell the running app to give the held state back."),
    "quit": ("end the running app", "Tell the running app to give the held state back and end."),
    "keep": (
        "say how long the state is kept",
        "Say how long the held state is kept, or the next one while nothing is held.",
    ),
    "pin": (
        "override Teams, or not",
        "Let the held state override what Teams shows by itself, or the next one while nothing is held.",
    ),
    "clear-chosen": (
        "clear the status chosen in Teams",
        "Clear the status that was chosen in Teams by hand, if it hides what is held.",
    ),
    "status": (
        "show what is held and what Teams shows",
        "Show what is held, what Teams shows and why, the next refresh, and trouble if there is any.",
    ),
    "states": (
        "list the nine states, and how each is held",
        "List the nine states with the pairs that Graph is told, and how each is held.",
    ),
    "setup": (
        "say which app registration to sign in with",
        "Ask for the app registration's client ID and tenant, write them into settings.toml and offer to sign in.",
    ),
    "sign-in": ("sign in to Microsoft", "Sign in with a work or school account; the keyring remembers it."),
    "sign-out": ("sign out", "Give back what is held, and remove the tokens from the keyring."),
    "unlock": ("unlock the keyring", "Unlock the keyring that keeps the sign-in; the desktop asks for its password."),
    "autostart": (
        "launch at login, or not",
        "Switch launching at login on or off, or show how it stands. Switching it on repairs it.",
    ),
    "open": (
        "open the settings, the log or the help",
        "Open the settings, the log or the help in the desktop's own program for it.",
    ),
    "demo": (
        "play the other side of a running demo",
        "Let something happen in a running demo: Teams joins a meeting, the network drops. Lists what can happen.",
    ),
    "doctor": (
        "say what is wrong, and what helps",
        "Check settings, folders, tray, network, clock, keyring, sign-in and Graph, each with its cure.",
    ),
    "forget": (
        "remove all that is kept for you",
        "Sign out, end the app, switch launching at login off, remove settings, state and log. Uninstall after it.",
    ),
}

STATE = "one of the nine that `presence-tray states` lists, such as available or in-a-call"
FOR = "hold it this long: 90m, 1h30m or PT1H30M"
UNTIL = "hold it until the clock next shows this time: 17:00"
PIN = "override what Teams shows by itself, where the state allows it"
DEMO = "no account, no network: stand-ins for Graph and for the sign-in"
SPEED = "run the demo's clock N times faster"
PROFILE = "which states the demo's Graph accepts: the five of the live service (five), or all the documented ones"
AT_LOGIN = "started by the system at login: wait for the tray, show no window"
CLIENT_ID = 'the "Application (client) ID" of the app registration'
TENANT = "the directory's id or domain"
DEVICE_CODE = "with a code to type on any device, where no browser can be opened here"
CANCEL = "give up the sign-in that the running app waits for"
KEEP = "until-stopped, 30m, 1h, 2h, 4h or end-of-day"
DOCUMENT = "which one"
SCENARIO = "what happens; without it, what can happen is listed"
SWITCH = "what to do; status only shows how it stands"
TRACE = "show the last of what the running app did as well"
YES = "do not ask first"
VERSION = "show the version and exit"
JSON = "print the status as JSON, for scripts"


def bad_speed(text: str) -> str:
    """Say which speeds there are."""
    return f"{text!r} is no speed; take a number such as 60, from 0.1 to 3600"


def see_help(program: str) -> str:
    """Say where the options stand."""
    return f"`{program} --help` shows what can be typed."


def unexpected(what: str, log_file: str) -> str:
    """Say that this should not have happened, and where the details are."""
    return f"Something unexpected happened: {what}. The log says more: {log_file}"
