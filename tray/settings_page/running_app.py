"""The running app, as the page sees it: what it shows, and the rows of its menu that the page may press."""

import os
import subprocess
from contextlib import suppress
from typing import Any

from tray.commands.app import App
from tray.core.record import Record
from tray.desktop.autostart import own_command
from tray.errors import TrayError
from tray.paths import Paths

ROWS = frozenset({"sign-in", "sign-in-code", "sign-in-cancel", "sign-out", "unlock"})


class Shown(Record):
    """What the app shows; empty while it does not run."""

    runs: bool = False
    icon: str = "idle"
    lines: tuple[str, ...] = ()
    clickable: frozenset[str] = frozenset()
    username: str | None = None
    signed_in: bool = False
    trouble: str | None = None
    failure: tuple[str, str] | None = None  # why the last sign-in failed

    @property
    def signing_in(self) -> bool:
        """Tell whether a sign-in waits for the user."""
        return "sign-in-cancel" in self.clickable


class RunningApp:
    """Asks the app; one that does not run, or not answer, shows nothing."""

    def __init__(self, paths: Paths, *, demo: bool) -> None:
        self._app = App(paths.channel, demo=demo)

    def shown(self) -> Shown:
        """Return what the app shows now."""
        try:
            answer: dict[str, Any] = self._app.ask({"do": "look"})
        except TrayError:
            return Shown()
        status, failure = answer["status"], answer["errands"].get("failure")
        return Shown(
            runs=True,
            icon=answer["icon"],
            lines=tuple(answer["lines"]),
            clickable=frozenset(answer["clickable"]),
            username=status["account"]["username"],
            signed_in=status["account"]["signed_in"],
            trouble=(status["trouble"] or {}).get("code"),
            failure=(failure["title"], failure["message"]) if failure else None,
        )

    def press(self, row: str) -> None:
        """Press a row of the menu, if it can be pressed now."""
        if row in ROWS:
            with suppress(TrayError):
                self._app.ask({"do": "press", "row": row})

    def tell_of_settings(self) -> None:
        """Let the app read the settings again."""
        with suppress(TrayError):
            self._app.ask({"do": "settings-written"})

    def start(self) -> None:
        """Start the app as a login does: it has no reason to open this page."""
        with suppress(TrayError, OSError):
            subprocess.Popen(  # noqa: S603  our own program
                own_command(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=os.name == "posix",
            )

    def look(self) -> None:
        """Let the app ask what Teams shows."""
        with suppress(TrayError):
            self._app.ask({"do": "looked"})
