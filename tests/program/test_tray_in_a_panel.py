"""The real program in a real xfce4-panel under Xvfb, driven with a real mouse."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.desktop.panel import Panel
from tests.program.panel_reader import compare_with_golden
from tests.program.processes import PATIENCE, PROGRAM
from tests.requirements import needs
from tray.core.states import STATES

ROW = 25  # pixels: a menu row in GTK's default theme
FIRST_STATE = 92  # pixels below the menu's top: the three header lines and a separator
KEYS = [state.key for state in STATES]

pytestmark = needs("dbus-daemon", "Xvfb", "xfce4-panel", "xdotool", "import", "xsetroot")


def status(panel: Panel) -> dict[str, Any]:
    done = subprocess.run([PROGRAM, "status", "--json"], env=panel.environ, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def held(panel: Panel) -> str | None:
    hold = status(panel).get("hold")
    return hold["state"] if hold and hold["held_by"] != "nothing" else None


def wait_for_hold(panel: Panel) -> str:
    return panel.wait(lambda: held(panel), PATIENCE)


def click_state(panel: Panel, key: str) -> None:
    """Click a state in the open menu; where a theme's rows differ, the first click tells by how much."""
    row = KEYS.index(key)
    for _ in range(3):
        panel.click_icon(button=1)
        menu = panel.menu()
        panel.click(menu.x + menu.width // 2, menu.y + FIRST_STATE + ROW * row, button=1)
        clicked = wait_for_hold(panel)
        if clicked == key:
            return
        row += KEYS.index(key) - KEYS.index(clicked)
    raise AssertionError(f"{key} could not be clicked")


def test_a_state_is_picked_with_the_mouse_shown_and_left_with_quit(tmp_path: Path) -> None:
    with Panel() as panel:
        panel.environ["PRESENCE_TRAY_HOME"] = str(tmp_path)
        with panel.start(PROGRAM, "run", "--demo") as process:
            panel.icon()
            click_state(panel, "busy")
            panel.wait(lambda: shown(panel), PATIENCE)
            panel.click_icon(button=3)
            panel.menu()
            compare_with_golden("xfce", panel)
            panel.key("Escape", "Escape")
            subprocess.run([PROGRAM, "quit"], env=panel.environ, check=True, capture_output=True)
            assert process.wait(PATIENCE) == 0


def shown(panel: Panel) -> bool | None:
    seen = status(panel).get("teams_shows")
    return True if seen and seen["availability"] == "Busy" else None
