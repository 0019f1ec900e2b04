"""Measures the program beside its peers: `python3 -m uv run python -m tests.benchmarks.weight`.

Every candidate runs in an environment of its own, turn by turn, so that a noisy minute touches all of them. Needs
Debian's `dbus-daemon gnome-keyring xvfb`, and for two of the peers `python3-gi gir1.2-ayatanaappindicator3-0.1` and
`libegl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1`.
"""

import argparse
import json
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.weight import account, candidates, clicks, environments, readings, report, rules
from tests.benchmarks.weight.cloud import ServedCloud, served
from tests.benchmarks.weight.desk import alone, display

FROZEN = environments.PROJECT / "dist" / "presence-tray"  # where packaging/presence-tray.spec puts it
RULED = "idle, rules and a watcher on"
HOLDING_RUNS = 3  # of the runs: memory differs little from start to start
DISKS = {
    candidates.FLOOR: "floor",
    candidates.IDLE: environments.PRODUCT,
    candidates.IDLE_BEFORE: environments.BEFORE,
    candidates.APPINDICATOR: "pystray",
    candidates.PYSIDE: "pyside6",
    candidates.SDK: "sdk",
}


def options() -> argparse.Namespace:
    """Read what was typed."""
    parser = argparse.ArgumentParser(prog="weight", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="how often each candidate is started (7)")
    parser.add_argument("--watch", type=float, default=600, help="seconds of watching it idle and holding (600)")
    parser.add_argument("--clicks", type=int, default=clicks.CLICKS, help="(50)")
    parser.add_argument("--frozen", type=Path, default=FROZEN, help="the frozen app, for its size (dist/presence-tray)")
    parser.add_argument("--before", type=Path, help="a checkout of another version, to be measured beside this one")
    parser.add_argument("--starts", action="store_true", help="measure starts and memory only, beside the light peers")
    parser.add_argument("--environments", type=Path, help="a folder to keep the environments in for the next time")
    parser.add_argument("--json", type=Path, help="where to write all values")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    typed = options()
    with tempfile.TemporaryDirectory(prefix="weight-") as folder:
        places = environments.Environments(
            typed.environments or Path(folder) / "environments",
            typed.before,
            without=environments.HEAVY if typed.starts else (),
        )
        places.make()
        with served(Path(folder)) as cloud:
            results = measured(typed, places, cloud, Path(folder), report.Progress())
        results.disk_mb = {name: places.megabytes(place) for name, place in DISKS.items() if name in results.figures}
    print(report.table(results))
    if typed.frozen.exists():
        print(f"the frozen app on disk: {environments.size_of(typed.frozen):.1f} MB")
    else:
        print(f"the frozen app is not built ({typed.frozen}): python3 packaging/release.py")
    if typed.json:
        typed.json.write_text(json.dumps(results.plain(), indent=1), encoding="utf-8")


def measured(
    typed: argparse.Namespace,
    places: environments.Environments,
    cloud: ServedCloud,
    folder: Path,
    say: report.Progress,
) -> report.Results:
    """Start everything as often as asked, then watch and click."""
    results = report.Results()
    with display() as screen:
        found = list(candidates.icons(places, screen))
        holding = {candidates.HOLDING: environments.PRODUCT, candidates.HOLDING_BEFORE: environments.BEFORE}
        holding = {name: place for name, place in holding.items() if places.has(place)}
        names = [*(each.name for each in found), *holding, *([candidates.SDK] if places.has("sdk") else [])]
        results.figures = {name: candidates.Figures() for name in names}
        for run in range(typed.runs):
            say(f"starts, {run + 1} of {typed.runs}")
            for candidate in found:
                candidates.measure(candidate, results.figures[candidate.name])
            if run >= HOLDING_RUNS:
                continue
            for name, place in holding.items():
                account.measure(places.program(place), cloud, results.figures[name], results.child)
            if places.has("sdk"):
                candidates.measure_sdk(places, cloud, folder, results.figures[candidates.SDK])
    if not typed.starts:
        watch_and_click(typed, places, cloud, results, say)
    return results


def watch_and_click(
    typed: argparse.Namespace,
    places: environments.Environments,
    cloud: ServedCloud,
    results: report.Results,
    say: report.Progress,
) -> None:
    """Measure how soon the program does what it is asked, and what it does while nobody asks anything of it."""
    command = places.program()
    with ExitStack() as stack:
        programs = {"idle": stack.enter_context(alone([command, *candidates.AT_LOGIN], {}))}
        if shutil.which("pulseaudio"):
            programs[RULED] = stack.enter_context(rules.with_rules_and_a_watcher(command))
        else:
            print("no sound server: nothing idle with rules (Debian: pulseaudio, pulseaudio-utils)")
        for program in programs.values():
            program.host.wait_item()
            clicks.wait_for_menu(program.host)
            program.pump(15)  # calls that nobody answers are given up after ten seconds
        holding, _logind, _night = stack.enter_context(account.signed_in(command, cloud))
        account.hold(holding, cloud, results.child)
        say("clicks")
        clicks.measure(holding, cloud, results.waits, count=typed.clicks)
        clicks.show(holding.host, "Available")
        holding.pump(35)  # the second read-back comes after thirty seconds
        programs["holding"] = holding
        say(f"{typed.watch:.0f} seconds in which nobody asks anything")
        found = readings.watch_all([program.pid for program in programs.values()], typed.watch)
        results.activity = dict(zip(programs, found, strict=True))


if __name__ == "__main__":
    main()
