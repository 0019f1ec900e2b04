"""The program with an account: signed in for real into a real keyring, on the sandbox in another process.

The tray is read while it holds, after one click, one refusal of its token and one refresh by the token child.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.weight import clicks, readings
from tests.benchmarks.weight.candidates import SETTLING, Figures
from tests.benchmarks.weight.cloud import ServedCloud
from tests.benchmarks.weight.desk import PATIENCE, Started, plain_environ, started
from tests.desktop.linux.logind import Inhibitor, Logind
from tests.desktop.private_bus import PrivateBus
from tests.signin.secret_service import SecretService, wait_for_store

SAMPLING = 0.001  # seconds between two looks at the token child


@dataclass
class Child:
    """What the token child took, a value for each run."""

    took_ms: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)


@contextmanager
def signed_in(command: str, cloud: ServedCloud) -> Iterator[tuple[Started, Logind, Inhibitor]]:
    """Sign in with an installed program, and start its tray; what holds up the computer's sleep is granted to it."""
    with tempfile.TemporaryDirectory(prefix="account-") as folder, PrivateBus() as bus:
        keyring = SecretService(Path(folder), bus)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        home = Path(folder) / "home"
        home.mkdir()
        system = {"DBUS_SYSTEM_BUS_ADDRESS": bus.address}  # with a stand-in for logind, as every desktop has one
        environ = plain_environ(home, {**bus.environ, **system, "SSL_CERT_FILE": cloud.place["ca_file"]})
        try:
            wait_for_store()
            write_settings(home / ".config" / "presence-tray" / "settings.toml", cloud.place)
            sign_in = [command, "sign-in", "--device-code"]
            subprocess.run(sign_in, env=environ, check=True, capture_output=True, timeout=60)
            with Logind(bus.address) as logind, started([command, "run"], bus, environ) as program:
                yield program, logind, logind.grant()
        finally:
            keyring.stop()


def write_settings(file: Path, place: dict[str, str]) -> None:
    """Write what signs in to a served cloud."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = {"client_id": place["client_id"], "authority": place["authority"], "graph_url": place["origin"]}
    file.write_text("".join(f'{key} = "{value}"\n' for key, value in rows.items()), encoding="utf-8")


def hold(program: Started, cloud: ServedCloud, child: Child) -> None:
    """Hold a state, and have the token refreshed by the child once."""
    program.host.wait_item()
    clicks.wait_for_menu(program.host)
    clicks.show(program.host, "In a call")
    program.pump(SETTLING)
    cloud.expire()
    program.host.click("Presenting")
    _watch_child(program.pid, child)
    clicks.wait_for_header(program.host, "Presenting")
    program.pump(5)  # the first read-back comes after three seconds


def measure(command: str, cloud: ServedCloud, figures: Figures, child: Child) -> None:
    """Sign in, hold, and read the tray once."""
    with signed_in(command, cloud) as (program, _logind, _night):
        figures.take(program)
        hold(program, cloud, child)
        figures.read(program.pid)


def _watch_child(tray: int, child: Child) -> None:
    """Follow the tray's next child from its first appearance to its end."""
    limit = time.monotonic() + PATIENCE
    while not (found := readings.children(tray)):
        assert time.monotonic() < limit, "the tray started no token child"
    began = time.monotonic()
    most = 0.0
    while readings.children(tray):
        try:
            most = readings.peak(found[0])
        except (FileNotFoundError, ProcessLookupError, IndexError):  # it has just ended, and is a zombie or gone
            break
        time.sleep(SAMPLING)
    child.took_ms.append((time.monotonic() - began) * 1000)
    child.peak_mb.append(most)
