"""Makes the pictures of the menu while a rule sets the status: the demo in a real Xfce panel, and in Plasma.

    uv run python -m tests.lanes.panels.automatic docs/automatic.png
    sudo uv run python -m tests.lanes.panels.automatic docs/automatic-plasma.png FOLDER

The first needs what the tests of the panel need: Xvfb, xfce4-panel, xdotool and ImageMagick. The second needs what
`whole_desktops.py` needs, and keeps its Debian in the folder.
"""

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.desktop.panel import SCREEN as SMALL_SCREEN
from tests.desktop.panel import Panel, Window
from tests.lanes.panels.desktop_session import SCREEN, wait
from tests.lanes.panels.whole_desktops import logged_in
from tests.program.panel_reader import Reading
from tests.program.processes import PATIENCE, PROGRAM

RULES = """\
microphone = "in-a-call"
when_locked = "release"

[[hours]]
from = "09:00"
to = "17:30"
state = "available"
"""
OPENING = 1.5  # seconds that a submenu gets to open


def in_plasma(picture: Path, folder: Path) -> None:
    """Do the same in Plasma, by mouse."""
    with logged_in("plasma", folder) as walk:
        session = walk.session
        (session.folder / "settings.toml").write_text(RULES, encoding="utf-8")
        session.environ |= {"PRESENCE_TRAY_HOME": str(session.folder), "TZ": noon()}
        with walk.demo():
            walk.find_icon()
            session.ours("stop")
            session.ours("demo microphone")
            wait(lambda: is_in_a_call(session.status()), "the rule does not set the status")
            lines, _ = walk.menu("automatic", "Automatic")
            walk.click_row(lines, "Automatic")
            time.sleep(OPENING)
            left, top = SCREEN[0] // 2, SCREEN[1] // 3
            session.picture("automatic").crop((left, top, *SCREEN)).quantize().save(picture, optimize=True)
            session.ours("quit")


def noon() -> str:
    """Return a time zone where it is noon."""
    return f"NOON{datetime.now(UTC).hour - 12:+d}"


def main(picture: Path) -> None:
    """Let the demo's microphone be used, and take the picture of the menu with *Automatic* open."""
    with tempfile.TemporaryDirectory() as home, Panel() as panel:
        panel.environ |= {"PRESENCE_TRAY_HOME": home, "TZ": noon()}
        (Path(home) / "settings.toml").write_text(RULES, encoding="utf-8")
        with panel.start(PROGRAM, "run", "--demo"):
            panel.icon()
            panel.wait(lambda: status(panel).get("account", {}).get("signed_in"), PATIENCE)
            command(panel, "demo", "microphone")
            panel.wait(lambda: is_in_a_call(status(panel)), PATIENCE)
            panel.click_icon(button=3)
            menu = panel.menu()
            with Reading(panel.address) as reading:
                above = reading.path("Pause")[0]
            panel.key(*["Down"] * (above + 1), "Right")
            time.sleep(OPENING)
            left = menu.x - menu.width
            panel.screenshot(picture, Window(0, left, 0, SMALL_SCREEN[0] - left, menu.y + menu.height + 8))
            command(panel, "quit")


def command(panel: Panel, *words: str) -> str:
    """Run a command of the program's; return what it printed."""
    return subprocess.run([PROGRAM, *words], env=panel.environ, capture_output=True, text=True, check=False).stdout


def status(panel: Panel) -> dict[str, Any]:
    """Return the status document, empty when nothing runs."""
    told = command(panel, "status", "--json")
    return json.loads(told) if told else {}


def is_in_a_call(document: dict[str, Any]) -> bool:
    """Tell whether the rule has set the status, and Teams shows it."""
    hold, seen = document.get("hold"), document.get("teams_shows")
    return bool(hold and seen and hold["origin"] == "microphone" and seen["activity"] == "InACall")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        in_plasma(Path(sys.argv[1]), Path(sys.argv[2]).resolve())
    else:
        main(Path(sys.argv[1]))
