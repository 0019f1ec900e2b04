"""Says in a popup why the program does not start, where no terminal would show it; must not know what is wrong."""

import os
import select
import time
from collections.abc import Mapping

from tray.core.view_model import Badge, Icon, Notice, Shape
from tray.desktop.linux.notifications import Notices
from tray.desktop.linux.session_bus import NoSessionBus, open_session_bus
from tray.errors import TrayError

PATIENCE_SECONDS = 5.0  # a notification daemon that the bus has to start first


def tell(error: TrayError, environ: Mapping[str, str] = os.environ) -> None:
    """Show an error as a notice and wait until it is taken; without a desktop nothing happens."""
    try:
        bus = open_session_bus(environ)
    except NoSessionBus:
        return
    notices = Notices(bus, lambda _event: None, lambda: Icon(Shape.IDLE, Badge.TROUBLE))
    notices.send(Notice("start", error.title, error.message))
    leave_at = time.monotonic() + PATIENCE_SECONDS
    while bus.alive and bus.deadline is not None and time.monotonic() < leave_at:
        if select.select([bus.fileno()], [], [], max(0, leave_at - time.monotonic()))[0]:
            bus.read()
    bus.close()
