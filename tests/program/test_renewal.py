"""The real program, told that it was replaced on disk: it goes on as what lies there now."""

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.desktop.private_bus import PrivateBus
from tests.program.desktop import Desktop, needs_desktop
from tests.program.processes import PATIENCE, Program
from tray import processes
from tray.core.record import replace
from tray.core.states import AWAY, BUSY
from tray.core.values import Hold

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a running program's file cannot be replaced there")


def holds(state: str, *, pinned: bool) -> Any:
    def checked(status: dict[str, Any]) -> bool:
        hold = status["hold"]
        return bool(hold) and (hold["state"], hold["pinned"], hold["held_by"]) == (state, pinned, "session")

    return checked


@pytest.mark.parametrize("typed", [["busy", "--pin"], ["available", "--for", "2h"]], ids=["pinned", "timed"])
def test_the_new_program_takes_the_process_and_the_hold_over(tmp_path: Path, bus: PrivateBus, typed: list[str]) -> None:
    program = Program(tmp_path, bus.environ)
    profile = ["--demo", "--profile", "table"]
    with program.running(*profile) as process:
        program.wait_for(lambda status: status["hold"] is None)
        assert program.run("set", *typed).returncode == 0
        before = program.wait_for(holds(typed[0], pinned="--pin" in typed))
        process.send_signal(signal.SIGUSR1)
        after = program.wait_for(lambda status: command_line(process) != started(profile) and taken_up(status, before))
        assert process.poll() is None
        assert after["hold"]["until"] == before["hold"]["until"]
        program.quit()
        assert process.wait(PATIENCE) == 0


@needs_desktop
def test_a_hold_until_stopped_and_its_message_stay_and_still_end_together(desktop: Desktop) -> None:
    program, graph = desktop.program, desktop.cloud.graph
    desktop.sign_in()

    def message() -> str | None:
        written = graph.model.message(graph.now())
        return written.text if written else None

    with program.running("run") as process:
        program.wait_for(lambda status: bool(status["account"]["signed_in"]))
        assert program.run("set", "in-a-call", "--message", "Lunch").returncode == 0
        before = program.wait_for(lambda status: bool(status["message"] and status["message"]["accepted"]))
        process.send_signal(signal.SIGUSR1)
        after = program.wait_for(
            lambda status: "--take-up=in-a-call" in command_line(process) and taken_up(status, before)
        )
        assert process.poll() is None
        assert message() == "Lunch"
        assert after["hold"]["since"] == before["hold"]["since"]
        assert program.run("stop").returncode == 0
        program.wait_for(lambda status: status["message"] is None and message() is None)
        program.quit()
        assert process.wait(PATIENCE) == 0


def started(profile: list[str]) -> list[str]:
    return [sys.executable, str(Path(sys.executable).with_name("presence-tray")), *profile]


def taken_up(status: dict[str, Any], before: dict[str, Any]) -> bool:
    return holds(before["hold"]["state"], pinned=before["hold"]["pinned"])(status)


def command_line(process: subprocess.Popen[str]) -> list[str]:
    return Path(f"/proc/{process.pid}/cmdline").read_text().split("\0")[:-1]


def test_a_foreground_hold_runs_on(tmp_path: Path) -> None:
    program = Program(tmp_path)
    with program.running("hold", "in-a-call", "--demo") as process:
        program.wait_for(holds("in-a-call", pinned=False))
        process.send_signal(signal.SIGUSR1)
        program.wait_for(holds("in-a-call", pinned=False))
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def test_what_was_taken_up_before_is_not_taken_up_twice() -> None:
    hold = Hold(BUSY, datetime.now(UTC))
    once = processes.successor(hold, ["--demo"])
    assert once[-2:] == ["--demo", "--take-up=busy"]
    again = processes.successor(replace(hold, state=AWAY, pinned=True), [*once[-2:], "--take-up-pinned"])
    assert again[-3:] == ["--demo", "--take-up=away", "--take-up-pinned"]
    assert processes.successor(None, again[-3:])[-1] == "--demo"
