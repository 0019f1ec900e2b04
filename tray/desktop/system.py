"""What belongs to this operating system: its tray, its sensors, its launch at login; chosen here and nowhere else.

Another system is one folder with these parts, and a line in each function.
"""

import logging
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tray.core.events import Event
from tray.desktop.autostart import Autostart, own_command, own_environment
from tray.desktop.face import Face, Host, NullFace
from tray.desktop.power import PowerWatch
from tray.desktop.sensors import Ignored, NoSensor, OpenLock, Sensor, TellLock, TellMicrophone
from tray.desktop.terminal.keys import has_keys
from tray.errors import TrayError
from tray.messages import desktop as words
from tray.messages import notices
from tray.paths import home

if TYPE_CHECKING:
    from tray.desktop.linux.bus import Bus
    from tray.desktop.linux.logind import LogindWatch


LOG = logging.getLogger("tray.desktop")
LOGIN_LASTS = timedelta(minutes=3)  # desktops unlock keyrings, find networks and load panels in their own time
PANEL_RETURNS = timedelta(minutes=1)  # a panel that restarts is back before


class DesktopParts(NamedTuple):
    """What shows the program, what tells of sleep, and what tells of the screen lock: they share what they hear by."""

    face: Face
    power: PowerWatch
    open_lock: OpenLock


def open_desktop(post: Callable[[Event], None], *, at_login: bool, hold: bool) -> DesktopParts:
    """Return the tray, or the terminal where there is no tray or a foreground hold wants it.

    At login, or without anybody to read it, a terminal is of no use either: then nothing is shown.
    """
    if hold:
        return parts_around(post, _terminal(post))
    try:
        if not at_login and has_keys(sys.stdin) and find_host() in (Host.ABSENT, Host.SILENT):
            raise TrayError(*words.no_tray())  # noqa: TRY301  a terminal can serve until there is a panel
        return open_tray(post, wait_for_host=LOGIN_LASTS if at_login else PANEL_RETURNS)
    except TrayError as exc:
        LOG.info("%s", exc)
        if at_login or not sys.stdout:
            return parts_around(post, NullFace())
        terminal = _terminal(post)
        terminal.notify(notices.in_the_terminal(exc.title, exc.message))
        return parts_around(post, terminal)


def open_tray(post: Callable[[Event], None], *, wait_for_host: timedelta) -> DesktopParts:
    """Return the tray, to be run on the main thread, with what rides along; raise TrayError where there is none.

    A panel on Linux may take the time `wait_for_host` to show the icon.
    """
    if sys.platform == "win32":
        from tray.desktop.windows import power, tray  # noqa: PLC0415  one system's modules

        icon, open_lock = tray.open_tray(post)
        return DesktopParts(icon, power.open_watch(post), open_lock)
    if sys.platform == "darwin":
        from tray.desktop.macos import tray  # noqa: PLC0415  one system's module

        return parts_around(post, tray.open_tray(post))
    if sys.platform == "linux":
        from tray.desktop.linux import logind, tray  # noqa: PLC0415  one system's modules

        icon = tray.open_tray(post, wait_for_host)
        watch = logind.LogindWatch(post, icon.loop)
        return DesktopParts(icon, watch, partial(_open_linux_lock, watch, icon.bus))
    raise TrayError(*words.no_tray())


def _terminal(post: Callable[[Event], None]) -> Face:
    from tray.desktop.terminal.face import TerminalFace  # noqa: PLC0415  the tray does without

    return TerminalFace(post)


def this_desktop() -> str:
    """Return a name for the desktop that this process belongs to: its session bus; empty where there is none.

    On Windows and macOS a user has one desktop.
    """
    if sys.platform != "linux":
        return ""
    bus = os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={os.environ.get('XDG_RUNTIME_DIR', '')}/bus"
    return bus.partition(",guid=")[0]


def parts_around(post: Callable[[Event], None], face: Face) -> DesktopParts:
    """Return what needs no tray, around another face."""
    if sys.platform == "win32":
        from tray.desktop.windows import power  # noqa: PLC0415  one system's module

        return DesktopParts(face, power.open_watch(post), NoSensor)
    if sys.platform == "darwin":
        from tray.desktop.macos import power  # noqa: PLC0415  one system's module

        return DesktopParts(face, power.open_watch(post), _open_mac_lock)
    from tray.desktop.linux import logind  # noqa: PLC0415  one system's module

    watch = logind.LogindWatch(post)
    return DesktopParts(face, watch, partial(_open_linux_lock, watch, None))


def find_host() -> Host:
    """Tell whether something shows tray icons; raise TrayError without a session bus."""
    if sys.platform != "linux":
        return Host.THERE
    from tray.desktop.linux import status_item  # noqa: PLC0415  one system's module

    return status_item.find_host()


def open_microphone(tell: TellMicrophone, ignored: Ignored) -> Sensor:
    """Return what tells who uses the microphone."""
    if sys.platform == "win32":
        from tray.desktop.windows import microphone as windows  # noqa: PLC0415  one system's module

        return windows.WindowsMicrophone(tell, ignored, windows.windows_system())
    if sys.platform == "darwin":
        from tray.desktop.macos import microphone as macos  # noqa: PLC0415  one system's module

        return macos.MacMicrophone(tell, ignored, macos.core_audio)
    from tray.desktop.linux import microphone as linux  # noqa: PLC0415  one system's module

    return linux.PulseMicrophone(tell, ignored)


def _open_linux_lock(watch: "LogindWatch", session_bus: "Bus | None", tell: TellLock) -> Sensor:
    from tray.desktop.linux.screen_lock import LinuxScreenLock  # noqa: PLC0415  one system's module

    return LinuxScreenLock(tell, watch.loop, watch.system_bus, session_bus)


def _open_mac_lock(tell: TellLock) -> Sensor:
    from tray.desktop.macos import screen_lock  # noqa: PLC0415  one system's module

    return screen_lock.MacScreenLock(tell, screen_lock.MacSessionEvents())


def open_autostart() -> Autostart:
    """Return launch at login, for this installation; raise TrayError."""
    if sys.platform == "win32":
        from tray.desktop.windows.autostart import RunKey, WindowsRegistry  # noqa: PLC0415  one system's module

        return RunKey(WindowsRegistry(), own_command())
    if sys.platform == "darwin":
        from tray.desktop.macos.autostart import LaunchAgent  # noqa: PLC0415  one system's module

        return LaunchAgent(home() / "Library" / "LaunchAgents", own_command(), own_environment())
    from tray.desktop.linux.autostart import DesktopEntry  # noqa: PLC0415  one system's module

    return DesktopEntry.of_this_user(own_command(), own_environment())
