"""A clock that goes backwards: every instant that the engine remembers moves along, or has its reason not to."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.core.driver import knowing
from tray.core.calls import TokenRetry
from tray.core.config import Config
from tray.core.effects import ObtainToken, SetSession
from tray.core.events import SignInProgressed
from tray.core.expiry import BACKWARDS, pass_time
from tray.core.model import Closing, Engine, Handover, Sleep, Trouble, TroubleCode
from tray.core.record import Record, fields
from tray.core.schedule import Retry
from tray.core.service import Ours, Seen
from tray.core.states import AVAILABLE, AWAY, BUSY
from tray.core.values import Account, Granted, Hold, Lease, Saved

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def lease(minutes: float) -> Lease:
    return Lease(AWAY.pair, at(minutes), at(minutes + 300))


FULL = knowing(  # every instant there is, each a minute of its own
    Engine(Config(login_until=at(3)), NOW),
    hold=Hold(BUSY, at(-1), at(601)),
    session=Ours(lease(-2), lease(-3), lease(-4)),
    preferred=Ours(lease(-5), lease(-6), lease(-7)),
    seen=Seen(AVAILABLE.pair, at(-8)),
    read_at=at(9),
    changed_at=at(-10),
    looked_at=at(-11),
    request=SetSession(1, BUSY.pair, HOUR),
    request_at=at(-0.02),
    patience=at(0.01),
    errand=ObtainToken(2),
    errand_at=at(-0.03),
    prompt=SignInProgressed(2, "link", "code", at(12)),
    retry=Retry(
        failures=2,
        throttles=1,
        at=at(13),
        floor=at(14),
        reads_off_until=at(15),
        sparing_until=at(16),
        shift=timedelta(seconds=7),
    ),
    token_retry=TokenRetry(failures=3, at=at(17), floor=at(18)),
    token=Granted(Account("name", "key"), at(19)),
    trouble=Trouble(TroubleCode.SERVICE, at(-20)),
    closing=Closing(at(21), Hold(BUSY, at(-22), at(622)), Ours(lease(-23)), Ours(lease(-24))),
    sleep=Sleep(at(-0.04), at(25)),
    woke_at=at(-26),
    handover=Handover(at(27), None, releases=True),
    second_start_at=at(-28),
    saved=Saved(Hold(BUSY, at(-29), at(629)), BUSY, lease(-30), lease(-31)),
)
GONE = {  # what is due now, or not known any more
    "service.seen.at",
    "service.looked_at",
    "calls.retry.at",
    "calls.token_retry.at",
    "phase.woke_at",
}
STAYS = {  # a time of day that the user said, and what is only shown or written down
    "wish.hold.until",
    "calls.prompt.until",
    "desktop.second_start_at",
    *(f"phase.closing.{name}" for name in ("keep.since", "keep.until")),
    *(
        f"phase.closing.left_{what}.lease.{name}"
        for what in ("session", "preferred")
        for name in ("confirmed_at", "expires_at")
    ),
    *(f"saved.hold.{name}" for name in ("since", "until")),
    *(f"saved.{what}.{name}" for what in ("session", "preferred") for name in ("confirmed_at", "expires_at")),
}


def instants(value: Any, path: str = "") -> Iterator[tuple[str, datetime]]:
    if isinstance(value, datetime):
        yield path, value
    elif isinstance(value, Record):
        for field in fields(value):
            yield from instants(getattr(value, field.name), f"{path}.{field.name}".lstrip("."))


def test_every_instant_moves_with_the_clock_is_gone_or_stays() -> None:
    before, by = dict(instants(FULL)), timedelta(hours=-1)
    engine, overdue = pass_time(FULL, NOW + by)
    after = dict(instants(engine))
    assert overdue == []
    assert set(before) - set(after) == GONE
    assert {path for path, instant in after.items() if instant == before[path]} == STAYS
    assert {path for path, instant in after.items() if instant == before[path] + by} == set(after) - STAYS
    assert engine.service.force_session is engine.service.force_preferred is True
    counted = (
        engine.calls.retry.failures,
        engine.calls.retry.throttles,
        engine.calls.token_retry.failures,
        engine.calls.retry.shift,
    )
    assert counted == (2, 1, 3, timedelta(seconds=7))
    assert (engine.service.session.lease.pair, engine.calls.request, engine.calls.errand) == (
        AWAY.pair,
        FULL.calls.request,
        FULL.calls.errand,
    )


@pytest.mark.parametrize(("back", "shifts"), [(BACKWARDS, False), (BACKWARDS + timedelta(microseconds=1), True)])
def test_two_seconds_back_are_the_clock_being_disciplined(back: timedelta, shifts: bool) -> None:
    engine, _ = pass_time(knowing(Engine(Config(), NOW), token=FULL.identity.token), NOW - back)
    assert (engine.identity.token.expires_at != FULL.identity.token.expires_at) is shifts
    assert engine.clock == NOW - back


def test_an_engine_that_knows_nothing_knows_nothing_after_it_either() -> None:
    engine, _ = pass_time(Engine(Config(), NOW), NOW - HOUR)
    assert dict(instants(engine)) == {"clock": NOW - HOUR}
