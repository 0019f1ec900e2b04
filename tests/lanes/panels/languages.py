"""Takes a picture of the menu in each language, in Xfce's panel, for somebody who looks whether all of it can be read.

uv run python -m tests.lanes.panels.languages FOLDER
"""

import sys
import tempfile
from pathlib import Path

from tests.desktop.panel import SCREEN, Panel, Window
from tests.program.processes import PATIENCE, PROGRAM, Program
from tray.messages.catalogue import languages


def picture(language: str, file: Path) -> int:
    """Take the picture of a user whom Teams shows in a meeting; return the menu's width in pixels."""
    with tempfile.TemporaryDirectory() as home, Panel() as panel:
        panel.environ |= {"PRESENCE_TRAY_HOME": home, "LANG": "C.UTF-8"}
        program = Program(Path(home), panel.environ)
        settings = program.paths().settings_file
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(f'language = "{language.replace("_", "-")}"\n')
        with panel.start(PROGRAM, "run", "--demo") as process:
            panel.icon()
            program.wait_for(lambda status: status["account"]["signed_in"])
            program.run("set", "available")
            program.run("demo", "teams-meeting")
            program.wait_for(lambda status: bool(status["why"]))
            panel.click_icon(button=1)
            menu = panel.menu()
            left = max(0, menu.x - 8)
            panel.screenshot(file, Window(0, left, 0, SCREEN[0] - left, menu.y + menu.height + 8))
            panel.key("Escape", "Escape")
            program.run("quit")
            process.wait(PATIENCE)
    return menu.width


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for language in languages():
        print(language, picture(language, folder / f"menu-{language}.png"), "pixels wide", flush=True)


if __name__ == "__main__":
    main()
