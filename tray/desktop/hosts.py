"""Asks what could show the app: a tray host, or a terminal with somebody at it; must not know what is to be shown."""

import os
import select
import sys
from collections.abc import Mapping
from typing import TextIO

PATIENCE_SECONDS = 3.0


def host_present(environ: Mapping[str, str] = os.environ) -> bool | None:
    """Tell whether the tray has a host; nothing where the bus does not say. Raise `NoSessionBus`."""
    if sys.platform != "linux":
        return True  # Windows and macOS come with theirs
    from tray.desktop.linux.bus import BUS, Reply, Target  # noqa: PLC0415  Linux alone
    from tray.desktop.linux.session_bus import open_session_bus  # noqa: PLC0415  the same
    from tray.desktop.linux.watcher import WATCHER  # noqa: PLC0415  the same

    bus = open_session_bus(environ)
    replies: list[Reply] = []
    target = Target(BUS, "/org/freedesktop/DBus", BUS)
    bus.call(target, "NameHasOwner", "s", (WATCHER.destination,), gives="b", then=replies.append)
    while not replies and bus.alive and select.select([bus.fileno()], [], [], PATIENCE_SECONDS)[0]:
        bus.read()
    bus.close()
    return bool(replies[0].body[0]) if replies and replies[0].error is None else None


def has_keys(stdin: TextIO | None) -> bool:
    """Tell whether somebody can press keys: a terminal, and not one that we run in the background of."""
    if stdin is None or stdin.closed or not stdin.isatty():
        return False
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(stdin.fileno()) == os.getpgrp()
    except OSError:  # not the terminal of our session: nobody would stop us for reading it
        return True
