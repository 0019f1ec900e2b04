"""Measures what watchers cost the app: `python3 -m uv run python -m tests.benchmarks.watchers [SECONDS] [COUNT]`.

The installed demo runs without watchers first, then with 50 processes of `presence-tray watch --json`, one of them
stopped by SIGSTOP. Printed: the app's private memory, its threads and descriptors, and how often it is woken in so many
seconds (60) in which nothing changes; how soon the watchers that run have heard of a pick; and what is left of all that
once they have gone.
"""

import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.weight import readings
from tests.program.processes import Program

AT_REST = 15.0  # seconds after a change: the reads that follow it are over


def report(name: str, pid: int, seconds: float) -> None:
    """Print what the app is and does while nothing changes."""
    time.sleep(AT_REST)
    activity = readings.watch(pid, seconds)
    private, threads, descriptors = readings.memory(pid).private, readings.threads(pid), readings.descriptors(pid)
    print(
        f"{name}: {private:.1f} MB private, {threads} threads, {descriptors} descriptors, "
        f"{activity.wake_ups:.1f} wake-ups and {activity.cpu_ms:.1f} ms of CPU a minute",
        flush=True,
    )


def hear(watcher: subprocess.Popen[str], state: str) -> None:
    """Read a watcher's lines until one has the state."""
    assert watcher.stdout is not None
    while f'"state": "{state}"' not in watcher.stdout.readline():
        assert watcher.poll() is None, "the watcher has ended"


def main() -> None:
    """Print the figures without watchers, with them, and after them."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    with tempfile.TemporaryDirectory() as home:
        program = Program(Path(home))
        with program.running("run", "--demo") as app:
            program.wait_for(lambda status: bool(status["account"]["signed_in"]))
            program.run("set", "busy")
            report("no watcher", app.pid, seconds)
            with ExitStack() as stack:
                watchers = [stack.enter_context(program.running("watch", "--json")) for _ in range(count)]
                for watcher in watchers:
                    hear(watcher, "busy")
                watchers[0].send_signal(signal.SIGSTOP)
                report(f"{len(watchers)} watchers, one stopped", app.pid, seconds)
                began = time.monotonic()
                program.run("set", "away")
                for watcher in watchers[1:]:
                    hear(watcher, "away")
                print(f"a pick was heard by {len(watchers) - 1} of them within {time.monotonic() - began:.2f} s")
            report("after them", app.pid, seconds)


if __name__ == "__main__":
    main()
