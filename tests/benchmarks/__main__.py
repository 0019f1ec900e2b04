"""Everything the program costs and keeps, in one table: `python3 -m uv run python -m tests.benchmarks`.

Prints ours, the anchor's and the ratio; `--write` puts the table into docs/costs.md. It needs what
`tests.benchmarks.weight` and `tests.benchmarks.layout` name, and takes a quarter of an hour on two cores; `--short`
takes five minutes. Ours and the anchors are measured in turn, so that a busy minute touches both. Ctrl-C ends it, and
what has been measured is printed.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.benchmarks import fleet, held_time, key_press, layout, night
from tests.benchmarks.weight import __main__ as weight
from tests.benchmarks.weight import candidates, environments, report
from tests.benchmarks.weight.cloud import served

COSTS = Path(__file__).parents[2] / "docs" / "costs.md"
BEGINS, ENDS = "<!-- figures -->\n", "<!-- end of figures -->\n"
Row = tuple[str, str, str, str]  # what, ours, the anchor's or the aim, the ratio

Say = report.Progress


def weighed(say: Say, *, short: bool) -> Iterator[Row]:
    """Yield start, memory, wake-ups and clicks."""
    sys.argv[1:] = ["--runs", "3", "--watch", "60", "--clicks", "20"] if short else ["--runs", "9", "--watch", "360"]
    typed = weight.options()
    with tempfile.TemporaryDirectory(prefix="weight-") as folder:
        say("environments")
        places = environments.Environments(Path(folder) / "environments", without=("sdk", "floor"))
        places.make()
        with served(Path(folder)) as cloud:
            yield from weight_rows(weight.measured(typed, places, cloud, Path(folder), say))


def weight_rows(results: report.Results) -> Iterator[Row]:
    """Yield the rows of what was weighed."""
    figures = results.figures
    for what, ours, anchor, measured, unit in (
        ("icon and whole menu", candidates.IDLE, candidates.APPINDICATOR, "menu_ms", "ms"),
        ("resident with a status set", candidates.HOLDING, candidates.PYSIDE, "resident_mb", "MB"),
    ):
        if ours in figures and anchor in figures:
            yield beside(what, getattr(figures[ours], measured), getattr(figures[anchor], measured), unit, anchor)
    for name, activity in results.activity.items():
        yield f"a minute, {name}", f"{activity.wake_ups:.1f} wake-ups, {activity.cpu_ms:.1f} ms", "", ""
    for name in ("to_wire", "to_header"):
        if values := getattr(results.waits, name):
            yield report.WAITS[name], f"{statistics.median(values):.1f} ms, p95 {report.p95(values):.1f} ms", "", ""


def beside(what: str, ours: Sequence[float], theirs: Sequence[float], unit: str, anchor: str) -> Row:
    """Return a row of medians, with the least of each in brackets: what the machine does besides adds to both."""
    digits = 2 if statistics.median(ours) < 10 else 1
    median, least = [[of(values) for values in (ours, theirs)] for of in (statistics.median, min)]
    shown = [f"{middle:.{digits}f} {unit} ({low:.{digits}f})" for middle, low in zip(median, least, strict=True)]
    return what, shown[0], f"{shown[1]}: {anchor}", f"{median[0] / median[1]:.2f} ({least[0] / least[1]:.2f})"


def answered(say: Say, *, short: bool) -> Iterator[Row]:
    """Yield how soon the menu is answered."""
    say("menus")
    found = layout.measure(100 if short else layout.CALLS)
    yield beside("whole menu answered", found.ours, found.theirs, "ms", "libdbusmenu's test application")


def pressed(say: Say, *, short: bool) -> Iterator[Row]:
    """Yield what a key press takes."""
    say("key presses")
    nothing, press = key_press.measure(10 if short else 40)
    ours, theirs = ([each.wall for each in costs] for costs in (press, nothing))
    yield beside("a key press, `toggle busy`", ours, theirs, "ms", "python3 -c pass")


def simulated(say: Say, *, short: bool) -> Iterator[Row]:
    """Yield what is played on clocks that jump: all at once, because no time is measured there."""
    say("simulations")
    with ProcessPoolExecutor() as pool:
        crowds = [pool.submit(crowd, reading, 10 if short else 1) for reading in ("accepted", "all")]
        days = pool.submit(kept, 100 if short else 1000)
        yield days.result()
        yield from (each.result() for each in crowds)
        yield pool.submit(slept, 2 if short else 8).result()


def kept(days: int) -> Row:
    """Return the held time beside the best of what people use today; the ratio is that of what is not held."""
    totals, _excluded = held_time.play(days)
    shares = {name: total.held / total.holdable for name, total in totals.items()}
    ours = shares.pop(held_time.OURS)
    best = max(shares, key=lambda name: shares[name])
    worst = min(totals[held_time.OURS].shares)
    said = f"{100 * ours:.4f} %, worst day {100 * worst:.2f} %"
    return (
        f"held, of holdable time, {days:,} days",
        said,
        f"{100 * shares[best]:.4f} %: {best}",
        f"not held: {(1 - ours) / (1 - shares[best]):.4f}",
    )


def crowd(reading: str, scale: int) -> Row:
    """Return what a tenant of ten thousand keeps; or a part of it, under the same part of the limit."""
    tenant = fleet.Fleet(10_000 // scale, fleet.LIMIT // scale, rejected_count=reading == "all")
    tenant.run()
    back = sorted(user.back_at if user.back_at is not None else float("inf") for user in tenant.users)
    said = f"{100 * fleet.held(tenant):.3f} %, 99 % back in {back[int(len(back) * 0.99)]:.0f} s"
    return f"{len(tenant.users):,} users, calls that count: {reading}", said, "", ""


def slept(hours: int) -> Row:
    """Return what a night takes."""
    with tempfile.TemporaryDirectory(prefix="night-") as folder:
        played = night.play(hours, Path(folder) / "state.json")
    decisions, requests = sum(hour.decisions for hour in played), sum(hour.requests for hour in played)
    written = sum(hour.written for hour in played)
    return f"a night of {hours} h", f"{decisions} decisions, {requests} requests, {written:,} bytes", "", ""


PARTS: tuple[Callable[..., Iterator[Row]], ...] = (answered, pressed, weighed, simulated)


def table(rows: list[Row]) -> str:
    """Return the table in Markdown."""
    lines = ["| | ours | beside | ratio |", "|---|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def written(document: str, figures: str) -> str:
    """Return a document with a new table between its two marks."""
    before, _, rest = document.partition(BEGINS)
    _old, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}\n{figures}\n{ENDS}{after}"


def main() -> int:
    """Measure everything and print."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--write", action="store_true")
    typed = parser.parse_args()
    say, rows = Say(), list[Row]()
    try:
        for part in PARTS:
            for row in part(say, short=typed.short):
                print(" : ".join(each for each in row if each), flush=True)
                rows.append(row)
    except KeyboardInterrupt:
        print(f"\nstopped; nothing was written\n{table(rows)}")
        return 130
    say("done")
    print(table(rows))
    if typed.write:
        COSTS.write_text(written(COSTS.read_text(encoding="utf-8"), table(rows)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
