"""The real program in storms and calms: what it was asked, how soon it held again, and what it grew by."""

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.desktop.private_bus import PrivateBus
from tests.program.desktop import Desktop
from tests.program.processes import Program
from tests.program.storm.cloud import StormyCloud
from tests.signin.secret_service import wait_for_store
from tray.control.client import ask
from tray.core.states import STATES, State
from tray.paths import locate
from tray.runtime import TRACE_LENGTH

WEATHERS = (0.5, 0.8, 1.0)  # the share of calls that meet a fault
SOON = timedelta(seconds=60)
SHORT = 30.0  # seconds of a storm in which the program may call nobody of its own accord


@dataclass(frozen=True)
class Load:
    """What a process takes just now."""

    resident: int  # KiB
    threads: int
    descriptors: int
    children: int


def load_of(pid: int) -> Load:
    """Read a process's load from /proc."""
    folder = Path(f"/proc/{pid}")
    lines = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    children = sum(len(each.read_text().split()) for each in folder.glob("task/*/children"))
    descriptors = len(list((folder / "fd").iterdir()))
    return Load(int(lines["VmRSS"].split()[0]), int(lines["Threads"]), descriptors, children)


@dataclass(frozen=True)
class Storm:
    """How one storm was weathered."""

    weather: float
    state: str
    recovery: timedelta  # from the end of the faults until what is wanted is shown
    excused: timedelta  # of which the program had been told to wait, or may by its own rules
    load: Load

    @property
    def is_in_time(self) -> bool:
        """Tell whether it held again within a minute of the faults' end and of what it was told to wait."""
        return self.recovery <= self.excused + SOON


@contextmanager
def afloat(folder: Path, seed: int = 1, lease_minutes: int = 30) -> Iterator[Desktop]:
    """Give the program a cloud, a bus and a keyring, and sign it in."""
    cloud = StormyCloud(folder, 1.0, seed)
    cloud.start()
    before = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    with PrivateBus() as bus:
        desktop = Desktop(folder, bus, cloud)
        with (desktop.home / "settings.toml").open("a", encoding="utf-8") as settings:
            settings.write(f"lease_minutes = {lease_minutes}\n")
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        try:
            wait_for_store()
            desktop.sign_in()
            yield desktop
        finally:
            if before is None:
                del os.environ["DBUS_SESSION_BUS_ADDRESS"]
            else:
                os.environ["DBUS_SESSION_BUS_ADDRESS"] = before
            desktop.keyring.stop()
            cloud.stop()


@dataclass
class Voyage:
    """A program signed in to a cloud; `patience` is in seconds."""

    program: Program
    cloud: StormyCloud
    pid: int
    seed: int
    patience: float
    storms: list[Storm] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311  a seeded voyage
        self._channel = locate(demo=False, environment=self.program.environ).channel
        self.wanted: State = STATES[0]

    def pick(self) -> None:
        """Tell the program to hold another state."""
        self.wanted = self._dice.choice([state for state in STATES if state is not self.wanted])
        request = {"do": "set", "state": self.wanted.key, "pinned": False, "timed": True, "until": None}
        self.cloud.ledger.picks.append(self.cloud.clock.now())
        assert ask(self._channel, request)["ok"]

    def fill_ring(self) -> None:
        """Let the program take so many events that it keeps no more decisions than now: it has grown by them all."""
        for _ in range(TRACE_LENGTH + 10):
            ask(self._channel, {"do": "looked"})

    def is_shown(self) -> bool:
        """Tell whether colleagues see what is wanted."""
        shown = self.cloud.graph.model.effective(self.cloud.clock.now())
        expected = self.wanted.preferred or self.wanted.pair
        return shown == expected or shown.availability == expected.availability == "Offline"

    def sail(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def weather(self, storm: float, calm: float) -> Storm:
        """Sail through so many seconds of storm, picking all the while if it is short, and then so many of calm."""
        self.pick()
        self.sail(self._dice.uniform(0, min(storm, 10)))
        weather = self.cloud.weather = self._dice.choice(WEATHERS)
        restless = storm < SHORT or self._dice.random() < 0.5
        until = self.cloud.clock.now() + timedelta(seconds=storm)
        while (left := (until - self.cloud.clock.now()).total_seconds()) > 0:
            self.sail(min(left, self._dice.uniform(storm / 12, storm / 2) if restless else left))
            if restless:
                self.pick()
        self.cloud.weather = 0.0
        end = self.cloud.clock.now()
        shown_at = self._wait_for(self.is_shown)
        excused = self.cloud.ledger.may_wait_until(end) - end
        self.sail(calm)
        self._wait_for(lambda: not load_of(self.pid).children)
        load = min((load_of(self.pid) for _ in range(5)), key=lambda load: (load.threads, load.descriptors))
        weathered = Storm(weather, self.wanted.key, shown_at - end, excused, load)
        self.storms.append(weathered)
        return weathered

    def _wait_for(self, condition: Callable[[], bool]) -> datetime:
        limit = time.monotonic() + self.patience
        while not condition():
            assert time.monotonic() < limit, f"{self.wanted.key} never came back: {self._wreck()}"
            time.sleep(0.02)
        return self.cloud.clock.now()

    def _wreck(self) -> str:
        """Return what is left to find out why: what the program says, what it was told, its log."""
        log = self.program.paths().log_file
        lines = [str(self.program.status()), *self.cloud.ledger.last(40), *log.read_text().splitlines()[-120:]]
        return "\n".join(lines)

    def report(self) -> str:
        """Return the figures of the voyage."""
        ledger = self.cloud.ledger
        kinds = ", ".join(f"{kind} {count}" for kind, count in ledger.kinds.most_common())
        lines = [f"{len(ledger.calls)} calls: {kinds}", f"{len(ledger.broken)} promises broken", *ledger.broken[:20]]
        for name, storms in (
            ("free to call at once", [each for each in self.storms if not each.excused]),
            ("told to wait", [each for each in self.storms if each.excused]),
        ):
            seconds = sorted(max(0.0, (each.recovery - each.excused).total_seconds()) for each in storms)
            if seconds:
                middle, last = statistics.median(seconds), seconds[-1]
                lines.append(
                    f"{len(storms)} storms, {name}: held again in {middle:.1f} s (median), {last:.1f} s at most"
                )
        for name in ("resident", "threads", "descriptors", "children"):
            values = [getattr(storm.load, name) for storm in self.storms]
            slope = statistics.linear_regression(range(len(values)), values).slope if len(values) > 1 else 0.0
            lines.append(f"{name}: {values[0]} first, {values[-1]} last, {max(values)} most, {slope:+.2f} a storm")
        return "\n".join(lines)
