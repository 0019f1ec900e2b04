"""Whose the preferred presence on the service is, ours or the user's own choice, and what a read-back could tell."""

from datetime import timedelta

from tests.days.simulation import OURS, World
from tray.core.effects import ClearPreferred, ReadPresence, Request, SetPreferred
from tray.core.presence_rules import rank, shows
from tray.core.states import Pair

AUTOMATIC = (
    Pair("Available", "Available"),
    Pair("Away", "Away"),
    Pair("Offline", "Offline"),
)

FRESH = timedelta(seconds=8)  # five, and the time that the answer and the write took


class Whose:
    """Follows the preferred presence from both sides."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.foreign: Pair | None = None  # what the user chose in Teams
        self.ours = False  # we wrote it last
        self.reset = False  # what we wrote was taken away in Teams
        self.written: tuple[Pair, ...] = ()  # a choice that equals what we wrote: the two cannot be told apart
        self.at_last_read: tuple[Pair | None, Pair] | None = None
        self.read_at = world.now
        self.told_to_clear = False
        self.told = set[int]()  # the calls that the user asked for

    def choose(self, pair: Pair | None) -> None:
        """Let the user choose a status in Teams, or reset it."""
        self.chosen(pair)
        if pair is None:
            self.world.model.clear_preferred(self.world.now)
        else:
            self.world.model.set_preferred(pair, None, self.world.now)

    def chosen(self, pair: Pair | None) -> None:
        """Note that another program wrote the preferred presence, or cleared it."""
        self.reset = self.reset or self.ours
        self.foreign, self.ours = pair, False

    def sent(self, request: Request) -> None:
        """Note what is sent because the user said so."""
        if isinstance(request, ClearPreferred) and self.told_to_clear:
            self.told.add(request.call)

    def landed(self, request: Request) -> None:
        """Note a call that the service accepted."""
        match request:
            case ReadPresence():
                self.read_at = self.world.now
                self.at_last_read = self.foreign, self.world.model.effective(self.world.now)
            case SetPreferred():
                self.foreign, self.ours, self.reset = None, True, False
                self.written = (*self.written[-1:], request.pair)
            case ClearPreferred():
                self.foreign, self.ours = None, False
            case _:
                pass

    def ends_a_hold(self) -> bool:
        """Tell whether the last read-back showed that the user did something in Teams."""
        return self.reset or (self.at_last_read is not None and self.at_last_read[0] is not None)

    def preferred_is_ours(self) -> bool:
        """Tell whether a preferred presence that we wrote is in force."""
        preferred = self.world.model.preferred
        return self.ours and preferred is not None and self.world.now < preferred.expires_at

    def may_write(self, request: Request) -> bool:
        """Tell whether the last read-back could not show a choice: none, or one that a session might explain."""
        if request.call in self.told:
            return True
        if self.at_last_read is None or self.world.now - self.read_at > FRESH:
            return False
        foreign, seen = self.at_last_read
        if foreign is None or not seen.same_as(foreign):
            return True
        session = self.world.model.sessions.get(OURS)
        ours = shows(session, self.world.now) if session else None
        level = (rank(ours.availability) or 0) if ours else 0
        if seen in AUTOMATIC and (rank(seen.availability) or 0) >= level:
            return True
        return ours == seen or seen in self.written
