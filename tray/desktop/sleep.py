"""Tells that the machine goes to sleep, wakes, or ends the session; must not know what is done about it.

Linux: logind over the system bus, with a delay inhibitor that gives about five seconds. Windows: `windows_desk.py`
handles the hidden window's messages. Where there is nothing to listen to, the engine's own net, the wall clock, finds
out afterwards.
"""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, Protocol

from tray.core.events import (
    Event,
    LeaveAsked,
    Resumed,
    Suspending,
)
from tray.core.things import Leaving

LOG = logging.getLogger("tray.desktop")
LOGIND = "org.freedesktop.login1"
MANAGER = f"{LOGIND}.Manager"
PATH = "/org/freedesktop/login1"


class Watch(Protocol):
    """Watches for sleep from start to stop."""

    def start(self) -> None:
        """Begin to watch."""

    def allow(self) -> None:
        """Let the machine sleep: what had to be done is done. Callable from any thread."""

    def stop(self) -> None:
        """End watching."""


class NoWatch:
    """Where nobody tells."""

    def start(self) -> None:
        """Do nothing."""

    def allow(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""


def open_watch(post: Callable[[Event], None]) -> Watch:
    """Return this system's watch."""
    return LogindWatch(post) if sys.platform == "linux" else NoWatch()


class LogindWatch:
    """Listens to logind on a thread of its own, which sleeps until there is a signal."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._connection: Any = None
        self._inhibitor: int | None = None
        self._thread: Thread | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin to watch."""
        self._thread = Thread(target=self._run, name="sleep", daemon=True)
        self._thread.start()

    def allow(self) -> None:
        """Give the inhibitor back."""
        inhibitor, self._inhibitor = self._inhibitor, None
        if inhibitor is not None:
            os.close(inhibitor)

    def stop(self) -> None:
        """End watching; the thread ends with its connection."""
        self._stopping = True
        connection = self._connection
        if connection:
            with suppress(OSError):
                connection.sock.shutdown(2)
        if self._thread:
            self._thread.join(0.5)
        self.allow()

    def _run(self) -> None:
        """Listen until the bus or the program ends; without logind there is nothing to listen to."""
        from jeepney import MatchRule, message_bus  # noqa: PLC0415  after the icon
        from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415
        from jeepney.wrappers import DBusErrorResponse  # noqa: PLC0415

        try:
            with open_dbus_connection(bus="SYSTEM", enable_fds=True) as connection:
                self._connection = connection
                rule = MatchRule(type="signal", sender=LOGIND, interface=MANAGER, path=PATH)
                connection.send_and_get_reply(message_bus.AddMatch(rule))
                self._inhibit(connection)
                while not self._stopping:
                    self._take(connection, connection.receive())
        except (OSError, ConnectionError, DBusErrorResponse, KeyError, ValueError, EOFError) as exc:
            if not self._stopping:
                LOG.info("sleep is only noticed afterwards: %s", exc)
        finally:
            self._connection = None

    def _inhibit(self, connection: Any) -> None:
        """Ask for the delay; a logind that refuses it still tells."""
        from jeepney import DBusAddress, new_method_call  # noqa: PLC0415

        address = DBusAddress(PATH, LOGIND, MANAGER)
        words = ("sleep:shutdown", "Presence Tray", "Give the Teams presence back", "delay")
        reply = connection.send_and_get_reply(new_method_call(address, "Inhibit", "ssss", words), timeout=5)
        if reply.header.message_type.name == "method_return":
            self.allow()
            self._inhibitor = reply.body[0].to_raw_fd()
        else:
            LOG.info("logind gives no time before sleep")

    def _take(self, connection: Any, message: Any) -> None:
        from jeepney import HeaderFields  # noqa: PLC0415

        if message.header.message_type.name != "signal" or not message.body:
            return
        match message.header.fields.get(HeaderFields.member), message.body[0]:
            case "PrepareForSleep", True:
                self._post(Suspending())
            case "PrepareForSleep", False:
                self._post(Resumed())
                self._inhibit(connection)
            case "PrepareForShutdown", True:
                self._post(LeaveAsked(Leaving.ENDED))
            case _:
                pass
