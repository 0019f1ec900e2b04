"""Takes the icon's place in the panel before what will stand there is loaded; must not know what that is."""

import sys
from typing import TYPE_CHECKING, TypeAlias

from tray.desktop.hosts import has_keys, host_present
from tray.errors import TrayError
from tray.messages import desktop as words
from tray.run_options import RunOptions

if TYPE_CHECKING:
    from tray.desktop.linux.watcher import Registration  # Linux alone
# Who answers for the icon on Linux, or why there is no tray; nothing where the system has its own way, or for a hold.
Place: TypeAlias = "Registration | TrayError | None"


def reserve(options: RunOptions) -> Place:
    """Register the icon; where a terminal could serve instead, only if something shows icons."""
    if sys.platform != "linux" or options.hold:
        return None
    from tray.desktop.linux import watcher  # noqa: PLC0415  one platform's imports

    try:
        if not options.at_login and has_keys(sys.stdin) and host_present() is False:
            return TrayError(*words.no_tray())
        registration = watcher.join()
    except TrayError as exc:
        return exc
    registration.ask()
    return registration
