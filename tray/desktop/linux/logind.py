"""Sleep and the end of the session as logind tells them on the system bus, and the delay that it grants.

The watch shares the tray's loop; where there is no tray it has a loop and a thread of its own. Whoever else hears the
system bus shares it as well.
Source: systemd's "Inhibitor Locks" (https://systemd.io/INHIBITOR_LOCKS/).
"""

import logging
import os
from collections.abc import Callable
from threading import Thread
from typing import Any

from tray.core.events import Event, LeaveAsked, Resumed, SleepWatched, Suspending
from tray.core.values import LeaveReason
from tray.desktop.linux.bus import BUS, Bus, Loop, Reply, Target
from tray.desktop.linux.system_bus import SystemBus
from tray.messages import APP_NAME
from tray.messages import desktop as words

LOG = logging.getLogger("tray.desktop")

NAME = "org.freedesktop.login1"
MANAGER = Target(NAME, "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
WHAT, MODE = "sleep:shutdown", "delay"
STOPPING = 0.5  # seconds the thread gets to end by itself


class LogindWatch:
    """Hears logind and holds the inhibitor, on the loop's thread alone."""

    def __init__(self, post: Callable[[Event], None], loop: Loop | None = None) -> None:
        self._post = post
        self.loop = loop or Loop()
        self.system_bus = SystemBus(self.loop)
        self._thread = None if loop else Thread(target=self._run, name="sleep", daemon=True)
        self._bus: Bus | None = None
        self._owner = ""  # logind's own name on the bus: anybody may send us a signal that looks like its
        self._inhibitor: int | None = None  # a file descriptor
        self._is_going_down = False
        self._is_told = False
        self._is_over = False

    def start(self) -> None:
        """Begin to watch."""
        self.loop.call(self._begin)
        if self._thread:
            self._thread.start()

    def allow(self) -> None:
        """Release the inhibitor."""
        self.loop.call(self._allow)

    def stop(self) -> None:
        """End watching, and with it what keeps the machine waiting."""
        if self._thread is None:
            self._end()
        elif self._thread.is_alive():
            self.loop.call(self._end)
            self._thread.join(STOPPING)

    # ------------------------------------------------------------------- on the loop's thread

    def _run(self) -> None:
        while not self._is_over:
            self.loop.turn()
        self.loop.hang_up()

    def _begin(self) -> None:
        self.system_bus.follow(self)

    def system_joined(self, bus: Bus) -> None:
        """Subscribe, and ask for the delay."""
        self._bus = bus
        signals = {"sender": NAME, "interface": MANAGER.interface}
        bus.listen({**signals, "member": "PrepareForSleep"}, "b", self._prepare_for_sleep)
        bus.listen({**signals, "member": "PrepareForShutdown"}, "b", self._prepare_for_shutdown)
        owner = {"sender": BUS, "interface": BUS, "member": "NameOwnerChanged", "arg0": NAME}
        bus.listen(owner, "sss", self._owner_changed)
        self._ask()

    def system_lost(self) -> None:
        """Give the delay back: nobody tells of sleep, which is noticed afterwards only."""
        self._bus = None
        self._tell(told=False)
        self._give_back()

    def _ask(self) -> None:
        if self._bus:
            self._bus.call(
                MANAGER, "Inhibit", "ssss", (WHAT, APP_NAME, words.inhibitor(), MODE), gives="h", then=self._answered
            )

    def _answered(self, reply: Reply) -> None:
        self._owner = reply.sender
        self._tell(told=reply.sender not in ("", BUS))  # logind tells of sleep even if it grants no delay
        if reply.error is not None:
            LOG.info("Sleep does not wait for us (%s).", reply.error)
            return
        self._give_back()
        (descriptor,) = reply.body
        self._inhibitor = descriptor.to_raw_fd()

    def _owner_changed(self, sender: str, body: tuple[Any, ...]) -> None:
        name, _old_owner, new_owner = body
        if sender != BUS or name != NAME:
            return
        if new_owner:  # a logind that started anew may not know our inhibitor
            self._ask()
        else:
            self._tell(told=False)

    def _prepare_for_sleep(self, sender: str, body: tuple[Any, ...]) -> None:
        if sender != self._owner:
            return
        (self._is_going_down,) = body
        if self._is_going_down:
            self._post(Suspending())
        else:
            self._post(Resumed())
            if self._inhibitor is None:
                self._ask()

    def _prepare_for_shutdown(self, sender: str, body: tuple[Any, ...]) -> None:
        (begins,) = body
        if sender == self._owner and begins:
            self._is_going_down = True
            self._post(LeaveAsked(LeaveReason.ENDED))

    def _allow(self) -> None:
        """Give the inhibitor back; only what is going down is held up, so a late word does no harm."""
        if self._is_going_down:
            self._give_back()

    def _give_back(self) -> None:
        if self._inhibitor is not None:
            os.close(self._inhibitor)
            self._inhibitor = None

    def _tell(self, *, told: bool) -> None:
        """Post whether sleep is told of, if that is new."""
        if told != self._is_told:
            self._is_told = told
            self._post(SleepWatched(told))

    def _end(self) -> None:
        self._is_over = True
        self._give_back()
        self.system_bus.close()
