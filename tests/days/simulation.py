"""A simulated day: the real engine against the sandbox's presence model, with seeded faults and the other side."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from tray.core.config import Config
from tray.core.effects import (
    Abandon,
    AllowSuspend,
    ClearPreferred,
    ClearSession,
    Effect,
    Exit,
    ObtainToken,
    ReadAccount,
    ReadPresence,
    Request,
    Save,
    SetMessage,
    SetPreferred,
    SetSession,
    SignIn,
    SignOut,
    TokenErrand,
    UnlockKeyring,
)
from tray.core.engine import begin, decide, next_wake
from tray.core.events import (
    Answered,
    ClockSet,
    Event,
    Resumed,
    SleepWatched,
    Started,
    Suspending,
    TokenAnswered,
    Woke,
)
from tray.core.expiry import BACKWARDS
from tray.core.model import Engine
from tray.core.values import (
    Account,
    AccountRead,
    Answer,
    AnswerKind,
    Granted,
    KeyringState,
    KeyringTrouble,
    Message,
    NetworkFailure,
    Saved,
    SignedOut,
    SignInNeeded,
    TokenOutcome,
    TryLater,
)
from tray.sandbox.presence_model import PresenceModel

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ADELE = Account("adele@example.test", "adele-key")
OURS = "presence-tray"
TEAMS = "teams"
OFFLINE = Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.NETWORK)


@dataclass(frozen=True, slots=True)
class Sent:
    """A request under way."""

    request: Request
    at: datetime


class World:
    """One user's world: a clock, the presence service, a network that fails, and the program on one computer."""

    def __init__(self, seed: int, config: Config | None = None, *, profile: str = "five") -> None:
        self.random = random.Random(seed)  # noqa: S311  seeded faults, no secrets
        self.now = START
        self.config = config or Config(offset=self.random.random())
        self.model = PresenceModel(profile)
        self.decide = decide
        self.network = True
        self.down_until = START  # the service answers 503
        self.throttled_until = START
        self.engine: Engine | None = None
        self.saved: Saved | None = None
        self.asleep = False
        self.announces_sleep = seed % 2 == 1  # then there is no look at the clock each half minute
        self.wake_at: datetime | None = None  # a wait lasts as long as it lasts, whatever is done to the clock
        self.set_by = timedelta()  # how far the clock was set without the program's knowing it yet
        self.under_way: dict[int, Sent] = {}
        self.sent: list[Sent] = []
        self.answers: list[tuple[datetime, Request, Answer]] = []
        self.watchers: list[Callable[[str, object], None]] = []
        self.generation = 0
        self.stale = False  # what landed last had been given up before
        self.token_good = True  # Graph accepts the one at hand
        self.signed_in = True  # the vault holds what gets a new one
        self.locked = False  # the keyring
        self.spins = 0  # wakes in a row at the same instant
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = count()

    # ------------------------------------------------------------------- time

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Let something happen so many seconds from now."""
        heapq.heappush(self._queue, (self.now + timedelta(seconds=seconds), next(self._order), action))

    def run(self, until: datetime) -> None:
        """Let time pass."""
        while self.now < until:
            wake = max(self.wake_at, self.now) if self.wake_at and self.engine and not self.asleep else None
            due = self._queue[0][0] if self._queue else until
            if wake is not None and wake < min(due, until):
                self.spins = self.spins + 1 if wake == self.now else 0
                assert self.spins < 50, "the engine asks to be woken again and again for nothing"
                self.now = wake
                self.post(Woke())
            elif due < until:
                at, _, action = heapq.heappop(self._queue)
                self.now = max(self.now, at)
                action()
            else:
                self.now = until
            self.tell("time", None)

    def jump(self, seconds: float) -> None:
        """Move the wall clock; what the world has planned and promised moves along."""
        by = timedelta(seconds=seconds)
        self.now += by
        self.set_by += by
        self.wake_at = self.wake_at and self.wake_at + by
        self._queue = [(at + by, order, action) for at, order, action in self._queue]
        self.down_until += by
        self.throttled_until += by
        self.model.shift(by)

    # ------------------------------------------------------------------- the program

    def start(self) -> None:
        """Start the program on what an earlier run saved."""
        self.generation += 1
        self.under_way.clear()
        self.engine, self.set_by = begin(self.config, self.now), timedelta()
        self.post(Started(self.saved))
        if self.announces_sleep:
            self.post(SleepWatched(announced=True))

    def crash(self) -> None:
        """End the program without a word."""
        self.engine = None
        self.generation += 1
        self.under_way.clear()

    def post(self, event: Event) -> None:
        """Let the program take an event in."""
        if self.engine is None or self.asleep:
            return
        if abs(self.set_by) > BACKWARDS:  # the runtime looks before each decision
            by, self.set_by = self.set_by, timedelta()
            self.post(ClockSet(by))
        self.tell("event", event)
        self.engine, effects = self.decide(self.engine, event, self.now)
        for effect in effects:
            self._perform(effect)
        self.wake_at = next_wake(self.engine) if self.engine else None
        self.tell("step", event)

    def tell(self, what: str, thing: object) -> None:
        """Let the watchers know."""
        for watcher in self.watchers:
            watcher(what, thing)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case SetSession() | ClearSession() | SetPreferred() | ClearPreferred() | SetMessage() | ReadPresence():
                self._send(effect)
            case ObtainToken() | ReadAccount() | SignIn() | SignOut() | UnlockKeyring():
                generation = self.generation
                self.later(0.4, lambda: self._answer_errand(effect, generation))
            case Abandon(call=call):
                self.under_way.pop(call, None)
            case Save(saved=saved):
                self.saved = saved
            case AllowSuspend():
                self.tell("allow", effect)
            case Exit():
                self.tell("exit", effect)
                self.engine = None
            case _:
                self.tell("effect", effect)

    def _answer_errand(self, errand: TokenErrand, generation: int) -> None:
        if generation != self.generation:
            return
        if self.asleep:
            self.later(10, lambda: self._answer_errand(errand, generation))
        else:
            self.post(TokenAnswered(errand.call, self._outcome(errand)))

    def _outcome(self, errand: TokenErrand) -> TokenOutcome:
        """Say what the token side would: the vault can be locked, the network down, the sign-in lost."""
        if isinstance(errand, UnlockKeyring):
            self.locked = False
        if self.locked:
            return KeyringTrouble(KeyringState.LOCKED)
        if isinstance(errand, SignOut):
            self.signed_in = False
            return SignedOut()
        if isinstance(errand, ReadAccount | UnlockKeyring):
            return AccountRead(ADELE if self.signed_in else None)
        if not self.network:
            return TryLater("No network.", failure=NetworkFailure.NETWORK)
        if isinstance(errand, SignIn):
            self.signed_in = True
        if not self.signed_in:
            return SignInNeeded("Your password changed.")
        self.token_good = True
        return Granted(ADELE, self.now + timedelta(minutes=65))

    # ------------------------------------------------------------------- the network and the service

    def _send(self, request: Request) -> None:
        sent = Sent(request, self.now)
        self.tell("sent", sent)
        self.sent.append(sent)
        self.under_way[request.call] = sent
        latency = self.random.choice((0.05, 0.1, 0.2, 0.4, 1.2))
        generation = self.generation
        self.later(latency / 2, lambda: self._land(request, latency / 2, generation))

    def _land(self, request: Request, back: float, generation: int) -> None:
        """Let a request reach the service, or the network swallow it."""
        if not self.network:
            self.later(0.1, lambda: self._return(request, OFFLINE, generation))
            return
        answer = self._serve(request)
        self.stale = generation != self.generation or request.call not in self.under_way
        self.tell("landed", (request, answer))
        if self.random.random() < self.lost_answers:
            return
        self.later(back, lambda: self._return(request, answer, generation))

    lost_answers = 0.0
    failures = 0.0

    def _serve(self, request: Request) -> Answer:
        if self.now < self.throttled_until:
            return Answer(AnswerKind.THROTTLED, retry_after=self.throttled_until - self.now)
        if self.now < self.down_until or self.random.random() < self.failures:
            return Answer(AnswerKind.UNAVAILABLE, status=503)
        return self.act(request) if self.token_good else Answer(AnswerKind.UNAUTHORIZED)

    def act(self, request: Request) -> Answer:
        """Let the presence service act on a request."""
        match request:
            case SetSession(pair=pair, lease=lease):
                accepted = self.model.set_session(OURS, pair, lease, self.now)
                return Answer(AnswerKind.ACCEPTED if accepted else AnswerKind.REFUSED)
            case ClearSession():
                return Answer(AnswerKind.ACCEPTED if self.model.clear_session(OURS, self.now) else AnswerKind.NOT_FOUND)
            case SetPreferred(pair=pair, lease=lease):
                accepted = self.model.set_preferred(pair, lease, self.now)
                return Answer(AnswerKind.ACCEPTED if accepted else AnswerKind.REFUSED)
            case ClearPreferred():
                self.model.clear_preferred(self.now)
                return Answer(AnswerKind.ACCEPTED)
            case SetMessage(message=message):
                self.model.set_message(message)
                return Answer(AnswerKind.ACCEPTED)
            case ReadPresence():
                message = self.model.message(self.now) or Message("")
                return Answer(AnswerKind.ACCEPTED, seen=self.model.effective(self.now), message=message)

    def _return(self, request: Request, answer: Answer, generation: int) -> None:
        if generation != self.generation or request.call not in self.under_way:
            return
        if self.asleep:
            return
        del self.under_way[request.call]
        self.answers.append((self.now, request, answer))
        self.post(Answered(request.call, answer))

    # ------------------------------------------------------------------- sleep

    def suspend(self, seconds: float, *, announced: bool) -> None:
        """Let the machine sleep; unannounced, only the clock tells afterwards."""
        announced = announced or self.announces_sleep
        if announced:
            self.post(Suspending())
        self.later(5 if announced else 0, lambda: self._sleep(seconds, announced=announced))

    def _sleep(self, seconds: float, *, announced: bool) -> None:
        if self.asleep:
            return
        self.tell("asleep", None)
        self.asleep = True
        self.under_way.clear()
        self.later(seconds, lambda: self._wake_up(announced=announced))

    def _wake_up(self, *, announced: bool) -> None:
        """Wake; whether the signal or the clock tells first is a matter of chance, and the signal may come twice."""
        self.asleep = False
        self.tell("awake", None)
        if not announced or self.random.random() < 0.5:
            self.post(Woke())
        for _ in range(self.random.choice((1, 1, 2)) if announced else 0):
            self.post(Resumed())
