"""What belongs to this operating system: its tray, its power watch, its launch at login; chosen here and nowhere else.

Another system is one folder with these parts, and a line in each function.
"""

import sys
from collections.abc import Callable
from datetime import timedelta

from tray.core.events import Event
from tray.desktop.autostart import Autostart, own_command, own_environment
from tray.desktop.face import Face, Host
from tray.desktop.power import PowerWatch
from tray.desktop.sensors import Ignored, NoSensor, Sensor, TellLock, TellMicrophone
from tray.errors import TrayError
from tray.messages import desktop as words
from tray.paths import home


def open_tray(post: Callable[[Event], None], *, wait_for_host: timedelta) -> tuple[Face, PowerWatch]:
    """Return the tray, to be run on the main thread, with the power watch; raise TrayError where there is none.

    On Linux both share one loop, and a panel may take the time `wait_for_host` to show the icon.
    """
    if sys.platform == "win32":
        from tray.desktop.windows import tray  # noqa: PLC0415  one system's module

        return tray.open_tray(post), open_power_watch(post)
    if sys.platform == "darwin":
        from tray.desktop.macos import tray  # noqa: PLC0415  one system's module

        return tray.open_tray(post), open_power_watch(post)
    if sys.platform == "linux":
        from tray.desktop.linux import logind, tray  # noqa: PLC0415  one system's modules

        icon = tray.open_tray(post, wait_for_host)
        return icon, logind.LogindWatch(post, icon.loop)
    raise TrayError(*words.no_tray())


def find_host() -> Host:
    """Tell whether something shows tray icons; raise TrayError without a session bus."""
    if sys.platform != "linux":
        return Host.THERE
    from tray.desktop.linux import status_item  # noqa: PLC0415  one system's module

    return status_item.find_host()


def open_power_watch(post: Callable[[Event], None]) -> PowerWatch:
    """Return what watches for sleep and the end of the session, where no tray carries it along."""
    if sys.platform == "win32":
        from tray.desktop.windows import power  # noqa: PLC0415  one system's module

        return power.open_watch(post)
    if sys.platform == "darwin":
        from tray.desktop.macos import power  # noqa: PLC0415  one system's module

        return power.open_watch(post)
    from tray.desktop.linux import logind  # noqa: PLC0415  one system's module

    return logind.LogindWatch(post)


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


def open_screen_lock(tell: TellLock) -> Sensor:
    """Return what tells whether the screen is locked."""
    if sys.platform == "linux":
        from tray.desktop.linux import screen_lock as linux  # noqa: PLC0415  one system's module

        return linux.LinuxScreenLock(tell)
    if sys.platform == "darwin":
        from tray.desktop.macos import screen_lock as macos  # noqa: PLC0415  one system's module

        return macos.MacScreenLock(tell, macos.Notifications())
    return NoSensor(tell)


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
