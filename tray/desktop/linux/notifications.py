"""Notices in the desktop's popups, by org.freedesktop.Notifications.

Nothing waits for the notification daemon: each step is sent when the answer to the one before arrives. A daemon that
is absent or hangs costs a line in the log.
Source: https://specifications.freedesktop.org/notification-spec/latest/.
"""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from tray.core.events import Event
from tray.core.view_model import Badge, Icon, Notice, Shape
from tray.desktop.icons.pixmaps import pixels
from tray.desktop.linux.bus import Bus, Heard, NoSessionBus, Reply, Target, open_session_bus
from tray.desktop.linux.bus_objects import clean
from tray.errors import TrayError
from tray.messages import APP_NAME

DAEMON = Target("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications")
DESKTOP_ENTRY = "presence-tray"  # the .desktop file: the desktop's own settings silence its notices
REMEDY = "remedy"  # the action's key
AS_THE_DAEMON_LIKES = -1  # expire_timeout
PICTURE_SIZE = 64
SHOWING = 5.0  # seconds, for a notification daemon that the bus has to start first

LOG = logging.getLogger("tray.desktop")


class Notifications:
    """Shows notices; one with the key of an earlier one replaces it, a remedy's button posts its event."""

    def __init__(self, bus: Bus, post: Callable[[Event], None], icon: Callable[[], Icon]) -> None:
        self._bus = bus
        self._post = post
        self._icon = icon
        self._numbers: dict[tuple[str, str], int] = {}  # by daemon and key: another daemon counts anew
        self._remedies: dict[tuple[str, int], Event] = {}
        self._hear("ActionInvoked", "us", self._action_invoked)
        self._hear("NotificationClosed", "uu", self._closed)

    def _hear(self, member: str, signature: str, heard: Heard) -> None:
        rule = {"sender": DAEMON.destination, "interface": DAEMON.interface, "member": member}
        self._bus.listen(rule, signature, heard)

    def send(self, notice: Notice) -> None:
        """Show a notice; asks first what this daemon can do."""
        self._bus.call(DAEMON, "GetCapabilities", gives="as", then=lambda reply: self._show(notice, reply))

    def _show(self, notice: Notice, capable: Reply) -> None:
        if capable.error is not None:
            LOG.warning("No notification could be shown (%s): %s", capable.error, notice.title)
            return
        (abilities,) = capable.body
        message = clean(notice.message)
        actions: list[str] = []
        if notice.remedy is not None and "actions" in abilities:
            actions = [REMEDY, clean(notice.remedy.label)]

        arguments = (
            APP_NAME,
            self._numbers.get((capable.sender, notice.key), 0),
            "",
            clean(notice.title),
            _escape(message) if "body-markup" in abilities else message,
            actions,
            self._hints(),
            AS_THE_DAEMON_LIKES,
        )
        self._bus.call(
            DAEMON,
            "Notify",
            "susssasa{sv}i",
            arguments,
            gives="u",
            then=lambda reply: self._shown(notice, reply),
        )

    def _hints(self) -> dict[str, tuple[str, Any]]:
        """Return whose notice it is, and the picture: width, height, row length, alpha, bits, channels, pixels."""
        size = PICTURE_SIZE
        picture = (size, size, size * 4, True, 8, 4, pixels(self._icon(), size))
        return {"desktop-entry": ("s", DESKTOP_ENTRY), "image-data": ("(iiibiiay)", picture)}

    def _shown(self, notice: Notice, reply: Reply) -> None:
        if reply.error is not None:
            LOG.warning("No notification could be shown (%s): %s", reply.error, notice.title)
            return
        (number,) = reply.body
        self._numbers[reply.sender, notice.key] = number
        self._remedies.pop((reply.sender, number), None)
        if notice.remedy is not None:
            self._remedies[reply.sender, number] = notice.remedy.event

    def _action_invoked(self, sender: str, body: tuple[Any, ...]) -> None:
        number, action = body
        event = self._remedies.pop((sender, number), None)
        if action == REMEDY and event is not None:
            self._post(event)

    def _closed(self, sender: str, body: tuple[Any, ...]) -> None:
        number, _reason = body
        self._remedies.pop((sender, number), None)


def _escape(text: str) -> str:
    """Return text that markup leaves as it is (the library's own function costs 13 ms of imports)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def show_error(error: TrayError, environ: Mapping[str, str] = os.environ) -> None:
    """Show in a popup why the program does not start, and wait until it is taken; without a desktop do nothing."""
    try:
        bus = open_session_bus(environ)
    except NoSessionBus:
        return
    notifications = Notifications(bus, lambda _event: None, lambda: Icon(Shape.IDLE, Badge.TROUBLE))
    notifications.send(Notice("start", error.title, error.message))
    bus.serve_until(lambda: bus.deadline is None, SHOWING)
    bus.close()
