"""Carries each effect out with its adapter and posts what comes of it; slow work runs on one of two lanes.

The requests lane takes one Graph call at a time and small work on this machine, the errands lane one token errand at a
time.
"""

import logging
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from threading import Event as Flag

from tray.backend import Backend, GraphConnection
from tray.core.effects import (
    Abandon,
    AbandonErrand,
    AllowSuspend,
    CancelSignIn,
    ClearPreferred,
    ClearSession,
    Effect,
    Exit,
    Notify,
    ObtainToken,
    Open,
    PlayScenario,
    ReadAccount,
    ReadAutostart,
    ReadPresence,
    ReadSettings,
    Request,
    Save,
    SetMessage,
    SetPreferred,
    SetSession,
    SignIn,
    SignOut,
    SwitchRule,
    ToggleAutostart,
    TokenErrand,
    UnlockKeyring,
    Watch,
)
from tray.core.events import (
    Answered,
    AutostartRead,
    Event,
    TokenAnswered,
)
from tray.core.record import Record
from tray.core.values import Answer, AnswerKind, SignedOut
from tray.graph.requests import Token
from tray.signin.source import TokenSource

LOG = logging.getLogger("tray.effects_runner")
LAST_WORK = 1.0  # seconds for saving and the like, before the program ends


class Lane:
    """Carries out effects one after another on a daemon thread of its own."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._work: deque[Callable[[], object] | None] = deque()
        self._changed = Condition()  # guards the two
        self._turn = 0  # the number of the thread at work; earlier threads end after the call they are in
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the thread; started again, the thread at work is left to itself and a new one takes over."""
        with self._changed:
            self._turn += 1
            self._changed.notify_all()
        self._thread = Thread(target=self._run, args=(self._turn,), name=self._name, daemon=True)
        self._thread.start()

    def put(self, work: Callable[[], object]) -> None:
        """Add work; callable from any thread."""
        with self._changed:
            self._work.append(work)
            self._changed.notify_all()

    def stop(self, seconds: float) -> None:
        """End the thread once its work is done, or leave it after so many seconds."""
        with self._changed:
            self._work.append(None)
            self._changed.notify_all()
        if self._thread:
            self._thread.join(seconds)

    def _run(self, turn: int) -> None:
        while work := self._next(turn):
            try:
                work()
            except Exception:
                LOG.exception("an effect failed")

    def _next(self, turn: int) -> Callable[[], object] | None:
        """Wait for work; return `None` at the end, or when another thread has taken over."""
        with self._changed:
            self._changed.wait_for(lambda: self._work or self._turn != turn)
            return self._work.popleft() if self._turn == turn else None


class Adapters(Record):
    """What effects act on outside the account: plain functions, so that platforms and tests differ there."""

    save: Callable[[Save], None]  # survives a killed process
    open: Callable[[Open], None]
    notify: Callable[[Notify], None]
    allow_suspend: Callable[[], None]
    leave: Callable[[Exit], None]
    watch: Callable[[Watch], None] = lambda _: None
    switch_rule: Callable[[SwitchRule], None] = lambda _: None
    read_settings: Callable[[ReadSettings], None] = lambda _: None
    settle: Callable[[], None] = lambda: None  # makes the last save survive a power cut, too


