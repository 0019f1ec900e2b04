"""The real program in real panels, as a user sees it: `python3 -m uv run pytest tests/lanes/panels/desktops.py`.

Needs Debian's `xvfb dbus-daemon xfce4-panel lxqt-panel trayer xdotool imagemagick x11-xserver-utils`. With
`PRESENCE_TRAY_GOLDENS=1` what is compared against is written anew, with a picture of each.
"""

import datetime as dt
import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.core.driver import START, Drive
from tests.desktop.linux.notice_daemon import NoticeDaemon
from tests.desktop.panel import Panel
from tests.lanes.panels.other_panels import LxqtPanel, Trayer
from tests.program.panel_reader import Reading, compare_with_golden
from tests.program.processes import PATIENCE, PROGRAM, Program
from tests.program.test_tray_goes_on import NO_TRAY, Screen
from tray.control.client import ask
from tray.core.config import Config
from tray.core.engine import begin
from tray.core.events import Event, ScenariosRead
from tray.core.view_model import flat
from tray.messages.menu import SCENARIOS, scenario
from tray.paths import locate
from tray.trace import Step, line

pytestmark = pytest.mark.timeout(600)

AN_ORDINARY_LOGIN = 30  # seconds until a slow desktop has its panel
DAY_ENDS = dt.time(23, 59)  # later than these tests are run
GIVES_UP = 75  # seconds; the program waits for a panel for sixty


@dataclass(frozen=True)
class Desk:
    """A panel, and how its users open a menu."""

    panel: type[Panel]
    button: int  # of the mouse, that opens the menu


DESKS = {"xfce": Desk(Panel, 1), "lxqt": Desk(LxqtPanel, 3)}


@pytest.fixture(params=DESKS)
def desk(request: pytest.FixtureRequest) -> Desk:
    return DESKS[request.param]


def program_on(panel: Panel, home: Path) -> Program:
    panel.environ["PRESENCE_TRAY_HOME"] = str(home)
    program = Program(home)
    program.environ = dict(panel.environ)
    return program


# --------------------------------------------------------------------------- looks


@pytest.mark.parametrize("name", DESKS)
def test_icon_and_menu_look_as_they_were_approved(name: str, tmp_path: Path) -> None:
    desk = DESKS[name]
    with desk.panel() as panel:
        program = program_on(panel, tmp_path)
        with panel.start(PROGRAM, "run", "--demo") as process:
            panel.icon()
            assert program.run("set", "busy").returncode == 0
            program.wait_for(lambda status: bool(status["teams_shows"]))
            panel.click_icon(desk.button)
            panel.menu()
            compare_with_golden(name, panel)
            panel.key("Escape", "Escape")
            assert program.run("quit").returncode == 0
            assert process.wait(PATIENCE) == 0


# --------------------------------------------------------------------------- keyboard


def rows_and_events() -> dict[str, object]:
    """What each row of the demo's menu posts, by its label, as the trace writes it."""
    drive = Drive(Config(demo=True, end_of_day=DAY_ENDS))
    drive.start()
    drive.post(ScenariosRead(tuple((key, scenario(key), None) for key in SCENARIOS)))
    return {row.label: traced(row.event) for row in flat(drive.view.rows) if row.event}


def traced(event: Event) -> object:
    """Return an event as the trace writes it."""
    engine = begin(Config(), START)
    return json.loads(line(Step(1, START, engine, event, ())))["event"]


class Ear:
    """Hears what the running demo takes in."""

    def __init__(self) -> None:
        self._last = -1

    def news(self) -> list[object]:
        """Return the events since the last time."""
        heard: list[object] = []
        while (answer := ask(locate(demo=True).channel, {"do": "trace", "after": self._last}))["lines"]:
            self._last = answer["last"]
            heard += [json.loads(text).get("event") for text in answer["lines"]]
        return heard


def walk_to(panel: Panel, desk: Desk, way: list[int]) -> None:
    """Open the menu and go to an item with the arrow keys; at each level the first item is marked at first or next."""
    panel.click_icon(desk.button)
    panel.menu()
    *submenus, last = way
    panel.key("Down")
    for steps in submenus:
        panel.key(*["Down"] * steps, "Right")
    panel.key(*["Down"] * last, "Return")


