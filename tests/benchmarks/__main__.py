"""Everything the program costs and keeps, in one table: `python3 -m uv run python -m tests.benchmarks`.

Prints ours, the anchor's and the ratio; `--write` puts the table into docs/costs.md. It needs what
`tests.benchmarks.weight` and `tests.benchmarks.layout` name, and takes an hour. `--short` takes a quarter of it: fewer
starts and clicks, a hundred days, a tenth of the tenant.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import fleet, held_time, layout, night
from tests.benchmarks.weight import __main__ as weight
from tests.benchmarks.weight import candidates, environments, report
from tests.benchmarks.weight.cloud import served

COSTS = Path(__file__).parents[2] / "docs" / "costs.md"
BEGINS, ENDS = "<!-- figures -->\n", "<!-- end of figures -->\n"
Row = tuple[str, str, str, str]  # what, ours, the anchor's or the aim, the ratio


def weighed(*, short: bool) -> Iterator[Row]:
    """Yield start, memory, wake-ups and clicks."""
    sys.argv[1:] = ["--runs", "3", "--holding", "240"] if short else ["--holding", "480"]
    typed = weight.options()
    with tempfile.TemporaryDirectory(prefix="weight-") as folder:
        places = environments.Environments(Path(folder) / "environments")
        places.make()
        with served(Path(folder)) as cloud:
            yield from weight_rows(weight.measured(typed, places, cloud, Path(folder)))


def weight_rows(results: report.Results) -> Iterator[Row]:
    """Yield the rows of what was weighed; of several starts the least counts, because the machine does other things."""
    figures = results.figures
    for what, ours, anchor, measured, unit in (
        ("icon and whole menu", candidates.IDLE, candidates.APPINDICATOR, "menu_ms", "ms"),
        ("resident with a status set", candidates.HOLDING, candidates.PYSIDE, "resident_mb", "MB"),
    ):
        if ours in figures and anchor in figures:
            least = [min(getattr(figures[name], measured)) for name in (ours, anchor)]
            ratio = f"{least[0] / least[1]:.2f}"
            yield what, f"{least[0]:.1f} {unit}", f"{least[1]:.1f} {unit} ({anchor})", ratio
    for name, activity in results.activity.items():
        yield f"a minute, {name}", f"{activity.wake_ups:.1f} wake-ups, {activity.cpu_ms:.1f} ms", "", ""
    for name in ("to_wire", "to_header"):
        if values := getattr(results.waits, name):
            yield report.WAITS[name], f"{statistics.median(values):.1f} ms, p95 {report.p95(values):.1f} ms", "", ""


def answered(*, short: bool) -> Iterator[Row]:
    """Yield how soon the menu is answered."""
    found = layout.measure(100 if short else layout.CALLS)
    ours, theirs = statistics.median(found.ours), statistics.median(found.theirs)
    yield (
        "whole menu answered",
        f"{ours:.2f} ms",
        f"{theirs:.2f} ms (libdbusmenu's test application)",
        f"{found.ratio:.2f}",
    )


def kept(*, short: bool) -> Iterator[Row]:
    """Yield the held time beside the best of what people use today."""
    totals, _excluded = held_time.play(100 if short else 1000)
    shares = {name: total.held / total.holdable for name, total in totals.items()}
    ours = shares.pop(held_time.OURS)
    best = max(shares, key=lambda name: shares[name])
    worst = min(totals[held_time.OURS].shares)
    said = f"{100 * ours:.4f} %, worst day {100 * worst:.2f} %"
    yield (
        "held, of holdable time",
        said,
        f"{100 * shares[best]:.4f} % ({best})",
        f"{(1 - ours) / (1 - shares[best]):.4f}",
    )


def crowded(*, short: bool) -> Iterator[Row]:
    """Yield a tenant of ten thousand; the ratio is that of what is not held."""
    scale = 10 if short else 1
    for reading in ("accepted", "all"):
        tenant = fleet.Fleet(10_000 // scale, fleet.LIMIT // scale, rejected_count=reading == "all")
        tenant.run()
        back = sorted(user.back_at if user.back_at is not None else float("inf") for user in tenant.users)
        said = f"{100 * fleet.held(tenant):.3f} %, 99 % back in {back[int(len(back) * 0.99)]:.0f} s"
        yield f"10,000 users, calls that count: {reading}", said, "", ""


def slept(*, short: bool) -> Iterator[Row]:
    """Yield a night."""
    with tempfile.TemporaryDirectory(prefix="night-") as folder:
        hours = night.play(2 if short else 8, Path(folder) / "state.json")
    decisions, requests = sum(hour.decisions for hour in hours), sum(hour.requests for hour in hours)
    written = sum(hour.written for hour in hours)
    yield f"a night of {len(hours)} h", f"{decisions} decisions, {requests} requests, {written:,} bytes", "", ""


PARTS: tuple[Callable[..., Iterator[Row]], ...] = (weighed, answered, kept, crowded, slept)


def table(rows: list[Row]) -> str:
    """Return the table in Markdown."""
    lines = ["| | ours | beside | ratio |", "|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def written(document: str, figures: str) -> str:
    """Return a document with a new table between its two marks."""
    before, _, rest = document.partition(BEGINS)
    _old, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n{figures}\n{ENDS}{after}"


def main() -> None:
    """Measure everything and print."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--write", action="store_true")
    typed = parser.parse_args()
    rows: list[Row] = []
    for part in PARTS:
        for row in part(short=typed.short):
            print(" : ".join(each for each in row if each), flush=True)
            rows.append(row)
    if typed.write:
        COSTS.write_text(written(COSTS.read_text(encoding="utf-8"), table(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
