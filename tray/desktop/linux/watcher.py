"""Registers the tray item with the StatusNotifierWatcher, and with each that comes; must not know what it shows.

The item is registered before what answers for it is loaded: the panel's first questions wait meanwhile.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any

from tray.desktop.linux.bus import BUS, Bus, Reply, Target
from tray.desktop.linux.session_bus import open_session_bus

WATCHER = Target("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher")


class Registration:
    """The item's place with the watcher: panels restart, and desktops load late."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.answered: Callable[[Reply], None] = lambda _reply: None  # called at each registration, accepted or not
        self._is_wanted = False
        rule = {"sender": BUS, "interface": BUS, "member": "NameOwnerChanged", "arg0": WATCHER.destination}
        bus.listen(rule, "sss", self._watcher_changed)

    def ask(self) -> None:
        """Register, unless that is done."""
        if not self._is_wanted:
            self._is_wanted = True
            self._register()

    def withdraw(self) -> None:
        """Register no more."""
        self._is_wanted = False

    def _watcher_changed(self, sender: str, body: tuple[Any, ...]) -> None:
        _name, _old_owner, new_owner = body
        if sender == BUS and new_owner and self._is_wanted:
            self._register()

    def _register(self) -> None:
        self.bus.call(WATCHER, "RegisterStatusNotifierItem", "s", (self.bus.name,), then=self._take)

    def _take(self, reply: Reply) -> None:
        self.answered(reply)


def join(environ: Mapping[str, str] = os.environ) -> Registration:
    """Join the session bus, within seconds; raise `NoSessionBus`."""
    return Registration(open_session_bus(environ))
