"""What the cloud saw of the program's calls, and which promises they broke; judges, never acts."""

import select
import socket
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from tests.program.storm.faults import Exchange

FIVE_MINUTES = timedelta(minutes=5)
NEARLY_LATE = timedelta(seconds=8)  # of the ten that a call may take
PATIENCE = timedelta(seconds=3)  # a pick gives up a call in flight after half of this
LEAST_PAUSE = timedelta(seconds=1.5)  # the first pause after a failure, two seconds, less its jitter


@dataclass
class Call:
    """One request as the cloud met it."""

    peer: socket.socket
    action: str
    began: datetime
    fault: str | None
    is_over: bool = False
    told_at: datetime | None = None
    status: int | None = None
    retry_after: float | None = None

    def described(self) -> str:
        """Return the call in a few words."""
        told = f"told {self.status} at {self.told_at:%H:%M:%S.%f}" if self.told_at else "told nothing"
        return f"{self.action} of {self.began:%H:%M:%S.%f}, {told}: {self.fault}"

    @property
    def failed(self) -> bool:
        """Tell whether the program has to pause after it; 401 it answers with a new token, 400 with another pair."""
        return self.status is None or (self.status >= 300 and self.status not in {400, 401, 404})


@dataclass
class Ledger:
    """All calls in their order, and what was wrong with them."""

    calls: list[Call] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    picks: list[datetime] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, peer: socket.socket, action: str, now: datetime, fault: str | None) -> Call:
        """Take note of a call that begins, and judge it by those before."""
        call = Call(peer, action, now, fault)
        with self._lock:
            for other in self.calls[-5:]:
                if not other.is_over and not _hung_up(other.peer):
                    self._break(call, f"while {other.action} is in flight ({other.fault})")
            self._judge_pause(call)
            self.calls.append(call)
            self.kinds[fault or "none"] += 1
        return call

    def end(self, call: Call, exchange: Exchange) -> None:
        """Take note that a call has ended, on whichever side."""
        with self._lock:
            call.told_at, call.status, call.retry_after = exchange.told_at, exchange.status, exchange.retry_after
            call.is_over = True

    def may_wait_until(self, end: datetime) -> datetime:
        """Return until when the program may do nothing after faults that ended then, by what it was told.

        A `Retry-After`; up to five minutes after two 429 or two 401 in a row; after one 401 until it has a token: the
        token child is a process and takes as long as it takes, however fast the clock runs.
        """
        with self._lock:
            before = [call for call in self.calls if call.began <= end]
            after = [call.began for call in self.calls if call.began > end]
            floors = [floor for call in before[-20:] if (floor := self._floor(call))]
            statuses = [call.status for call in before[-3:]]
        if any(statuses.count(status) > 1 for status in (401, 429)):
            floors.append(end + FIVE_MINUTES)
        if statuses[-1:] == [401] and after:
            floors.append(after[0])
        return max([end, *floors])

    def last(self, count: int) -> list[str]:
        """Return the last calls and picks in words, in their order."""
        told = [(call.began, call.described()) for call in self.calls[-count:]]
        picks = [(at, f"pick of {at:%H:%M:%S.%f}") for at in self.picks[-count:]]
        return [line for _, line in sorted([*told, *picks])[-count:]]

    def _judge_pause(self, call: Call) -> None:
        """Hold a call against what the program was told before."""
        for before in self.calls[-20:]:
            floor = self._floor(before)
            if floor and call.began < floor:
                self._break(call, f"{floor - call.began} before the end of Retry-After, {before.described()}")
        last = self.calls[-1] if self.calls else None
        if last is None or last.told_at is None or not last.failed or last.action == "presence":
            return
        # A pick ends the program's own pauses, also those of a call that was on its way to us when it came.
        renewed = any(last.began - PATIENCE <= pick <= call.began for pick in self.picks)
        if not renewed and call.began < last.told_at + LEAST_PAUSE:
            self._break(call, f"{call.began - last.told_at} after {last.action} failed ({last.fault})")

    def _floor(self, call: Call) -> datetime | None:
        """Return until when a `Retry-After` binds; `None` where the program may have given the call up before."""
        if call.retry_after is None or call.told_at is None or call.told_at > call.began + NEARLY_LATE:
            return None
        if any(call.began - PATIENCE <= pick <= call.told_at + PATIENCE for pick in self.picks):
            return None
        return call.told_at + timedelta(seconds=call.retry_after)

    def _break(self, call: Call, how: str) -> None:
        self.broken.append(f"{call.began:%H:%M:%S} {call.action} {how}")


def _hung_up(peer: socket.socket) -> bool:
    """Tell whether the other side has closed a connection, before its thread has found out."""
    try:
        return bool(select.select([peer], [], [], 0)[0])
    except (OSError, ValueError):
        return True
