"""A desk to measure on: a bus, a stand-in for the panel, a display where a toolkit wants one."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.desktop.linux.bus_peer import CallFailed
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost

PATIENCE = 30.0  # seconds; a noisy machine is slow, not wrong


@dataclass(frozen=True)
class Started:
    """A program whose icon is there: the panel's side, its process, and milliseconds from its start.

    To the registration, to the icon that a panel has read, and to the menu with its rows: only an icon with its menu is
    of use, and GNOME never asks again for one that was empty. `menu_ms` is nothing where there is no menu.
    """

    host: TrayHost
    pid: int
    took_ms: float
    read_ms: float
    menu_ms: float | None

    def pump(self, seconds: float) -> None:
        """Let time pass, answering what a panel is asked."""
        with suppress(TimeoutError):
            self.host.wait_for(lambda: False, seconds)


@contextmanager
def display() -> Iterator[str | None]:
    """Start an X server; yields its name, or nothing where Debian's `xvfb` is not installed."""
    if shutil.which("Xvfb") is None:
        yield None
        return
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as answer:
        yield f":{answer.readline().strip()}"
    server.kill()
    server.wait()


def plain_environ(home: str | Path, more: Mapping[str, str]) -> dict[str, str]:
    """Return a user's environment: none of this machine's own variables."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), **more}


@contextmanager
def started(
    command: list[str], bus: PrivateBus, environ: Mapping[str, str], *, has_menu: bool = True
) -> Iterator[Started]:
    """Start a program with a tray icon on a bus, and kill it in the end."""
    with TrayHost(bus.address) as host, tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, env=dict(environ), stderr=said, stdout=subprocess.DEVNULL)
        try:
            try:
                host.wait_for(lambda: bool(host.registrations), PATIENCE)
            except TimeoutError:
                said.seek(0)
                raise SystemExit(f"{command} shows no icon:\n{said.read().decode()}") from None
            registered = time.perf_counter()
            host.properties()
            read = time.perf_counter()
            while has_menu and not _has_rows(host):
                assert time.perf_counter() < began + PATIENCE, f"{command} shows no menu"
            menu = time.perf_counter()
            took = [(moment - began) * 1000 for moment in (registered, read, menu)]
            yield Started(host, process.pid, took[0], took[1], took[2] if has_menu else None)
        finally:
            process.kill()
            process.wait()


def _has_rows(host: TrayHost) -> bool:
    """Ask for the whole menu, and tell whether there is anything in it."""
    try:
        return bool(host.layout().labels)
    except CallFailed:  # a toolkit that registers the item before there is a menu
        return False


@contextmanager
def alone(command: list[str], environ: Mapping[str, str], *, has_menu: bool = True) -> Iterator[Started]:
    """The same on a bus and in a home of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="desk-") as home,
        PrivateBus() as bus,
        started(command, bus, plain_environ(home, bus.environ | dict(environ)), has_menu=has_menu) as program,
    ):
        yield program
