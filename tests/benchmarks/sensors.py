"""Measures what the sensors of the rules cost: `python3 -m uv run python -m tests.benchmarks.sensors [SECONDS]`.

The program runs on a bus with a tray host of the test's own and beside a real PulseAudio, first with no rule on, then
with all three. Printed: its private memory once it is at rest, and how often its threads are woken in so many seconds
(60) in which nothing changes. Needs Debian's `dbus-daemon pulseaudio pulseaudio-utils`.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.desktop.linux.sound import PulseAudio
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.running import Program

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


def measured(settings: str, seconds: float) -> tuple[int, int]:
    """Return the program's private memory in KiB, and its wake-ups."""
    with tempfile.TemporaryDirectory() as home, PulseAudio() as sound, PrivateBus() as bus, TrayHost(bus.address):
        sound.start()
        (Path(home) / "settings.toml").write_text(settings, encoding="utf-8")
        pulse = {"PULSE_SERVER": f"unix:{sound.folder}/pulse/native", "DBUS_SYSTEM_BUS_ADDRESS": bus.address}
        with Program(Path(home), {**bus.environ, **pulse}).running("run") as process:
            time.sleep(AT_REST)
            before = wake_ups(process.pid)
            time.sleep(seconds)
            return private(process.pid), wake_ups(process.pid) - before


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
    """Print both."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    for name, settings in (("no rule", ""), ("all three", ALL_ON)):
        memory, woken = measured(settings, seconds)
        print(f"{name}: {memory / 1024:.1f} MiB private, {woken} wake-ups in {seconds:.0f} s")


if __name__ == "__main__":
    main()
