"""What the program costs beside hello-worlds, measured in one run: start, memory, wake-ups, click.

`python3 -m uv run python -m tests.benchmarks.weight [--runs 9] [--json FILE]`. Hello-worlds whose toolkit is not
installed are said to be missing: Debian's `python3-gi gir1.2-ayatanaappindicator3-0.1 xvfb` for AppIndicator, and
`python3 -m uv run --with pyside6-essentials python -m tests.benchmarks.weight` for PySide6.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.running import PROGRAM

HELLO = Path(__file__).parent / "hello"
DEBIANS_PYTHON = "/usr/bin/python3"
QUIET = 60.0  # seconds of watching for wake-ups


@dataclass(frozen=True)
class Candidate:
    """Something that shows an icon."""

    name: str
    command: list[str]
    environ: dict[str, str] = field(default_factory=dict)
    needs_display: bool = False


@dataclass
class Figures:
    """What was measured of a candidate, a value for each run."""

    start_ms: list[float] = field(default_factory=list)
    rss_mb: list[float] = field(default_factory=list)
    private_mb: list[float] = field(default_factory=list)
    threads: int = 0


def candidates() -> Iterator[Candidate]:
    """Yield what is installed."""
    yield Candidate("floor: StatusNotifierItem on jeepney", [sys.executable, str(HELLO / "floor.py")])
    yield Candidate("Presence Tray --demo, idle", [PROGRAM, "run", "--demo"])
    packages = Path(find_spec("pystray").origin).parent.parent  # type: ignore[union-attr, arg-type]
    if subprocess.run([DEBIANS_PYTHON, "-c", "import gi"], check=False, capture_output=True).returncode == 0:
        with_pystray = copy_of(packages, "pystray", "six.py", "Xlib")
        hello = [DEBIANS_PYTHON, str(HELLO / "pystray_hello.py")]
        environ = {"PYTHONPATH": f"{with_pystray}:{debians_pillow(packages)}", "PYSTRAY_BACKEND": "appindicator"}
        yield Candidate("hello: pystray on AppIndicator", hello, environ, needs_display=True)
    if find_spec("PySide6"):
        yield Candidate("hello: PySide6", [sys.executable, str(HELLO / "qt_hello.py")], {}, needs_display=True)


def copy_of(packages: Path, *names: str) -> Path:
    """Return a folder with some packages alone: Debian's Python must not find the rest."""
    folder = Path(tempfile.mkdtemp(prefix="hello-"))
    for name in names:
        (folder / name).symlink_to(packages / name)
    return folder


def debians_pillow(packages: Path) -> Path:
    """Return a folder with pillow: Python 3.11 on both sides, so the same wheel serves."""
    names = [path.name for path in packages.iterdir() if path.name in {"PIL", "pillow.libs"}]
    return copy_of(packages, *names)


