"""The command line: the table of commands with their options, and how errors become exit codes.

A command is a row of `COMMANDS`, its words in `messages/help.py` and a function below `tray/commands/`. The function is
imported when it is called, so that `status` does not load the tray.
"""

import argparse
import gc
import logging
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn, TextIO

from tray import __version__, durations, language, logs, processes
from tray.commands.output import prepare, warn
from tray.commands.states import message_for, state_for
from tray.commands.typed import IN_THE_MENU, understood
from tray.core.record import Record
from tray.core.values import Document, Origin
from tray.errors import NotRunning, TrayError, UsageError, nearest
from tray.messages import catalogue
from tray.messages import commands as command_words
from tray.messages import help as words
from tray.messages.menu import SCENARIOS
from tray.paths import locate

INTERRUPTED = 130  # what shells expect after Ctrl-C
RULES = (*(origin.value for origin in Origin if origin.is_rule), "pause", "resume")
SLOWEST, FASTEST = 0.1, 3600.0  # of the demo's clock

Option = Callable[[argparse.ArgumentParser], object]


# --------------------------------------------------------------------------- options


def _argument(name: str, *, says: str | None = None, hidden: bool = False, **what: Any) -> Option:
    """Return a function that adds an argument to a command's parser; `what` goes to `add_argument`.

    Its help is found under its own name, or under `says`.
    """
    if "choices" in what:
        what["type"] = _one_of(what["choices"])

    def add(command: argparse.ArgumentParser) -> None:
        text = argparse.SUPPRESS if hidden else words.option(says or name.lstrip("-"))
        command.add_argument(name, help=text, **what)

    return add


def _one_of(choices: Iterable[str]) -> Callable[[str], str]:
    """Return a function that takes one of these words; of another it says which was perhaps meant."""

    def choice(typed: str) -> str:
        if typed in (known := list(choices)):
            return typed
        raise UsageError(*command_words.unknown_choice(typed, known, nearest(typed.casefold(), known)))

    return choice


def _either(*options: Option) -> Option:
    """Return a function that adds options of which only one may be typed."""

    def add(command: argparse.ArgumentParser) -> None:
        group = command.add_mutually_exclusive_group()
        for option in options:
            option(group)  # type: ignore[arg-type]  # a group adds arguments as a parser does

    return add


def _speed(text: str) -> float:
    with suppress(ValueError):
        if SLOWEST <= (speed := float(text)) <= FASTEST:
            return speed
    raise argparse.ArgumentTypeError(words.bad_speed(text))


STATE = (_argument("state", type=state_for, metavar="STATE"),)
LENGTH = (
    _either(
        _argument("--for", type=durations.duration, dest="length", metavar="DURATION"),
        _argument("--until", type=durations.time_of_day, metavar="TIME"),
    ),
    _argument("--pin", action="store_true"),
)
MESSAGE = (_argument("--message", type=message_for, metavar="TEXT"),)
DEMO = (
    _argument("--demo", action="store_true"),
    _argument("--speed", type=_speed, default=1.0, metavar="N"),
    _argument("--profile", choices=["five", "table"], default="five"),
)
TAKE_UP = (  # what a replaced program tells the new one; nobody types it
    _argument(processes.TAKE_UP, type=state_for, hidden=True),
    _argument(processes.TAKE_UP_PINNED, action="store_true", hidden=True),
)

# --------------------------------------------------------------------------- commands


class Command(Record):
    """What carries a command out, as module below `tray.commands` and function, and the options it takes."""

    function: str
    options: tuple[Option, ...] = ()

    def load(self) -> Callable[[argparse.Namespace], int]:
        """Import the function; it takes what was typed and returns the exit code."""
        module, _, name = self.function.partition(".")
        function: Callable[[argparse.Namespace], int] = getattr(import_module(f"tray.commands.{module}"), name)
        return function


