"""The command line: what can be typed, and how errors end; must not know what the commands do."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

from tray import __version__, renewal
from tray.commands.output import warn
from tray.errors import TrayError, UsageError
from tray.words import help as words

if TYPE_CHECKING:
    from tray.core.states import State

INTERRUPTED = 130  # what shells expect after Ctrl-C
SLOWEST, FASTEST = 0.1, 3600.0  # of the demo's clock

# Which function carries a command out; imported when it is needed, so that `status` never loads the tray.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("tray.commands.start", "run"),
    "hold": ("tray.commands.hold", "hold"),
    "set": ("tray.commands.running", "set_state"),
    "stop": ("tray.commands.running", "stop"),
    "quit": ("tray.commands.running", "leave"),
    "keep": ("tray.commands.pressing", "keep"),
    "pin": ("tray.commands.pressing", "pin"),
    "clear-chosen": ("tray.commands.pressing", "clear_chosen"),
    "status": ("tray.commands.running", "status"),
    "states": ("tray.commands.states", "states"),
    "setup": ("tray.commands.setup", "setup"),
    "sign-in": ("tray.commands.account", "sign_in"),
    "sign-out": ("tray.commands.account", "sign_out"),
    "unlock": ("tray.commands.pressing", "unlock"),
    "autostart": ("tray.commands.autostart", "autostart"),
    "open": ("tray.commands.pressing", "open_document"),
    "demo": ("tray.commands.pressing", "demo"),
    "doctor": ("tray.commands.doctor", "doctor"),
    "forget": ("tray.commands.forget", "forget"),
}


def run(arguments: Sequence[str]) -> int:
    """Carry out what was typed; return the exit code. Errors become one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that cannot show a character shows "?"
            stream.reconfigure(errors="replace")
    try:
        typed = _with_a_command(arguments)
        args = parser(typed[0]).parse_args(typed)
        module, function = COMMANDS[args.command]
        code: int = getattr(import_module(module), function)(args)
    except TrayError as exc:
        warn(f"presence-tray: {exc}")
        return exc.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `presence-tray states | head`: nobody reads on
        code = 0
    except Exception as exc:  # noqa: BLE001  the last net: the user gets a line, the log the rest
        return _unexpected(exc)
    if sys.stdout is None:  # Windows, without a console
        return code
    try:
        sys.stdout.flush()
    except OSError:  # the same, or the terminal is gone; the interpreter would flush once more and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _with_a_command(arguments: Sequence[str]) -> list[str]:
    """Put `run` where no command was typed: `presence-tray --demo` starts the tray."""
    first = arguments[0] if arguments else ""
    bare = not first or (first.startswith("-") and first not in ("-h", "--help", "--version"))
    return ["run", *arguments] if bare else list(arguments)


def _unexpected(exc: Exception) -> int:
    import logging  # noqa: PLC0415  only in need

    from tray import logs  # noqa: PLC0415  the same
    from tray.paths import locate  # noqa: PLC0415  the same

    file = locate(demo=False).log_file
    handler = logs.start(file, "error")
    logging.getLogger(__name__).error("unexpected", exc_info=exc)
    logs.stop(handler)
    warn(f"presence-tray: {words.unexpected(logs.redacted(repr(exc)), str(file))}")
    return TrayError.exit_code


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are ours: one line, and where to read more."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}.", words.see_help(self.prog))


def parser(typed: str | None = None) -> argparse.ArgumentParser:
    """Make the parser, with the options of the command that was typed; else of all, as the man page needs them."""
    top = _Parser(
        prog="presence-tray",
        usage=words.USAGE,
        description=words.DESCRIPTION,
        epilog=words.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"presence-tray {__version__}", help=words.VERSION)
    commands = top.add_subparsers(dest="command", prog=top.prog, metavar="COMMAND", required=True, parser_class=_Parser)
    for name in COMMANDS:
        short, long = words.COMMANDS[name]
        command = commands.add_parser(name, help=short, description=long, allow_abbrev=False)
        command.set_defaults(command=name)
        if name == typed or typed not in COMMANDS:
            for add in _OPTIONS.get(name, ()):
                add(command)
    return top


