"""The commands that start the app: run and hold; must not know what the app is made of."""

import argparse
import sys
from contextlib import suppress
from datetime import UTC, datetime

from tray.commands.choice import chosen_until
from tray.core.events import Picked
from tray.desktop import control
from tray.errors import AlreadyRunning, BadSettings, TrayError, UsageError
from tray.options import RunOptions
from tray.paths import locate
from tray.settings import load
from tray.signin.identity import identity_of
from tray.words import commands as words
from tray.words.settings import client_id_missing


def run(args: argparse.Namespace) -> int:
    """Start the tray; where it runs already, show that one."""
    _check(args)
    from tray import app  # noqa: PLC0415  `status` must not pay for the tray

    takes_up = Picked(args.take_up, None, pinned=args.take_up_pinned, timed=True) if args.take_up else None
    options = RunOptions(
        demo=args.demo, speed=args.speed, at_login=args.at_login, profile=args.profile, takes_up=takes_up
    )
    try:
        return app.run(options)
    except AlreadyRunning:
        if not args.at_login:  # at login nobody asked to see it
            with suppress(TrayError):
                control.ask(locate(demo=args.demo).channel, {"do": "second-start"})
        if sys.stderr is None:  # Windows, without a console: the first one has said it
            return AlreadyRunning.exit_code
        raise


def hold(args: argparse.Namespace) -> int:
    """Hold a state in the foreground until Ctrl-C or its time."""
    _check(args)
    if not args.demo:
        _require_registration()
    from tray import app  # noqa: PLC0415  the same

    until = chosen_until(args, datetime.now(UTC))
    picked = Picked(args.state, until, pinned=args.pin, timed=True)
    try:
        return app.run(RunOptions(demo=args.demo, speed=args.speed, hold=picked, profile=args.profile))
    except AlreadyRunning as exc:
        raise AlreadyRunning(*words.use_set_instead()) from exc


def _require_registration() -> None:
    """Refuse what would wait for ever: without a registration nobody can sign in."""
    paths = locate(demo=False)
    if identity_of(load(paths)) is None:
        raise BadSettings(*client_id_missing(paths.settings_file))


def _check(args: argparse.Namespace) -> None:
    if args.speed != 1 and not args.demo:
        raise UsageError(*words.speed_without_demo())
