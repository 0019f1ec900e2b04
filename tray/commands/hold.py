"""The command that holds a state in the foreground; must not know what the app is made of."""

import argparse
from datetime import UTC, datetime

from tray.commands.choice import chosen_until
from tray.commands.start import check
from tray.core.events import Picked
from tray.errors import AlreadyRunning, BadSettings
from tray.messages import commands as words
from tray.messages.settings import client_id_missing
from tray.paths import locate
from tray.run_options import RunOptions
from tray.settings import load
from tray.signin.registration import registration_of


def hold(args: argparse.Namespace) -> int:
    """Hold a state in the foreground until Ctrl-C or its time."""
    check(args)
    if not args.demo:
        _require_registration()
    from tray import ahead  # noqa: PLC0415  the same

    until = chosen_until(args, datetime.now(UTC))
    picked = Picked(args.state, until, pinned=args.pin, timed=True)
    try:
        return ahead.run(RunOptions(demo=args.demo, speed=args.speed, hold=picked, profile=args.profile))
    except AlreadyRunning as exc:
        raise AlreadyRunning(*words.use_set_instead()) from exc


def _require_registration() -> None:
    """Refuse what would wait for ever: without a registration nobody can sign in."""
    paths = locate(demo=False)
    if registration_of(load(paths)) is None:
        raise BadSettings(*client_id_missing(paths.settings_file))
