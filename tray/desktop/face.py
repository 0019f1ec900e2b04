"""What the app asks of whatever shows it: a tray, a terminal, or nothing at all."""

from typing import Protocol

from tray.core.view_model import Notice, View


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
