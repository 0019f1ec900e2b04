"""The commands that run the app in this process: the tray, and a hold in the foreground."""

import argparse
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime

from tray import program
from tray.commands.states import chosen_until, require_overridable
from tray.control.client import ask
from tray.core.events import Picked
from tray.core.values import Message
from tray.desktop.system import this_desktop
from tray.errors import AlreadyRunning, BadSettings, NotRunning, TrayError, UsageError
from tray.messages import commands as words
from tray.messages.presence import label
from tray.messages.settings import client_id_missing
from tray.paths import locate
from tray.program import RunOptions
from tray.settings import load
from tray.signin.registration import registration_of

STARTING = 5.0  # seconds: a start on a busy machine
POLL_SECONDS = 0.1


def run(args: argparse.Namespace) -> int:
    """Start the tray; where it runs already, let that one show itself."""
    options = RunOptions(
        args.demo,
        _speed(args),
        at_login=args.at_login,
        takes_up=args.take_up,
        takes_up_pinned=args.take_up_pinned,
        profile=args.profile,
    )
    try:
        return program.run(options)
    except AlreadyRunning:
        # At login nobody asked to see it.
        if not options.at_login and tell_the_first(locate(demo=options.demo).channel):
            elsewhere = AlreadyRunning(*words.running_elsewhere())
            _show_on_desktop(elsewhere)
            raise elsewhere from None
        if sys.stderr is None:  # Windows, without a console: the running app has shown itself
            return AlreadyRunning.exit_code
        raise
    except TrayError as exc:
        _show_on_desktop(exc)
        raise


def hold(args: argparse.Namespace) -> int:
    """Hold a state in the foreground until Ctrl-C or its time."""
    speed = _speed(args)
    require_overridable(args)
    _require_allowed(args)
    until = chosen_until(args, datetime.now(UTC))
    message = args.message and Message(args.message)
    picked = Picked(args.state, until, pinned=args.pin, timed=True, by_command=True, message=message)
    try:
        return program.run(RunOptions(args.demo, speed, hold=picked, profile=args.profile))
    except AlreadyRunning as exc:
        raise AlreadyRunning(*words.use_set_instead()) from exc


def _show_on_desktop(error: TrayError) -> None:
    """Show an error on the desktop, if the program was started there or at login."""
    if sys.platform == "linux" and not (sys.stderr and sys.stderr.isatty()):
        from tray.desktop.linux.notifications import show_error  # noqa: PLC0415  Linux's own module

        show_error(error)


def tell_the_first(channel: str) -> bool:
    """Tell the app that runs of the second start; return whether it runs on another desktop.

    One that has only just started gets a moment to listen.
    """
    until = time.monotonic() + STARTING
    with suppress(TrayError):
        while True:
            try:
                return bool(ask(channel, {"do": "second-start", "desktop": this_desktop()}).get("elsewhere"))
            except NotRunning:
                if time.monotonic() >= until:
                    raise
                time.sleep(POLL_SECONDS)
    return False


def _speed(args: argparse.Namespace) -> float:
    if args.speed != 1 and not args.demo:
        raise UsageError(*words.speed_without_demo())
    speed: float = args.speed
    return speed


def _require_allowed(args: argparse.Namespace) -> None:
    """Refuse what the organisation does not allow, and what would wait for ever: nobody can sign in unregistered."""
    paths = locate(demo=args.demo)
    settings = load(paths)
    if not args.demo and registration_of(settings) is None:
        raise BadSettings(*client_id_missing(paths.settings_file))
    if not settings.allows(args.state.key):
        raise UsageError(*words.state_locked(label(args.state)))
    if args.pin and not settings.override:
        raise UsageError(*words.override_locked())
