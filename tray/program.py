"""The composition root: starts the parts of the running app in order, and stops them in reverse.

1. the lock: one instance for each user
2. signals, on every system; like everything that happens from here on, they wait in the inbox for the engine
3. settings and log
4. the face: the tray's connection to the panel, or the terminal; and the power watch, not started yet
5. the backend, which is Microsoft or the demo, and the effects runner, whose lanes do not run yet
6. the engine and its first view, which the face is given: the whole menu is there before a panel can ask for it
7. the lanes, the engine's thread with the saved state, the control channel, the power watch: each starts
8. the face runs and registers the icon

The network stack and the sandbox are imported by the first call that needs them (`backend.py`).
"""

import logging
import os
import signal
import socket
import sys
import zlib
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

from tray import file_locks, files, language, logs, processes, settings_file, state_file
from tray.backend import Backend, open_demo, open_real
from tray.clock import Clock, LocalZone
from tray.control import server
from tray.control.answers import Answers
from tray.core.config import NOTHING, Config
from tray.core.effects import Exit, Notify, Open, ReadSettings, Save, SwitchRule
from tray.core.engine import begin
from tray.core.events import Event, LeaveAsked, Picked, SettingsChanged, SettingsRefused, Started, VaultChanged
from tray.core.model import TroubleCode
from tray.core.record import Record, replace
from tray.core.rules import RuleSettings
from tray.core.states import State
from tray.core.values import Document, Hold, LeaveReason
from tray.core.view_model import Notice, View
from tray.desktop.face import NullFace
from tray.desktop.opener import open_document, open_settings_page
from tray.desktop.sensors import Sensors
from tray.desktop.system import LOGIN_LASTS, open_desktop
from tray.effects_runner import Adapters, EffectsRunner
from tray.errors import BY_TROUBLE, BadSettings, TrayError
from tray.messages import commands as command_words
from tray.messages import desktop as desktop_words
from tray.messages.catalogue import in_english
from tray.paths import Paths, locate
from tray.runtime import Runtime, TimeLimit
from tray.settings import Settings, load
from tray.signin.registration import automatic_replies, registration_of

LOG = logging.getLogger("tray.program")
DRAFT_SECONDS = 3600.0  # seconds after which nobody writes a draft of the settings any more
EXIT_SECONDS = 10.0  # seconds: three to release, two for the parts to stop, the rest for a slow machine
ENGINE_STOP_SECONDS = 0.5  # seconds the engine's thread gets to end after `Exit`
ENDS_A_HOLD = frozenset({TroubleCode.DECLINED, TroubleCode.SIGN_IN_NEEDED})
ENDS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class RunOptions(Record):
    """What the command line asks of the app; `hold` set makes it a foreground hold in the terminal."""

    demo: bool = False
    speed: float = 1.0  # of the demo's clock
    at_login: bool = False
    hold: Picked | None = None
    takes_up: State | None = None  # what the replaced version held until stopped
    takes_up_pinned: bool = False
    profile: str = "five"  # which pairs the demo's Graph accepts: "five" or "table"


def run(options: RunOptions) -> int:
    """Run the app until it is left; return the exit code.

    Raise AlreadyRunning, BadSettings, RefusedByGraph, or TrayError where it cannot be known whether it runs.
    """
    program = Program(options)
    program.run()
    return program.conclude()


