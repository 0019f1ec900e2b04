"""The command that switches launching at login; must not know how a system does it."""

import argparse

from tray.commands.output import say
from tray.desktop.autostart import of_this_system
from tray.errors import TrayError
from tray.messages import desktop as words


def autostart(args: argparse.Namespace) -> int:
    """Switch launching at login on or off, or say how it stands; `on` repairs."""
    system = of_this_system()
    if args.switch != "status":
        try:
            system.switch(on=args.switch == "on")
        except OSError as exc:
            raise TrayError(*words.launch_not_changed(exc.strerror or str(exc))) from exc
    say(words.launch(system.read()))
    return 0
