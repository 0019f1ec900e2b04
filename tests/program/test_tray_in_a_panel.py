"""The real program in a real xfce4-panel under Xvfb, driven with a real mouse."""

from pathlib import Path

from tests.desktop.panel import Panel
from tests.program.panel_reader import compare_with_golden
from tests.program.processes import PATIENCE, PROGRAM, Program
from tests.requirements import needs
from tray.core.states import STATES

ROW = 25  # pixels: a menu row in GTK's default theme
FIRST_STATE = 92  # pixels below the menu's top: the three header lines and a separator
KEYS = [state.key for state in STATES]

pytestmark = needs("dbus-daemon", "Xvfb", "xfce4-panel", "xdotool", "import", "xsetroot")


def held(program: Program) -> str | None:
    hold = program.status(looks=False).get("hold")
    return hold["state"] if hold and hold["held_by"] != "nothing" else None


def click_state(panel: Panel, program: Program, key: str) -> None:
    """Click a state in the open menu; where a theme's rows differ, the first click tells by how much."""
    row = KEYS.index(key)
    for _ in range(3):
        panel.click_icon(button=1)
        menu = panel.menu()
        panel.click(menu.x + menu.width // 2, menu.y + FIRST_STATE + ROW * row, button=1)
        clicked = panel.wait(lambda: held(program), PATIENCE)
        if clicked == key:
            return
        row += KEYS.index(key) - KEYS.index(clicked)
    raise AssertionError(f"{key} could not be clicked")


def test_a_state_is_picked_with_the_mouse_shown_and_left_with_quit(tmp_path: Path) -> None:
    with Panel() as panel:
        panel.environ["PRESENCE_TRAY_HOME"] = str(tmp_path)
        program = Program(tmp_path, panel.environ)
        with panel.start(PROGRAM, "run", "--demo") as process:
            panel.icon()
            click_state(panel, program, "busy")
            program.wait_for(lambda status: (status["teams_shows"] or {}).get("availability") == "Busy")
            panel.click_icon(button=3)
            panel.menu()
            compare_with_golden("xfce", panel)
            panel.key("Escape", "Escape")
            program.quit()
            assert process.wait(PATIENCE) == 0
