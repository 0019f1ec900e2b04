"""The program from its start to its end: the face first, then what works behind it.

A tray is shown before the engine, the settings or the log are loaded: that is what the user waits for at login.
Where nobody waits for an icon everything is there before the face is shown.
"""

import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING

from tray.desktop.choosing import open_face
from tray.desktop.reserving import Place
from tray.paths import locate
from tray.run_options import RunOptions

if TYPE_CHECKING:
    from tray.core.events import Event
    from tray.works import Works

SHOWING = 2.0  # seconds that everything else waits for the icon: a panel may hang
ENDS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class EarlyLog(logging.Handler):
    """Keeps what is said before there is a log."""

    def __init__(self) -> None:
        super().__init__()
        self._records: list[logging.LogRecord] = []
        logging.getLogger("tray").setLevel(logging.INFO)
        logging.getLogger().addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self._records.append(record)

    def hand_over(self) -> None:
        """Say it again, to whoever listens now, and keep nothing more."""
        logging.getLogger().removeHandler(self)
        for record in self._records:
            logging.getLogger(record.name).handle(record)


class App:
    """A face, and the works behind it once they are loaded."""

    def __init__(self, options: RunOptions, place: Place) -> None:
        self._options = options
        self._works: Works | None = None
        self._failure: Exception | None = None
        self._early: SimpleQueue[Callable[[Works], None]] = SimpleQueue()  # what happened before there were works
        self._shown: SimpleQueue[None] = SimpleQueue()
        self._early_log = EarlyLog()
        self._face = open_face(options, place, self.post, lambda: self._shown.put(None))

    def post(self, event: "Event") -> None:
        """Let the engine know; callable from any thread, returns at once."""
        self._ask(lambda works: works.post(event))

    def _ask(self, act: Callable[["Works"], None]) -> None:
        """Have the works do something, at once or when they are there; imports nothing, as signals need it."""
        self._early.put(act)
        if not self._works:
            self._shown.put(None)  # who wants something of them waits for no icon
        self._pass_on()  # looked for after it is there: if the works come in between, `_load` finds it, or this does

    def run(self) -> None:
        """Show the face until the program is left; raise what the works failed with."""
        loading = Thread(target=self._load, name="start", daemon=True)
        waits_for_an_icon = self._shown.empty()
        self._listen_to_signals()
        if waits_for_an_icon:
            loading.start()
        else:  # the face has no icon to wait for
            self._load()
        try:
            if self._failure is None:
                self._face.run()
        finally:
            if loading.ident:
                loading.join()
            if self._works:
                self._works.stop()
        if self._failure:
            raise self._failure

    def conclude(self) -> None:
        """Let the works say the last word, now that the face and the lock are gone."""
        if self._works:
            self._works.conclude()

    @property
    def exit_code(self) -> int:
        """Return 0, or what says that the program ended by a fault of its own."""
        return self._works.exit_code if self._works else 0

    def _load(self) -> None:
        """Load the works once the user sees the icon, and pass on what happened meanwhile."""
        with suppress(Empty):
            self._shown.get(timeout=SHOWING)
        try:
            from tray import works  # noqa: PLC0415  the icon comes first

            self._works = works.build(self._options, locate(demo=self._options.demo), self._face)
        except Exception as exc:  # noqa: BLE001  the main thread raises it
            self._failure = exc
            self._face.stop()
            return
        self._early_log.hand_over()
        self._pass_on()

    def _pass_on(self) -> None:
        """Give the works what has happened, once there are any."""
        with suppress(Empty):
            while self._works:
                self._early.get_nowait()(self._works)

    # ------------------------------------------------------------------- signals

    def _listen_to_signals(self) -> None:
        """Take what ends the program as a wish to leave it, and give back what is held."""
        answers: dict[str, Callable[[int, FrameType | None], None] | signal.Handlers]
        answers = dict.fromkeys(ENDS, self._signalled)
        # A foreground hold ends with its process: it runs on as it is when the program is replaced.
        answers["SIGUSR1"] = signal.SIG_IGN if self._options.hold else self._replaced
        for name, answer in answers.items():
            if hasattr(signal, name) and not _is_kept_from_us(name):
                signal.signal(getattr(signal, name), answer)

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        """Leave; Ctrl-C is the user's wish to quit, the rest is the end of the login.

        It may come in the middle of an import, so that it imports nothing by itself.
        """
        self._ask(lambda works: works.be_left(by_the_user=number == signal.SIGINT))

    def _replaced(self, number: int, frame: FrameType | None) -> None:
        """Leave, to go on as the version that was installed meanwhile."""
        self._ask(lambda works: works.be_succeeded())
        self._signalled(number, frame)


def _is_kept_from_us(name: str) -> bool:
    """Tell whether whoever started us wants a signal to mean nothing: `nohup`, for when the terminal closes."""
    return name == "SIGHUP" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
