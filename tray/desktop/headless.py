"""The face where nothing can be shown: no tray, no terminal; the command line still reaches the app."""

import logging
import sys
import threading

from tray.core.look import Notice, View

TURN_SECONDS = 1.0 if sys.platform == "win32" else None  # Windows hears Ctrl-C only between waits

log = logging.getLogger(__name__)


class HeadlessFace:
    """Shows nothing and waits."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def run(self) -> None:
        """Wait until stopped."""
        while not self._stopped.wait(TURN_SECONDS):
            pass

    def show(self, view: View) -> None:
        """Show nothing: who asks gets the view over the control channel."""

    def notify(self, notice: Notice) -> None:
        """Leave a line in the log."""
        log.warning("%s %s", notice.title, notice.message)

    def stop(self) -> None:
        """Let `run` return."""
        self._stopped.set()
