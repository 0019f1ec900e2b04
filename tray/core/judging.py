"""What a read-back means for the hold: whose the preferred state is, and what follows; sends nothing itself."""

from dataclasses import replace
from datetime import datetime

from tray.core.effects import SignIn, SignOut
from tray.core.known import Engine, Ours, Seen
from tray.core.states import APPEAR_OFFLINE, AWAY, Pair, PreferredUse, State
from tray.core.telling import tell
from tray.core.timing import FRESH_READ, SETTLED, stretched
from tray.core.truth import NO_SESSION, Code, Standing, explain, is_only_chosen, matches, standing
from tray.words import notices


def by_preferred(engine: Engine, state: State) -> bool:
    """Tell whether a state shows through its preferred pair: its own pair as a session would not."""
    return state.key in engine.declined or state.preferred_use is PreferredUse.ALWAYS


def rests(engine: Engine) -> bool:
    """Tell whether the hold is released for the night: a timed one and *Appear offline* are not."""
    hold = engine.hold
    if engine.sleep is None or hold is None:
        return False
    return hold.until is None and hold.state is not APPEAR_OFFLINE


def changes_account(engine: Engine) -> bool:
    """Tell whether what is set now would be left behind: somebody signs out, or in as somebody else."""
    releasing = engine.handover is not None and engine.handover.releases
    return releasing or isinstance(engine.errand, SignIn | SignOut)


def wanted(engine: Engine) -> tuple[Pair | None, Pair | None]:
    """Return the session's pair and the preferred pair that the hold asks for now."""
    hold = engine.hold
    if hold is None or rests(engine) or changes_account(engine):
        return None, None
    state = hold.state
    if state.key == engine.doubted and state is not APPEAR_OFFLINE:
        return AWAY.pair, None
    if state.key in engine.declined or state.key == engine.doubted:
        return (None if state is APPEAR_OFFLINE else AWAY.pair), state.preferred
    return state.pair, state.preferred if hold.pinned or by_preferred(engine, state) else None


def is_kept(engine: Engine) -> bool:
    """Tell whether the service has all that the hold asks for, and nothing else of ours."""
    if engine.hold and changes_account(engine):
        return False
    for ours, pair in zip((engine.session, engine.preferred), wanted(engine), strict=True):
        if (ours.lease.pair if ours.lease else None) != pair or (pair is None and ours.doubt):
            return False
    return True


def preferred_standing(engine: Engine, seen: Seen) -> Standing:
    """Tell whose the preferred state is by a read-back; right after our own write the old may still be seen."""
    session = engine.session.lease.pair if engine.session.lease else None
    lease, doubt, before = engine.preferred.lease, engine.preferred.doubt, engine.preferred.before
    if doubt and matches(doubt.pair, seen.pair):
        return Standing.OURS
    if before and matches(before.pair, seen.pair) and seen.at - before.expires_at < SETTLED:
        return Standing.OURS
    if lease and seen.at - lease.confirmed_at < SETTLED and not is_only_chosen(seen.pair):
        return Standing.OURS
    whose = standing(session, lease.pair if lease else None, seen.pair)
    if whose is Standing.FOREIGN and not (lease or is_only_chosen(seen.pair) or _is_settled(engine, seen)):
        return Standing.UNKNOWN
    return whose


def _is_settled(engine: Engine, seen: Seen) -> bool:
    """Tell whether a read-back came late enough after our last change to show it."""
    return engine.changed_at is not None and seen.at - engine.changed_at >= SETTLED


def shown(engine: Engine) -> Seen | None:
    """Return the last read-back, unless something of ours has changed since: then nobody knows yet."""
    hold, seen, changed_at = engine.hold, engine.seen, engine.changed_at
    if hold is None or seen is None:
        return seen
    return None if seen.at < max(hold.since, changed_at or hold.since) else seen


def difference(engine: Engine) -> Code | None:
    """Tell why Teams shows something else than what is held; `None` when there is nothing to explain."""
    seen = shown(engine)
    if engine.hold is None or seen is None or engine.changed_at is None or not is_kept(engine):
        return None
    session, preferred = engine.session.lease, engine.preferred.lease
    ours = preferred or session
    if ours is None:
        return None
    return explain(
        ours.pair,
        seen.pair,
        by_preferred=preferred is not None,
        settled=_is_settled(engine, seen),
        restored=engine.restored,
    )


def judge(engine: Engine, seen: Seen) -> Engine:
    """Draw the consequences of a read-back: leave a chosen status alone, set a missing session again."""
    engine = _without_past_choice(replace(engine, seen=seen))
    whose = preferred_standing(engine, seen)
    if whose is Standing.FOREIGN and (engine.preferred.any or wanted(engine)[1]):
        return _yield_to_choice(engine, seen)
    if engine.preferred.lease is None and engine.preferred.doubt and whose is not Standing.OURS:
        engine = replace(engine, preferred=Ours(before=engine.preferred.before))
    match difference(engine):
        case Code.MISSING:
            return replace(engine, force_session=True, restored=True)
        case None:
            return replace(engine, restored=False)
        case _:
            return engine


def _without_past_choice(engine: Engine) -> Engine:
    """Forget a status chosen in Teams that is seen no more: it would hide everything else."""
    chosen, seen = engine.chosen, engine.seen
    if chosen is None or seen is None or matches(chosen, seen.pair) or seen.pair.same_as(NO_SESSION):
        return engine
    return replace(engine, chosen=None)


def _yield_to_choice(engine: Engine, seen: Seen) -> Engine:
    """End what rests on a preferred state, because the user chose a status in Teams; with one notice."""
    engine = replace(engine, preferred=Ours(), force_preferred=False)
    hold = engine.hold
    if hold is None:
        return engine
    ends = by_preferred(engine, hold.state) or hold.state.key == engine.doubted
    engine = engine.without_hold() if ends else replace(engine, hold=replace(hold, pinned=False))
    return tell(replace(engine, chosen=seen.pair), notices.chosen(hold.state, seen.pair, ends=ends))


def is_fresh(engine: Engine, now: datetime) -> bool:
    """Tell whether the last read-back is young enough to write a preferred state on."""
    return engine.seen is not None and now - engine.seen.at <= stretched(FRESH_READ, engine.config)