class EffectsRunner:
    """Gives each effect to its adapter on its lane, and posts what comes back."""

    def __init__(self, backend: Backend, adapters: Adapters, post: Callable[[Event], None]) -> None:
        self._backend = backend
        self._adapters = adapters
        self._post = post
        self._graph: GraphConnection | None = None
        self._source: TokenSource | None = None
        self._token: Token | None = None
        self._errand: int | None = None  # the last one begun
        self._cancelled: int | None = None  # the last sign-in that the user gave up
        self._requests = Lane("requests")
        self._errands = Lane("errands")
        self._answered = 0  # the number of the last call whose answer was posted
        self._abandoned = 0  # the number of the last call that nobody waits for any more

    def start(self) -> None:
        """Start both lanes, the second once the backend is prepared; read what the menu shows besides the presence."""
        self._requests.start()
        self._requests.put(self._backend.prepare)
        self._requests.put(self._errands.start)
        self._requests.put(self._read_autostart)
        self._requests.put(lambda: self._post(self._backend.play("")))

    def stop(self) -> None:
        """End both lanes within half a second; what hangs is left behind as a daemon."""
        if self._source and self._errand is not None:
            self._source.cancel(self._errand)
        self._requests.stop(0.25)
        self._errands.stop(0.25)
        if self._graph:
            self._graph.close()

    def perform(self, effect: Effect) -> None:  # noqa: C901, PLR0912  one arm for each effect
        """Carry an effect out, or hand it to a lane; returns at once."""
        match effect:
            case SetSession() | ClearSession() | SetPreferred() | ClearPreferred() | SetMessage() | ReadPresence():
                self._requests.put(lambda: self._send(effect))
            case ReadAccount() | ObtainToken() | SignIn() | SignOut() | UnlockKeyring():
                self._errands.put(lambda: self._run_errand(effect))
            case Abandon(call=call):
                self._abandon(call)
            case AbandonErrand(call=call):
                self._abandon_errand(call)
            case CancelSignIn(call=call):
                self._cancelled = call
                if self._source:
                    self._source.cancel(call)
            case Notify():
                self._adapters.notify(effect)
            case AllowSuspend():
                self._adapters.allow_suspend()
            case Save():
                self._requests.put(lambda: self._save(effect))
            case Watch():
                self._requests.put(lambda: self._adapters.watch(effect))
            case SwitchRule():
                self._requests.put(lambda: self._adapters.switch_rule(effect))
            case ReadSettings():
                self._requests.put(lambda: self._adapters.read_settings(effect))
            case Open():
                self._requests.put(lambda: self._adapters.open(effect))
            case ToggleAutostart():
                self._requests.put(lambda: self._post(AutostartRead(self._backend.toggle_autostart())))
            case ReadAutostart():
                self._requests.put(self._read_autostart)
            case PlayScenario(scenario=scenario):
                self._requests.put(lambda: self._post(self._backend.play(scenario)))
            case Exit():
                self._leave(effect)

    def _leave(self, effect: Exit) -> None:
        """Leave when what stands before it is done, the last save above all; what hangs is not waited for."""
        done = Flag()
        self._requests.put(done.set)

        def leave() -> None:
            done.wait(LAST_WORK)
            self._adapters.leave(effect)

        Thread(target=leave, name="exit", daemon=True).start()

    def _save(self, effect: Save) -> None:
        """Save before the request that comes next, and wait for the disk after it."""
        self._adapters.save(effect)
        self._requests.put(self._adapters.settle)

    def _read_autostart(self) -> None:
        self._post(AutostartRead(self._backend.read_autostart()))

    def _send(self, request: Request) -> None:
        """Send on the requests lane; the graph client is made at the first request: it imports the network stack.

        A call that was given up while it stood in the queue is not sent: its answer would be nobody's.
        """
        if request.call <= self._abandoned:
            return
        graph = self._graph = self._graph or self._backend.graph()
        token = self._token
        answer = graph.send(request, token) if token else Answer(AnswerKind.UNAUTHORIZED)
        self._answered = request.call
        self._post(Answered(request.call, answer))

    def _run_errand(self, errand: TokenErrand) -> None:
        source = self._source = self._source or self._backend.source()
        self._errand = errand.call
        if self._cancelled == errand.call:  # while the token side was imported
            source.cancel(errand.call)
        reply = source.carry_out(errand, self._post)
        if isinstance(reply.outcome, SignedOut):
            self._token = None
        self._token = reply.token or self._token
        self._post(TokenAnswered(errand.call, reply.outcome))

    def _abandon(self, call: int) -> None:
        """Leave the call in flight to itself: its connection is closed, a new thread takes the next one.

        A call whose answer is already on its way holds up nobody.
        """
        self._abandoned = call
        if call <= self._answered:
            return
        if self._graph:
            self._graph.close()
        self._requests.start()

    def _abandon_errand(self, call: int) -> None:
        """Leave an errand to itself: a new thread takes the next one."""
        self._errands.start()
        if self._source:
            self._source.abandon(call)
