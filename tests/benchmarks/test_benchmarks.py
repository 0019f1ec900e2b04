"""The benchmarks in small: they run, and what they measure is what they say."""

import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.benchmarks import key_press
from tests.benchmarks.__main__ import BEGINS, ENDS, written
from tests.benchmarks.__main__ import table as table_of_all
from tests.benchmarks.fleet import Fleet, held
from tests.benchmarks.held.day import DAY, Day, common, draw, length
from tests.benchmarks.held.play import Computer, play_policy
from tests.benchmarks.held.policies import POLICIES
from tests.benchmarks.held.service import Service
from tests.benchmarks.held_time import OURS, play, table
from tests.benchmarks.night import play as play_night

CALM = Day(1, (), (), (), (), (), ())


def test_a_day_is_accounted_for_whole() -> None:
    for seed in range(50):
        day = draw(seed)
        assert length(day.holdable()) + sum(day.excluded().values()) == pytest.approx(DAY)
        assert all(first[1] <= second[0] for first, second in pairwise(sorted(day.holdable())))


def test_in_a_day_without_faults_the_engine_holds_all_the_time() -> None:
    class Faultless(Day):
        def fails(self, _number: int) -> bool:
            return False

    result = Computer(Faultless(1, (), (), (), (), (), ())).play()
    assert DAY - length(result.held) < 1
    assert result.requests <= 8 * 22 + 6


def test_what_is_shown_counts_and_not_what_is_set() -> None:
    from datetime import timedelta  # noqa: PLC0415

    service = Service(Day(1, (), (), (), ((400.0, 500.0),), (), ()))
    for at in (0.0, 450.0):
        service.set(at, timedelta(hours=1))
    assert service.close() == [(0.0, 300.0), (500.0, 750.0)]


def test_every_policy_plays_and_the_engine_holds_more_than_each() -> None:
    totals, excluded = play(4)
    shares = {name: total.held / total.holdable for name, total in totals.items()}
    assert set(shares) == {OURS, *POLICIES}
    assert all(shares[OURS] > share for name, share in shares.items() if name != OURS)
    assert shares[OURS] > 0.999
    assert len(list(table(totals))) == 2 + len(totals)
    assert excluded["no network"] > 0
    assert max(totals[OURS].left_by_crash, default=0) <= 30 * 60


def test_a_crash_leaves_a_policys_lease_behind() -> None:
    day = Day(1, (), (), (), (), (), ((3600.0, 7200.0),))
    left = {name: play_policy(day, make).left_by_crash for name, make in POLICIES.items()}
    assert all(0 < seconds <= 4 * 3600 for (seconds,) in left.values())
    assert common([(0, 10)], [(5, 15)]) == [(5, 10)]


def test_a_small_tenant_spreads_its_calls_and_holds_again_after_an_outage() -> None:
    fleet = Fleet(40, 1500, rejected_count=True)
    fleet.run()
    assert held(fleet) == 1
    steady = [fleet.calls.get(slot, 0) for slot in range(int(fleet.steady[0] / 10), int(fleet.steady[1] / 10))]
    assert max(steady) < 5 * sum(steady) / len(steady)
    assert max(user.back_at for user in fleet.users if user.back_at is not None) < 60
    assert all(user.back_at is not None for user in fleet.users)


@pytest.mark.skipif(sys.platform != "linux", reason="a benchmark of Linux")
def test_a_key_press_is_measured_whole() -> None:
    nothing, press = key_press.measure(2)
    assert [len(nothing), len(press)] == [2, 2]
    assert all(each.wall > 0 for each in (*nothing, *press))
    assert key_press.report(nothing, press).count("\n") == 5


def test_a_quiet_hour_of_a_night_takes_little_and_nothing_grows(tmp_path: Path) -> None:
    first, *quiet = play_night(4, tmp_path / "state.json")
    assert all(hour.decisions < 60 for hour in quiet)
    assert max(hour.grown for hour in quiet) < 250  # bytes, a handful of instants
    assert all(hour.requests <= 22 and hour.saves <= 4 for hour in quiet)
    assert first.written > 0


def test_the_table_in_the_documents_is_replaced_and_nothing_else() -> None:
    document = f"before\n{BEGINS}old\n{ENDS}after\n"
    new = written(document, table_of_all([("a", "1 ms", "2 ms", "0.50")]))
    assert new.startswith(f"before\n{BEGINS}")
    assert new.endswith(f"| a | 1 ms | 2 ms | 0.50 |\n\n{ENDS}after\n")
    assert written(new, "x\n") == f"before\n{BEGINS}\nx\n\n{ENDS}after\n"
