"""What the kernel tells of a process: memory, threads, descriptors, wake-ups, CPU time; knows no program."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

CPUCLOCK_SCHED = 2  # linux/posix-timers.h: the process's own CPU clock, in nanoseconds, ended threads included


@dataclass(frozen=True)
class Memory:
    """In MB (2^20)."""

    resident: float
    private: float


def memory(pid: int) -> Memory:
    """Return what a process occupies now."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {name: int(value.split()[0]) for name, value in (row.split(":", 1) for row in rows)}
    return Memory(kilobytes["Rss"] / 1024, (kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]) / 1024)


def peak(pid: int) -> float:
    """Return the most that a process has occupied so far, in MB."""
    return int(_status(Path(f"/proc/{pid}/status"), "VmHWM")) / 1024


def threads(pid: int) -> int:
    """Return how many threads a process has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def descriptors(pid: int) -> int:
    """Return how many files, sockets and pipes a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def children(pid: int) -> list[int]:
    """Return a process's children."""
    lists = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
    found = []
    for each in lists:
        with suppress(FileNotFoundError):  # the thread has ended
            found += [int(child) for child in each.read_text().split()]
    return found


def wake_ups(pid: int) -> dict[str, int]:
    """Return how often each thread has slept and been woken: its voluntary context switches."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return {task.name: int(_status(task / "status", "voluntary_ctxt_switches")) for task in tasks}


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used, to the nanosecond; kernel ticks are ten milliseconds long."""
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


@dataclass(frozen=True)
class Activity:
    """What a process that should be quiet did, by the minute."""

    wake_ups: float
    cpu_ms: float


def watch(pid: int, seconds: float) -> Activity:
    """Watch a process for a while; a thread that was born and has died in between is not seen to wake."""
    (activity,) = watch_all([pid], seconds)
    return activity


def watch_all(pids: list[int], seconds: float) -> list[Activity]:
    """Watch processes at the same time: while they are quiet, none disturbs another."""
    before, began = [(wake_ups(pid), cpu_seconds(pid)) for pid in pids], time.monotonic()
    time.sleep(seconds)
    after, minutes = [(wake_ups(pid), cpu_seconds(pid)) for pid in pids], (time.monotonic() - began) / 60
    found = []
    for (then, busy), (now, busier) in zip(before, after, strict=True):
        woken = sum(count - then.get(task, 0) for task, count in now.items())
        found.append(Activity(woken / minutes, (busier - busy) * 1000 / minutes))
    return found


def _status(file: Path, name: str) -> str:
    return file.read_text().split(f"\n{name}:")[1].split()[0]
