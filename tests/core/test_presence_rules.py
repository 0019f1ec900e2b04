"""The document's presence rules: sessions, precedence, fading, expiration, preferred."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray.core.presence_rules import (
    FADED,
    FADES_AFTER,
    FADING,
    NO_SESSION,
    Preferred,
    Session,
    aggregate,
    effective,
    rank,
    shows,
)
from tray.core.states import STATES, Pair

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
AVAILABLE = Pair("Available", "Available")
PAIRS = st.sampled_from([state.pair for state in STATES])


def session(pair: Pair, *, age: float = 0.0, lease: float = 3600.0, owner: str = "app") -> Session:
    set_at = NOW - timedelta(seconds=age)
    return Session(owner, pair, set_at, set_at + timedelta(seconds=lease))


FADES = [(0, AVAILABLE), (299, AVAILABLE), (300, FADING), (599, FADING), (600, FADED), (3599, FADED), (3600, None)]


@pytest.mark.parametrize(("age", "pair"), FADES)
def test_available_fades_in_two_stages_whatever_the_lease_is_and_expires(age: float, pair: Pair | None) -> None:
    assert shows(session(AVAILABLE, age=age), NOW) == pair


@given(pair=PAIRS.filter(lambda pair: pair != AVAILABLE), age=st.floats(0, 3599))
def test_nothing_else_fades(pair: Pair, age: float) -> None:
    assert shows(session(pair, age=age), NOW) == pair


def test_a_teams_client_in_use_does_not_fade() -> None:
    client = Session("teams", AVAILABLE, NOW - HOUR, NOW + HOUR, fades=False)
    assert shows(client, NOW) == AVAILABLE


def test_sessions_rank_as_the_document_says_with_ours_between() -> None:
    order = ["Offline", "Away", "BeRightBack", "Available", "Busy", "DoNotDisturb"]
    assert sorted(order, key=rank) == order
    assert rank("doNotDisturb") == rank("DoNotDisturb")
    assert rank("PresenceUnknown") is None
    assert [rank(newer) for newer in ("inACall", "inAMeeting", "presenting", "focusing")] == [4, 4, 5, 5]


@given(st.lists(st.tuples(PAIRS, st.floats(0, 4000)), max_size=5))
def test_the_aggregate_ranks_no_lower_than_any_live_session(parts: list[tuple[Pair, float]]) -> None:
    sessions = [session(pair, age=age, owner=str(number)) for number, (pair, age) in enumerate(parts)]
    together = aggregate(sessions, NOW)
    alive = [pair for each in sessions if (pair := shows(each, NOW))]
    assert (together is None) is (not alive)
    assert all(rank(together.availability) >= rank(pair.availability) for pair in alive)


@given(pair=PAIRS, preferred=PAIRS, age=st.floats(0, 4000), left=st.integers(-100, 100))
def test_the_preferred_state_wins_while_it_lasts_and_only_while_a_session_exists(
    pair: Pair, preferred: Pair, age: float, left: int
) -> None:
    ours = session(pair, age=age)
    shown = effective([ours], Preferred(preferred, NOW + timedelta(seconds=left)), NOW)
    alone = shows(ours, NOW)
    assert shown == (NO_SESSION if alone is None else preferred if left > 0 else alone)


def test_nobody_is_offline() -> None:
    assert effective([], Preferred(AVAILABLE, NOW + HOUR), NOW) == NO_SESSION
    assert timedelta(minutes=5) == FADES_AFTER
