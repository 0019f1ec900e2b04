"""`watch` as processes: a restart of the app, and one watcher that is stopped while the others hear each change."""

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.program.processes import PATIENCE, Program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell and its signals")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


@contextmanager
def demo(program: Program) -> Iterator[subprocess.Popen[str]]:
    with program.running("run", "--demo") as process:
        program.wait_for(lambda status: bool(status["account"]["signed_in"]))
        yield process


def heard(watcher: subprocess.Popen[str], state: str | None) -> dict[str, Any]:
    """Return the first document that a watcher prints with this status set."""
    assert watcher.stdout is not None
    for line in watcher.stdout:
        status: dict[str, Any] = json.loads(line)
        if (status["hold"] or {"state": None})["state"] == state:
            return status
    raise AssertionError(f"the watcher ended without {state}")


def test_a_watcher_ends_with_its_app_and_a_loop_follows_the_next_one(program: Program) -> None:
    watch = shlex.join((*program.command, "watch", "--json"))
    with ExitStack() as stack, demo(program) as first:
        watcher = stack.enter_context(program.running("watch", "--json"))
        loop = stack.enter_context(program.started("sh", "-c", f"while :; do {watch}; sleep 0.2; done"))
        heard(watcher, None)
        heard(loop, None)
        first.kill()
        out, err = watcher.communicate(timeout=PATIENCE)
        assert (watcher.returncode, out) == (3, "")
        assert "isn't running" in err.splitlines()[-1]
        with demo(program):
            heard(loop, None)
            assert program.run("set", "busy").returncode == 0
            heard(loop, "busy")
            loop.kill()


def test_a_watcher_that_is_stopped_holds_up_no_other_and_hears_the_last_change(program: Program) -> None:
    with demo(program), ExitStack() as stack:
        watchers = [stack.enter_context(program.running("watch", "--json")) for _ in range(4)]
        for watcher in watchers:
            heard(watcher, None)
        stopped, *others = watchers
        stopped.send_signal(signal.SIGSTOP)
        for state in ("busy", "away", "in-a-call"):
            assert program.run("set", state).returncode == 0
            for watcher in others:
                heard(watcher, state)
        stopped.send_signal(signal.SIGCONT)
        heard(stopped, "in-a-call")
