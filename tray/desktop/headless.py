"""The face where nothing can be shown: no tray, no terminal; the command line still reaches the app."""

import logging

from tray.core.view_model import Notice, View
from tray.desktop.terminal.keys import keys_of

log = logging.getLogger(__name__)


class HeadlessFace:
    """Shows nothing and waits."""

    def __init__(self) -> None:
        self._keys = keys_of(None)  # nobody presses any, but signals and `stop` end their wait
        self._stopped = False

    def run(self) -> None:
        """Wait until stopped."""
        with self._keys:
            while not self._stopped:
                self._keys.wait()

    def show(self, view: View) -> None:
        """Show nothing: who asks gets the view over the control channel."""

    def notify(self, notice: Notice) -> None:
        """Leave a line in the log."""
        log.warning("%s %s", notice.title, notice.message)

    def stop(self) -> None:
        """Let `run` return."""
        self._stopped = True
        self._keys.wake()
