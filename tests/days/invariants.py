"""What must hold after every step of a simulated day; judges from outside, by the service's own truth.

Every promise is a function of its own, so that `test_watch.py` can show for each that it would be missed.
"""

from datetime import datetime, timedelta

from tests.days.excuses import Excuses
from tests.days.simulation import OURS, Sent, World
from tests.days.whose import Whose
from tray.core.effects import ClearPreferred, ClearSession, Notify, ReadPresence, Request, SetPreferred, SetSession
from tray.core.events import (
    Answered,
    ChosenStatusClearAsked,
    EndChosen,
    KeepChosen,
    LeaveAsked,
    Looked,
    Picked,
    SignInAsked,
    SignOutAsked,
    Started,
    Stopped,
    Suspending,
    TokenAnswered,
)
from tray.core.model import Engine
from tray.core.presence_rules import FADES_AFTER, LONGEST_LEASE, SHORTEST_LEASE, Session, shows
from tray.core.states import APPEAR_OFFLINE, AVAILABLE, AWAY, State
from tray.core.values import Answer, AnswerKind, SignedOut
from tray.core.view_model import Notice
from tray.sandbox.presence_model import ACCEPTED, Profile

AT_ONCE = timedelta(seconds=20)  # a call, a second one that the first showed to be needed, and a read-back between
HALF_A_MINUTE = timedelta(seconds=30)
SETTLED_BEFORE_SLEEP = timedelta(seconds=4)


