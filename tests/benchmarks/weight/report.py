"""Figures as a table for people and as JSON for scripts."""

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.benchmarks.weight.account import Child
from tests.benchmarks.weight.candidates import (
    APPINDICATOR,
    HOLDING,
    HOLDING_BEFORE,
    IDLE,
    PYSIDE,
    SDK,
    Figures,
)
from tests.benchmarks.weight.clicks import Waits
from tests.benchmarks.weight.readings import Activity


@dataclass
class Results:
    """Everything that one run measured."""

    figures: dict[str, Figures] = field(default_factory=dict)
    child: Child = field(default_factory=Child)
    waits: Waits = field(default_factory=Waits)
    activity: dict[str, Activity] = field(default_factory=dict)
    disk_mb: dict[str, float] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Return values that JSON knows: medians' raw material, not only the medians."""
        return asdict(self)


class Progress:
    """Says on stderr what is being measured, and since when."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, what: str) -> None:
        """Say it."""
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        print(f"{minutes}:{seconds:02} {what}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Aim:
    """What the program should be, and what it is."""

    name: str
    is_: float
    should_be: float
    unit: str = ""

    def __str__(self) -> str:
        """Return a row."""
        verdict = "met" if self.is_ <= self.should_be else f"missed by {self.is_ - self.should_be:.2f}"
        return f"{self.name:<58}{self.is_:>9.2f}{self.unit:<3}  ≤ {self.should_be:g}{self.unit:<3}  {verdict}"


def table(results: Results) -> str:
    """Return all figures, medians with least and most."""
    titles = "".join(f"{title:>24}" for title in SPANS.values())
    rows = [f"{'':<40}{titles}{'threads':>8}{'files':>6}{'disk MB':>8}"]
    for name, each in results.figures.items():
        spans = "".join(f"{span(getattr(each, measured)):>24}" for measured in SPANS)
        disk = results.disk_mb.get(name)
        rows.append(
            f"{name:<40}{spans}{max(each.threads):>8}{max(each.descriptors):>6}{f'{disk:.1f}' if disk else '':>8}"
        )
    rows += ["", f"token child: {span(results.child.took_ms)} ms, at most {span(results.child.peak_mb)} MB"]
    for name, activity in results.activity.items():
        rows.append(f"{name}: {activity.wake_ups:.1f} wake-ups and {activity.cpu_ms:.2f} ms CPU a minute")
    for name, values in asdict(results.waits).items():
        if values:
            rows.append(f"{WAITS[name]}: p50 {statistics.median(values):.1f} ms, p95 {p95(values):.1f} ms")
    rows += ["", *map(str, aims(results))]
    return "\n".join(rows)


SPANS = {
    "start_ms": "registered ms",
    "read_ms": "icon read ms",
    "menu_ms": "icon and menu ms",
    "resident_mb": "resident MB",
    "private_mb": "private MB",
}
WAITS = {
    "to_wire": "click → request on the wire, connection open",
    "to_wire_anew": "click → request on the wire, new connection with TLS",
    "to_header": "click → header of the menu changed",
    "layout": "GetLayout of the whole menu",
}


def aims(results: Results) -> list[Aim]:
    """Return what is aimed at, as far as both sides were measured."""
    figures, found = results.figures, []

    def ratio(name: str, ours: str, theirs: str, what: str, at_most: float) -> None:
        if ours in figures and theirs in figures:
            values = [statistics.median(getattr(figures[each], what)) for each in (ours, theirs)]
            found.append(Aim(name, values[0] / values[1], at_most, " x"))

    ratio("start to the icon and its menu, beside AppIndicator's hello-world", IDLE, APPINDICATOR, "menu_ms", 0.7)
    ratio("resident while holding, beside the version before", HOLDING, HOLDING_BEFORE, "resident_mb", 1.0)
    ratio("resident while holding, beside PySide6's hello-world", HOLDING, PYSIDE, "resident_mb", 0.65)
    ratio("resident while holding, beside the SDK's script", HOLDING, SDK, "resident_mb", 0.7)
    for what, (wake_ups, cpu) in {"idle": (0, 0), "idle, rules and a watcher on": (0, 0), "holding": (2, 2)}.items():
        if what in results.activity:
            found.append(Aim(f"wake-ups a minute, {what}", results.activity[what].wake_ups, wake_ups))
            found.append(Aim(f"CPU a minute, {what}", results.activity[what].cpu_ms, cpu, " ms"))
    if results.waits.to_wire:
        found.append(Aim("click → request on the wire, p95", p95(results.waits.to_wire), 12, " ms"))
        found.append(Aim("GetLayout, p95", p95(results.waits.layout), 2, " ms"))
    return found


def p95(values: Sequence[float]) -> float:
    """Return the value that one in twenty exceeds."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def span(values: Sequence[float]) -> str:
    """Return the median with the least and the most."""
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})" if values else ""
