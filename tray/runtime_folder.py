"""Where lock and control channel lie, as far as it takes no look at the machine's id.

A key that a command is bound to waits for this, so it imports only what Python has loaded anyway: `pathlib` takes half
as long to import as Python takes to start.
"""

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "presence-tray"
HOME_VARIABLE = "PRESENCE_TRAY_HOME"

# sockaddr_un.sun_path: 108 bytes on Linux, 104 on macOS, the closing NUL included.
LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107


def runtime_folder(environment: "Mapping[str, str]") -> str | None:
    """Return the folder on Linux; `None` where every usual place is somebody else's.

    It is the user's runtime folder, unless that belongs to somebody else, as under `sudo -E` and `su` (the XDG Base
    Directory Specification says so); else one below /tmp, unless somebody else has its name.
    By hand: platformdirs warns on stderr when XDG_RUNTIME_DIR is not set, as under `su` and cron.
    """
    login = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    if _is_ours(login):
        return f"{login}/{NAME}"
    shared = f"{environment.get('TMPDIR') or '/tmp'}/{NAME}-{os.getuid()}"  # noqa: S108  made private
    return None if _is_ours(shared) is False else shared


def _is_ours(folder: str) -> bool | None:
    """Tell whether a folder is there and this user's; `None` when nothing is there. A link to one is not a folder."""
    try:
        seen = os.lstat(folder)
    except OSError:
        return None
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.getuid()


def usual_channel(environment: "Mapping[str, str]", *, demo: bool) -> str | None:
    """Return the address of the control channel where it is the usual one; `None` where `paths.locate` has to say."""
    named = environment.get(HOME_VARIABLE)
    if sys.platform != "linux" or (named and not named.startswith("/")):
        return None
    folder = f"{named}/run" if named else runtime_folder(environment)
    channel = f"{folder}/{'demo-' if demo else ''}control.sock"
    return channel if folder and len(os.fsencode(channel)) <= LONGEST_SOCKET_PATH else None
