"""What `--help`, the man page and the shells' completions say."""

from collections.abc import Sequence

from tray.messages.catalogue import N_, quoted, shortened, translated

# For each command: its line in the list, and what its own --help begins with.
_COMMANDS: dict[str, tuple[str, str]] = {
    "run": (
        N_("start Presence Tray (what happens without a command)"),
        N_("Start Presence Tray. Where there is no tray, it runs in this terminal."),
    ),
    "hold": (
        N_("set a status from this terminal, until Ctrl-C"),
        N_("Set your status for as long as this command runs, with a live view. Ctrl-C clears it and exits."),
    ),
    "set": (
        N_("set your status in the running app"),
        N_(
            "Set your status in the running app. It stays until you clear it, unless you give a time. The command waits"
            " up to 15 seconds for Teams to accept it."
        ),
    ),
    "toggle": (
        N_("set your status, or clear it if it is set already"),
        N_(
            "Set your status in the running app, or clear it if it is this one already. Made for a key on the keyboard:"
            " the first press sets it, the second clears it."
        ),
    ),
    "message": (
        N_("set, clear or show your status message"),
        N_(
            "Set your status message in Teams, until the end of the day unless you give a time. It is set once: what"
            " you write in Teams later stays. Without a text, show the one there is."
        ),
    ),
    "stop": (
        N_("clear your status"),
        N_("Clear the status you set with Presence Tray. Teams then decides again what others see."),
    ),
    "quit": (N_("quit the running app"), N_("Clear your status and quit the running app.")),
    "keep": (
        N_("choose how long your status stays"),
        N_("Choose how long your status stays. If none is set, this applies to the next one."),
    ),
    "pin": (
        N_("turn Override Teams on or off"),
        N_(
            "Show your status even when Teams would show something else, such as a meeting. If none is set, this"
            " applies to the next one."
        ),
    ),
    "rules": (
        N_("show or switch what sets a status automatically"),
        N_(
            "Show what sets a status automatically, turn a rule on or off in the settings, or pause all rules until you"
            " resume them."
        ),
    ),
    "clear-chosen": (
        N_("clear the status set in Teams"),
        N_("Clear the status you set in Teams itself, if it hides the one you set here."),
    ),
    "status": (
        N_("show your status and what Teams shows"),
        N_("Show the status you set, what Teams shows and why, when it is renewed, and any problem."),
    ),
    "watch": (
        N_("print a line now and at each change of your status"),
        N_("Print what `status` shows, now and at each change, until Presence Tray quits or you press Ctrl-C."),
    ),
    "states": (
        N_("list the statuses you can set"),
        N_("List the statuses you can set, what is sent to Microsoft Graph for each, and when Teams shows it."),
    ),
    "setup": (
        N_("enter the app registration of your organisation"),
        N_(
            "Ask for the client ID and the tenant of your organisation's app registration, save them in settings.toml"
            " and offer to sign in."
        ),
    ),
    "sign-in": (
        N_("sign in to Microsoft"),
        N_("Sign in with your work or school account. The keyring stores the sign-in."),
    ),
    "sign-out": (N_("sign out"), N_("Clear your status, sign out and remove the sign-in from the keyring.")),
    "unlock": (
        N_("unlock the keyring"),
        N_("Unlock the keyring that stores your sign-in. Your desktop asks for its password."),
    ),
    "autostart": (
        N_("turn launch at login on or off"),
        N_("Turn launch at login on or off, or show whether it is on. Turning it on also repairs it."),
    ),
    "settings": (
        N_("open the settings in your browser"),
        N_("Open the settings in your browser: account, what is automatic, messages and troubleshooting."),
    ),
    "open": (
        N_("open the settings file, the log, the help or Outlook's automatic replies"),
        N_(
            "Open the settings file, the log file or the help in your desktop's own program, or Outlook's page for"
            " automatic replies in your browser."
        ),
    ),
    "demo": (
        N_("simulate Teams events in the demo"),
        N_(
            "Make something happen in a running demo: Teams joins a meeting, the connection drops. Without an event,"
            " list the events there are."
        ),
    ),
    "doctor": (
        N_("find out what is wrong and how to fix it"),
        N_(
            "Check the settings, folders, tray, network, clock, keyring, sign-in and Microsoft Graph, and say how to"
            " fix what is wrong."
        ),
    ),
    "forget": (
        N_("remove everything stored for you"),
        N_(
            "Sign out, quit the app, turn launch at login off, and delete the settings, the saved data and the log. Use"
            " it before you uninstall Presence Tray."
        ),
    ),
}