# What an option needs is loaded with it: the tray is there before the tables of the states.


def _state_for(text: str) -> "State":
    from tray.commands.choice import state_for  # noqa: PLC0415  see above

    return state_for(text)


def _state(command: argparse.ArgumentParser) -> None:
    command.add_argument("state", type=_state_for, metavar="STATE", help=words.STATE)


def _choice(command: argparse.ArgumentParser) -> None:
    from tray import durations  # noqa: PLC0415  see above

    length = command.add_mutually_exclusive_group()
    length.add_argument("--for", type=durations.duration, dest="length", metavar="DURATION", help=words.FOR)
    length.add_argument("--until", type=durations.time_of_day, metavar="TIME", help=words.UNTIL)
    command.add_argument("--pin", action="store_true", help=words.PIN)


def _demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("--demo", action="store_true", help=words.DEMO)
    command.add_argument("--speed", type=_speed, default=1.0, metavar="N", help=words.SPEED)
    command.add_argument("--profile", choices=["five", "table"], default="five", help=words.PROFILE)


def _speed(text: str) -> float:
    with suppress(ValueError):
        if SLOWEST <= (speed := float(text)) <= FASTEST:
            return speed
    raise argparse.ArgumentTypeError(words.bad_speed(text))


def _at_login(command: argparse.ArgumentParser) -> None:
    command.add_argument("--at-login", action="store_true", help=words.AT_LOGIN)


def _take_up(command: argparse.ArgumentParser) -> None:
    """Add what a replaced program tells the new one; nobody types it."""
    command.add_argument(renewal.TAKE_UP, type=_state_for, help=argparse.SUPPRESS)
    command.add_argument(renewal.TAKE_UP_PINNED, action="store_true", help=argparse.SUPPRESS)


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help=words.JSON)


def _registration(command: argparse.ArgumentParser) -> None:
    command.add_argument("--client-id", metavar="ID", help=words.CLIENT_ID)
    command.add_argument("--tenant", metavar="TENANT", help=words.TENANT)


def _device_code(command: argparse.ArgumentParser) -> None:
    way = command.add_mutually_exclusive_group()
    way.add_argument("--device-code", action="store_true", help=words.DEVICE_CODE)
    way.add_argument("--cancel", action="store_true", help=words.CANCEL)


def _switch(command: argparse.ArgumentParser) -> None:
    command.add_argument("switch", choices=["on", "off", "status"], metavar="on|off|status", help=words.SWITCH)


def _yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help=words.YES)


def _trace(command: argparse.ArgumentParser) -> None:
    command.add_argument("--trace", action="store_true", help=words.TRACE)


def _keep(command: argparse.ArgumentParser) -> None:
    from tray.core.things import Keep  # noqa: PLC0415  see above

    command.add_argument("keep", choices=[each.value for each in Keep], metavar="HOW-LONG", help=words.KEEP)


def _on_off(command: argparse.ArgumentParser) -> None:
    command.add_argument("switch", choices=["on", "off"], metavar="on|off", help=words.PIN)


def _document(command: argparse.ArgumentParser) -> None:
    from tray.core.things import Document  # noqa: PLC0415  see above

    command.add_argument("document", choices=[each.value for each in Document], help=words.DOCUMENT)


def _lever(command: argparse.ArgumentParser) -> None:
    from tray.words.demo import LABELS  # noqa: PLC0415  see above

    command.add_argument("lever", nargs="?", choices=list(LABELS), metavar="WHAT", help=words.LEVER)


_OPTIONS = {
    "run": (_demo, _at_login, _take_up),
    "hold": (_state, _choice, _demo),
    "set": (_state, _choice),
    "status": (_json,),
    "keep": (_keep,),
    "pin": (_on_off,),
    "open": (_document,),
    "demo": (_lever,),
    "setup": (_registration,),
    "sign-in": (_device_code,),
    "autostart": (_switch,),
    "doctor": (_trace,),
    "forget": (_yes,),
}
