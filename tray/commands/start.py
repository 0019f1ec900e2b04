"""The command that starts the tray; loads little: the icon comes first, and must not know what the app is made of."""

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tray.errors import AlreadyRunning, NotRunning, TrayError, UsageError
from tray.messages import commands as words
from tray.paths import locate
from tray.run_options import RunOptions

if TYPE_CHECKING:
    from argparse import Namespace  # the icon does not wait for a parser

    from tray.core.events import Picked

STARTING = 5.0  # seconds: a start on a busy machine
POLL_SECONDS = 0.1


def run(args: "Namespace") -> int:
    """Start the tray as it was asked for."""
    check(args)
    return start(asked_for(args))


def asked_for(args: "Namespace") -> RunOptions:
    """Return what was typed as options of the app."""
    return RunOptions(args.demo, args.speed, args.at_login, profile=args.profile, takes_up=_taken_up(args))


def start(options: RunOptions) -> int:
    """Start the tray; where it runs already, show that one."""
    from tray import ahead  # noqa: PLC0415  `hold` needs nothing more of this module

    try:
        return ahead.run(options)
    except AlreadyRunning:
        if not options.at_login:  # at login nobody asked to see it
            _tell_the_first(locate(demo=options.demo).channel)
        if sys.stderr is None:  # Windows, without a console: the first one has said it
            return AlreadyRunning.exit_code
        raise
    except TrayError as exc:
        if sys.platform == "linux" and not (sys.stderr and sys.stderr.isatty()):  # at login, or from the desktop's menu
            from tray.desktop.linux.last_words import tell  # noqa: PLC0415  in need alone

            tell(exc)
        raise


def _tell_the_first(channel: str) -> None:
    """Bring word to the program that runs; one that has only just started listens a moment after its icon is there."""
    from tray.control.client import ask  # noqa: PLC0415  the first start needs none of it

    until = time.monotonic() + STARTING
    with suppress(TrayError):
        while True:
            try:
                ask(channel, {"do": "second-start"})
            except NotRunning:
                if time.monotonic() >= until:
                    raise
                time.sleep(POLL_SECONDS)
            else:
                return


def _taken_up(args: "Namespace") -> "Picked | None":
    """Return what the replaced version held."""
    if args.take_up is None:
        return None
    from tray.core.events import Picked  # noqa: PLC0415  once in the life of a version

    return Picked(args.take_up, None, pinned=args.take_up_pinned, timed=True)


def check(args: "Namespace") -> None:
    """Refuse to hurry a Graph that is not on this machine."""
    if args.speed == 1 or args.demo:
        return
    from tray.settings import load  # noqa: PLC0415  the icon comes before the settings

    if not load(locate(demo=False)).is_local:
        raise UsageError(*words.speed_without_demo())
