"""A night of eight hours with Available set: what it takes while nobody looks.

`python3 -m uv run python -m tests.benchmarks.night [--hours 8]`

The engine, the state file and the sandbox's presence model on a clock that jumps from one wake to the next. The lid is
closed twice, for half an hour each, as logind tells it, and each hour the Wi-Fi is gone for two minutes. A *decision*
is one time that the engine's thread was woken; processor time is that of the decisions and of writing the file, without
the network's. Memory is what Python keeps of what the program made, without the tests' own figures.
"""

import argparse
import gc
import tempfile
import time
import tracemalloc
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.days.simulation import START, World
from tray import state_file
from tray.core.effects import Effect, Save
from tray.core.engine import decide
from tray.core.events import Event, Picked
from tray.core.model import Engine
from tray.core.states import AVAILABLE

HOUR = timedelta(hours=1)
LIDS = (2.25, 5.25)  # hours after the start
ASLEEP = timedelta(minutes=30)
NOT_COUNTED = (str(Path(__file__).parents[1] / "*"), tracemalloc.__file__)  # the figures themselves, and the tracing
AWAY_FROM_WIFI = timedelta(minutes=2)


@dataclass
class Hour:
    """What one hour took."""

    decisions: int = 0
    cpu_ms: float = 0.0
    requests: int = 0
    saves: int = 0
    written: int = 0  # bytes
    grown: int = 0  # bytes of Python's memory since the first hour


class Night(World):
    """A world that counts, whose state is written into a real file."""

    def __init__(self, seed: int, file: Path) -> None:
        super().__init__(seed)
        self.announces_sleep = True
        self.file = file
        self.hours: list[Hour] = [Hour()]
        self.decide = self._counted
        self.watchers.append(self._note)

    def _counted(self, engine: Engine, event: Event, now: datetime) -> tuple[Engine, tuple[Effect, ...]]:
        began = time.process_time()
        engine, effects = decide(engine, event, now)
        for effect in effects:
            if isinstance(effect, Save):
                state_file.save(self.file, effect.saved)
                self.hours[-1].saves += 1
                self.hours[-1].written += self.file.stat().st_size
        self.hours[-1].cpu_ms += (time.process_time() - began) * 1000
        self.hours[-1].decisions += 1
        return engine, effects

    def _note(self, what: str, _thing: object) -> None:
        self.hours[-1].requests += what == "sent"

    def wifi(self, *, up: bool) -> None:
        """Let the network come or go."""
        self.network = up


def play(hours: int, file: Path) -> list[Hour]:
    """Play the night; return what each hour took."""
    world = Night(1, file)
    world.start()
    world.post(Picked(AVAILABLE))
    for hour in range(hours):
        world.later((hour + 0.5) * HOUR.total_seconds(), lambda: world.wifi(up=False))
        world.later(((hour + 0.5) * HOUR + AWAY_FROM_WIFI).total_seconds(), lambda: world.wifi(up=True))
    for lid in LIDS:
        world.later(lid * HOUR.total_seconds(), lambda: world.suspend(ASLEEP.total_seconds(), announced=True))
    tracemalloc.start()
    in_memory()  # what looking takes is there from then on
    first = None
    for hour in range(hours):
        world.run(START + (hour + 1) * HOUR)
        world.sent.clear()
        world.answers.clear()
        kept = in_memory()
        first = kept if first is None else first
        world.hours[-1].grown = kept - first
        world.hours.append(Hour())
    tracemalloc.stop()
    return world.hours[:-1]


def in_memory() -> int:
    """Return how many bytes Python keeps of what was made since tracing began, but for the memory of the tests."""
    gc.collect()
    ours = [tracemalloc.Filter(inclusive=False, filename_pattern=each) for each in NOT_COUNTED]
    found = tracemalloc.take_snapshot().filter_traces(ours).statistics("filename")
    return sum(each.size for each in found)


def table(hours: list[Hour]) -> list[str]:
    """Return the lines of the table, in Markdown."""
    lines = ["| hour | decisions | CPU, ms | requests | files written | bytes | grown, bytes |", "|" + "---|" * 7]
    for number, hour in enumerate(hours, 1):
        lines.append(
            f"| {number} | {hour.decisions} | {hour.cpu_ms:.0f} | {hour.requests} | {hour.saves} | {hour.written:,} "
            f"| {hour.grown:,} |"
        )
    return lines


def main() -> None:
    """Play the night and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=8)
    with tempfile.TemporaryDirectory(prefix="night-") as folder:
        print("\n".join(table(play(parser.parse_args().hours, Path(folder) / "state.json"))))


if __name__ == "__main__":
    main()
