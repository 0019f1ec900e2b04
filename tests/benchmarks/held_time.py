"""How much of the time a hold could be kept it is kept: the engine, and what people use today, on the same days.

`python3 -m uv run python -m tests.benchmarks.held_time [--days 1000] [--plot docs/held_time.png]`
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.benchmarks.held.day import DAY, Day, common, draw, length
from tests.benchmarks.held.play import Computer, Result, play_policy
from tests.benchmarks.held.policies import POLICIES

OURS = "Presence Tray"


@dataclass
class Total:
    """What a policy did on all days, in seconds."""

    held: float = 0.0
    holdable: float = 0.0
    running: float = 0.0  # faults included
    held_running: float = 0.0
    awake: float = 0.0  # machine and program ran
    requests: int = 0
    left_by_crash: list[float] = field(default_factory=list)
    left_by_sleep: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    def add(self, day: Day, result: Result) -> None:
        """Add a day."""
        holdable, running = day.holdable(), day.running()
        held = length(common(holdable, result.held))
        self.held += held
        self.holdable += length(holdable)
        self.held_running += length(common(running, result.held))
        self.running += length(running)
        self.awake += DAY - length([*day.asleep, *day.dead])
        self.shares.append(held / length(holdable))
        self.requests += result.requests
        self.left_by_crash += result.left_by_crash
        self.left_by_sleep += result.left_by_sleep


def play(days: int) -> tuple[dict[str, Total], dict[str, float]]:
    """Play the days to everybody; return the totals, and the seconds that were not holdable by reason."""
    totals = {name: Total() for name in (OURS, *POLICIES)}
    excluded: dict[str, float] = {}
    for seed in range(days):
        day = draw(seed)
        for reason, seconds in day.excluded().items():
            excluded[reason] = excluded.get(reason, 0.0) + seconds
        totals[OURS].add(day, Computer(day).play())
        for name, make in POLICIES.items():
            totals[name].add(day, play_policy(day, make))
    return totals, excluded


def table(totals: dict[str, Total]) -> Iterator[str]:
    """Yield the lines of the table, in Markdown."""
    yield "| policy | held, of holdable time | worst day | faults included | requests/h | crash | suspend |"
    yield "|---|---|---|---|---|---|---|"
    for name, total in totals.items():
        columns = (
            name,
            f"{100 * total.held / total.holdable:.4f} %",
            f"{100 * min(total.shares):.2f} %",
            f"{100 * total.held_running / total.running:.2f} %",
            f"{total.requests / total.awake * 3600:.1f}",
            _minutes(total.left_by_crash),
            _minutes(total.left_by_sleep),
        )
        yield f"| {' | '.join(columns)} |"


def _minutes(seconds: list[float]) -> str:
    """Return mean and greatest in minutes."""
    if not seconds:
        return "none"
    return f"{sum(seconds) / len(seconds) / 60:.1f} (≤ {max(seconds) / 60:.0f})"


def plot(totals: dict[str, Total], path: Path) -> None:
    """Draw each policy's worst days: the share not held, by day, worst first."""
    image = Image.new("RGB", (900, 460), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(15)
    colours = ("#157f3b", "#b3261e", "#b26a00", "#3b5bdb")
    left, top, width, height = 70, 40, 800, 340
    pen.text((left, 10), "share of holdable time not held, by day, worst day first", fill="black", font=font)
    worst = max(1 - min(total.shares) for total in totals.values()) or 1.0
    for mark in range(5):
        y = top + height - height * mark / 4
        pen.line((left, y, left + width, y), fill="#dddddd")
        pen.text((10, y - 8), f"{100 * worst * mark / 4:.0f} %", fill="black", font=font)
    for number, (name, total) in enumerate(totals.items()):
        lost = sorted((1 - share for share in total.shares), reverse=True)
        step = width / max(1, len(lost) - 1)
        points = [(left + step * day, top + height * (1 - each / worst)) for day, each in enumerate(lost)]
        pen.line(points, fill=colours[number % 4], width=3)
        pen.line((left + 200 * number, 420, left + 200 * number + 20, 420), fill=colours[number % 4], width=4)
        pen.text((left + 200 * number + 26, 411), name, fill="black", font=font)
    pen.text((left, top + height + 6), f"{len(total.shares)} days", fill="black", font=font)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, optimize=True)


def main() -> None:
    """Play the days and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    began = time.monotonic()
    totals, excluded = play(options.days)
    everything = options.days * DAY
    reasons = ", ".join(f"{reason} {100 * seconds / everything:.1f} %" for reason, seconds in excluded.items())
    print(f"{options.days} eight-hour days; not holdable {100 * sum(excluded.values()) / everything:.1f} %: {reasons}")
    print("\n".join(table(totals)))
    print(f"{time.monotonic() - began:.0f} s")
    if options.plot:
        plot(totals, options.plot)


if __name__ == "__main__":
    main()
