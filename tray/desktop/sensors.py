"""What tells of the microphone and of the screen lock: the seam, and the programs that never count.

| system  | microphone                                     | screen lock                                        |
|---------|------------------------------------------------|----------------------------------------------------|
| Linux   | PulseAudio's protocol, by libpulse             | logind's LockedHint, four screensavers' signals    |
| Windows | Core Audio's sessions, and the privacy records | WM_WTSSESSION_CHANGE in the tray's window          |
| macOS   | Core Audio's process objects                   | the distributed notifications                      |

A sensor tells a word whenever it changes, from any thread, and is silent while nothing does. One that loses its source
says that it cannot tell, and comes back by itself.
"""

from collections.abc import Callable, Collection
from typing import Protocol

from tray.core.rules import LockWord, MicrophoneWord

TellMicrophone = Callable[[MicrophoneWord], None]
TellLock = Callable[[LockWord], None]

# Teams sets a better presence for its own calls. Its calls run in processes of several names, so beginnings count.
TEAMS = (
    "teams-for-linux",
    "teams_for_linux",
    "com.github.ismaelmartinez.teams_for_linux",
    "com.microsoft.teams",
    "msteams",
    "ms-teams",
    "microsoft teams",
    "teams.exe",
)


class Sensor(Protocol):
    """Watches from start to stop; each is called once."""

    def start(self) -> None:
        """Begin to watch."""

    def stop(self) -> None:
        """End watching; nothing is told afterwards."""


class Ignored:
    """The programs whose recording does not count: Teams' own, and those in `microphone_ignore`."""

    def __init__(self, programs: Collection[str] = ()) -> None:
        self._programs = frozenset(program.casefold() for program in programs)

    def __contains__(self, name: str) -> bool:
        """Tell whether a name of a program is one of them, without case, with or without `.exe`."""
        name = name.casefold()
        return bool(name) and (
            name in self._programs or name.removesuffix(".exe") in self._programs or name.startswith(TEAMS)
        )