class Watch:
    """Watches a world and raises at the first promise broken."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.excuses = Excuses(world)
        self.whose = Whose(world)
        self.wanted = False  # a hold may be set
        self.looked = False  # the user waits for a read-back
        self.told_to_end = False  # the hold may end in this step
        self.until: datetime | None = None  # when the hold has to end, by the user's word
        self.until_changes = False  # the engine works it out in this step
        self.held: tuple[State, datetime | None] | None = None
        self.changed_at = world.now  # when the engine's hold last changed
        self.floor: datetime | None = None
        self.suspending_since: datetime | None = None  # the machine waits for us
        self.told_of_sleep_at: datetime | None = None
        self.steps = 0
        self.judged = 0  # steps of a hold in which nothing excused anything
        world.watchers.append(self)

    def __call__(self, what: str, thing: object) -> None:
        """Take note of what happens."""
        match what, thing:
            case "event", event:
                self._event(event)
            case "sent", Sent():
                self.whose.sent(thing.request)
                self._one_call_in_flight(thing.request)
                self._nothing_before_retry_after(thing.request)
                self._nothing_set_after_stop(thing.request)
                self._nothing_read_that_nobody_waits_for(thing.request)
            case "landed", (request, answer):
                self._landed(request, answer)
            case (("step" | "time"), _):
                self._step()
            case "allow", _:
                self.suspending_since = None
            case "asleep", _:
                self._the_machine_may_sleep_in_time()
                self._the_night_is_prepared()
            case "effect", Notify(notice=Notice(key="left")):
                self.excuses.meddled = True  # out of time for a release, which the user is told
            case "neighbour", (request, Answer(kind=AnswerKind.ACCEPTED)):
                self._meddled(request)
            case "awake", _:
                self.told_of_sleep_at = None
                self.excuses.excuse()
            case _:
                pass

    def jumped(self, seconds: float) -> None:
        """Note that the wall clock was moved; the engine cannot tell a move ahead from a sleep."""
        by = timedelta(seconds=seconds)
        self.floor = self.floor + by if self.floor and seconds < 0 else None
        self.changed_at += by
        self.excuses.jumped(by)

    def _meddled(self, request: Request) -> None:
        """Note what another computer of the user's did to what the two share."""
        match request:
            case SetSession() | ClearSession():
                self.excuses.meddled = True
            case SetPreferred(pair=pair):
                self.whose.chosen(pair)
            case ClearPreferred():
                self.whose.chosen(None)
            case _:
                pass

    # ------------------------------------------------------------------- what happens

    def _event(self, event: object) -> None:
        self.told_to_end = isinstance(event, Stopped | LeaveAsked | Started | SignInAsked | SignOutAsked)
        match event:
            case Picked(until=until, timed=timed):
                self.wanted = True
                self.until, self.until_changes = until, not timed
            case KeepChosen() | EndChosen():
                self.until_changes = True
            case TokenAnswered(outcome=SignedOut()):
                self.told_to_end = True
            case Started():
                self.floor, self.held, self.wanted = None, None, True
                self.changed_at, self.until_changes = self.world.now, True
                self.excuses.excuse()
            case Stopped() | LeaveAsked() | SignOutAsked():
                self.wanted = False
            case Looked():
                self.looked = True
            case ChosenStatusClearAsked():
                self.looked = True
                self.whose.told_to_clear = True
            case Suspending():
                self.suspending_since = self.told_of_sleep_at = self.world.now
            case Answered(answer=Answer(kind=kind)) if kind is not AnswerKind.ACCEPTED:
                self.excuses.excuse()
            case _:
                pass

    def _landed(self, request: Request, answer: Answer) -> None:
        if answer.kind is AnswerKind.THROTTLED and answer.retry_after:
            self.floor = self.world.now + answer.retry_after
            self.excuses.throttled(answer.retry_after)
        self.excuses.landed(request, answer)
        if answer.kind is AnswerKind.ACCEPTED:
            if isinstance(request, SetPreferred | ClearPreferred):
                self._no_preferred_state_written_over_a_choice(request)
            self.whose.landed(request)
            self.looked = self.looked and not isinstance(request, ReadPresence)

    def _step(self) -> None:
        self.steps += 1
        engine = self.world.engine
        if engine is None or self.world.asleep:
            self.held = self.held if engine else None
            return
        self._the_hold_ends_for_a_reason(engine)
        self.whose.told_to_clear = self.whose.told_to_clear and engine.wish.clear_chosen
        held = (engine.wish.hold.state, engine.wish.hold.until) if engine.wish.hold else None
        if self.until_changes:
            self.until, self.until_changes = held and held[1], False
        if held != self.held:
            self.whose.reset = self.whose.reset and held is not None
            self.held, self.changed_at = held, self.world.now
        self._a_timed_hold_ends_in_time(engine)
        if self.excuses.none_since(self.changed_at, AT_ONCE):
            session = self.session()
            self.judged += engine.wish.hold is not None
            self._available_never_fades(engine, session)
            self._the_service_has_what_the_hold_asks_for(engine, session)
            self._a_lease_does_not_outlive_a_timed_hold(engine, session)
            self._what_is_not_held_is_given_back(engine, session)
        if engine.calls.request is None and not self.excuses.meddled:
            self._an_idle_engine_knows_what_the_service_has(engine)
        self._what_a_crash_would_leave_is_saved(engine)

    # ------------------------------------------------------------------- calls

    def _one_call_in_flight(self, request: Request) -> None:
        under_way = self.world.under_way
        assert not under_way, f"one call in flight: {request} while {under_way}"

    def _nothing_before_retry_after(self, request: Request) -> None:
        assert self.floor is None or self.world.now >= self.floor, f"{request} before Retry-After is over"

    def _nothing_set_after_stop(self, request: Request) -> None:
        if not isinstance(request, SetSession | SetPreferred):
            return
        assert self.wanted, f"{request} after Stop"
        hold = self.world.engine.wish.hold if self.world.engine else None
        assert hold, f"{request} without a hold"
        assert hold.until is None or self.world.now < hold.until, f"{request} after the end of a timed hold"

    def _nothing_read_that_nobody_waits_for(self, request: Request) -> None:
        engine = self.world.engine
        if not isinstance(request, ReadPresence) or engine is None:
            return
        assert engine.wish.hold or engine.service.preferred.longest or self.looked, (
            "read with nothing held and nobody looking"
        )

    # ------------------------------------------------------------------- what the service has

    def session(self) -> Session | None:
        """Return our session on the service while it lives."""
        session = self.world.model.sessions.get(OURS)
        return session if session and shows(session, self.world.now) else None

    def _available_never_fades(self, engine: Engine, session: Session | None) -> None:
        if engine.wish.hold and engine.wish.hold.state is AVAILABLE and not engine.phase.sleep and session:
            assert self.world.now - session.set_at < FADES_AFTER, "Available faded without an excuse"

    def _the_service_has_what_the_hold_asks_for(self, engine: Engine, session: Session | None) -> None:
        hold = engine.wish.hold
        if hold is None or engine.phase.sleep or not self.world.signed_in:
            return
        accepted = hold.state.pair in ACCEPTED[Profile(self.world.model.profile)]
        pair = hold.state.pair if accepted else None if hold.state is APPEAR_OFFLINE else AWAY.pair
        assert (session.pair if session else None) == pair, f"{hold.state.key} is held by {session}"

    def _a_lease_does_not_outlive_a_timed_hold(self, engine: Engine, session: Session | None) -> None:
        if session and engine.wish.hold and engine.wish.hold.until:
            latest = engine.wish.hold.until + SHORTEST_LEASE + timedelta(seconds=5)
            assert session.expires_at <= latest, f"a lease outlives {engine.wish.hold}"

    def _what_is_not_held_is_given_back(self, engine: Engine, session: Session | None) -> None:
        if engine.wish.hold is None:
            assert session is None, "a session was left behind"
            assert not self.whose.preferred_is_ours(), "a preferred presence of ours was left behind"

    def _an_idle_engine_knows_what_the_service_has(self, engine: Engine) -> None:
        session, lease = self.session(), engine.service.session.lease
        if engine.service.session.unconfirmed or engine.service.force_session or self.excuses.may_land:
            return
        known = lease.pair if lease else None
        has = session.pair if session and session.expires_at > self.world.now + timedelta(seconds=10) else None
        assert has is None or known == has, f"the engine knows of {known}, the service has {has}"
        if engine.wish.hold and lease and not engine.phase.sleep:
            assert session, f"the engine counts on {lease}, and the service has nothing"

    def _no_preferred_state_written_over_a_choice(self, request: Request) -> None:
        assert self.whose.may_write(request), f"{request} over {self.whose.at_last_read}"

    # ------------------------------------------------------------------- ends

    def _the_hold_ends_for_a_reason(self, engine: Engine) -> None:
        if engine.wish.hold or self.held is None or self.told_to_end:
            return
        waiting = engine.wish.waiting
        if waiting and (waiting.state, waiting.until) == self.held:
            return  # nobody is signed in: it is set after the sign-in
        until = self.held[1]
        ended = until is not None and self.world.now >= until
        assert ended or self.whose.ends_a_hold(), f"{self.held} ended for no reason"

    def _a_timed_hold_ends_in_time(self, engine: Engine) -> None:
        if engine.wish.hold:
            assert engine.wish.hold.until == self.until, f"{engine.wish.hold} is to end at {self.until}"
            assert self.until is None or self.world.now <= self.until + HALF_A_MINUTE, (
                f"{engine.wish.hold} has not ended"
            )

    def _what_a_crash_would_leave_is_saved(self, engine: Engine) -> None:
        for name in ("session", "preferred"):
            left, saved = getattr(engine.service, name).longest, getattr(self.world.saved, name, None)
            if left is None:
                continue
            assert saved, f"{left} is not saved"
            assert saved.pair == left.pair, f"{left} is saved as {saved}"
            assert saved.expires_at >= left.expires_at, f"{left} is saved as if it ended earlier"
            assert saved.expires_at <= left.expires_at + LONGEST_LEASE, f"{left} is saved as if it stayed for hours"

    def _the_machine_may_sleep_in_time(self) -> None:
        assert self.suspending_since is None, "the machine was not allowed to sleep within five seconds"

    def _the_night_is_prepared(self) -> None:
        engine, session, now = self.world.engine, self.session(), self.world.now
        told = max(filter(None, (self.told_of_sleep_at, self.changed_at)))
        if engine is None or self.told_of_sleep_at is None or not self.excuses.none_since(told, SETTLED_BEFORE_SLEEP):
            return
        hold = engine.wish.hold
        if hold is None or (hold.until is None and hold.state is not APPEAR_OFFLINE):
            assert session is None, f"{session} was left behind for the night"
        elif session:
            until = min(hold.until or now + LONGEST_LEASE, now + LONGEST_LEASE) - timedelta(seconds=6)
            assert session.expires_at >= until, f"{session} does not last for {hold}"

    def settled(self) -> None:
        """Check that an idle engine and the service agree; called when everything works and nothing is due."""
        engine = self.world.engine
        assert engine is not None
        busy = engine.wish.hold, engine.calls.request, engine.calls.errand
        assert busy == (None, None, None), f"the engine is not idle: {busy}"
        self._what_is_not_held_is_given_back(engine, self.session())
