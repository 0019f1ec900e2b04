"""Excuses: what went wrong that no program could have prevented, and for how long that explains a broken promise."""

from datetime import datetime, timedelta

from tests.days.simulation import World
from tray.core.effects import ClearSession, Request, SetSession
from tray.core.values import Answer, AnswerKind

COVERED = timedelta(seconds=75)  # what a failure can hold a call up by: the pause, the call, and the next try
SLOT = timedelta(seconds=255)  # turned away again and again, an install waits for its own


class Excuses:
    """Remembers until when a broken promise is explained."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.until = world.now
        self.meddled = False  # another computer changed our session, or a clock set ahead made its lease seem over
        self.may_land = False  # a call that the engine gave up may still reach the service
        self.throttles = 0

    def excuse(self, seconds: float = 0) -> None:
        """Note that nothing could be kept for so long from now, nor just after."""
        self.until = max(self.until, self.world.now + timedelta(seconds=seconds) + COVERED)

    def throttled(self, asked: timedelta) -> None:
        """Note that Graph asked to wait."""
        self.throttles += 1
        self.excuse((max(asked, SLOT) if self.throttles > 1 else asked * 1.1).total_seconds())

    def landed(self, request: Request, answer: Answer) -> None:
        """Note that a call reached the service."""
        if answer.kind is not AnswerKind.ACCEPTED:
            self.excuse()
        else:
            self.throttles = 0
        if isinstance(request, SetSession | ClearSession):
            self.may_land = self.world.stale
            if answer.kind in {AnswerKind.ACCEPTED, AnswerKind.NOT_FOUND} and not self.may_land:
                self.meddled = False

    def jumped(self, by: timedelta) -> None:
        """Note that the wall clock was moved; the engine notices within half a minute."""
        self.until += by
        self.excuse(60)
        self.meddled = self.meddled or by > timedelta()

    def none_since(self, since: datetime, grace: timedelta) -> bool:
        """Tell whether everything has worked since an instant and for a while before now."""
        if self.meddled or not self.world.network or self.world.now < self.until:
            return False
        return self.world.now > since + grace