def test_every_action_is_reached_by_keyboard(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    (tmp_path / "settings.toml").write_text(f'end_of_day = "{DAY_ENDS:%H:%M}"\n', encoding="utf-8")
    expected = rows_and_events()
    with desk.panel() as panel:
        program = program_on(panel, tmp_path)
        with panel.start(PROGRAM, "run", "--demo", "--speed", "30") as process:
            panel.icon()
            program.wait_for(bool)
            del expected["Quit"]  # comes last
            ear = Ear()
            with Reading(panel.address) as reading:
                for label, event in expected.items():
                    prepare(program, reading, label)
                    ear.news()
                    walk_to(panel, desk, reading.path(label))
                    panel.wait(lambda wanted=event: wanted in ear.news() or None, 10)
                    panel.key("Escape", "Escape")
                walk_to(panel, desk, reading.path("Quit"))
            assert process.wait(PATIENCE) == 0


def prepare(program: Program, reading: Reading, label: str) -> None:
    """Let an item be enabled that is not always."""
    if label in ("Stop", "Override Teams", "Clear the status set in Teams"):
        program.run("demo", "choose-nothing")
        program.run("set", "available")
    if label == "Clear the status set in Teams":
        program.run("demo", "choose-busy")
        limit = time.monotonic() + 30
        while not reading.layout().find(label).enabled:
            assert time.monotonic() < limit
            time.sleep(0.5)


# --------------------------------------------------------------------------- panels that come and go


def test_a_panel_that_is_killed_and_started_again_shows_the_icon_again(desk: Desk, tmp_path: Path) -> None:
    with desk.panel() as panel:
        program = program_on(panel, tmp_path)
        with panel.start(PROGRAM, "run", "--demo"):
            panel.icon()
            panel.restart_panel()
            panel.icon()
            panel.click_icon(desk.button)
            panel.menu()
            assert program.run("set", "away").returncode == 0


def test_a_panel_that_starts_thirty_seconds_late_shows_the_icon(desk: Desk, tmp_path: Path) -> None:
    with desk.panel(late=True) as panel:
        program = program_on(panel, tmp_path)
        with panel.start(PROGRAM, "run", "--demo", "--at-login"):
            program.wait_for(bool)
            time.sleep(AN_ORDINARY_LOGIN)
            panel.start_panel()
            panel.icon()
            panel.click_icon(desk.button)
            panel.menu()


def test_a_panel_without_menus_on_the_left_button_is_told_of(tmp_path: Path) -> None:
    with LxqtPanel() as panel, NoticeDaemon(panel.address, "actions") as daemon:
        program = program_on(panel, tmp_path)
        with panel.start(PROGRAM, "run", "--demo"):
            panel.icon()
            program.wait_for(bool)
            panel.click_icon(button=1)
            daemon.handle_until(lambda: bool(daemon.popups))
            assert daemon.popups[0].title == "Right-click the icon to set your status."


@pytest.mark.parametrize("host", [Trayer, None])
def test_where_nothing_shows_the_icon_it_says_so_within_a_minute_and_goes_on(
    host: type[Panel] | None, tmp_path: Path
) -> None:
    with (host or Panel)(late=host is None) as panel, NoticeDaemon(panel.address, "actions") as daemon:
        program = program_on(panel, tmp_path)
        with panel.start(PROGRAM, "run", "--demo"):
            daemon.handle_until(lambda: bool(daemon.popups), GIVES_UP)
            assert daemon.popups[0].title == NO_TRAY
            assert program.run("set", "busy").returncode == 0


def test_where_only_xembed_is_shown_the_terminal_serves(tmp_path: Path) -> None:
    with Trayer() as panel:
        program = program_on(panel, tmp_path)
        program.environ["TERM"] = "xterm"
        screen = Screen()
        with screen.running(program, "run", "--demo", piped=False):
            screen.until(NO_TRAY, "q Quit")
