"""The composition root: builds the parts, starts them in order, stops them in reverse; alone knows them all.

What the user waits for at login comes first: lock, face, engine. The network stack is imported by the first
request, the token side by the first errand.
"""

import getpass
import logging
import platform
import signal
import sys
import zlib
from contextlib import suppress
from datetime import datetime
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

from tray import logs, renewal, settings_text, state_file
from tray.clock import Clock, LocalZone
from tray.core.effects import (
    Exit,
    Notify,
    Open,
    Save,
)
from tray.core.engine import begin
from tray.core.events import Event, LeaveAsked, Started
from tray.core.known import Config
from tray.core.look import View
from tray.core.things import Leaving
from tray.core.timing import LOGIN_LASTS
from tray.desktop import control, instance, requests
from tray.desktop.choosing import open_face
from tray.desktop.opening import open_document
from tray.desktop.sleep import open_watch
from tray.errors import RefusedByGraph
from tray.options import RunOptions
from tray.paths import Paths, locate
from tray.performing import Performer, Surroundings
from tray.runtime import Runtime
from tray.settings import Settings, load
from tray.world import open_demo, open_real

LOG = logging.getLogger("tray.app")
SHOWING = 0.3  # seconds that everything else waits for the icon
STOPPING = 0.5  # seconds the engine's thread gets to end after `Exit`


def run(options: RunOptions) -> int:
    """Run the program until it is left; return the exit code.

    Raises BadSettings, AlreadyRunning.
    """
    paths = locate(demo=options.demo)
    settings = load(paths)
    with instance.claim(paths.lock_file):
        log = logs.start(paths.log_file, settings.log_level)
        try:
            app = App(options, paths, settings)
            app.start()
            try:
                app.face.run()
            finally:
                app.stop()
        finally:
            logs.stop(log)
    if app.left:
        print(app.left, file=sys.stderr)  # noqa: T201  the last word, after the face is gone
    if app.goes_on_as:
        renewal.start(app.goes_on_as)
    app.raise_refusal()
    return 0


def configure(options: RunOptions, settings: Settings, now: datetime) -> Config:
    """Return what settings and command line mean for the engine."""
    install = f"{platform.node()}/{getpass.getuser()}".encode()
    return Config(
        lease=settings.lease,
        at_launch="nothing" if options.hold else settings.at_launch,
        end_of_day=settings.day_ends,
        zone=LocalZone(),
        phase=zlib.crc32(install) / 2**32,
        notices=settings.notifications == "problems",
        quiet_until=now + LOGIN_LASTS if options.at_login else None,
        foreground=options.hold is not None,
        demo=options.demo,
        haste=options.speed if options.demo else 1.0,
    )


class App:
    """The running program: its parts, and nothing they could know themselves."""

    def __init__(self, options: RunOptions, paths: Paths, settings: Settings) -> None:
        self._options = options
        self._paths = paths
        self._clock = Clock(options.speed)
        self._world = open_demo(self._clock, options.profile) if options.demo else open_real(settings, paths)
        self.left: str | None = None
        self.goes_on_as: list[str] | None = None  # the command of the version that replaced this one
        self._shown: SimpleQueue[None] = SimpleQueue()
        self.face = open_face(options, self.post, lambda: self._shown.put(None))
        self._sleep = open_watch(self.post)
        around = Surroundings(self._save, self._open, self._notify, self._sleep.allow, self._leave)
        self._performer = Performer(self._world, around, self.post)
        now = self._clock.now()
        engine = begin(configure(options, settings, now), now)
        self._runtime = Runtime(engine, self._clock, self._performer.perform, self.face.show)
        self._server: control.Server | None = None

    def post(self, event: Event) -> None:
        """Put an event into the engine's inbox."""
        self._runtime.post(event)

    def start(self) -> None:
        """Start everything but the face, which the main thread runs."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._signalled)
        if hasattr(signal, "SIGUSR1"):  # a foreground hold ends with its process: it runs on as it is
            signal.signal(signal.SIGUSR1, signal.SIG_IGN if self._options.hold else self._replaced)
        self.face.show(self._runtime.view)
        self._performer.start(self._wait_until_shown)
        self._runtime.start()
        self.post(Started(state_file.load(self._paths.state_file)))
        picked = self._options.hold or self._options.takes_up
        if picked:
            self.post(picked)
        self._performer.read_around()
        self._server = control.serve(self._paths.channel, self._answer)
        self._sleep.start()

    def stop(self) -> None:
        """Stop in reverse; the engine has released what it could before."""
        self._sleep.stop()
        if self._server:
            self._server.stop()
        self._runtime.stop(STOPPING)
        self._performer.stop()

    def raise_refusal(self) -> None:
        """Raise what ended a foreground hold, if Teams did not accept it."""
        trouble = self._runtime.view.status["trouble"]
        if self._options.hold and trouble and trouble["code"] == "declined":
            raise RefusedByGraph(trouble["title"], trouble["message"])

    def _wait_until_shown(self) -> None:
        """Let the icon come first: the network stack would take half of its start."""
        with suppress(Empty):
            self._shown.get(timeout=SHOWING)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        """Leave; Ctrl-C is the user's wish to quit, the rest is the end of the login."""
        self.post(LeaveAsked(Leaving.QUIT if number == signal.SIGINT else Leaving.ENDED))

    def _replaced(self, _number: int, _frame: FrameType | None) -> None:
        """Leave, to go on as the version that was installed meanwhile."""
        self.goes_on_as = renewal.command(self._runtime.view.status["hold"], sys.argv[1:])
        self.post(LeaveAsked(Leaving.ENDED))

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        return requests.answer(request, view=self._view, post=self.post, trace=self._runtime.trace, now=self._clock.now)

    def _view(self) -> View:
        return self._runtime.view

    # ------------------------------------------------------------------- effects

    def _save(self, effect: Save) -> None:
        state_file.save(self._paths.state_file, effect.saved)

    def _open(self, effect: Open) -> None:
        settings_file = settings_text.ensure(self._paths)
        open_document(effect.document, settings_file=settings_file, log_file=self._paths.log_file)

    def _notify(self, effect: Notify) -> None:
        LOG.info("notice: %s", effect.notice.title)  # the message may quote Microsoft, and name the user
        self.face.notify(effect.notice)

    def _leave(self, effect: Exit) -> None:
        self.left = effect.left
        self._sleep.allow()
        self.face.stop()
