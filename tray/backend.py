"""What the program acts on: Microsoft's services, or the demo's sandbox; the engine cannot tell them apart.

In the tray's process the network stack and the sandbox are imported here, by the first call that needs them, after the
icon. MSAL runs in the token child; only a demo runs it in this process.
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Protocol

from tray.clock import Clock
from tray.core.effects import Request
from tray.core.events import ScenariosRead
from tray.core.record import Record
from tray.core.values import Answer
from tray.desktop.autostart import Launch
from tray.desktop.sensors import Ignored, OpenLock, OpenMicrophone, Sensor, TellLock, TellMicrophone
from tray.desktop.system import open_autostart, open_microphone
from tray.errors import TrayError
from tray.graph.requests import Token
from tray.paths import Paths
from tray.settings import Settings
from tray.signin.registration import graph_origin
from tray.signin.source import TokenSource, open_source

if TYPE_CHECKING:
    from tray.sandbox.demo import Demo

LOG = logging.getLogger("tray.backend")


class GraphConnection(Protocol):
    """Sends one request at a time: the real client, whatever its transport."""

    def send(self, request: Request, token: Token) -> Answer:
        """Send and return what the answer means; never raises."""

    def close(self) -> None:
        """Drop the connection, also under a call in flight; callable from any thread."""


class Backend(Record):
    """How to reach Graph and the token side, and the scenarios of a demo."""

    graph: Callable[[], GraphConnection]
    source: Callable[[], TokenSource]
    prepare: Callable[[], object] = lambda: None  # called before anything else, on the requests lane
    play: Callable[[str], ScenariosRead] = lambda _scenario: ScenariosRead(())  # an empty scenario only reads them
    sensors: Callable[[OpenLock], tuple[OpenMicrophone, OpenLock]] = lambda lock: (open_microphone, lock)
    read_autostart: Callable[[], bool | None] = lambda: None  # None: a demo does not launch at login
    toggle_autostart: Callable[[], bool | None] = lambda: None


def open_real(current: Callable[[], Settings], paths: Paths) -> Backend:
    """Return Microsoft's services as the settings name them when they are first needed."""

    def graph() -> GraphConnection:
        from tray.graph.client import GraphClient  # noqa: PLC0415  the network stack comes after the icon

        settings = current()
        return GraphClient(graph_origin(settings), settings.client_id or "")

    return Backend(
        graph,
        source=lambda: open_source(current(), paths),
        read_autostart=_read_autostart,
        toggle_autostart=_toggle_autostart,
    )


def _read_autostart() -> bool | None:
    """Ask the system whether the program launches at login; `None` when it cannot here."""
    try:
        return open_autostart().read() is Launch.ON
    except (TrayError, OSError) as exc:
        LOG.info("launch at login cannot be read: %s", exc)
        return None


def _toggle_autostart() -> bool | None:
    """Switch launch at login over and read it back."""
    try:
        entry = open_autostart()
        entry.switch(on=entry.read() is not Launch.ON)
    except (TrayError, OSError) as exc:
        LOG.warning("launch at login cannot be changed: %s", exc)
    return _read_autostart()


def open_demo(clock: Clock, profile: str) -> Backend:
    """Return the sandbox: no account, no network, no keyring."""

    @cache
    def demo() -> "Demo":
        from tray.sandbox.demo import Demo  # noqa: PLC0415  the sandbox comes after the icon

        return Demo(clock, profile)

    def microphone(tell: TellMicrophone, ignored: Ignored) -> Sensor:
        return demo().microphone(tell, ignored)

    def screen_lock(tell: TellLock) -> Sensor:
        return demo().screen_lock(tell)

    return Backend(
        sensors=lambda _lock: (microphone, screen_lock),
        graph=lambda: demo().graph(),
        source=lambda: demo().source(),
        prepare=demo,
        play=lambda scenario: demo().play(scenario),
    )
