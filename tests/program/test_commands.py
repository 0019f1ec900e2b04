"""The real program with `--demo` in the foreground, told by the real commands."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.program.running import PATIENCE, Program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="ends the program with signals")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def holding(program: Program) -> Iterator[subprocess.Popen[str]]:
    with program.running("hold", "in-a-call", "--demo") as process:
        program.wait_for(partial(is_held, "in-a-call"))
        yield process


def is_held(state: str, status: dict[str, Any]) -> bool:
    hold = status["hold"]
    return bool(hold) and (hold["state"], hold["held_by"]) == (state, "session")


def test_a_foreground_hold_is_told_by_commands(program: Program, holding: subprocess.Popen[str]) -> None:
    told = program.run("set", "presenting", "--for", "90m")
    assert (told.returncode, told.stdout.startswith("Holding Presenting, until ")) == (0, True)
    assert "demo" in told.stderr
    status = json.loads(program.run("status", "--json").stdout)
    assert (status["demo"], status["hold"]["state"]) == (True, "presenting")
    assert status["hold"]["until"] is not None
    assert "Presenting" in program.run("status").stdout
    assert program.run("stop").returncode == 0
    out, _ = holding.communicate(timeout=PATIENCE)
    assert holding.returncode == 0
    assert "Presenting" in out
    assert "\x1b" not in out
    assert program.run("status").returncode == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_release_and_exit_0(
    program: Program, holding: subprocess.Popen[str], number: signal.Signals
) -> None:
    holding.send_signal(number)
    out, err = holding.communicate(timeout=PATIENCE)
    assert (holding.returncode, err) == (0, "")
    assert "Nothing held" in out
    assert not (Path(program.environ["PRESENCE_TRAY_HOME"]) / "run" / "demo-control.sock").exists()


def test_a_second_hold_is_told_to_use_set(program: Program, holding: subprocess.Popen[str]) -> None:
    second = program.run("hold", "busy", "--demo")
    assert second.returncode == 8
    assert "presence-tray set" in second.stderr
    assert holding.poll() is None


def test_after_a_kill_the_next_start_serves_again(program: Program, holding: subprocess.Popen[str]) -> None:
    holding.kill()
    holding.wait()
    assert program.run("status").returncode == 3
    with program.running("hold", "away", "--demo"):
        program.wait_for(partial(is_held, "away"))


def test_a_hold_that_cannot_be_begins_nothing(program: Program) -> None:
    assert program.run("hold", "focusing", "--demo").returncode == 2
    (Path(program.environ["PRESENCE_TRAY_HOME"]) / "settings.toml").write_text("lease_minutes = 1")
    told = program.run("hold", "busy", "--demo")
    assert (told.returncode, told.stderr.count("\n")) == (6, 1)
    assert "lease_minutes" in told.stderr
