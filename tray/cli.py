"""The command line: which function a command is, and how errors end; must not know what the commands do."""

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from tray.commands.output import warn
from tray.errors import TrayError
from tray.run_options import RunOptions

INTERRUPTED = 130  # what shells expect after Ctrl-C

# Which function carries a command out; imported when it is needed, so that `status` never loads the tray.
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("tray.commands.start", "run"),
    "hold": ("tray.commands.hold", "hold"),
    "set": ("tray.commands.app", "set_state"),
    "stop": ("tray.commands.app", "stop"),
    "quit": ("tray.commands.app", "leave"),
    "keep": ("tray.commands.menu_items", "keep"),
    "pin": ("tray.commands.menu_items", "pin"),
    "clear-chosen": ("tray.commands.menu_items", "clear_chosen"),
    "status": ("tray.commands.app", "status"),
    "states": ("tray.commands.states", "states"),
    "setup": ("tray.commands.setup", "setup"),
    "sign-in": ("tray.commands.account", "sign_in"),
    "sign-out": ("tray.commands.account", "sign_out"),
    "unlock": ("tray.commands.menu_items", "unlock"),
    "autostart": ("tray.commands.autostart", "autostart"),
    "open": ("tray.commands.menu_items", "open_document"),
    "demo": ("tray.commands.menu_items", "demo"),
    "doctor": ("tray.commands.doctor", "doctor"),
    "forget": ("tray.commands.forget", "forget"),
}

# What login, the desktop's menu and a bare word start: the icon does not wait for the parser, a tenth of the start.
PLAIN = {(): RunOptions(), ("run",): RunOptions(), ("--at-login",): RunOptions(at_login=True)}


def run(arguments: Sequence[str]) -> int:
    """Carry out what was typed; return the exit code. Errors become one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that cannot show a character shows "?"
            stream.reconfigure(errors="replace")
    try:
        code = _carry_out(arguments)
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


def _carry_out(arguments: Sequence[str]) -> int:
    plain = PLAIN.get(tuple(arguments))
    if plain is not None:
        from tray.commands import start  # noqa: PLC0415  no other command needs it

        return start.start(plain)
    from tray import grammar  # noqa: PLC0415  not for the tray: see above

    args = grammar.parse(arguments)
    module, function = COMMANDS[args.command]
    code: int = getattr(import_module(module), function)(args)
    return code


def _unexpected(exc: Exception) -> int:
    import logging  # noqa: PLC0415  only in need

    from tray import logs  # noqa: PLC0415  the same
    from tray.messages.help import unexpected  # noqa: PLC0415  the same
    from tray.paths import locate  # noqa: PLC0415  the same

    file = locate(demo=False).log_file
    handler = logs.start(file, "error")
    logging.getLogger(__name__).error("unexpected", exc_info=exc)
    logs.stop(handler)
    warn(f"presence-tray: {unexpected(logs.redacted(repr(exc)), str(file))}")
    return TrayError.exit_code
