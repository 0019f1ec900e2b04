"""What the settings and the command line decide for the engine."""

from datetime import UTC, datetime, time, timedelta, tzinfo

from tray.core.record import Record, replace
from tray.core.rules import RuleSettings
from tray.core.states import State
from tray.core.values import Hold, Message

NOTHING, LAST = "nothing", "last"  # what to set at launch, beside the keys of states


class Config(Record):
    """The settings as the engine reads them, and how the program was started."""

    # What the settings say; `Settings.for_engine` fills it in.
    lease: timedelta = timedelta(minutes=30)  # 5 to 240 minutes
    at_launch: str = NOTHING
    end_of_day: time = time(17)
    notices: bool = True
    managed: tuple[str, ...] = ()  # the settings that an administrator decides
    states: tuple[str, ...] | None = None  # the keys of those that an administrator allows; `None`: all
    override: bool = True  # whether an administrator allows overriding Teams
    mistakes: tuple[tuple[str, str], ...] = ()  # of an administrator in the settings
    rules: RuleSettings = RuleSettings()
    messages: tuple[Message, ...] = ()  # for the menu

    # How the program was started, and where.
    zone: tzinfo = UTC  # the user's: for *until the end of the day* and for times in words
    offset: float = 0.0  # this install's place in the refresh grid, as a fraction of the period
    login_until: datetime | None = None  # until then, after a login, no locked keyring or missing network is told
    foreground: bool = False  # a hold that ends with its process
    demo: bool = False
    speed: float = 1.0  # how much faster than real time a demo's clock runs

    def allows(self, state: State) -> bool:
        """Tell whether an administrator allows a state."""
        return self.states is None or state.key in self.states

    def limited(self, hold: Hold | None) -> Hold | None:
        """Return what an administrator allows of a hold."""
        if hold is None or not self.allows(hold.state):
            return None
        return replace(hold, pinned=False) if hold.pinned and not self.override else hold

    def stretched(self, limit: timedelta) -> timedelta:
        """Return a limit of real time as the demo's clock measures it: calls are no faster because a clock is."""
        return limit * max(1.0, self.speed)
