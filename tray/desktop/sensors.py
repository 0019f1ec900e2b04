"""What tells of the microphone and of the screen lock: the seam, and the programs that never count.

| system  | microphone                                     | screen lock                                        |
|---------|------------------------------------------------|----------------------------------------------------|
| Linux   | PulseAudio's protocol, by libpulse             | logind's LockedHint, the screensavers' signals     |
| Windows | Core Audio's sessions, and the privacy records | WM_WTSSESSION_CHANGE in the tray's window          |
| macOS   | Core Audio's process objects                   | the distributed notifications                      |

A sensor tells its reading whenever that changes, from any thread. One that loses its source says that it cannot tell,
and comes back by itself.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from threading import Event as Flag
from threading import Thread
from typing import Protocol

from tray.core.effects import Watch
from tray.core.events import Event, SensorChanged
from tray.core.rules import CannotTell, LockReading, MicrophoneReading, Unknown, Used
from tray.core.values import Origin
from tray.messages.catalogue import printable

LOG = logging.getLogger("tray.desktop.sensors")
STOPPING = 0.5  # seconds the thread gets to end
LONGEST_NAME = 40  # characters of a program's name that a line of the menu has room for
PAUSE = 60.0  # seconds after a defect, which may be met again

TellMicrophone = Callable[[MicrophoneReading], None]
TellLock = Callable[[LockReading], None]

# Teams sets a better presence for its own calls, which run in processes of several names: these are their beginnings.
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
        self._programs = frozenset(program.strip().casefold() for program in programs)

    def __contains__(self, name: object) -> bool:
        """Tell whether a name of a program is one of them, without case, with or without `.exe`."""
        name = str(name).casefold()
        return bool(name) and (
            name in self._programs or name.removesuffix(".exe") in self._programs or name.startswith(TEAMS)
        )


class MicrophoneThread(ABC):
    """Watches the microphone on a thread of its own; a system's sensor says how it watches and what wakes it."""

    def __init__(self, tell: TellMicrophone, ignored: Ignored) -> None:
        self._tell = tell
        self._ignored = ignored
        self._last: MicrophoneReading | None = None
        self._over = Flag()
        self._thread = Thread(target=self._run, name="microphone", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; nothing is told afterwards."""
        self._over.set()
        self._wake()
        self._thread.join(STOPPING)

    @abstractmethod
    def _watch(self) -> None:
        """Say each new reading until the sensor is stopped."""

    @abstractmethod
    def _wake(self) -> None:
        """Let `_watch` see that the sensor is stopped; callable from any thread."""

    def _say(self, reading: MicrophoneReading) -> None:
        if reading != self._last and not self._over.is_set():
            self._last = reading
            self._tell(reading)

    def _run(self) -> None:
        """Watch; after a defect say so, and begin anew after a pause."""
        while not self._over.is_set():
            try:
                self._watch()
            except Exception:
                LOG.exception("a sensor failed")
                self._say(CannotTell(Unknown.FAILED))
                self._over.wait(PAUSE)
            else:
                return


OpenMicrophone = Callable[[TellMicrophone, Ignored], Sensor]
OpenLock = Callable[[TellLock], Sensor]


class Sensors:
    """The sensors that run: those that a rule wants. The requests lane starts and stops them."""

    def __init__(self, post: Callable[[Event], None], open_microphone: OpenMicrophone, open_lock: OpenLock) -> None:
        self._post = post
        self._open_microphone = open_microphone
        self._open_lock = open_lock
        self._wanted = Watch()
        self._microphone: Sensor | None = None
        self._lock: Sensor | None = None

    def watch(self, wanted: Watch) -> None:
        """Start what is wanted now and was not, stop the rest."""
        before, self._wanted = self._wanted, wanted
        if (before.microphone, before.ignored) != (wanted.microphone, wanted.ignored):
            self._microphone = self._changed(self._microphone, self._for_microphone if wanted.microphone else None)
        if before.screen_lock != wanted.screen_lock:
            self._lock = self._changed(self._lock, self._for_lock if wanted.screen_lock else None)

    def stop(self) -> None:
        """Stop what runs."""
        self.watch(Watch())

    def _changed(self, sensor: Sensor | None, make: Callable[[], Sensor] | None) -> Sensor | None:
        if sensor:
            sensor.stop()
        if make is None:
            return None
        sensor = make()
        sensor.start()
        return sensor

    def _for_microphone(self) -> Sensor:
        def tell(reading: MicrophoneReading) -> None:
            if isinstance(reading, Used):  # programs name themselves
                reading = Used(" ".join(printable(reading.by, LONGEST_NAME).split()))
            self._post(SensorChanged(Origin.MICROPHONE, reading))

        return self._open_microphone(tell, Ignored(self._wanted.ignored))

    def _for_lock(self) -> Sensor:
        return self._open_lock(lambda reading: self._post(SensorChanged(Origin.SCREEN_LOCK, reading)))


class NoSensor:
    """Stands where this system tells nothing."""

    def __init__(self, tell: Callable[[CannotTell], None]) -> None:
        self._tell = tell

    def start(self) -> None:
        """Say that it cannot be told."""
        self._tell(CannotTell(Unknown.NO_SOURCE))

    def stop(self) -> None:
        """Do nothing: nothing runs."""
