"""What a language costs a program that has started: processor time and memory for its catalogue and its times.

uv run python -m tests.benchmarks.languages
"""

import os
import statistics
import subprocess
import sys

from tray.messages.catalogue import languages

RUNS = 7
TIMES = {"LC_TIME": "en_US.UTF-8"}  # the system is asked how they are written
SPEAK = """
import sys, time
import tray.cli, tray.program
from tray import language
from tray.messages import catalogue

def own():
    with open("/proc/self/smaps_rollup") as told:
        return next(int(line.split()[1]) for line in told if line.startswith("Private_Dirty"))

before, began = own(), time.process_time()
language.speak(sys.argv[1])
took = time.process_time() - began
assert catalogue.language() == sys.argv[1]
print(took * 1000, own() - before)
"""


def main() -> None:
    """Print a line for each language."""
    for language in languages():
        runs = []
        for _ in range(RUNS):
            command, environ = [sys.executable, "-c", SPEAK, language], os.environ | TIMES
            done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
            runs.append([float(each) for each in done.stdout.split()])
        times, sizes = zip(*runs, strict=True)
        print(f"{language:6} {statistics.median(times):5.1f} ms {statistics.median(sizes):5.0f} kB, median of {RUNS}")


if __name__ == "__main__":
    main()