@contextmanager
def display() -> Iterator[str]:
    """Start an X server; yields its name."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        yield f":{answer.readline().strip()}"
    server.kill()
    server.wait()


@contextmanager
def started(candidate: Candidate, screen: str | None) -> Iterator[tuple[TrayHost, subprocess.Popen[bytes], float]]:
    """Start a candidate on a bus of its own; yields host, process and milliseconds to its registration."""
    with tempfile.TemporaryDirectory() as home, PrivateBus() as bus, TrayHost(bus.address) as host:
        environ = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environ |= {"HOME": home, "PRESENCE_TRAY_HOME": home, "XDG_RUNTIME_DIR": home, **bus.environ}
        environ |= candidate.environ | ({"DISPLAY": screen, "NO_AT_BRIDGE": "1"} if screen else {})
        began = time.perf_counter()
        process = subprocess.Popen(candidate.command, env=environ, stderr=subprocess.DEVNULL)
        try:
            host.wait_for(lambda: bool(host.registrations), 20)
            yield host, process, (time.perf_counter() - began) * 1000
        finally:
            process.kill()
            process.wait()


def memory(process: subprocess.Popen[bytes]) -> tuple[float, float, int]:
    """Return resident and private memory in MB, and threads."""
    folder = Path(f"/proc/{process.pid}")
    rows = dict(line.split(":", 1) for line in (folder / "smaps_rollup").read_text().splitlines()[1:])
    kilobytes = {name: int(value.split()[0]) for name, value in rows.items()}
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return kilobytes["Rss"] / 1024, private / 1024, len(list((folder / "task").iterdir()))


def activity(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Return voluntary context switches and CPU milliseconds of all threads so far."""
    switches, ticks = 0, 0
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        status = (task / "status").read_text()
        switches += int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])
        ticks += sum(map(int, (task / "stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return switches, ticks * 1000 / os.sysconf("SC_CLK_TCK")


def measure(candidate: Candidate, runs: int, screen: str | None) -> Figures:
    """Measure one candidate."""
    figures = Figures()
    for _ in range(runs):
        with started(candidate, screen if candidate.needs_display else None) as (host, process, took):
            figures.start_ms.append(took)
            pump(host, 1.5)
            rss, private, figures.threads = memory(process)
            figures.rss_mb.append(rss)
            figures.private_mb.append(private)
    return figures


def pump(host: TrayHost, seconds: float) -> None:
    """Let time pass, answering what a host is asked."""
    until = time.monotonic() + seconds
    try:
        host.wait_for(lambda: time.monotonic() > until, seconds + 0.2)
    except (AssertionError, TimeoutError):
        return


def holding(runs: int) -> dict[str, float]:
    """Measure the program at work: memory while holding, wake-ups, clicks."""
    found: dict[str, list[float]] = {name: [] for name in ("rss_mb", "private_mb", "click_ms", "layout_ms")}
    quiet: dict[str, float] = {}
    for run in range(runs):
        with started(Candidate("", [PROGRAM, "run", "--demo"]), None) as (host, process, _):
            host.wait_item()
            pump(host, 1.5)
            if run == 0:
                quiet |= watched(process, host, "idle")
            host.click("Busy")
            pump(host, 5)
            rss, private, _threads = memory(process)
            found["rss_mb"].append(rss)
            found["private_mb"].append(private)
            if run == 0:
                quiet |= watched(process, host, "holding")
            found["click_ms"] += [click(host, label) for label in ("Presenting", "In a call") * 5]
            found["layout_ms"] += [layout(host) for _ in range(10)]
    medians = {name: statistics.median(values) for name, values in found.items()}
    for name in ("click_ms", "layout_ms"):
        medians[f"{name}_p95"] = statistics.quantiles(found[name], n=20)[-1]
    return medians | quiet


def watched(process: subprocess.Popen[bytes], host: TrayHost, what: str) -> dict[str, float]:
    """Count wake-ups and CPU time for a while, scaled to a minute."""
    switches, busy = activity(process)
    time.sleep(QUIET)
    more, busier = activity(process)
    host.settle()
    scale = 60 / QUIET
    return {f"{what}_switches_per_min": (more - switches) * scale, f"{what}_cpu_ms_per_min": (busier - busy) * scale}


def click(host: TrayHost, label: str) -> float:
    """Return milliseconds from a click to the header that says it is held."""
    item = host.layout().find(label).number
    began = time.perf_counter()
    host.click_number(item)
    while host.layout().labels[0] != f"{label}, until you stop":
        if time.perf_counter() - began > 10:
            raise TimeoutError(label)
    return (time.perf_counter() - began) * 1000


def layout(host: TrayHost) -> float:
    """Return milliseconds of one GetLayout."""
    began = time.perf_counter()
    host.menu("GetLayout", "iias", 0, -1, [])
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    table: dict[str, Figures] = {}
    if shutil.which("Xvfb") is None:
        print("no Xvfb: hello-worlds that need a display may fail")
    with display() as screen:
        for candidate in candidates():
            table[candidate.name] = measure(candidate, options.runs, screen)
    floor = next(iter(table.values()))
    print(
        f"{'median of ' + str(options.runs):40}{'start ms':>18}{'x floor':>9}{'RSS MB':>8}{'private':>9}{'threads':>9}"
    )
    for name, figures in table.items():
        start = statistics.median(figures.start_ms)
        span = f"{start:.0f} ({min(figures.start_ms):.0f}-{max(figures.start_ms):.0f})"
        ratio = start / statistics.median(floor.start_ms)
        rss, private = statistics.median(figures.rss_mb), statistics.median(figures.private_mb)
        print(f"{name:40}{span:>18}{ratio:>9.2f}{rss:>8.1f}{private:>9.1f}{figures.threads:>9}")
    work = holding(max(3, options.runs // 3))
    for name, value in work.items():
        print(f"{'Presence Tray ' + name:40}{value:>18.2f}")
    if options.json:
        plain = {name: vars(figures) for name, figures in table.items()}
        options.json.write_text(json.dumps({"table": plain, "holding": work}, indent=1))


if __name__ == "__main__":
    main()
