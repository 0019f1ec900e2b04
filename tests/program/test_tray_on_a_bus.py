"""The real program with `--demo` on a private bus and no display: its menu is read and clicked as a panel does."""

import time
from functools import partial
from pathlib import Path
from typing import Any

from tests.desktop.linux.notice_daemon import NoticeDaemon
from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.processes import PATIENCE, Program
from tray.core.states import STATES
from tray.messages.presence import label

SHOWN = {label(state): (state.preferred or state.pair) for state in STATES}


def wait_until(host: TrayHost, label: str) -> None:
    """Wait until the menu's first line is as it should be."""
    limit = time.monotonic() + PATIENCE
    while host.layout().labels[:1] != [label]:  # the icon may be there before its menu
        assert time.monotonic() < limit, host.layout().labels[:3]
        time.sleep(0.05)


def test_each_of_the_nine_is_clicked_shown_and_stopped_and_quit_ends_well(
    tmp_path: Path, bus: PrivateBus, host: TrayHost
) -> None:
    program = Program(tmp_path, bus.environ)
    with program.running("run", "--demo", "--speed", "20") as process:
        host.wait_item()
        wait_until(host, "No status set")
        idle = host.pixmaps()
        assert {22, 24, 48} <= set(idle)
        looks = [idle[22]]
        for state in STATES:
            host.click(label(state))
            wait_until(host, f"{label(state)} (no end time)")
            assert marked(host) == [label(state)]
            status = program.wait_for(partial(shows, label(state)))
            assert status["hold"]["state"] == state.key
            assert label(state) in host.properties()["ToolTip"][2]
            looks.append(host.pixmaps()[22])
        assert len(set(looks)) == len(looks)
        host.click("Stop")
        wait_until(host, "No status set")
        assert marked(host) == []
        program.wait_for(lambda status: status["session"] is None)
        host.click("Quit")
        assert process.wait(PATIENCE) == 0


def marked(host: TrayHost) -> list[str]:
    """Return the states whose radio mark is set."""
    return [node.label for node in host.layout().children if node.checked and node.label in SHOWN]


def shows(label: str, status: dict[str, Any]) -> bool:
    seen = status["teams_shows"]
    return seen is not None and seen["availability"] == SHOWN[label].availability


def test_a_second_start_tells_the_first_and_shows_no_second_icon(
    tmp_path: Path, bus: PrivateBus, host: TrayHost
) -> None:
    program = Program(tmp_path, bus.environ)
    with program.running("run", "--demo"):
        host.wait_item()
        second = program.run("run", "--demo")
        assert second.returncode == 8
        assert "already" in second.stderr
        program.wait_for(lambda _: any("started again" in label for label in host.layout().labels))
        assert len(host.registrations) == 1


def test_the_demos_other_side_changes_what_teams_shows(tmp_path: Path, bus: PrivateBus, host: TrayHost) -> None:
    program = Program(tmp_path, bus.environ)
    with program.running("run", "--demo", "--speed", "60"):
        host.wait_item()
        wait_until(host, "No status set")
        host.click("Teams joins a meeting")
        assert program.run("set", "available").returncode == 0
        status = program.wait_for(lambda status: status["why"] is not None)
        assert status["why"]["code"] == "teams-in-a-meeting"
        host.click("The connection drops")
        status = program.wait_for(lambda status: status["trouble"] is not None)
        assert status["trouble"]["code"] == "offline"
        host.click("The connection drops")
        program.wait_for(lambda status: status["trouble"] is None)


def test_started_without_a_terminal_a_wrong_setting_is_told_in_a_popup(tmp_path: Path, bus: PrivateBus) -> None:
    (tmp_path / "settings.toml").write_text("lease_minutes = 1\n")
    with NoticeDaemon(bus.address) as daemon, Program(tmp_path, bus.environ).running("run", "--at-login") as process:
        popup = daemon.wait_popup()
        assert "lease_minutes = 1" in popup.title
        assert "from 5 to 240" in popup.message
        daemon.handle_until(lambda: process.poll() is not None)
        assert process.returncode == 6
