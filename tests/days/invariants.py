"""What must hold after every step of a simulated day; judges from outside, by the service's own truth."""

from datetime import datetime, timedelta

from tests.days.simulation import OURS, Sent, World
from tray.core.effects import (
    ClearPreferred,
    ReadPresence,
    Request,
    SetPreferred,
    SetSession,
)
from tray.core.events import (
    ChosenStatusClearAsked,
    LeaveAsked,
    Picked,
    Started,
    Stopped,
)
from tray.core.presence import FADES_AFTER, rank, shows
from tray.core.states import AVAILABLE, Pair
from tray.core.things import Answer, Kind

COVERED = timedelta(seconds=75)  # what a failure can hold a refresh up by: the pause, the call, and the next try
AUTOMATIC = (
    Pair("Available", "Available"),
    Pair("Away", "Away"),
    Pair("Offline", "Offline"),
)


class Watch:
    """Watches a world and raises at the first promise broken."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.foreign: Pair | None = None  # the preferred state that the user chose in Teams
        self.wanted = False  # a hold may be set
        self.excused_until = world.now  # an Available session may have faded
        self.read_truth: tuple[Pair | None, Pair] | None = None  # whose preferred state there was at the last read
        self.written: tuple[Pair, ...] = ()  # equal to what we wrote ourselves: nobody can tell
        self.told_to_clear = False
        self.floor: datetime | None = None
        self.steps = 0
        self.available_refreshes = 0
        world.watchers.append(self)

    def __call__(self, what: str, thing: object) -> None:
        """Take note of what happens."""
        match what, thing:
            case "sent", Sent():
                self._sent(thing)
            case "landed", (request, answer):
                self._landed(request, answer)
            case "event", event:
                self._event(event)
            case "step", _:
                self._step()
            case _:
                pass

    def choose(self, pair: Pair | None) -> None:
        """Let the user choose a status in Teams, or reset it."""
        self.foreign = pair
        if pair is None:
            self.world.model.clear_preferred(self.world.now)
        else:
            self.world.model.set_preferred(pair, None, self.world.now)

    def excuse(self, seconds: float = 0) -> None:
        """Note that nobody could have kept a session alive just now."""
        until = self.world.now + timedelta(seconds=seconds) + COVERED
        self.excused_until = max(self.excused_until, until)

    def jumped(self, seconds: float) -> None:
        """Note that the wall clock was moved; a jump ahead looks like sleep, whose holds end late."""
        by = timedelta(seconds=seconds)
        self.excused_until += by
        self.floor = self.floor and self.floor + by
        self.excuse(600)

    def _event(self, event: object) -> None:
        match event:
            case Picked():
                self.wanted = True
            case Started():
                self.wanted = True
                self.floor = None
                self.excuse()
            case Stopped() | LeaveAsked():
                self.wanted = False
            case ChosenStatusClearAsked():
                self.told_to_clear = True
            case _:
                pass

    def _sent(self, sent: Sent) -> None:
        world, request = self.world, sent.request
        assert not world.under_way, f"{request} while {world.under_way} is in flight"
        assert self.floor is None or world.now >= self.floor, f"{request} before Retry-After"
        if isinstance(request, SetSession | SetPreferred):
            assert self.wanted, f"{request} after Stop"
        hold = world.engine.hold if world.engine else None
        if isinstance(request, SetSession) and request.pair == AVAILABLE.pair and hold:
            self.available_refreshes += 1

    def _landed(self, request: Request, answer: Answer) -> None:
        if answer.kind is not Kind.ACCEPTED:
            self.excuse((answer.retry_after or timedelta()).total_seconds() + 300)
        if answer.kind is Kind.THROTTLED and answer.retry_after:
            self.floor = self.world.now + answer.retry_after
        if answer.kind is Kind.ACCEPTED:
            self._write(request)

    def _write(self, request: Request) -> None:
        match request:
            case ReadPresence():
                self.read_truth = self.foreign, self.world.model.effective(self.world.now)
            case SetPreferred():
                assert self._may_write(), f"{request} over {self.read_truth}"
                self.foreign = None
                self.written = (*self.written[-1:], request.pair)
            case ClearPreferred():
                assert self.told_to_clear or self._may_write(), f"{request} over {self.read_truth}"
                self.told_to_clear = False
                self.foreign = None
            case _:
                pass

    def _may_write(self) -> bool:
        """Tell whether the last read-back could not show a choice: none, or one that a session might explain."""
        if self.read_truth is None:
            return False
        foreign, seen = self.read_truth
        if foreign is None or not seen.same_as(foreign):
            return True
        ours = self.world.model.sessions.get(OURS)
        level = rank(ours.pair.availability) if ours else 0
        if seen in AUTOMATIC and (rank(seen.availability) or 0) >= (level or 0):
            return True
        return bool(ours and ours.pair == seen) or seen in self.written

    def _step(self) -> None:
        world, engine = self.world, self.world.engine
        self.steps += 1
        if engine is None:
            return
        hold = engine.hold
        assert hold is None or hold.until is None or world.now <= hold.until + timedelta(seconds=30)
        session = world.model.sessions.get(OURS)
        if session and hold and hold.state is AVAILABLE and session.pair == AVAILABLE.pair:
            faded = world.now - session.set_at >= FADES_AFTER
            assert not faded or world.now < self.excused_until, "Available faded without an excuse"

    def settled(self) -> None:
        """Check that an idle engine and the service agree; called when everything works and nothing is due."""
        world, engine = self.world, self.world.engine
        assert engine is not None
        if engine.hold is None and engine.request is None and engine.errand is None:
            ours = world.model.sessions.get(OURS)
            assert ours is None or shows(ours, world.now) is None, "a session was left behind"
