"""A hypothesis machine over the same world: whatever order things happen in, every promise holds."""

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.days.invariants import Watch
from tests.days.neighbour import Neighbour
from tests.days.script import CHOICES, CLIENT
from tests.days.simulation import OURS, TEAMS, World
from tests.effort import TIMES
from tray.core.events import (
    ChosenStatusClearAsked,
    KeepChosen,
    LeaveAsked,
    Looked,
    Picked,
    PinToggled,
    SignInAsked,
    SignOutAsked,
    Stopped,
    UnlockAsked,
)
from tray.core.states import STATES, Pair, State
from tray.core.values import Keep, LeaveReason

SHORT = st.sampled_from((0.1, 1.0, 4.0, 29.0, 31.0, 240.0, 301.0))
LONG = st.sampled_from((5.0, 40.0, 600.0, 2400.0, 5 * 3600.0))


class Life(RuleBasedStateMachine):
    """One user's life with the program."""

    @initialize(seed=st.integers(0, 2**16), profile=st.sampled_from(("five", "table")))
    def begin(self, seed: int, profile: str) -> None:
        self.world = World(seed, profile=profile)
        self.watch = Watch(self.world)
        self.neighbour: Neighbour | None = None
        self.world.start()

    def runs(self) -> bool:
        return self.world.engine is not None and not self.world.asleep

    # ------------------------------------------------------------------- time

    @rule(seconds=st.one_of(SHORT, LONG))
    def time_passes(self, seconds: float) -> None:
        self.world.run(self.world.now + timedelta(seconds=seconds))

    @rule(seconds=st.sampled_from((-7200.0, -90.0, -3.0, 120.0, 3600.0)))
    def the_clock_jumps(self, seconds: float) -> None:
        self.world.jump(seconds)
        self.watch.jumped(seconds)

    # ------------------------------------------------------------------- the user

    @rule(state=st.sampled_from(STATES), minutes=st.one_of(st.none(), st.integers(1, 90)), pinned=st.booleans())
    def the_user_picks(self, state: State, minutes: int | None, pinned: bool) -> None:
        until = self.world.now + timedelta(minutes=minutes) if minutes else None
        self.world.post(Picked(state, until, pinned=pinned, timed=True))

    @rule(event=st.sampled_from((Stopped(), PinToggled(), Looked(), ChosenStatusClearAsked())))
    def the_user_clicks(self, event: Stopped | PinToggled | Looked | ChosenStatusClearAsked) -> None:
        self.world.post(event)

    @rule(keep=st.sampled_from(Keep))
    def the_user_keeps_for(self, keep: Keep) -> None:
        self.world.post(KeepChosen(keep))

    # ------------------------------------------------------------------- Teams and other computers

    @rule(pair=st.sampled_from((*CLIENT, None)))
    def teams_shows(self, pair: Pair | None) -> None:
        if pair is None:
            self.world.model.clear_session(TEAMS, self.world.now)
        else:
            self.world.model.put_client(TEAMS, pair, self.world.now)

    @rule(pair=st.sampled_from((*CHOICES, None)))
    def the_user_chooses_in_teams(self, pair: Pair | None) -> None:
        self.watch.whose.choose(pair)

    @rule(state=st.sampled_from((*(each for each in STATES if each.in_the_five), None)))
    def another_computer_shares_the_session(self, state: State | None) -> None:
        self.watch.excuses.meddled = True
        if state is None:
            self.world.model.clear_session(OURS, self.world.now)
        else:
            self.world.model.set_session(OURS, state.pair, timedelta(minutes=30), self.world.now)

    @rule(state=st.sampled_from((*STATES, None)), pinned=st.booleans())
    def the_user_picks_on_a_second_computer(self, state: State | None, pinned: bool) -> None:
        self.neighbour = self.neighbour or Neighbour(self.world)
        self.neighbour.post(Picked(state, pinned=pinned) if state else Stopped())

    # ------------------------------------------------------------------- faults

    @rule(up=st.booleans())
    def the_network_changes(self, up: bool) -> None:
        self.world.network = up
        self.watch.excuses.excuse()

    @rule(seconds=LONG)
    def graph_throttles(self, seconds: float) -> None:
        self.world.throttled_until = self.world.now + timedelta(seconds=min(seconds, 600))

    @rule()
    def the_token_is_not_accepted_any_more(self) -> None:
        self.world.token_good = False

    @rule()
    def the_sign_in_is_lost(self) -> None:
        self.world.signed_in = self.world.token_good = False
        self.watch.excuses.excuse(24 * 3600)

    @rule()
    def the_keyring_locks(self) -> None:
        self.world.locked = True
        self.watch.excuses.excuse(24 * 3600)

    @rule(event=st.sampled_from((SignInAsked(), UnlockAsked(), SignOutAsked())))
    def the_user_sees_to_the_account(self, event: SignInAsked | UnlockAsked | SignOutAsked) -> None:
        if isinstance(event, SignInAsked):  # before it, there may have been no account
            self.watch.excuses.excuse()
        self.world.post(event)

    @precondition(runs)
    @rule(seconds=LONG, announced=st.booleans())
    def the_machine_sleeps(self, seconds: float, announced: bool) -> None:
        self.world.suspend(seconds, announced=announced)
        self.world.run(self.world.now + timedelta(seconds=5.1))

    @precondition(runs)
    @rule()
    def the_program_crashes_and_starts_again(self) -> None:
        self.world.crash()
        self.watch.excuses.excuse()
        self.world.start()

    @precondition(runs)
    @rule(leaving=st.sampled_from(LeaveReason))
    def the_program_is_left_and_started_again(self, leaving: LeaveReason) -> None:
        self.world.post(LeaveAsked(leaving))
        self.world.run(self.world.now + timedelta(seconds=3))
        assert self.world.engine is None, "leaving took more than three seconds"
        self.watch.excuses.excuse()
        self.world.start()

    # ------------------------------------------------------------------- always

    @invariant()
    def the_engine_never_spins(self) -> None:
        if hasattr(self, "world"):
            assert self.world.spins < 50, "the engine asks to be woken again and again for nothing"

    def teardown(self) -> None:
        """Let every fault pass: engine and service agree in the end."""
        if not hasattr(self, "world"):
            return
        world = self.world
        world.network, world.throttled_until = True, world.now
        world.locked, world.signed_in = False, True
        if self.neighbour:
            self.neighbour.post(Stopped())
        world.run(world.now + timedelta(hours=8))
        if world.engine is None:
            world.start()
        world.post(Stopped())
        world.run(world.now + timedelta(hours=4, minutes=1))
        self.watch.settled()


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=20 * TIMES, stateful_step_count=40, suppress_health_check=[HealthCheck.too_slow]
)
