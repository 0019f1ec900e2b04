"""What belongs to this operating system: its tray, its sensors, its launch at login; chosen here and nowhere else.

Another system is one folder with these parts, and a line in each function.
"""

import os
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tray.core.events import Event
from tray.desktop.autostart import Autostart, own_command, own_environment
from tray.desktop.face import Face, Host
from tray.desktop.power import PowerWatch
from tray.desktop.sensors import Ignored, NoSensor, OpenLock, Sensor, TellLock, TellMicrophone
from tray.errors import TrayError
from tray.messages import desktop as words
from tray.paths import home

if TYPE_CHECKING:
    from tray.desktop.linux.bus import Bus
    from tray.desktop.linux.logind import LogindWatch


class Desktop(NamedTuple):
    """What shows the program, what tells of sleep, and what tells of the screen lock: they share what they hear by."""

    face: Face
    power: PowerWatch
    open_lock: OpenLock


def open_tray(post: Callable[[Event], None], *, wait_for_host: timedelta) -> Desktop:
    """Return the tray, to be run on the main thread, with what rides along; raise TrayError where there is none.

    A panel on Linux may take the time `wait_for_host` to show the icon.
    """
    if sys.platform == "win32":
        from tray.desktop.windows import power, tray  # noqa: PLC0415  one system's modules

        icon, open_lock = tray.open_tray(post)
        return Desktop(icon, power.open_watch(post), open_lock)
    if sys.platform == "darwin":
        from tray.desktop.macos import tray  # noqa: PLC0415  one system's module

        return open_without_tray(post, tray.open_tray(post))
    if sys.platform == "linux":
        from tray.desktop.linux import logind, tray  # noqa: PLC0415  one system's modules

        icon = tray.open_tray(post, wait_for_host)
        watch = logind.LogindWatch(post, icon.loop)
        return Desktop(icon, watch, partial(_open_linux_lock, watch, icon.bus))
    raise TrayError(*words.no_tray())


def this_desktop() -> str:
    """Return a name for the desktop that this process belongs to: its session bus; empty where there is none.

    On Windows and macOS a user has one desktop.
    """
    if sys.platform != "linux":
        return ""
    bus = os.environ.get("DBUS_SESSION_BUS_ADDRESS") or f"unix:path={os.environ.get('XDG_RUNTIME_DIR', '')}/bus"
    return bus.partition(",guid=")[0]


def open_without_tray(post: Callable[[Event], None], face: Face) -> Desktop:
    """Return what needs no tray, around another face."""
    if sys.platform == "win32":
        from tray.desktop.windows import power  # noqa: PLC0415  one system's module

        return Desktop(face, power.open_watch(post), NoSensor)
    if sys.platform == "darwin":
        from tray.desktop.macos import power  # noqa: PLC0415  one system's module

        return Desktop(face, power.open_watch(post), _open_mac_lock)
    from tray.desktop.linux import logind  # noqa: PLC0415  one system's module

    watch = logind.LogindWatch(post)
    return Desktop(face, watch, partial(_open_linux_lock, watch, None))


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

    return screen_lock.MacScreenLock(tell, screen_lock.Notifications())


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
