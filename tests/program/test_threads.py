"""A defect in a thread of the real program: it is in the log, and ends or restarts what it must.

`tests/test_threads.py` knows where each of the others fails.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from tests.program.processes import PATIENCE, Program
from tests.program.test_tray_goes_on import log_of
from tray.control.client import ask
from tray.errors import NotRunning, TrayError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="defects are put in by a start of our own")
FAIL = """
import sys
def fail(*_, **__):
    raise RuntimeError("a defect of the test")
"""
START = "\nfrom tray.__main__ import main\nsys.exit(main())"


class Defective(Program):
    """The demo without a tray, with a defect put in."""

    def __init__(self, home: Path, defect: str) -> None:
        super().__init__(home, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"})
        self._whole = self.command
        self.command = [sys.executable, "-c", FAIL + defect + START]

    def begin(self) -> "Popen[str]":
        """Start it with its defect; commands have none."""
        process = Popen([*self.command, "run", "--demo", "--at-login"], env=self.environ, text=True)
        self.command = self._whole
        return process


def ended(process: "Popen[str]") -> int:
    try:
        return process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()


def test_where_the_face_fails_the_program_clears_what_is_set_and_ends(tmp_path: Path) -> None:
    defect = """
from tray.desktop import face
class Failing(face.NullFace):
    def run(self):
        import time
        from tray.paths import locate
        while not locate(demo=True).log_file.with_name("now").exists():
            time.sleep(0.01)
        fail()
import tray.program
tray.program.open_desktop = lambda post, **how: (Failing(), *open_desktop(post, **how)[1:])
"""
    defect = "\nfrom tray.desktop.system import open_desktop" + defect
    program = Defective(tmp_path, defect)
    process = program.begin()
    program.wait_for(bool)
    assert program.run("set", "busy").returncode == 0
    program.paths(demo=True).log_file.with_name("now").touch()
    assert ended(process) == 1
    assert "what shows the program failed" in log_of(program)
    state = program.paths(demo=True).state_file.read_text(encoding="utf-8")
    assert '"session":null' in state.replace(" ", "")


@pytest.mark.defect_in("effects_runner.EffectsRunner._leave")
def test_where_the_end_fails_the_time_limit_ends_the_program(tmp_path: Path) -> None:
    defect = """
import tray.program
from tray.desktop import face
tray.program.EXIT_SECONDS = 1.0
face.NullFace.stop = fail
"""
    program = Defective(tmp_path, defect)
    process = program.begin()
    program.wait_for(bool)
    program.run("quit")
    assert ended(process) == 1
    assert "the thread exit ended" in log_of(program)


# Thread → the defect, the request that meets it, what is in the log.
GO_ON: dict[str, tuple[str, dict[str, Any], str]] = {
    "opening": (
        "import tray.desktop.opener as opener\nopener._open = fail",
        {"do": "press", "row": "log"},
        "the thread opening ended",
    ),
    "settings-page": (
        "import tray.desktop.opener as opener\nopener._follow_page = fail",
        {"do": "press", "row": "settings"},
        "the thread settings-page ended",
    ),
    "conversation": (
        """
import tray.control.requests as requests
answer = requests.answer
def failing(request, **rest):
    return fail() if request["do"] == "looked" else answer(request, **rest)
requests.answer = failing
""",
        {"do": "looked"},
        "no answer to a request",
    ),
    "conversation of a watcher": (
        """
from tray.control.answers import Answers
follow = Answers._follow
def broken(answers):
    yield next(iter(follow(answers)))
    fail()
Answers._follow = broken
""",
        {"do": "watch"},
        "a conversation failed",
    ),
}


@pytest.mark.defect_in(
    "desktop.opener.open_target", "desktop.opener.open_settings_page", "control.server.Server._accept"
)
def test_the_program_goes_on_after_each_of_these(tmp_path: Path) -> None:
    program = Defective(tmp_path, "\n".join(defect for defect, *_ in GO_ON.values()))
    process = program.begin()
    channel = program.paths(demo=True).channel
    for _, asked, logged in GO_ON.values():
        assert logged not in log_of(program)
        wait_for(lambda asked=asked: has_answered(channel, asked))  # type: ignore[misc]
        wait_for(lambda logged=logged: logged in log_of(program))  # type: ignore[misc]
    process.terminate()
    assert ended(process) == 0


def has_answered(channel: str, request: dict[str, Any]) -> bool:
    """Tell whether the program has heard the request, whatever it thinks of it."""
    try:
        ask(channel, request, timeout=PATIENCE)
    except NotRunning:
        return False
    except TrayError:
        return True
    return True


def wait_for(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.1)
