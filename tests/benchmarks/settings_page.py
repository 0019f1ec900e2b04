"""What the settings page costs: the tray before, while the page is open and after, and the page's own process.

`python -m tests.benchmarks.settings_page`; needs Debian's `dbus-daemon`. The page is opened from the menu, as users do.
"""

import importlib.metadata
import os
import stat
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.weight import readings
from tests.desktop.private_bus import PrivateBus
from tests.program.processes import PATIENCE, Program
from tests.settings_page.browser import Browser
from tray.control.client import ask
from tray.settings import PARTS

PACKAGES = ("werkzeug", "jinja2", "waitress", "markupsafe")
REST = 3.0  # seconds after which a process is looked at


def main() -> int:
    """Open the page from the menu, look at every part, end it; print what it costs."""
    with tempfile.TemporaryDirectory() as name, PrivateBus() as bus:
        folder = Path(name)
        program = Program(folder, bus.environ)
        opened, script = folder / "opened", folder / "browser"
        script.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n', encoding="utf-8")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        program.environ["BROWSER"] = f"{script} %s"
        with program.running("run", "--demo") as tray:
            program.wait_for(lambda status: status["account"]["signed_in"])
            before = rested(tray.pid)
            ask(program.paths(demo=True).channel, {"do": "press", "row": "settings"})
            limit = time.monotonic() + PATIENCE
            while not opened.exists() and time.monotonic() < limit:
                time.sleep(0.1)
            origin, _, path = opened.read_text(encoding="utf-8").strip().partition("/open")
            browser = Browser(origin)
            browser.http.get(f"/open{path}")
            for part in PARTS:
                browser.get(f"/{part}")
            browser.http.close()
            (page,) = readings.children(tray.pid)
            during, own, awake = rested(tray.pid), readings.memory(page), readings.watch(tray.pid, 10.0)
            os.kill(page, 15)  # what idleness does after ten minutes
            while readings.children(tray.pid) and time.monotonic() < limit + PATIENCE:
                time.sleep(0.1)
            after = rested(tray.pid)
            program.run("quit")
    for when, memory in (("before", before), ("while the page is open", during), ("after", after)):
        print(f"tray {when}: {memory} MB")
    print(f"tray in ten seconds beside an open page: {awake}")
    print(f"the page's own process: {own}")
    print(f"its packages on disk: {sum(map(size, PACKAGES)) / 1e6:.1f} MB")
    return 0


def rested(pid: int) -> readings.Memory:
    """Return what a process occupies once it has rested."""
    time.sleep(REST)
    return readings.memory(pid)


def size(package: str) -> int:
    """Return the bytes of a package's files, without what Python compiles."""
    files = importlib.metadata.files(package) or []
    return sum(Path(str(file.locate())).stat().st_size for file in files if "__pycache__" not in file.parts)


if __name__ == "__main__":
    sys.exit(main())
