"""What a key on the keyboard is bound to: it imports nearly nothing, and finds the app where everybody else does."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.program.processes import Program
from tests.rows import for_each
from tray import key_press
from tray.control import server
from tray.core.states import STATES
from tray.messages import commands as words
from tray.paths import Paths, locate
from tray.runtime_folder import usual_channel

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it takes imports to find the app")

Captured = pytest.CaptureFixture[str]
OURS = {"tray", "tray.key_press", "tray.runtime_folder", "tray.control", "tray.control.unix_client"}
IN_C = {"_socket", "_struct", "struct", "gc"}
OLDER = b'{"ok":true,"stops":false}\n'
REFUSED = b'{"ok":false,"error":"there is no state"}\n'


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    return locate(demo=False)


def loaded(program: str) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(told.stdout.split())


def test_a_key_press_imports_little() -> None:
    assert loaded("import tray.__main__, tray.key_press") - loaded("pass") <= OURS | IN_C | {"tray.__main__"}


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_on_other_systems_it_begins_without_what_they_lack(system: str) -> None:
    assert "tray.key_press" in loaded(f"import sys\nsys.platform = {system!r}\nimport tray.key_press")


@for_each("demo", [False, True])
@for_each(
    "environment",
    [
        {"PRESENCE_TRAY_HOME": "{0}"},
        {"PRESENCE_TRAY_HOME": "relative"},
        {"PRESENCE_TRAY_HOME": "~/portable"},
        {"PRESENCE_TRAY_HOME": "/" + "x" * 100},
        {"XDG_RUNTIME_DIR": "{0}"},
        {"XDG_RUNTIME_DIR": "/nowhere", "TMPDIR": "{0}"},
        {"XDG_RUNTIME_DIR": "/nowhere", "TMPDIR": "/" + "x" * 100},
        {},
    ],
)
def test_it_finds_the_app_where_everybody_does_or_leaves_it_to_them(environment: dict[str, str], demo: bool) -> None:
    with tempfile.TemporaryDirectory() as home:  # its name is shorter than `tmp_path`
        environment = {name: value.format(home) for name, value in environment.items()}
        found = usual_channel(environment, demo=demo)
        assert found in {None, locate(demo=demo, environment=environment).channel}
    assert (found is None) is any(value.startswith(("relative", "~", "/x")) for value in environment.values())


def test_it_knows_every_status_by_its_key() -> None:
    assert not [state.key for state in STATES if state.key.strip(key_press.STATE_LETTERS)]


@pytest.mark.parametrize("typed", [[], ["status"], ["set"], ["set", "busy", "--pin"], ["toggle", "Be right back"]])
def test_all_else_is_left_to_the_command_line(paths: Paths, typed: list[str]) -> None:
    serving = server.serve(paths.channel, lambda _request: b"0 Done.\n")
    try:
        assert key_press.run(typed) is None
    finally:
        serving.stop()


def test_where_nothing_runs_and_of_an_unknown_status_the_command_line_tells(paths: Paths) -> None:
    assert key_press.run(["toggle", "busy"]) is None
    serving = server.serve(paths.channel, lambda _request: REFUSED)
    try:
        assert key_press.run(["toggle", "bussy"]) is None
    finally:
        serving.stop()


@pytest.mark.parametrize(
    ("line", "demo", "code", "printed"),
    [
        ("0 Done.\n", False, 0, ("Done.\n", "")),
        ("5 It is declined.\n", False, 5, ("", "It is declined.\n")),
        ("0 Fait à 13 h 00 🎉\nA demo.\n", True, 0, ("Fait à 13 h 00 🎉\n", "A demo.\n")),
    ],
)
@pytest.mark.usefixtures("paths")
def test_it_prints_the_line_that_the_app_sends(
    capsys: Captured, line: str, demo: bool, code: int, printed: tuple[str, str]
) -> None:
    serving = server.serve(locate(demo=demo).channel, lambda _request: line.encode())
    try:
        assert key_press.run(["stop"]) == code
    finally:
        serving.stop()
    assert tuple(capsys.readouterr()) == printed


@pytest.mark.parametrize(
    ("answer", "code", "says"), [(OLDER, 1, words.garbled_answer()), (b"", 3, words.not_running())]
)
def test_without_an_outcome_it_says_so_in_a_line(
    tmp_path: Path, answer: bytes, code: int, says: tuple[str, str]
) -> None:
    program = Program(tmp_path)
    serving = server.serve(program.paths().channel, lambda _request: answer)
    try:
        told = program.run("toggle", "busy")
    finally:
        serving.stop()
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (code, "", 1)
    assert says[0] in told.stderr


def test_the_real_app_answers_a_key_press_as_it_answers_what_is_typed(tmp_path: Path) -> None:
    program = Program(tmp_path)
    with program.running("hold", "in-a-call", "--demo"):
        program.wait_for(lambda status: bool(status["hold"]) and status["hold"]["held_by"] == "session")
        pressed = program.run("toggle", "available")
        typed = program.run("set", "Available")
        assert (pressed.returncode, pressed.stdout, pressed.stderr) == (0, typed.stdout, typed.stderr)
        assert "demo" in pressed.stderr
        assert json.loads(program.run("status", "--json").stdout)["hold"]["state"] == "available"
        assert program.run("toggle", "available").stdout == "Your status is cleared.\n"
