"""What the program is measured beside: the floor, two toolkits' hello-worlds, and a script on Microsoft's SDK."""

import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.weight import readings
from tests.benchmarks.weight.cloud import ServedCloud
from tests.benchmarks.weight.desk import Started, alone, plain_environ
from tests.benchmarks.weight.environments import BEFORE, DEBIANS_PYTHON, PRODUCT, Environments

HELLO = Path(__file__).parent / "hello"
AT_LOGIN = ["run", "--at-login"]  # as desktops start it; it opens no settings page then
SETTLING = 1.5  # seconds between the icon and the reading of memory

FLOOR, IDLE, HOLDING = "floor: a bare icon on jeepney", "Presence Tray, idle", "Presence Tray, signed in and holding"
IDLE_BEFORE, HOLDING_BEFORE = "before, idle", "before, signed in and holding"
APPINDICATOR, PYSIDE = "hello: pystray on AppIndicator", "hello: PySide6"
SDK = "script: msgraph-sdk, one setPresence"


@dataclass(frozen=True)
class Candidate:
    """A program that shows an icon."""

    name: str
    environment: str
    command: list[str]
    environ: dict[str, str] = field(default_factory=dict)
    has_menu: bool = True


@dataclass
class Figures:
    """What was measured, a value for each run."""

    start_ms: list[float] = field(default_factory=list)  # to the registration; the SDK's script: to its request
    read_ms: list[float] = field(default_factory=list)  # to the icon that a panel has read
    menu_ms: list[float] = field(default_factory=list)  # to the icon with its whole menu
    resident_mb: list[float] = field(default_factory=list)
    private_mb: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def take(self, program: Started) -> None:
        """Take in how long a start took."""
        self.start_ms.append(program.took_ms)
        self.read_ms.append(program.read_ms)
        if program.menu_ms is not None:
            self.menu_ms.append(program.menu_ms)

    def read(self, pid: int) -> None:
        """Read a process as it is now."""
        memory = readings.memory(pid)
        self.resident_mb.append(memory.resident)
        self.private_mb.append(memory.private)
        self.threads.append(readings.threads(pid))
        self.descriptors.append(readings.descriptors(pid))


def icons(environments: Environments, screen: str | None) -> Iterator[Candidate]:
    """Yield what shows an icon, as far as this machine has what it needs."""
    if environments.has("floor"):
        yield Candidate(FLOOR, "floor", [environments.python("floor"), str(HELLO / "floor.py")], has_menu=False)
    yield Candidate(IDLE, PRODUCT, [environments.program(), *AT_LOGIN])
    if environments.has(BEFORE):
        yield Candidate(IDLE_BEFORE, BEFORE, [environments.program(BEFORE), *AT_LOGIN])
    if screen is None:
        print("no Xvfb: no hello-worlds (Debian: xvfb)")
        return
    shown = {"DISPLAY": screen, "NO_AT_BRIDGE": "1"}
    gi = "import gi; gi.require_version('AyatanaAppIndicator3', '0.1')"
    if subprocess.run([DEBIANS_PYTHON, "-c", gi], check=False, capture_output=True).returncode:
        print("no hello-world on AppIndicator (Debian: python3-gi gir1.2-ayatanaappindicator3-0.1)")
    else:
        command = [environments.python("pystray"), str(HELLO / "pystray_hello.py")]
        yield Candidate(APPINDICATOR, "pystray", command, shown | {"PYSTRAY_BACKEND": "appindicator"})
    if environments.has("pyside6"):
        yield Candidate(PYSIDE, "pyside6", [environments.python("pyside6"), str(HELLO / "qt_hello.py")], shown)


def measure(candidate: Candidate, figures: Figures) -> None:
    """Start a candidate once and read it."""
    with alone(candidate.command, candidate.environ, has_menu=candidate.has_menu) as program:
        figures.take(program)
        program.pump(SETTLING)
        figures.read(program.pid)


def measure_sdk(environments: Environments, cloud: ServedCloud, home: Path, figures: Figures) -> None:
    """Let the script set a presence once; its start is the time to the first setPresence on the wire."""
    place = cloud.place
    environ = {"SSL_CERT_FILE": place["ca_file"], "REQUESTS_CA_BUNDLE": place["ca_file"]}
    command = [environments.python("sdk"), str(HELLO / "sdk_script.py")]
    command += [place[name] for name in ("origin", "authority", "client_id", "object_id")]
    before = len(cloud.heard())
    began = time.monotonic()
    with subprocess.Popen(
        command, env=plain_environ(home, environ), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said.strip() == "set", f"the SDK's script said {said!r} ({os.fspath(home)})"
        figures.start_ms.append((cloud.heard()[before] - began) * 1000)
        figures.read(process.pid)
