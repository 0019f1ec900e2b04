"""Measures what the sensors of the rules cost: `uv run python -m tests.benchmarks.sensors [SECONDS [FOLDER]]`.

The program, installed as users have it, runs on a bus with a tray host of the test's own and beside a real PulseAudio,
first with no rule on, then with all three; before these the version whose clone is FOLDER, with none. Printed: the
processor time of its start, its private memory once it is at rest, and how often its threads are woken in so many
seconds (60) in which nothing changes; of RUNS runs, in turn, the least (of LONG seconds and more, of one). Needs
Debian's `dbus-daemon pulseaudio pulseaudio-utils`.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.weight.environments import BEFORE, NEEDS, PRODUCT, Environments
from tests.desktop.linux.sound import PulseAudio
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.processes import PATIENCE, Program

ALL_ON = """\
microphone = "in-a-call"
when_locked = "release"

[[hours]]
days = "mon-fri"
from = "09:00"
to = "17:30"
state = "available"
"""
AT_REST = 15.0  # seconds after the start
RUNS, LONG = 3, 120.0  # a run of so many seconds is one


class Figures(NamedTuple):
    """What was measured of one run."""

    start: float  # milliseconds of processor time
    memory: int  # KiB
    woken: int


def measured(settings: str, seconds: float, command: list[str]) -> Figures:
    """Run the program and measure it."""
    with (
        tempfile.TemporaryDirectory() as home,
        PulseAudio() as sound,
        PrivateBus() as bus,
        TrayHost(bus.address) as host,
    ):
        sound.start()
        (Path(home) / "settings.toml").write_text(settings, encoding="utf-8")
        pulse = {"PULSE_SERVER": f"unix:{sound.folder}/pulse/native", "DBUS_SYSTEM_BUS_ADDRESS": bus.address}
        program = Program(Path(home), {**bus.environ, **pulse})
        program.command = command
        with program.running("run", "--at-login") as process:  # which opens no settings page
            host.wait_for(lambda: bool(host.registrations), PATIENCE)  # one that gets no answer asks again
            time.sleep(AT_REST)
            before, start = wake_ups(process.pid), processor_time(process.pid)
            time.sleep(seconds)
            return Figures(start, private(process.pid), wake_ups(process.pid) - before)


def processor_time(pid: int) -> float:
    """Return how long the threads of a process have run, in milliseconds."""
    stats = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(stat.read_text(encoding="ascii").split()[0]) for stat in stats) / 1e6


def private(pid: int) -> int:
    """Return the memory that no other process shares, in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def wake_ups(pid: int) -> int:
    """Return how often the threads of a process gave the processor up by themselves."""
    woken = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        lines = status.read_text(encoding="ascii").splitlines()
        woken += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt"))
    return woken


def main() -> None:
    """Print the figures."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    other = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory(prefix="sensors-") as folder:
        places = Environments(Path(folder), other, without=NEEDS.keys() - {PRODUCT})
        places.make()
        cases = {"another version, no rule": (places.program(BEFORE), "")} if other else {}
        cases |= {"no rule": (places.program(), ""), "all three": (places.program(), ALL_ON)}
        found: dict[str, list[Figures]] = {name: [] for name in cases}
        for _run in range(RUNS if seconds < LONG else 1):
            for name, (command, settings) in cases.items():
                found[name].append(measured(settings, seconds, [command]))
    for name, runs in found.items():
        start, memory, woken = (min(each) for each in zip(*runs, strict=True))
        print(f"{name}: start {start:.0f} ms, {memory / 1024:.1f} MiB private, {woken} wake-ups in {seconds:.0f} s")


if __name__ == "__main__":
    main()