class Program:
    """The running parts; they know only what they were given here."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._paths = locate(demo=options.demo)
        self._clock = Clock(options.speed)
        self._inbox: SimpleQueue[Event] = SimpleQueue()
        self._runtime: Runtime | None = None
        self._end = Exit()
        self._settings = Settings()
        self._saves = 0
        self._failed = False
        self._limit = TimeLimit()
        self._successor: list[str] | None = None  # the command of the version that replaced this one

    def run(self) -> None:
        """Start everything in order, show the face until it is stopped, and stop everything in reverse."""
        options, paths, post = self._options, self._paths, self._post
        with ExitStack() as stops:
            lock = stops.enter_context(file_locks.claim(paths.lock_file))
            stops.callback(self._limit.lift)
            self._take_signals()
            settings = self._settings = load(paths)
            stops.callback(logs.stop, logs.start(paths.log_file, settings.log_level))
            _log_mistakes(settings)
            self._face, self._power, open_lock = open_desktop(post, at_login=options.at_login, hold=bool(options.hold))

            backend = self._backend()
            sensors = Sensors(post, *backend.sensors(open_lock))
            self._files = self._settings_files()
            effects = EffectsRunner(backend, self._adapters(sensors), post)
            now = self._clock.now()
            engine = begin(configure(options, settings, paths, now), now)
            runtime = self._runtime = Runtime(engine, self._clock, self._inbox, effects.perform, self._show)
            self._answers = Answers(runtime, post, self._clock, demo=options.demo)
            self._show(runtime.view)

            stops.callback(sensors.stop)
            stops.callback(effects.stop)
            effects.start()
            stops.callback(runtime.stop, ENGINE_STOP_SECONDS)
            _tidy(paths)
            state_file.adopt(paths.nameless_state_file, paths.state_file)
            runtime.start(Started(state_file.load(paths.state_file), self._taken_up()))
            if options.hold:
                post(options.hold)
            self._open_channel(stops, lock.restore)
            stops.callback(self._power.stop)
            self._power.start()
            self._show_until_stopped()

    def _open_channel(self, stops: ExitStack, keep: Callable[[], None]) -> None:
        """Answer the command line. The lock has decided who runs, but somebody else may have taken the address."""
        try:
            stops.callback(server.serve(self._paths.channel, self._answers.answer, keep).stop)
            stops.callback(self._answers.end)
        except TrayError as exc:
            LOG.warning("%s", exc)
            self._face.notify(Notice("channel", *command_words.no_channel(exc.title)))

    def _show(self, view: View) -> None:
        """Show a view, and tell those who watch."""
        self._face.show(view)
        self._answers.view_changed()

    def _show_until_stopped(self) -> None:
        """Run the face; where that fails, give back what is held and end. With nothing set up the settings open."""
        options = self._options
        if not (options.demo or options.hold or options.at_login or registration_of(self._settings)):
            self._open_settings_page()
        try:
            self._face.run()
        except Exception:
            LOG.exception("what shows the program failed")
            self._failed = True
            self._face = NullFace()
            self._post(LeaveAsked(LeaveReason.ENDED))
            self._face.run()

    def conclude(self) -> int:
        """Say what stays on Teams, go on as the version that replaced this one, or return the exit code.

        Raise RefusedByGraph if Teams did not accept what a foreground hold wanted, SignInRequired where nobody had
        signed in.
        """
        if self._end.left:
            with suppress(OSError):  # a full disk
                print(self._end.left, file=sys.stderr)  # noqa: T201  the last word, after the face is gone
        if self._successor:
            processes.become(self._successor)
        if self._runtime is None:
            return 0
        trouble = self._runtime.view.status["trouble"]
        if self._end.failed and trouble and trouble["code"] in ENDS_A_HOLD:
            raise BY_TROUBLE[trouble["code"]](trouble["title"], trouble["message"])
        return TrayError.exit_code if self._runtime.failed or self._failed else 0

    def _post(self, event: Event) -> None:
        """Give the engine an event, from any thread; a wish to leave also starts the time limit."""
        if isinstance(event, LeaveAsked):
            self._limit.begin(EXIT_SECONDS)
        self._inbox.put(event)

    # ------------------------------------------------------------------- signals

    def _take_signals(self) -> None:
        """Let what ends a program give back what is held first.

        Before this a signal ends the program as it ends any other: there is no icon yet, and nothing is held.
        """
        names = [*ENDS, "SIGUSR1"]
        for name in names:
            number = getattr(signal, name, None)
            if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                continue  # not of this system; or `nohup` wants the program to outlive its terminal
            signal.signal(number, self._signalled)
        if self._options.hold and hasattr(signal, "SIGUSR1"):  # a foreground hold ends with its own process
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        """Leave; Ctrl-C is the user's wish to quit, the rest is the end of the login.

        SIGUSR1 comes from an installer: the files of another version lie on disk, so nothing is imported from here on.
        """
        if number == getattr(signal, "SIGUSR1", None):
            self._note_successor()
            self._post(LeaveAsked(LeaveReason.REPLACED))
            return
        self._post(LeaveAsked(LeaveReason.QUIT if number == signal.SIGINT else LeaveReason.ENDED))

    def _note_successor(self) -> None:
        """Start again once everything has ended, with what the user holds."""
        self._successor = processes.successor(self._runtime.pick if self._runtime else None, sys.argv[1:])

    def _taken_up(self) -> Hold | None:
        """Return what the version held that this one replaces."""
        state = self._options.takes_up
        return Hold(state, self._clock.now(), pinned=self._options.takes_up_pinned) if state else None

    # ------------------------------------------------------------------- what the parts ask for

    def _backend(self) -> Backend:
        if self._options.demo:
            return open_demo(self._clock, self._options.profile)
        return open_real(lambda: self._settings, self._paths)

    def _adapters(self, sensors: Sensors) -> Adapters:
        return Adapters(
            save=self._save,
            settle=partial(state_file.settle, self._paths.state_file),
            open=self._open,
            notify=self._notify,
            allow_suspend=self._power.allow,
            leave=self._leave,
            watch=sensors.watch,
            switch_rule=self._switch_rule,
            read_settings=self._read_settings,
        )

    def _save(self, effect: Save) -> None:
        """Save; one that a slow disk held up until the next was begun is not wanted any more."""
        number = self._saves = self._saves + 1
        state_file.save(self._paths.state_file, effect.saved, lambda: self._saves == number)

    def _open(self, effect: Open) -> None:
        if effect.document is Document.SETTINGS:
            self._open_settings_page()
            return
        open_document(
            effect.document,
            settings_file=self._paths.settings_file,
            log_file=self._paths.log_file,
            automatic_replies=automatic_replies(self._settings),
        )

    def _notify(self, effect: Notify) -> None:
        LOG.info("notice: %s", in_english(effect.notice.title))  # the message may quote Microsoft, and name the user
        self._face.notify(effect.notice)

    def _switch_rule(self, effect: SwitchRule) -> None:
        try:
            settings_file.write(self._paths, settings_file.rule_values(effect.rule, on=effect.on))
        except BadSettings as exc:
            self._post(SettingsRefused(exc.title, exc.message))
            return
        self._read_settings(ReadSettings())

    def _read_settings(self, _effect: ReadSettings) -> None:
        """Take the settings in again if a file has changed since; a mistake is told, and the old ones stay."""
        files = self._settings_files()
        if files == self._files or self._options.hold:
            return
        self._files = files
        try:
            settings = load(self._paths)
            config = configure(self._options, settings, self._paths, self._clock.now())
        except BadSettings as exc:
            self._post(SettingsRefused(exc.title, exc.message))
            return
        _log_mistakes(settings)
        before, self._settings = registration_of(self._settings), settings
        language.speak(settings.language)
        self._post(SettingsChanged(config))
        if registration_of(settings) != before and not self._options.demo:
            self._follow_registration(anew=before is not None)

    def _follow_registration(self, *, anew: bool) -> None:
        """Look who is signed in with the app registration that was set up; with another one, start again.

        What is set is cleared first, with the token that set it.
        """
        if not anew:
            self._post(VaultChanged())
            return
        self._note_successor()
        self._post(LeaveAsked(LeaveReason.ENDED))

    def _open_settings_page(self) -> None:
        def tell_of_no_browser(link: str) -> None:
            self._face.notify(Notice("settings", *desktop_words.no_browser_for_settings(link)))

        open_settings_page(demo=self._options.demo, unopened=tell_of_no_browser)

    def _settings_files(self) -> list[tuple[int, int] | None]:
        """Return what tells that a settings file has changed."""
        return [_stamp_of(file) for file in (self._paths.machine_settings_file, self._paths.settings_file)]

    def _leave(self, effect: Exit) -> None:
        self._limit.begin(EXIT_SECONDS)
        self._end = effect
        self._power.allow()
        self._face.stop()


def _tidy(paths: Paths) -> None:
    """Remove what was left by kills in the middle of a save; a command may be writing the settings just now."""
    for state in (paths.state_file, paths.nameless_state_file):
        files.remove_drafts(state)
    files.remove_drafts(paths.settings_file, older_than=DRAFT_SECONDS)


def configure(options: RunOptions, settings: Settings, paths: Paths, now: datetime) -> Config:
    """Return what settings and command line mean for the engine."""
    # The user's name would ask a directory service, which may be away.
    install = os.fsencode(f"{socket.gethostname()}/{paths.state_file}")  # a path may be no text
    config = replace(
        settings.for_engine,
        zone=LocalZone(),
        offset=zlib.crc32(install) / 2**32,
        login_until=now + LOGIN_LASTS if options.at_login else None,
        foreground=options.hold is not None,
        demo=options.demo,
        speed=options.speed,
    )
    return replace(config, at_launch=NOTHING, rules=RuleSettings()) if options.hold else config


def _log_mistakes(settings: Settings) -> None:
    """Name what an administrator wrote wrong, and what therefore does not count."""
    for title, _message in settings.mistakes:
        LOG.warning("ignored: %s", in_english(title))


def _stamp_of(file: Path) -> tuple[int, int] | None:
    """Return when a file was written and how long it is; `None` where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
