"""The composition root: builds the parts, starts them in order, stops them in reverse; alone knows them all.

What the user waits for at login comes first: lock, face, engine. The network stack is imported by the first
request, the token side by the first errand.
"""

import logging
import signal

from tray import logs, state_file
from tray.clock import Clock
from tray.core.engine import begin
from tray.core.events import (
    AutostartRead,
    Event,
    Started,
)
from tray.desktop import autostart, control, sleep
from tray.desktop.choosing import open_face
from tray.options import RunOptions
from tray.paths import Paths, locate
from tray.performing import Performer, Surroundings
from tray.runtime import Runtime
from tray.settings import Settings, load
from tray.world import open_demo, open_real

LOG = logging.getLogger("tray.app")
STOPPING = 0.5  # seconds a thread gets to end by itself


def run(options: RunOptions) -> int:
    """Run the program until it is left; return the exit code.

    Raises BadSettings, AlreadyRunning.
    """
    paths = locate(demo=options.demo)
    settings = load(paths)
    logs.start(paths, settings.log_level)
    with control.instance_lock(paths.lock_file):
        app = App(options, paths, settings)
        app.start()
        try:
            app.face.run()
        finally:
            app.stop()
    return 0


class App:
    """The running program: its parts, and nothing they could know themselves."""

    def __init__(self, options: RunOptions, paths: Paths, settings: Settings) -> None:
        self._options = options
        self._paths = paths
        clock = Clock(options.speed)
        self._world = open_demo(clock, options.profile) if options.demo else open_real(settings, paths)
        self.face = open_face(options, self.post)
        engine = begin(config(options, settings), clock.now())
        self._runtime = Runtime(engine, clock, lambda effect: self._performer.perform(effect), self.face.show)
        self._sleep = sleep.open_watch(self.post)
        around = Surroundings(
            save=self._save,
            open=self._open,
            notify=self._notify,
            allow_suspend=self._sleep.allow,
            toggle_autostart=autostart.toggle,
            pull_lever=self._world.pull,
            leave=self._leave,
        )
        self._performer = Performer(self._world.graph, self._world.source, around, self.post)
        self._server = control.serve(paths.control, self._answer)

    def post(self, event: Event) -> None:
        """Put an event into the engine's inbox."""
        self._runtime.post(event)

    def start(self) -> None:
        """Start everything but the face, which the main thread runs."""
        for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            signal.signal(number, self._signalled)
        self._performer.start()
        self._runtime.start()
        self.post(Started(state_file.load(self._paths.state_file)))
        if self._options.hold:
            self.post(self._options.hold)
        self.face.show(self._runtime.view)
        self._performer.later(lambda: AutostartRead(autostart.read()))
        if self._options.demo:
            self._performer.later(lambda: self._world.pull(""))
        self._server.start()
        self._sleep.start()

    def stop(self) -> None:
        """Stop in reverse; the engine has released what it could before."""
        self._sleep.stop()
        self._server.stop()
        self._runtime.stop(STOPPING)
        self._performer.stop()
        logging.shutdown()
