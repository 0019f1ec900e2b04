"""What the app asks of whatever shows it: a tray, a terminal, or nothing at all."""

import logging
from enum import StrEnum
from typing import Protocol

from tray.core.view_model import Notice, View
from tray.desktop.terminal.keys import keys_of

LOG = logging.getLogger("tray.desktop")


class Host(StrEnum):
    """Whether something shows tray icons."""

    THERE = "there"
    ABSENT = "absent"
    SILENT = "silent"  # somebody has the name under which trays are found, and answers nothing
    UNKNOWN = "unknown"


class Face(Protocol):
    """Shows views and posts events; holds no truth of its own."""

    def run(self) -> None:
        """Show until stopped; blocks, on the main thread."""

    def show(self, view: View) -> None:
        """Show a view; callable from any thread, returns at once."""

    def notify(self, notice: Notice) -> None:
        """Tell the user something; callable from any thread, returns at once."""

    def stop(self) -> None:
        """Let `run` return; callable from any thread."""


class NullFace:
    """Shows nothing, where there is neither a tray nor a terminal; the command line still reaches the app."""

    def __init__(self) -> None:
        self._keys = keys_of(None)  # nobody presses any, but signals and `stop` end their wait
        self._stopped = False

    def run(self) -> None:
        """Wait until stopped."""
        with self._keys:
            while not self._stopped:
                self._keys.wait()

    def show(self, view: View) -> None:
        """Show nothing: whoever asks gets the view over the control channel."""

    def notify(self, notice: Notice) -> None:
        """Leave a line in the log."""
        LOG.warning("%s %s", notice.title, notice.message)

    def stop(self) -> None:
        """Let `run` return."""
        self._stopped = True
        self._keys.wake()