_OPTIONS = {
    "state": N_("a status that `presence-tray states` lists, such as available or in-a-call"),
    "for": N_("set it for this long: 90m, 1h30m or PT1H30M"),
    "until": N_("set it until this time: 17:00"),
    "message": N_("a status message to go with it, cleared when the status ends"),
    "text": N_("the status message: one line of up to 280 characters"),
    "message-for": N_("clear it after this long: 90m, 1h30m or PT1H30M"),
    "message-until": N_("clear it at this time: 17:00"),
    "clear": N_("clear the status message, whoever wrote it"),
    "pin": N_("show it even when Teams would show something else; not every status can"),
    "demo": N_("try it without an account: Microsoft Graph and the sign-in are simulated"),
    "speed": N_("run the demo's clock N times faster"),
    "profile": N_(
        "which statuses the simulated Graph accepts: the five that the real one does (five) or every documented one"
        " (table)"
    ),
    "at-login": N_("started by the system at login: wait for the tray; never use the terminal"),
    "client-id": N_("the application (client) ID of the app registration"),
    "tenant": N_("the ID or domain of the directory"),
    "device-code": N_("sign in with a code that you enter on any device"),
    "cancel": N_("cancel the sign-in that the running app is waiting for"),
    "keep": N_("until-stopped, 30m, 1h, 2h, 4h or end-of-day; for the status that is set, also any duration or time"),
    "document": N_("what to open"),
    "rule": N_("the rule to turn on or off; pause and resume apply to all rules"),
    "scenario": N_("what happens"),
    "switch": N_("turn it on or off, or show whether it is on"),
    "on-off": N_("turn it on or off"),
    "settings": N_("only check this settings file, before it goes out to all users"),
    "trace": N_("also show what the running app did last"),
    "yes": N_("don't ask for confirmation"),
    "version": N_("show the version and exit"),
    "json": N_("print JSON, for scripts"),
}

# What argparse says by itself to somebody who types a command. It looks them up with the percent signs in them.
ARGPARSE = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("unrecognized arguments: %s"),
    N_("the following arguments are required: %s"),
    N_("one of the arguments %s is required"),
    N_("not allowed with argument %s"),
    N_("expected one argument"),
    N_("expected at most one argument"),
    N_("expected at least one argument"),
    N_("ignored explicit argument %r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid choice: %(value)r, maybe you meant %(suggestion)r? (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("unknown parser %(parser_name)r (choices: %(choices)s)"),
)

USAGE = "presence-tray [-h] [--version] [COMMAND ...]"
COMMANDS = tuple(_COMMANDS)


def description() -> str:
    """Say what the program does."""
    return translated(
        "Set your Microsoft Teams status. It stays until you clear it.\n"
        "Without a command, Presence Tray starts and shows its icon in the tray, with the options of `run`.\n"
        "There is a command for everything in the menu; most commands talk to the running app.\n"
        "A status is a command too: presence-tray busy until 17:00"
    )


def epilog() -> str:
    """Say what scripts and administrators need to know."""
    return translated("""\
exit codes:
  0 done, 1 unexpected error, 2 wrong usage, 3 app not running, 4 sign-in needed, 5 refused by Microsoft Graph, \
6 wrong settings, 7 no usable keyring, 8 app already running

environment:
  PRESENCE_TRAY_HOME=DIR   store settings, saved data and log in DIR
  SSL_CERT_FILE, HTTPS_PROXY, NO_PROXY, NO_COLOR   have their usual meaning

try it without an account:  presence-tray --demo""")


def commands() -> str:
    """Introduce the list of commands."""
    return translated("commands")


def short(command: str) -> str:
    """Return a command's line in the list."""
    return translated(_COMMANDS[command][0])


def long(command: str) -> str:
    """Return what a command's own --help begins with."""
    return translated(_COMMANDS[command][1])


def option(name: str) -> str:
    """Say what an option or argument means."""
    return translated(_OPTIONS[name])


def bad_speed(text: str) -> str:
    """Say which speeds there are."""
    return translated("{typed} is not a speed; use a number from 0.1 to 3600, such as 60", typed=quoted(text))


def wrong_usage(problem: str) -> str:
    """Say what argparse finds wrong, which has no full stop."""
    return translated("{problem}.", problem=problem)


def unknown_arguments(typed: Sequence[str], program: str) -> tuple[str, str]:
    """Say what a command does not take, and where its options are listed."""
    return wrong_usage(translated("unrecognized arguments: %s") % shortened(" ".join(typed))), see_help(program)


def see_help(program: str) -> str:
    """Say where the options are listed."""
    return translated("See `{program} --help`.", program=program)


def unexpected(what: str, log_file: str) -> str:
    """Say that this should not have happened, and where the details are."""
    return translated("Something went wrong: {error}. Details are in the log: {file}", error=what, file=log_file)
