"""Starts the real program and asks it what it holds."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

from tray.commands.app import App, is_gone, look
from tray.errors import NotRunning, TrayError
from tray.paths import Paths, locate

PROGRAM = str(Path(sys.executable).with_name("presence-tray"))
COMMAND = [sys.executable, "-m", "tray"] if sys.platform == "win32" else [PROGRAM]  # nothing is installed under Wine
KEPT = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_START")  # of the environment; Windows' own variables are many
PATIENCE = 60.0  # seconds; a noisy machine is slow, not wrong


class Program:
    """The program under a home of its own."""

    def __init__(self, home: Path, environ: Mapping[str, str] | None = None) -> None:
        kept = os.environ if sys.platform == "win32" else KEPT
        self.environ = {name: os.environ[name] for name in kept if name in os.environ}
        self.command = COMMAND
        self.environ |= {"PRESENCE_TRAY_HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        self.environ |= {
            "BROWSER": "true",  # which opens nothing
            "LANGUAGE": "en",
            "LC_TIME": "C",
            **(environ or {}),
        }

    def paths(self, *, demo: bool = False) -> Paths:
        """Return where it keeps what it keeps."""
        return locate(demo=demo, environment=self.environ)

    def running(self, *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
        """Start the program; whatever is left of it in the end is killed."""
        return self.started(*self.command, *arguments)

    @contextmanager
    def started(self, *command: str) -> Iterator[subprocess.Popen[str]]:
        """Start a command that starts the program; kill what is left of it."""
        process = subprocess.Popen(
            command,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*self.command, *arguments], env=self.environ, capture_output=True, text=True, check=False, timeout=60
        )

    def status(self, *, looks: bool = True) -> dict[str, Any]:
        """Return what `status --json` prints, empty when nothing runs; without a process for each question.

        With `looks` the app looks first what Teams shows, as it does for the command.
        """
        for demo in (False, True):
            app = App(self.paths(demo=demo).channel, demo)
            with suppress(TrayError):
                if looks:
                    look(app)
                document: dict[str, Any] = app.ask({"do": "status"})["status"]
                return document
        return {}

    def quit(self) -> None:
        """End the program, if it runs, as its command does; without a process for that."""
        for demo in (False, True):
            app = App(self.paths(demo=demo).channel, demo)
            with suppress(NotRunning):
                app.ask({"do": "quit"})
                limit = time.monotonic() + PATIENCE
                while not is_gone(app):
                    assert time.monotonic() < limit, "it goes on"
                    time.sleep(0.02)

    def wait_for(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Ask for the status until it is as it should be; raises AssertionError."""
        limit = time.monotonic() + PATIENCE
        looks = cycle((False,) * 4 + (True,))  # a look may wait for Graph, and begin a token child
        pause = 0.05  # seconds; longer and longer, for each question is work for the program
        while True:
            status = self.status(looks=next(looks))
            if status and condition(status):
                return status
            assert time.monotonic() < limit, f"the status never became right: {status}"
            time.sleep(pause)
            pause = min(1.2 * pause, 0.4)
