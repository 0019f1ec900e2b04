"""Whether the program grows: `python3 -m uv run python -m tests.benchmarks.growth`.

The installed program in a process of its own, with a tray on a bus, a real keyring, the token child, a stand-in for
logind, and the sandbox served by another process. It sets sessions, changes its menu, gets new tokens, sleeps and wakes
thousands of times; its memory, threads and descriptors are read all the while, and their slope is printed. Needs
Debian's `dbus-daemon gnome-keyring`.
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.weight import account, clicks, readings
from tests.benchmarks.weight.cloud import ServedCloud, served
from tests.benchmarks.weight.desk import PATIENCE, Started
from tests.desktop.linux.logind import Inhibitor, Logind
from tests.program.processes import PROGRAM

SAMPLES = 40
WARMING = 4  # one part in so many: caches fill, and are not growth


@dataclass
class Grower:
    """The program, and what is done to it again and again."""

    program: Started
    cloud: ServedCloud
    logind: Logind
    night: Inhibitor
    states: Iterator[str] = field(default_factory=lambda: itertools.cycle(clicks.STATES))

    def refresh(self) -> None:
        """Have another session set, which changes icon and tooltip too."""
        clicks.show(self.program.host, next(self.states))

    def menu(self) -> None:
        """Change the menu, and open and read it as a panel does."""
        self.refresh()
        self.program.host.open_menu()
        self.program.host.layout()

    def token(self) -> None:
        """Have the token refused, and a new one brought by a child."""
        self.cloud.expire()
        self.refresh()

    def sleep(self) -> None:
        """Sleep, which gives the hold back, and wake, which takes it up again."""
        heard = self.cloud.count()
        self.logind.tell("PrepareForSleep", True)
        self.night.wait_until_back()
        self._wait_until_heard(heard + 1)
        self.logind.tell("PrepareForSleep", False)
        self.night = self.logind.grant()
        self._wait_until_heard(heard + 2)
        clicks.show(self.program.host, next(self.states))

    def _wait_until_heard(self, count: int) -> None:
        limit = time.monotonic() + PATIENCE
        while self.cloud.count() < count:
            assert time.monotonic() < limit, "Graph was not called"
            self.program.pump(0.01)


@contextmanager
def running() -> Iterator[Grower]:
    """Start everything, signed in and holding."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as cloud,
        account.signed_in(PROGRAM, cloud) as (program, logind, night),
    ):
        clicks.wait_for_menu(program.host)
        grower = Grower(program, cloud, logind, night)
        grower.refresh()
        yield grower


@dataclass(frozen=True)
class Growth:
    """What became more, by a thousand repetitions: the slope of a line through the samples."""

    private_kb: float
    threads: float
    descriptors: float


def grow(act: Callable[[], None], times: int, pid: int) -> Growth:
    """Repeat an act and return what grew once it was warm."""
    for _ in range(times // WARMING):
        act()
    samples: list[tuple[float, float, int, int]] = []
    step = max(1, times // SAMPLES)
    for count in range(times - times // WARMING):
        act()
        if count % step == 0:
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
            found = grow(act, getattr(typed, what), grower.program.pid)
            row = f"{found.private_kb:>+12.1f}{found.threads:>+9.2f}{found.descriptors:>+7.2f}"
            print(f"{what:<16}{getattr(typed, what):>8}{row}", flush=True)


if __name__ == "__main__":
    main()
