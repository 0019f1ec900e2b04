"""The command that switches launching at login; must not know how a system does it."""

import argparse

from tray.commands.output import say
from tray.desktop.autostart import Launch, of_this_system
from tray.errors import TrayError
from tray.messages import autostart as words

SAID = {Launch.ON: words.ON, Launch.OFF: words.OFF, Launch.STALE: words.STALE}


def autostart(args: argparse.Namespace) -> int:
    """Switch launching at login on or off, or say how it stands; `on` repairs."""
    system = of_this_system()
    if args.switch != "status":
        try:
            system.switch(on=args.switch == "on")
        except OSError as exc:
            raise TrayError(*words.not_switched(exc.strerror or str(exc))) from exc
    say(SAID[system.read()])
    return 0
