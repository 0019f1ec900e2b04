"""The works behind the face: builds the parts, starts them in order, stops them in reverse; alone knows them all.

Settings, log, engine, effects, channel, sleep. The network stack is imported by the first request, the token side by
the first errand.
"""

import logging
import platform
import sys
import zlib
from datetime import datetime
from typing import Any

from tray import logs, settings_file, state_file, upgrade
from tray.backend import open_demo, open_real
from tray.clock import Clock, LocalZone
from tray.control import requests, server
from tray.core.effects import (
    Exit,
    Notify,
    Open,
    Save,
)
from tray.core.engine import begin
from tray.core.events import Event, LeaveAsked, Started
from tray.core.login import LOGIN_LASTS
from tray.core.model import Config
from tray.core.values import Leaving
from tray.core.view_model import View
from tray.desktop.face import Face
from tray.desktop.opener import open_document
from tray.desktop.power import open_watch
from tray.effects_runner import Performer, Surroundings
from tray.errors import RefusedByGraph, TrayError
from tray.paths import Paths
from tray.run_options import RunOptions
from tray.runtime import Runtime
from tray.settings import Settings, load

LOG = logging.getLogger("tray.works")
STOPPING = 0.5  # seconds the engine's thread gets to end after `Exit`


def configure(options: RunOptions, settings: Settings, paths: Paths, now: datetime) -> Config:
    """Return what settings and command line mean for the engine."""
    install = f"{platform.node()}/{paths.state_file}".encode()  # not the user's name: a directory service may be away
    return Config(
        lease=settings.lease,
        at_launch="nothing" if options.hold else settings.at_launch,
        end_of_day=settings.day_ends,
        zone=LocalZone(),
        phase=zlib.crc32(install) / 2**32,
        notices=settings.notifications == "problems",
        quiet_until=now + LOGIN_LASTS if options.at_login else None,
        managed=tuple(sorted(settings.managed)),
        foreground=options.hold is not None,
        demo=options.demo,
        haste=options.speed if options.demo else 1.0,
        token_haste=1.0 if options.demo else options.speed,
    )


def build(options: RunOptions, paths: Paths, face: Face) -> "Works":
    """Build the works and start them; raises BadSettings, or TrayError where commands cannot be received."""
    settings = load(paths)
    log = logs.start(paths.log_file, settings.log_level)
    works = Works(options, paths, settings, face, log)
    try:
        works.start()
    except BaseException:
        works.stop()
        raise
    return works


class Works:
    """The running parts, and nothing that they could know themselves."""

    def __init__(self, options: RunOptions, paths: Paths, settings: Settings, face: Face, log: logging.Handler) -> None:
        self._options = options
        self._paths = paths
        self._face = face
        self._log = log
        self._clock = Clock(options.speed)
        self._world = open_demo(self._clock, options.profile) if options.demo else open_real(settings, paths)
        self._left: str | None = None  # what could not be given back
        self._successor: list[str] | None = None  # the command of the version that replaced this one
        self._sleep = open_watch(self.post)
        around = Surroundings(self._save, self._open, self._notify, self._sleep.allow, self._leave)
        self._performer = Performer(self._world, around, self.post)
        now = self._clock.now()
        engine = begin(configure(options, settings, paths, now), now)
        self._runtime = Runtime(engine, self._clock, self._performer.perform, face.show)
        self._server: server.Server | None = None

    def post(self, event: Event) -> None:
        """Put an event into the engine's inbox."""
        self._runtime.post(event)

    @property
    def view(self) -> View:
        """Return what there is to see."""
        return self._runtime.view

    def start(self) -> None:
        """Start everything."""
        self._face.show(self._runtime.view)
        self._performer.start()
        self._runtime.start()
        self.post(Started(state_file.load(self._paths.state_file)))
        picked = self._options.hold or self._options.takes_up
        if picked:
            self.post(picked)
        self._performer.read_around()
        self._server = server.serve(self._paths.channel, self._answer)
        self._sleep.start()

    def stop(self) -> None:
        """Stop in reverse; the engine has released what it could before."""
        self._sleep.stop()
        if self._server:
            self._server.stop()
        self._runtime.stop(STOPPING)
        self._performer.stop()
        logs.stop(self._log)

    @property
    def exit_code(self) -> int:
        """Return 0, or what says that the program ended by a fault of its own."""
        return TrayError.exit_code if self._runtime.failed else 0

    def be_left(self, *, by_the_user: bool) -> None:
        """Give back what is held and end, as the user wishes or because the login ends."""
        self.post(LeaveAsked(Leaving.QUIT if by_the_user else Leaving.ENDED))

    def be_succeeded(self) -> None:
        """Note how the version that replaced this one is to go on, while what is held is still known."""
        self._successor = upgrade.command(self.view.status["hold"], sys.argv[1:])

    def conclude(self) -> None:
        """Say what stays, and go on as the version that replaced this one.

        Raises RefusedByGraph, if Teams did not accept what a foreground hold wanted.
        """
        if self._left:
            print(self._left, file=sys.stderr)  # noqa: T201  the last word, after the face is gone
        if self._successor:
            upgrade.start(self._successor)
        trouble = self.view.status["trouble"]
        if self._options.hold and trouble and trouble["code"] == "declined":
            raise RefusedByGraph(trouble["title"], trouble["message"])

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        trace, now = self._runtime.trace, self._clock.now
        return requests.answer(request, view=lambda: self.view, post=self.post, trace=trace, now=now)

    # ------------------------------------------------------------------- effects

    def _save(self, effect: Save) -> None:
        state_file.save(self._paths.state_file, effect.saved)

    def _open(self, effect: Open) -> None:
        file = settings_file.ensure(self._paths)
        open_document(effect.document, settings_file=file, log_file=self._paths.log_file)

    def _notify(self, effect: Notify) -> None:
        LOG.info("notice: %s", effect.notice.title)  # the message may quote Microsoft, and name the user
        self._face.notify(effect.notice)

    def _leave(self, effect: Exit) -> None:
        self._left = effect.left
        self._sleep.allow()
        self._face.stop()
