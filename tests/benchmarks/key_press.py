"""What a key press costs: `presence-tray toggle busy` as a whole process, beside `python3 -c pass`.

    uv run python -m tests.benchmarks.key_press [--presses 40]

The demo runs beside it; each press waits until the demo's Graph has the status. Both are started in turn by the same
interpreter, so that a noisy machine slows both. Linux only.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.program.processes import PROGRAM, Program

NOTHING = [sys.executable, "-c", "pass"]
PRESS = [sys.executable, PROGRAM, "toggle", "busy"]


class Cost(NamedTuple):
    """What one process took, in milliseconds."""

    wall: float
    cpu: float


def cost(command: list[str], environment: dict[str, str]) -> Cost:
    """Run a command to its end, and return what it took."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    began = time.perf_counter()
    quiet = [(os.POSIX_SPAWN_DUP2, nowhere, stream) for stream in (0, 1, 2)]
    pid = os.posix_spawn(command[0], command, environment, file_actions=quiet)
    _, status, usage = os.wait4(pid, 0)
    ended = time.perf_counter()
    os.close(nowhere)
    if status:
        raise RuntimeError(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost((ended - began) * 1000, (usage.ru_utime + usage.ru_stime) * 1000)


def measure(presses: int) -> tuple[list[Cost], list[Cost]]:
    """Press a key so many times beside a demo; return what `pass` took and what the presses took."""
    with tempfile.TemporaryDirectory() as home:
        program = Program(Path(home))
        with program.running("run", "--demo"):
            program.wait_for(lambda status: bool(status["account"]["signed_in"]))
            pairs = [(cost(NOTHING, program.environ), cost(PRESS, program.environ)) for _ in range(presses)]
    return [nothing for nothing, _ in pairs], [press for _, press in pairs]


def report(nothing: list[Cost], press: list[Cost]) -> str:
    """Return a table of the least and the median of both."""
    rows = ["| ms | python3 -c pass | toggle busy | ratio |", "|---|---|---|---|"]
    for kind in Cost._fields:
        for name, of in (("least", min), ("median", statistics.median)):
            floor, found = (of(getattr(each, kind) for each in costs) for costs in (nothing, press))
            rows.append(f"| {kind}, {name} | {floor:.1f} | {found:.1f} | {found / floor:.2f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=40)
    print(report(*measure(parser.parse_args().presses)))