COMMANDS = {
    "run": Command("run.run", (*DEMO, _argument("--at-login", action="store_true"), *TAKE_UP)),
    "hold": Command("run.hold", (*STATE, *LENGTH, *MESSAGE, *DEMO)),
    "set": Command("app.set_state", (*STATE, *LENGTH, *MESSAGE)),
    "toggle": Command("app.toggle", (*STATE, *LENGTH, *MESSAGE)),
    "message": Command(
        "status_message.message",
        (
            _argument("text", nargs="?", type=message_for, metavar="TEXT"),
            _either(
                _argument("--for", says="message-for", type=durations.duration, dest="length", metavar="DURATION"),
                _argument("--until", says="message-until", type=durations.time_of_day, metavar="TIME"),
                _argument("--clear", action="store_true"),
            ),
        ),
    ),
    "stop": Command("app.stop"),
    "quit": Command("app.leave"),
    "keep": Command(
        "menu_items.keep",
        (_argument("keep", nargs="+", metavar="HOW-LONG"),),
    ),
    "pin": Command("menu_items.pin", (_argument("switch", says="on-off", choices=["on", "off"], metavar="on|off"),)),
    "rules": Command(
        "rules.rules",
        (
            _argument("rule", nargs="?", choices=RULES, metavar="NAME|pause|resume"),
            _argument("switch", says="on-off", nargs="?", choices=["on", "off"], metavar="on|off"),
        ),
    ),
    "clear-chosen": Command("menu_items.press_row"),
    "status": Command("app.status", (_argument("--json", action="store_true"),)),
    "watch": Command("app.watch", (_argument("--json", action="store_true"),)),
    "states": Command("states.states"),
    "setup": Command(
        "setup.setup",
        (
            _argument("--client-id", metavar="ID"),
            _argument("--tenant", metavar="TENANT"),
        ),
    ),
    "sign-in": Command(
        "account.sign_in",
        (
            _either(
                _argument("--device-code", action="store_true"),
                _argument("--cancel", action="store_true"),
            ),
        ),
    ),
    "sign-out": Command("account.sign_out"),
    "unlock": Command("account.unlock"),
    "autostart": Command(
        "setup.autostart",
        (_argument("switch", choices=["on", "off", "status"], metavar="on|off|status"),),
    ),
    "settings": Command("menu_items.settings"),
    "open": Command(
        "menu_items.open_document",
        (_argument("document", choices=[each.value for each in Document]),),
    ),
    "demo": Command(
        "menu_items.demo",
        (_argument("scenario", nargs="?", choices=SCENARIOS, metavar="WHAT"),),
    ),
    "doctor": Command(
        "doctor.doctor",
        (_either(_argument("--trace", action="store_true"), _argument("--settings", type=Path, metavar="FILE")),),
    ),
    "forget": Command("setup.forget", (_argument("--yes", action="store_true"),)),
}


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are ours: one line, and where to read more."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(words.wrong_usage(message), words.see_help(self.prog))


def parser(typed: str | None = None) -> argparse.ArgumentParser:
    """Make the parser of the command that was typed; else of all commands, as help and the man page need them."""
    top = _Parser(
        prog="presence-tray",
        usage=words.USAGE,
        description=words.description(),
        epilog=words.epilog(),
        formatter_class=_unread_format,
        allow_abbrev=False,
    )
    top.add_argument(
        "--version", action="version", version=f"presence-tray {__version__}", help=words.option("version")
    )
    commands = top.add_subparsers(
        dest="command", title=words.commands(), prog=top.prog, metavar="COMMAND", required=True, parser_class=_Parser
    )
    for name in [typed] if typed in COMMANDS else COMMANDS:
        added = commands.add_parser(
            name,
            aliases=[menu for menu, command in IN_THE_MENU.items() if command == name],
            help=words.short(name),
            description=words.long(name),
            formatter_class=_unread_format,
            allow_abbrev=False,
        )
        for option in COMMANDS[name].options:
            option(added)
        added.formatter_class = _help_format
    top.formatter_class = _help_format
    return top


