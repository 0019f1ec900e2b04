"""Whether the program grows: `python3 -m uv run python -m tests.benchmarks.growth`.

The whole program in this process, with a real tray on a bus, a real keyring, the token child, and the sandbox served
by another process. It refreshes, changes its menu, gets new tokens, sleeps and wakes thousands of times; memory,
threads and descriptors are read all the while, and their slope is printed. Needs Debian's `dbus-daemon gnome-keyring`.
"""

import argparse
import itertools
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from tests.benchmarks.weight import readings
from tests.benchmarks.weight.account import write_settings
from tests.benchmarks.weight.cloud import ServedCloud, served
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.running import PROGRAM
from tests.signin.secret_service import SecretService, wait_for_store
from tray import works
from tray.core.events import Event, Picked, Resumed, Suspending
from tray.core.look import Notice, View
from tray.core.states import IN_A_CALL, PRESENTING, State
from tray.desktop import watcher
from tray.desktop.linux_tray import LinuxTray
from tray.options import RunOptions
from tray.paths import locate

PATIENCE = 60.0  # seconds
SAMPLES = 40
WARMING = 4  # one part in so many: caches fill, and are not growth


class WatchedTray:
    """A real tray whose views the driver sees as well."""

    def __init__(self, tray: LinuxTray) -> None:
        self._tray = tray
        self._views: SimpleQueue[View] = SimpleQueue()
        self.shown = 0
        self.stop = tray.stop

    def run(self) -> None:
        """Be shown on a thread of its own."""
        self._tray.run()

    def show(self, view: View) -> None:
        """Show a view."""
        self._tray.show(view)
        self._views.put(view)

    def notify(self, notice: Notice) -> None:
        """Show a notice."""
        self._tray.notify(notice)

    def wait_for(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        """Wait for a view whose status is as it should be; raises queue.Empty."""
        while True:
            view = self._views.get(timeout=PATIENCE)
            self.shown += 1
            if condition(dict(view.status)):
                return


@dataclass
class Grower:
    """The program, and what is done to it again and again."""

    works: works.Works
    tray: WatchedTray
    panel: TrayHost
    cloud: ServedCloud
    states: Iterator[State] = field(default_factory=lambda: itertools.cycle((PRESENTING, IN_A_CALL)))

    def refresh(self) -> None:
        """Have another session set, which changes menu, icon and tooltip too."""
        state = next(self.states)
        self._post(Picked(state))
        self.tray.wait_for(lambda status: is_held(status, state))

    def menu(self) -> None:
        """Read the menu that the last change made, as panels do."""
        self.refresh()
        self.panel.layout()

    def token(self) -> None:
        """Have the token refused, and a new one brought by a child."""
        self.cloud.expire()
        self.refresh()

    def sleep(self) -> None:
        """Sleep, which gives the hold back, and wake, which takes it up again."""
        self._post(Suspending())
        self.tray.wait_for(lambda status: status["session"] is None)
        self._post(Resumed())
        self.tray.wait_for(lambda status: status["session"] is not None)

    def _post(self, event: Event) -> None:
        self.works.post(event)
        self.panel.settle()
        self.panel.signals.clear()


def is_held(status: dict[str, Any], state: State) -> bool:
    """Tell whether a state is held."""
    hold = status["hold"]
    return bool(hold) and hold["state"] == state.key and hold["held_by"] == "session"


@contextmanager
def running() -> Iterator[Grower]:
    """Start everything, signed in."""
    with tempfile.TemporaryDirectory() as folder, PrivateBus() as bus, served(Path(folder)) as cloud:
        keyring = SecretService(Path(folder), bus)
        home = Path(folder) / "home"
        home.mkdir()
        write_settings(home / "settings.toml", cloud.place)
        os.environ |= {"SSL_CERT_FILE": cloud.place["ca_file"], "PRESENCE_TRAY_HOME": str(home), **bus.environ}
        wait_for_store()
        subprocess.run([PROGRAM, "sign-in", "--device-code"], check=True, capture_output=True)
        tray = LinuxTray(lambda _event: None, watcher.join())
        watched = WatchedTray(tray)
        with TrayHost(bus.address) as panel:
            thread = Thread(target=watched.run, name="tray")
            thread.start()
            panel.wait_item()
            program = works.build(RunOptions(), locate(demo=False), watched)
            try:
                yield Grower(program, watched, panel, cloud)
            finally:
                program.stop()
                tray.stop()
                thread.join()
                keyring.stop()


@dataclass(frozen=True)
class Growth:
    """What became more, by a thousand repetitions: the slope of a line through the samples."""

    private_kb: float
    threads: float
    descriptors: float


def grow(act: Callable[[], None], times: int) -> Growth:
    """Repeat an act and return what grew once it was warm."""
    for _ in range(times // WARMING):
        act()
    samples: list[tuple[float, float, int, int]] = []
    step = max(1, times // SAMPLES)
    for count in range(times - times // WARMING):
        act()
        if count % step == 0:
            pid = os.getpid()
            private = readings.memory(pid).private * 1024
            samples.append((count / 1000, private, readings.threads(pid), readings.descriptors(pid)))
    counts = [sample[0] for sample in samples]
    return Growth(*(slope(counts, [sample[index] for sample in samples]) for index in (1, 2, 3)))


def slope(xs: list[float], ys: list[float]) -> float:
    """Return the slope of the line that fits best."""
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread if spread else 0.0


def main() -> None:
    """Grow, and print how much."""
    parser = argparse.ArgumentParser(prog="growth", description=__doc__)
    for what, times in {"refreshes": 10_000, "menus": 10_000, "tokens": 1_000, "sleeps": 1_000}.items():
        parser.add_argument(f"--{what}", type=int, default=times, help=f"({times})")
    typed = parser.parse_args()
    with running() as grower:
        acts = {"refreshes": grower.refresh, "menus": grower.menu, "tokens": grower.token, "sleeps": grower.sleep}
        print(f"{'by a thousand':<16}{'times':>8}{'private KB':>12}{'threads':>9}{'files':>7}")
        for what, act in acts.items():
            found = grow(act, getattr(typed, what))
            row = f"{found.private_kb:>+12.1f}{found.threads:>+9.2f}{found.descriptors:>+7.2f}"
            print(f"{what:<16}{getattr(typed, what):>8}{row}", flush=True)
        print(f"views shown: {grower.tray.shown}")


if __name__ == "__main__":
    main()
