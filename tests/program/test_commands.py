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

from tests.program.processes import PATIENCE, PROGRAM, Program
from tests.requirements import needs


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@pytest.fixture
def holding(program: Program) -> Iterator[subprocess.Popen[str]]:
    with program.running("hold", "in-a-call", "--demo") as process:
        program.wait_for(partial(is_held, "in-a-call"))
        yield process


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A hold that its tests leave alone; the next one takes it over."""
    program = Program(tmp_path_factory.mktemp("lasting"))
    with program.running("hold", "in-a-call", "--demo"):
        program.wait_for(partial(is_held, "in-a-call"))
        yield program


def is_held(state: str, status: dict[str, Any]) -> bool:
    hold = status["hold"]
    return bool(hold) and (hold["state"], hold["held_by"]) == (state, "session")


def test_a_foreground_hold_is_told_by_commands(program: Program, holding: subprocess.Popen[str]) -> None:
    told = program.run("set", "presenting", "--for", "90m")
    assert (told.returncode, told.stdout.startswith("Your status is set: Presenting until ")) == (0, True)
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


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_ctrl_c_releases_and_exits_0(program: Program, holding: subprocess.Popen[str]) -> None:
    holding.send_signal(signal.SIGINT)
    out, err = holding.communicate(timeout=PATIENCE)
    assert (holding.returncode, err) == (0, "")
    assert "No status set" in out
    assert not (Path(program.environ["PRESENCE_TRAY_HOME"]) / "run" / "demo-control.sock").exists()


def test_a_status_message_is_set_shown_and_cleared_and_is_not_in_the_log(lasting: Program) -> None:
    program = lasting
    text = "R&D <3 👩‍💻 שלום"
    assert program.run("message", text, "--for", "1h").stdout.startswith("Your status message is set until ")
    assert program.run("message").stdout == f"{text}\n"
    assert program.status()["message"]["ours"] is True
    too_long = program.run("message", "x" * 281)
    assert (too_long.returncode, "281 characters" in too_long.stderr) == (2, True)
    assert program.run("message", "--clear").stdout == "Your status message is cleared.\n"
    assert program.status()["message"] is None
    assert is_held("in-a-call", program.status())
    logs = [file.read_text() for file in Path(program.environ["PRESENCE_TRAY_HOME"]).glob("*.log")]
    assert not any("R&D" in log for log in logs)


def test_a_second_hold_is_told_to_use_set(lasting: Program) -> None:
    second = lasting.run("hold", "busy", "--demo")
    assert second.returncode == 8
    assert "presence-tray set" in second.stderr
    assert is_held("in-a-call", lasting.status())


def test_after_a_kill_the_next_start_serves_again(program: Program, holding: subprocess.Popen[str]) -> None:
    holding.kill()
    holding.wait()
    assert program.run("status").returncode == 3
    with program.running("hold", "away", "--demo"):
        program.wait_for(partial(is_held, "away"))


def test_the_demo_hurries_without_trouble_and_ends_released(program: Program) -> None:
    done = program.run("hold", "busy", "--demo", "--speed", "1200", "--for", "2h")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Status: Busy until " in done.stdout
    assert "Status: No status set" in done.stdout
    assert "Problem" not in done.stdout


def test_without_a_registration_a_hold_is_not_begun(program: Program) -> None:
    told = program.run("hold", "busy")
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (6, "", 1)
    assert "presence-tray setup" in told.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no folders, even from root")
@pytest.mark.parametrize("command", [("run", "--demo"), ("hold", "busy", "--demo")])
def test_a_home_that_cannot_be_is_one_line(command: tuple[str, ...]) -> None:
    told = Program(Path("/proc/nowhere")).run(*command)
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (1, "", 1)
    assert "PRESENCE_TRAY_HOME" in told.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of folders are text")
def test_a_home_whose_name_is_no_text_is_as_good_as_any(tmp_path: Path) -> None:
    program = Program(tmp_path / "caf\udce9")
    with program.running("hold", "in-a-call", "--demo") as process:
        program.wait_for(partial(is_held, "in-a-call"))
        program.quit()
        assert process.wait(PATIENCE) == 0


def test_a_hold_that_cannot_be_begins_nothing(program: Program) -> None:
    assert program.run("hold", "focusing", "--demo").returncode == 2
    (Path(program.environ["PRESENCE_TRAY_HOME"]) / "settings.toml").write_text("lease_minutes = 1")
    told = program.run("hold", "busy", "--demo")
    assert (told.returncode, told.stderr.count("\n")) == (6, 1)
    assert "lease_minutes" in told.stderr


def test_an_organisations_limits_count_and_its_mistakes_stop_nobody(program: Program) -> None:
    machine = program.paths(demo=True).machine_settings_file
    machine.parent.mkdir()
    machine.write_text('lease_minutes = 1\n[managed]\nstates = ["available", "busy"]\noverride = false\n')
    with program.running("run", "--demo"):
        program.wait_for(lambda status: bool(status["account"]["signed_in"]))
        assert program.run("available", "until", "17:00").returncode == 0
        for typed in (("presenting",), ("toggle", "presenting"), ("available", "--pin"), ("pin", "on")):
            assert program.run(*typed).returncode == 2
        status = program.wait_for(lambda status: bool(status["hold"]))
        assert status["hold"]["state"] == "available"
        assert ["lease_minutes = 1" in each["title"] for each in status["mistakes"]] == [True]
        assert "lease_minutes = 1" in program.run("status").stdout
        assert program.run("quit").returncode == 0
    assert "ignored: " in program.paths(demo=True).log_file.read_text()


@needs("user-namespaces")
def test_a_user_whose_name_nobody_knows_can_hold_as_well(program: Program) -> None:
    nameless = ["unshare", "--user", "--map-user=54321"]
    with program.started(*nameless, PROGRAM, "hold", "in-a-call", "--demo", "--for", "1h") as process:
        program.wait_for(partial(is_held, "in-a-call"))
        assert program.run("stop").returncode == 0
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert "In a call until" in out


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a user has one desktop")
def test_a_start_on_another_desktop_says_there_where_the_app_is(lasting: Program) -> None:
    same = lasting.run("--demo")
    assert (same.returncode, "another desktop" in same.stderr) == (8, False)
    home = Path(lasting.environ["PRESENCE_TRAY_HOME"])
    other = Program(home, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/another/bus"}).run("--demo")
    assert other.returncode == 8
    assert "another desktop of yours" in other.stderr
    assert "presence-tray set" in other.stderr
    assert is_held("in-a-call", lasting.status())
