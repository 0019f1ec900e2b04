"""What can be typed: the commands and their options, as a grammar; must not know what a command does.

What an option needs is loaded with it: who asks for the status never loads the tables of the states.
"""

import argparse
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from tray import __version__, upgrade
from tray.errors import UsageError
from tray.messages import help as words

if TYPE_CHECKING:
    from tray.core.states import State

SLOWEST, FASTEST = 0.1, 3600.0  # of the demo's clock


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what was typed; `command` names the command. Raise UsageError."""
    typed = _with_a_command(arguments)
    return parser(typed[0]).parse_args(typed)


def _with_a_command(arguments: Sequence[str]) -> list[str]:
    """Put `run` where no command was typed: `presence-tray --demo` starts the tray."""
    first = arguments[0] if arguments else ""
    bare = not first or (first.startswith("-") and first not in ("-h", "--help", "--version"))
    return ["run", *arguments] if bare else list(arguments)


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are ours: one line, and where to read more."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}.", words.see_help(self.prog))


def parser(typed: str | None = None) -> argparse.ArgumentParser:
    """Make the parser, with the options of the command that was typed; else of all, as the man page needs them."""
    top = _Parser(
        prog="presence-tray",
        usage=words.USAGE,
        description=words.description(),
        epilog=words.epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument(
        "--version", action="version", version=f"presence-tray {__version__}", help=words.option("version")
    )
    commands = top.add_subparsers(dest="command", prog=top.prog, metavar="COMMAND", required=True, parser_class=_Parser)
    for name in words.COMMANDS:
        command = commands.add_parser(name, help=words.short(name), description=words.long(name), allow_abbrev=False)
        command.set_defaults(command=name)
        if name == typed or typed not in words.COMMANDS:
            for add in _OPTIONS.get(name, ()):
                add(command)
    return top


def _state_for(text: str) -> "State":
    from tray.commands.choice import state_for  # noqa: PLC0415  see the top

    return state_for(text)


def _state(command: argparse.ArgumentParser) -> None:
    command.add_argument("state", type=_state_for, metavar="STATE", help=words.option("state"))


def _choice(command: argparse.ArgumentParser) -> None:
    from tray import durations  # noqa: PLC0415  see the top

    length = command.add_mutually_exclusive_group()
    length.add_argument("--for", type=durations.duration, dest="length", metavar="DURATION", help=words.option("for"))
    length.add_argument("--until", type=durations.time_of_day, metavar="TIME", help=words.option("until"))
    command.add_argument("--pin", action="store_true", help=words.option("pin"))


def _demo(command: argparse.ArgumentParser) -> None:
    command.add_argument("--demo", action="store_true", help=words.option("demo"))
    command.add_argument("--speed", type=_speed, default=1.0, metavar="N", help=words.option("speed"))
    command.add_argument("--profile", choices=["five", "table"], default="five", help=words.option("profile"))


def _speed(text: str) -> float:
    with suppress(ValueError):
        if SLOWEST <= (speed := float(text)) <= FASTEST:
            return speed
    raise argparse.ArgumentTypeError(words.bad_speed(text))


def _at_login(command: argparse.ArgumentParser) -> None:
    command.add_argument("--at-login", action="store_true", help=words.option("at-login"))


def _take_up(command: argparse.ArgumentParser) -> None:
    """Add what a replaced program tells the new one; nobody types it."""
    command.add_argument(upgrade.TAKE_UP, type=_state_for, help=argparse.SUPPRESS)
    command.add_argument(upgrade.TAKE_UP_PINNED, action="store_true", help=argparse.SUPPRESS)


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help=words.option("json"))


def _registration(command: argparse.ArgumentParser) -> None:
    command.add_argument("--client-id", metavar="ID", help=words.option("client-id"))
    command.add_argument("--tenant", metavar="TENANT", help=words.option("tenant"))


def _device_code(command: argparse.ArgumentParser) -> None:
    way = command.add_mutually_exclusive_group()
    way.add_argument("--device-code", action="store_true", help=words.option("device-code"))
    way.add_argument("--cancel", action="store_true", help=words.option("cancel"))


def _switch(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "switch", choices=["on", "off", "status"], metavar="on|off|status", help=words.option("switch")
    )


def _yes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help=words.option("yes"))


def _trace(command: argparse.ArgumentParser) -> None:
    command.add_argument("--trace", action="store_true", help=words.option("trace"))


def _keep(command: argparse.ArgumentParser) -> None:
    from tray.core.values import Keep  # noqa: PLC0415  see the top

    command.add_argument("keep", choices=[each.value for each in Keep], metavar="HOW-LONG", help=words.option("keep"))


def _on_off(command: argparse.ArgumentParser) -> None:
    command.add_argument("switch", choices=["on", "off"], metavar="on|off", help=words.option("on-off"))


def _document(command: argparse.ArgumentParser) -> None:
    from tray.core.values import Document  # noqa: PLC0415  see the top

    command.add_argument("document", choices=[each.value for each in Document], help=words.option("document"))


def _scenario(command: argparse.ArgumentParser) -> None:
    from tray.messages.demo import LABELS  # noqa: PLC0415  see the top

    command.add_argument("scenario", nargs="?", choices=list(LABELS), metavar="WHAT", help=words.option("scenario"))


_OPTIONS = {
    "run": (_demo, _at_login, _take_up),
    "hold": (_state, _choice, _demo),
    "set": (_state, _choice),
    "status": (_json,),
    "keep": (_keep,),
    "pin": (_on_off,),
    "open": (_document,),
    "demo": (_scenario,),
    "setup": (_registration,),
    "sign-in": (_device_code,),
    "autostart": (_switch,),
    "doctor": (_trace,),
    "forget": (_yes,),
}
