"""The sandbox's presence model under a day's faults, and the record of when it showed what was wanted."""

from datetime import UTC, datetime, timedelta

from tests.benchmarks.held.day import DAY, Day, Interval, inside
from tests.benchmarks.held.policies import Heard
from tray.core.effects import ClearSession, ReadPresence, Request, SetSession
from tray.core.presence_rules import FADES_AFTER
from tray.core.states import AVAILABLE, Pair
from tray.core.values import Answer, AnswerKind
from tray.sandbox.presence_model import PresenceModel

ORIGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OURS, TEAMS = "application", "teams"
IN_A_CALL = Pair("Busy", "InACall")
KINDS = {0: AnswerKind.UNREACHABLE, 200: AnswerKind.ACCEPTED, 429: AnswerKind.THROTTLED, 503: AnswerKind.UNAVAILABLE}


def instant(at: float) -> datetime:
    """Return the instant so many seconds into the day."""
    return ORIGIN + timedelta(seconds=at)


class Service:
    """What a policy's requests meet; time is told by the requests and by `close`."""

    def __init__(self, day: Day) -> None:
        self.requests = 0
        self.held: list[Interval] = []
        self._day = day
        self._model = PresenceModel()
        self._teams = [(at, shows) for begin, end in day.outranked for at, shows in ((begin, True), (end, False))]
        self._at = 0.0
        self._shown_since: float | None = None

    def set(self, at: float, lease: timedelta) -> Heard:
        """Take a `setPresence`."""
        heard = self._hear(at)
        if heard.status == 200:
            self._model.set_session(OURS, AVAILABLE.pair, lease, instant(at))
            self._look()
        return heard

    def act(self, request: Request, at: float) -> Answer:
        """Take a request of the engine's."""
        if isinstance(request, SetSession):
            return _answer(self.set(at, request.lease))
        heard = self._hear(at)
        if heard.status == 200 and isinstance(request, ClearSession):
            self._model.clear_session(OURS, instant(at))
            self._look()
        seen = self._model.effective(instant(at)) if isinstance(request, ReadPresence) else None
        return _answer(heard, seen if heard.status == 200 else None)

    def left(self, at: float) -> float:
        """Return for how many seconds from now the session would stay if nobody came back."""
        self._pass_time(at)
        session = self._model.sessions.get(OURS)
        return max(0.0, (session.expires_at - instant(at)).total_seconds()) if session else 0.0

    def close(self) -> list[Interval]:
        """End the day; return when the effective presence was the wanted one."""
        self._pass_time(DAY)
        if self._shown_since is not None:
            self.held.append((self._shown_since, DAY))
        return self.held

    def _hear(self, at: float) -> Heard:
        self._pass_time(at)
        self.requests += 1
        if inside(self._day.outages, at):
            return Heard(0)
        if window := inside(self._day.throttled, at):
            return Heard(429, max(1.0, window[1] - at))
        if inside(self._day.down, at) or self._day.fails(self.requests):
            return Heard(503)
        return Heard(200)

    # ------------------------------------------------------------------- what is shown

    def _pass_time(self, until: float) -> None:
        """Look whenever the presence may change by itself: Teams comes or goes, our session fades or expires."""
        while (at := min(self._changes(), default=until)) < until:
            self._at = at
            while self._teams and self._teams[0][0] <= at:
                _, shows = self._teams.pop(0)
                if shows:
                    self._model.put_client(TEAMS, IN_A_CALL, instant(at))
                else:
                    self._model.clear_session(TEAMS, instant(at))
            self._look()
        self._at = max(self._at, until)

    def _changes(self) -> list[float]:
        session = self._model.sessions.get(OURS)
        instants = (session.set_at + FADES_AFTER, session.expires_at) if session else ()
        own = [at for each in instants if (at := (each - ORIGIN).total_seconds()) > self._at]
        return own + [at for at, _ in self._teams[:1]]

    def _look(self) -> None:
        shown = self._model.effective(instant(self._at)) == AVAILABLE.pair
        if shown and self._shown_since is None:
            self._shown_since = self._at
        elif not shown and self._shown_since is not None:
            self.held.append((self._shown_since, self._at))
            self._shown_since = None


def _answer(heard: Heard, seen: Pair | None = None) -> Answer:
    wait = timedelta(seconds=heard.retry_after) if heard.retry_after else None
    return Answer(KINDS[heard.status], seen, retry_after=wait, status=heard.status or None)
