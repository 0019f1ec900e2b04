"""Drives the engine by hand: feeds events, remembers effects, and lets a test answer what is in flight."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from tray.core.config import Config
from tray.core.effects import Effect, Notify, ReadAutostart, ReadSettings, Request, Save, SetSession, TokenErrand
from tray.core.engine import begin, decide, next_wake
from tray.core.events import (
    Answered,
    Event,
    Picked,
    Started,
    TokenAnswered,
    Woke,
)
from tray.core.model import Engine
from tray.core.record import replace
from tray.core.states import IN_A_CALL, STATES, Pair, State
from tray.core.values import (
    Account,
    Answer,
    AnswerKind,
    Granted,
    NetworkFailure,
    Saved,
    TokenOutcome,
)
from tray.core.view import view
from tray.core.view_model import Notice, Row, View, flat

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
ADELE = Account("adele@example.test", "adele-key")
LONGEST = 50  # requests in a row
NUMBERED = Request | TokenErrand
LIVES_LONG = timedelta(days=30)
OK = Answer(AnswerKind.ACCEPTED)
OFFLINE = Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.NETWORK)


def shows(pair: Pair) -> Answer:
    """Return the answer of a read-back."""
    return Answer(AnswerKind.ACCEPTED, seen=pair)


def knowing(engine: Engine, **known: object) -> Engine:
    """Return an engine whose records say something else; the fields are named without their records."""
    for record in ("wish", "service", "calls", "identity", "phase", "desktop"):
        fields = getattr(engine, record).__struct_fields__
        changes = {name: known.pop(name) for name in tuple(known) if name in fields}
        engine = replace(engine, **{record: replace(getattr(engine, record), **changes)})  # type: ignore[arg-type]
    return replace(engine, **known)  # type: ignore[arg-type]


def assert_phases_fit(engine: Engine) -> None:
    """Check that only phases coexist of which the table in `engine.py` says so."""
    phase = engine.phase
    assert engine.wish.hold or not engine.service.suspected, "a doubt without a hold"
    assert phase.closing or not phase.gone, "gone without closing"
    if phase.closing:
        others = engine.wish.hold or phase.sleep or phase.handover
        assert not others, "closing is the only phase there is"


class Drive:
    """An engine, its clock and everything it asked for."""

    def __init__(self, config: Config | None = None, *, now: datetime = START) -> None:
        self.now = now
        self.engine: Engine = begin(config or Config(), now)
        self.effects: list[Effect] = []

    def post(self, event: Event, *, after: float = 0.0) -> tuple[Effect, ...]:
        """Let an event happen so many seconds later; return its effects but those that save or read."""
        self.now += timedelta(seconds=after)
        before = self.engine.calls.count
        self.engine, effects = decide(self.engine, event, self.now)
        assert_phases_fit(self.engine)
        assert [effect.call for effect in effects if isinstance(effect, NUMBERED)] == [
            *range(before + 1, self.engine.calls.count + 1)
        ], "each call has a number of its own"
        self.effects.extend(effects)
        return tuple(effect for effect in effects if not isinstance(effect, Save | ReadAutostart | ReadSettings))

    def start(self, saved: Saved | None = None, *, granted: bool = True) -> tuple[Effect, ...]:
        """Start the engine, with a long-lived token unless `granted` is false."""
        effects = self.post(Started(saved))
        return self.grant() if granted else effects

    def grant(self, *, lives: timedelta = LIVES_LONG, account: Account = ADELE) -> tuple[Effect, ...]:
        """Answer the token errand under way with a token."""
        return self.token(Granted(account, self.now + lives))

    def token(self, outcome: TokenOutcome) -> tuple[Effect, ...]:
        """Answer the token errand under way."""
        assert self.engine.calls.errand is not None
        return self.post(TokenAnswered(self.engine.calls.errand.call, outcome))

    def pick(self, state: State, **how: object) -> tuple[Effect, ...]:
        """Pick a state."""
        return self.post(Picked(state, **how))  # type: ignore[arg-type]

    def answer(self, *answers: Answer | AnswerKind, after: float = 0.0) -> tuple[Effect, ...]:
        """Answer the requests in flight, one after another."""
        effects: tuple[Effect, ...] = ()
        for answer in answers:
            assert self.engine.calls.request is not None, "nothing is in flight"
            plain = Answer(answer) if isinstance(answer, AnswerKind) else answer
            effects = self.post(Answered(self.engine.calls.request.call, plain), after=after)
        return effects

    def wake(self, *, until: datetime | None = None) -> tuple[Effect, ...]:
        """Let time pass to the next wake that does something, or up to an instant."""
        for _ in range(1000):
            wake = next_wake(self.engine)
            if until is not None and (wake is None or wake > until):
                self.now = until
                return self.post(Woke())
            assert wake is not None, "the engine sleeps for good"
            self.now = max(self.now, wake)
            if effects := self.post(Woke()):
                return effects
        raise AssertionError("the engine spins")

    def pass_time(self, seconds: float) -> None:
        """Let time pass, accepting every request; read-backs show what was set last."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.settle()
            self.wake(until=end)
        self.settle()

    def pass_time_seeing(self, seen: Pair, seconds: float) -> None:
        """Let time pass, accepting every request; read-backs show one pair, whatever is held."""
        end = self.now + timedelta(seconds=seconds)
        while self.now < end:
            self.settle(seen)
            self.wake(until=end)
        self.settle(seen)

    def settle(self, seen: Pair | None = None) -> None:
        """Accept whatever is in flight until nothing is; read-backs show `seen`, else what we hold."""
        for _ in range(LONGEST):
            if self.engine.calls.request is None:
                return
            self.answer(Answer(AnswerKind.ACCEPTED, seen=seen or self.ours()))
        raise AssertionError("the engine asks for ever")

    def settle_as_five(self) -> None:
        """Answer as a service that takes the five supported pairs; read-backs show what we hold."""
        five = {state.pair for state in STATES if state.in_the_five}
        for _ in range(LONGEST):
            request = self.engine.calls.request
            if request is None:
                return
            declined = isinstance(request, SetSession) and request.pair not in five
            self.answer(Answer(AnswerKind.REFUSED) if declined else Answer(AnswerKind.ACCEPTED, seen=self.ours()))
        raise AssertionError("the engine asks for ever")

    def ours(self) -> Pair:
        """Return what Teams would show with us alone."""
        lease = self.engine.service.preferred.lease or self.engine.service.session.lease
        return lease.pair if lease else Pair("Offline", "Offline")

    def jump(self, seconds: float) -> None:
        """Move the clock without telling anybody."""
        self.now += timedelta(seconds=seconds)

    @property
    def notices(self) -> list[Notice]:
        """Return every notice so far."""
        return [effect.notice for effect in self.effects if isinstance(effect, Notify)]

    @property
    def saved(self) -> Saved:
        """Return what was saved last."""
        return [effect.saved for effect in self.effects if isinstance(effect, Save)][-1]

    @property
    def view(self) -> View:
        """Return what the user sees."""
        return view(self.engine)

    def row(self, key: str) -> Row:
        """Return a row of the menu."""
        return next(row for row in flat(self.view.rows) if row.key == key)

    @property
    def status(self) -> dict[str, object]:
        """Return the status document."""
        return dict(self.view.status)


def started(config: Config | None = None, *, now: datetime = START) -> Drive:
    """Return a drive that has started and has a token."""
    drive = Drive(config, now=now)
    drive.start()
    return drive


def held(state: State = IN_A_CALL, config: Config | None = None) -> Drive:
    """Return a drive that has just set a state."""
    drive = started(config)
    drive.pick(state)
    drive.settle()
    return drive


def holding(state: State = IN_A_CALL, until: timedelta | None = None, config: Config | None = None) -> Drive:
    """Return a drive that has held a state for a minute; `until` counts from the start."""
    drive = started(config)
    drive.post(Picked(state, START + until if until else None, timed=True))
    drive.settle()
    drive.pass_time(60)
    return drive


def names(effects: Iterable[Effect]) -> list[str]:
    """Return the effects' names."""
    return [type(effect).__name__ for effect in effects]


def without_call(effect: Effect) -> Effect:
    """Return an effect with its call number wiped, to compare."""
    return replace(effect, call=0)  # type: ignore[call-arg]
