"""A long voyage of the real program through storms: what it was asked, how soon it held again, what it grew by.

`python3 -m uv run python -m tests.lanes.storms [--minutes 60] [--seed 1]`; needs Debian's gnome-keyring.
Ends with 1 if a promise was broken, a hold came back later than a minute after the faults' end, or the program grew.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.program.storm.voyage import Voyage, afloat

STORMS = (60.0, 180.0, 420.0)  # seconds; an Available session fades in the longest
CALM = 60.0
MOST_GROWTH = 512  # KiB of resident memory from the middle third of the voyage to the last


def faults_of(voyage: Voyage) -> Iterator[str]:
    """Yield what went against the promises."""
    yield from voyage.cloud.ledger.broken
    for number, storm in enumerate(voyage.storms):
        if not storm.is_in_time:
            yield f"storm {number}: {storm.state} back after {storm.recovery}, excused {storm.excused}"
    loads = [storm.load for storm in voyage.storms]
    third = len(loads) // 3 or 1
    for name, most in (("resident", MOST_GROWTH), ("threads", 0), ("descriptors", 0), ("children", 0)):
        middle, last = (
            statistics.median(getattr(load, name) for load in part)
            for part in (loads[third : 2 * third], loads[2 * third :])
        )
        if last > middle + most:
            yield f"{name}: {middle} in the middle of the voyage, {last} at its end"


def main() -> int:
    """Sail, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)  # noqa: S311  a seeded voyage
    with (
        tempfile.TemporaryDirectory() as folder,
        afloat(Path(folder), options.seed, lease_minutes=5) as desktop,
        desktop.program.running("run") as process,
    ):
        desktop.program.wait_for(lambda status: status["account"]["signed_in"])
        voyage = Voyage(desktop.program, desktop.cloud, process.pid, options.seed, patience=420)
        voyage.fill_ring()
        until = time.monotonic() + 60 * options.minutes
        while time.monotonic() < until:
            storm = voyage.weather(dice.choice(STORMS), CALM)
            late = "" if storm.is_in_time else "  LATE"
            back = storm.recovery.total_seconds()
            print(f"{storm.weather:.0%} {storm.state}: back in {back:.1f} s, {storm.load}{late}", flush=True)
        print(voyage.report())
        faults = list(faults_of(voyage))
    print("\n".join(faults) or "every promise kept")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
