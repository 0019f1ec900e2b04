"""How soon the whole menu is answered, beside libdbusmenu's test application with the same rows, asked by one client.

`python3 -m uv run python -m tests.benchmarks.layout [--calls 500]`; needs Debian's `dbus-daemon libdbusmenu-tools`.
The two are asked in turn, so that a noisy moment touches both.
"""

import argparse
import json
import select
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, new_method_call

from tests.benchmarks.weight.clicks import wait_for_menu
from tests.benchmarks.weight.desk import PATIENCE, alone
from tests.desktop.linux.bus_peer import CallFailed
from tests.desktop.tray_host import MENU, MenuNode, TrayHost
from tray.desktop.linux.status_item import MENU_PATH

TEST_APPLICATION = Path("/usr/libexec/dbusmenu-testapp")
THEIRS = DBusAddress("/MenuBar", "org.dbusmenu.test", MENU)
CALLS = 500
WARM = 20  # calls before those that count


@dataclass
class Layouts:
    """Milliseconds until the whole menu came, a value for each call."""

    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Return ours by theirs, medians."""
        return statistics.median(self.ours) / statistics.median(self.theirs)


def measure(calls: int = CALLS) -> Layouts:
    """Ask a demo and the test application for their menus in turn."""
    found = Layouts()
    with alone([sys.executable, "-m", "tray", "run", "--demo"], {}) as program, tempfile.TemporaryDirectory() as folder:
        host = program.host
        wait_for_menu(host)
        program.pump(2)  # the demo's own start
        rows = Path(folder) / "rows.json"
        rows.write_text(json.dumps([_plain(child) for child in host.layout().children]), encoding="utf-8")
        environ = {"DBUS_SESSION_BUS_ADDRESS": host.address}
        with subprocess.Popen([TEST_APPLICATION, rows], env=environ, stdout=subprocess.DEVNULL) as anchor:
            try:
                _wait_for_anchor(host)
                theirs = host.send(THEIRS, "GetLayout", "iias", (0, -1, []))[1]
                assert len(theirs[2]) == len(host.layout().children), "the test application shows another menu"
                ours = DBusAddress(MENU_PATH, host.registrations[-1], MENU)
                for number in range(WARM + calls):
                    taken = _ask(host, ours), _ask(host, THEIRS)
                    if number >= WARM:
                        found.ours.append(taken[0])
                        found.theirs.append(taken[1])
            finally:
                anchor.kill()
    return found


def _plain(node: MenuNode) -> dict[str, Any]:
    """Return a row as the test application reads it from JSON: the same properties."""
    row: dict[str, Any] = {"id": node.number, "type": node.properties.get("type", "standard")}
    row |= {name: value for name, value in node.properties.items() if name != "children-display"}
    return row | ({"submenu": [_plain(child) for child in node.children]} if node.children else {})


def _wait_for_anchor(host: TrayHost) -> None:
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            _revision, (_number, _properties, rows) = host.send(THEIRS, "GetLayout", "iias", (0, -1, []))
        except CallFailed:
            rows = []
        if rows:
            return
        assert time.monotonic() < limit, "the test application shows no menu"
        time.sleep(0.1)


def _ask(host: TrayHost, address: DBusAddress) -> float:
    """Return the milliseconds until the whole menu has come; reading it is the panel's own affair."""
    call = new_method_call(address, "GetLayout", "iias", (0, -1, []))
    began = time.perf_counter()
    host.connection.send(call)
    select.select([host.connection.sock], [], [], PATIENCE)
    took = (time.perf_counter() - began) * 1000
    host.settle()
    return took


def row(found: Layouts) -> str:
    """Return the figures in one line."""
    ours, theirs = statistics.median(found.ours), statistics.median(found.theirs)
    return f"whole menu answered: {ours:.2f} ms : {theirs:.2f} ms = {found.ratio:.2f} (medians of {len(found.ours)})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    print(row(measure(parser.parse_args().calls)))


if __name__ == "__main__":
    main()