def _unread_format(prog: str) -> argparse.HelpFormatter:
    """Return a formatter with which argparse only checks the arguments that are added.

    A width spares it the import that finds out how wide the terminal is.
    """
    return argparse.HelpFormatter(prog, width=80)


def _help_format(prog: str) -> argparse.HelpFormatter:
    formatter: argparse.HelpFormatter = import_module("tray.commands.help_format").HelpFormatter(prog)
    return formatter


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what was typed; `command` names the command, `run` where none was typed. Raise UsageError."""
    first = arguments[0] if arguments else ""
    bare = not first or (first.startswith("-") and first not in ("-h", "--help", "--version"))
    typed = ["run", *arguments] if bare else understood(arguments, COMMANDS)
    args, unknown = parser(typed[0]).parse_known_args(typed)
    if unknown:
        raise UsageError(*words.unknown_arguments(unknown, f"presence-tray {typed[0]}"))
    return args


# --------------------------------------------------------------------------- running them


def run(arguments: Sequence[str]) -> int:
    """Carry out what was typed; return the exit code. Errors become one line on stderr."""
    prepare()
    logging.getLogger().addHandler(logging.NullHandler())  # what a command has to say it prints
    _choose_language()
    try:
        args = parse(arguments)
        command = COMMANDS[args.command].load()
        _resume_garbage_collection()
        code = command(args)
    except SystemExit as exc:  # argparse has printed its help or the version
        code = int(exc.code or 0)
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001  the last net: the user gets a line, the log the rest
        code = failed(exc)
    for stream in filter(None, (sys.stdout, sys.stderr)):  # on Windows without a console there is none
        _flush(stream)
    return code


def _flush(stream: TextIO) -> None:
    """Write what is left; the interpreter would try once more, complain, and end with another exit code."""
    try:
        stream.flush()
    except OSError:  # nobody reads on, the terminal is gone, or the disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _resume_garbage_collection() -> None:
    """Collect garbage again, but not in what is loaded so far; `__main__` had switched that off."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _choose_language() -> None:
    """Speak the user's language; argparse looks up its texts in it, too."""
    setting = language.SYSTEM
    with suppress(TrayError):  # no home folder: the command says so
        setting = language.of_settings(locate(demo=False))
    language.speak(setting)
    if catalogue.language() != catalogue.ENGLISH:
        vars(argparse).update(_=catalogue.translated, ngettext=catalogue.ntranslated)


def failed(exc: BaseException) -> int:
    """Say in a line why a command failed, and return the exit code."""
    match exc:
        case TrayError():
            warn(f"presence-tray: {exc.words}")
            return exc.exit_code
        case KeyboardInterrupt():
            return INTERRUPTED
        case BrokenPipeError():  # `presence-tray states | head`: nobody reads on
            return 0
    return _unexpected(exc)


def no_outcome(exc: BaseException) -> int:
    """Say in a line why what a key is bound to had no outcome, and return the exit code."""
    _choose_language()
    match exc:
        case TimeoutError() | BlockingIOError():  # the app hangs, or its queue is full
            return failed(TrayError(*command_words.no_answer()))
        case ConnectionError():  # the app ended during the conversation
            return failed(NotRunning(*command_words.not_running()))
        case ValueError():
            return failed(TrayError(*command_words.garbled_answer()))
    return failed(exc)


def _unexpected(exc: BaseException) -> int:
    try:
        file = locate(demo=False).log_file
    except TrayError as homeless:
        warn(f"presence-tray: {homeless.words}")
        return homeless.exit_code
    handler = logs.start(file, "error")
    logging.getLogger(__name__).error("unexpected", exc_info=exc)
    logs.stop(handler)
    warn(f"presence-tray: {words.unexpected(logs.redacted(repr(exc)), str(file))}")
    return TrayError.exit_code
