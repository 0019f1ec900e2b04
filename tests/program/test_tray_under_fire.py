"""The real program among strangers on the bus who flood it, and a mouse gone mad: it lives, answers and does not grow.

So many messages, however long a busy machine takes for them; `tests/lanes/long_run` sends many times more.
"""

import threading
import time
from pathlib import Path

import pytest

from tests.desktop.linux import hostile
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.effort import TIMES
from tests.program.processes import Program
from tray.messages import menu

pytestmark = pytest.mark.timeout(300)

MESSAGES, CLICKS = 500 * TIMES, 75 * TIMES
WARM_UP = 500, 75  # of the same, so that everything that is made once has been made
GROWTH = 5 * 1024  # KiB
NOT_CLICKED = {
    *map(menu.row, ("quit", "sign-out", "settings", "log", "help")),  # they end it, or start other programs
    menu.scenario("throttle"),  # what is asked afterwards would wait for half a minute
}


def resident(process: int) -> int:
    """Return a process's memory in KiB."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    (found,) = [line for line in lines if line.startswith("VmRSS")]
    return int(found.split()[1])


def fire(bus: PrivateBus, name: str, numbers: list[int], messages: int, clicks: int) -> None:
    """Send nonsense and click, both at once."""
    clicking = threading.Thread(target=hostile.click, args=(bus.address, name, numbers, clicks), name="clicks")
    clicking.start()
    hostile.annoy(bus.address, name, messages)
    clicking.join()


def test_floods_of_nonsense_and_clicks_neither_end_nor_swell_it(tmp_path: Path) -> None:
    with PrivateBus() as bus, TrayHost(bus.address) as host:
        program = Program(tmp_path, bus.environ)
        with program.running("run", "--demo") as process:
            name = host.wait_item()
            program.wait_for(bool)
            before = host.layout()
            numbers = [
                node.number for node in before.walk() if node.enabled and node.label and node.label not in NOT_CLICKED
            ]
            fire(bus, name, numbers, *WARM_UP)
            resident_before = resident(process.pid)
            fire(bus, name, numbers, MESSAGES, CLICKS)
            grown = resident(process.pid) - resident_before

            host.settle()  # reads what it was told meanwhile: that is the stand-in's work, not the program's
            began = time.monotonic()
            after = host.layout()
            answered = time.monotonic() - began
            print(f"{MESSAGES} messages, {CLICKS} clicks, {grown} KiB grown, then answered in {answered * 1000:.0f} ms")
            assert process.poll() is None
            assert grown < GROWTH
            assert [node.number for node in after.children] == [node.number for node in before.children]
            assert program.run("set", "away").returncode == 0
            assert program.status()["hold"]["state"] == "away"
            program.quit()
            _, err = process.communicate(timeout=20)
        assert "Traceback" not in err
