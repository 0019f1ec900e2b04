"""Completion as people use it: a real shell, a real Tab."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from tests.requirements import needs, require

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="starts shells with Linux's setsid")

PROJECT = Path(__file__).parents[2]
PROMPT = b"@@ "
PATIENCE = 20.0
STUB = '#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done >"$TYPED.new"\nmv "$TYPED.new" "$TYPED"\n'
TYPED = {
    "a command": ("qu\t", ["quit"]),
    "a state": ("hold do-n\t", ["hold", "do-not-disturb"]),
    "another state": ("set presen\t", ["set", "presenting"]),
    "an option": ("hold --de\t", ["hold", "--demo"]),
    "a choice": ("run --demo --profile ta\t", ["run", "--demo", "--profile", "table"]),
    "an option without a command": ("--dem\t", ["--demo"]),
    "a choice without a command": ("--demo --profile fi\t", ["--demo", "--profile", "five"]),
    "a duration": ("set busy --for 30\t", ["set", "busy", "--for", "30m"]),
    "a state after its duration": ("hold --for 2\t aw\t", ["hold", "--for", "2h", "away"]),
    "a length in words": ("keep end\t", ["keep", "end-of-day"]),
    "what the demo can do": ("demo thr\t", ["demo", "throttle"]),
    "an option of a sub-command": ("sign-in --dev\t", ["sign-in", "--device-code"]),
    "launch at login": ("autostart sta\t", ["autostart", "status"]),
    "a state as a command": ("bus\t", ["busy"]),
    "a time after a state": ("busy fo\t30m", ["busy", "for", "30m"]),
    "a time after a state that is set": ("set away unt\t17:00", ["set", "away", "until", "17:00"]),
    "an option after a state": ("busy --pi\t", ["busy", "--pin"]),
    "the menu's name of a command": ("overr\ton", ["override", "on"]),
    "a switch by the menu's name": ("override of\t", ["override", "off"]),
    "a message's duration": ("message x --for 30\t", ["message", "x", "--for", "30m"]),
}


@cache
def made_for(shell: str) -> str:
    script = PROJECT / "packaging" / "linux" / "completions.py"
    return subprocess.run(
        [sys.executable, script, shell], check=True, capture_output=True, text=True, cwd=PROJECT
    ).stdout


def prepared(shell: str, home: Path) -> list[str]:
    """Install the completion where the shell looks for a user's own; return how to start the shell."""
    made = made_for(shell)
    match shell:
        case "bash":
            (home / "completion").write_text(made)
            (home / ".bashrc").write_text('. "$HOME/completion"\nPS1="@@ "\n')
            return ["bash", "-i"]
        case "zsh":
            (home / "_presence-tray").write_text(made)
            (home / ".zshrc").write_text('fpath=("$HOME" $fpath)\nautoload -U compinit\ncompinit -u -D\nPS1="@@ "\n')
            return ["zsh", "-i"]
        case _:
            folder = home / ".config" / "fish"
            (folder / "completions").mkdir(parents=True)
            (folder / "completions" / "presence-tray.fish").write_text(made)
            (folder / "config.fish").write_text("function fish_prompt; echo -n '@@ '; end\nset fish_greeting\n")
            return ["fish", "-i"]


@contextmanager
def started(command: list[str], environ: dict[str, str]) -> Iterator[int]:
    """Start a shell in a terminal of its own; yields our end of it."""
    ours, theirs = pty.openpty()
    command = ["setsid", "--ctty", *command]  # fish wants to own its terminal
    process = subprocess.Popen(command, env=environ, stdin=theirs, stdout=theirs, stderr=theirs, cwd=environ["HOME"])
    os.close(theirs)
    try:
        yield ours
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def wait_for(terminal: int, shown: bytes) -> None:
    seen = b""
    limit = time.monotonic() + PATIENCE
    while shown not in seen:
        assert select.select([terminal], [], [], max(0, limit - time.monotonic()))[0], seen
        seen += os.read(terminal, 4096)


@needs("pseudo-terminals", "setsid")
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_tab_completes_commands_states_durations_options_and_choices(tmp_path: Path, shell: str) -> None:
    require(shell)
    program = tmp_path / "bin" / "presence-tray"
    program.parent.mkdir()
    program.write_text(STUB)
    program.chmod(0o755)
    told = tmp_path / "typed"
    environ = {
        "HOME": str(tmp_path),
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "TERM": "dumb",
        "TYPED": str(told),
    }
    with started(prepared(shell, tmp_path), environ) as terminal:
        wait_for(terminal, PROMPT)
        for typed, becomes in TYPED.values():
            told.unlink(missing_ok=True)
            os.write(terminal, f"presence-tray {typed}\r".encode())
            wait_for(terminal, PROMPT)
            limit = time.monotonic() + PATIENCE
            while not told.exists():
                assert time.monotonic() < limit, f"{shell} ran nothing for {typed!r}"
                time.sleep(0.02)
            assert told.read_text().split() == becomes


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_nobody_types_is_not_offered(shell: str) -> None:
    assert "take-up" not in made_for(shell)
