"""What Teams shows against what we hold: why the two differ, and whose a preferred presence is.

Graph tells the effective presence alone, not where it comes from, so all of this is inference. What it rests on: a
session can only raise the presence above ours; only a choice in Teams or a missing session can lower it; and four
pairs come from nothing but a choice. A status chosen in Teams that equals ours cannot be told apart from it.
"""

from datetime import datetime
from enum import StrEnum

from tray.core.effects import SignIn, SignOut
from tray.core.model import Engine
from tray.core.presence_rules import NO_SESSION, rank
from tray.core.record import replace
from tray.core.rules import with_current_silenced
from tray.core.schedule import FRESH_READ, SETTLED
from tray.core.service import Seen
from tray.core.states import APPEAR_OFFLINE, AWAY, STATES, Pair, PreferredUse, State
from tray.core.values import Difference
from tray.messages import notices

ONLY_CHOSEN = frozenset(
    (pair.availability.casefold(), pair.activity.casefold())
    for pair in (
        Pair("Busy", "Busy"),
        Pair("DoNotDisturb", "DoNotDisturb"),
        Pair("BeRightBack", "BeRightBack"),
        Pair("Offline", "OffWork"),
    )
)
CHOOSABLE = frozenset(
    (state.preferred.availability.casefold(), state.preferred.activity.casefold())
    for state in STATES
    if state.preferred
)
INACTIVE = frozenset({"availableinactive", "inactive"})  # activities of a session that fades
BY_ACTIVITY = {
    "inacall": Difference.IN_A_CALL,
    "inaconferencecall": Difference.IN_A_CALL,
    "inameeting": Difference.IN_A_MEETING,
    "presenting": Difference.PRESENTING,
}


class PreferredOwner(StrEnum):
    """Whose the preferred presence is, as far as a read-back can tell."""

    FREE = "free"
    OURS = "ours"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


def _key(pair: Pair) -> tuple[str, str]:
    return pair.availability.casefold(), pair.activity.casefold()


def is_only_chosen(pair: Pair) -> bool:
    """Tell whether a pair comes from nothing but a choice."""
    return _key(pair) in ONLY_CHOSEN


def says_nothing(seen: Pair) -> bool:
    """Tell whether Graph does not know what is shown (`PresenceUnknown`), or has a word for it that we do not know."""
    return rank(seen.availability) is None


def owner_of(session: Pair | None, preferred: Pair | None, seen: Pair) -> PreferredOwner:
    """Tell whose the preferred presence is; `session` and `preferred` are what we have on the service."""
    if preferred:
        hidden = seen.same_as(NO_SESSION)  # a preferred presence shows only while a session exists
        if hidden or preferred.is_shown_as(seen):
            return PreferredOwner.OURS
        return PreferredOwner.UNKNOWN if says_nothing(seen) else PreferredOwner.FOREIGN
    if session and session.same_as(seen):
        return PreferredOwner.FREE
    if is_only_chosen(seen):
        return PreferredOwner.FOREIGN
    level = rank(seen.availability)
    if level is None:
        return PreferredOwner.UNKNOWN
    if session and _key(seen) in CHOOSABLE and level < (rank(session.availability) or 0):
        return PreferredOwner.FOREIGN
    return PreferredOwner.FREE


def explain(ours: Pair, seen: Pair, *, by_preferred: bool, settled: bool, restored: bool = False) -> Difference | None:
    """Tell why Teams shows something else; `None` when it shows what is held.

    `settled`: the read came late enough after our last change; `restored`: our session has been set again since
    it was first found missing.
    """
    level = rank(seen.availability)
    if ours.is_shown_as(seen):
        return None
    if level is None:
        return Difference.CANNOT_TELL
    if is_only_chosen(seen):
        return Difference.CHOSEN
    if by_preferred and not seen.same_as(NO_SESSION):
        return Difference.CHOSEN if settled else Difference.NOT_YET_SHOWN
    if level >= (rank(ours.availability) or 0) and seen.activity.casefold() not in INACTIVE:
        return BY_ACTIVITY.get(seen.activity.casefold(), Difference.OUTRANKED)
    if not settled:
        return Difference.NOT_YET_SHOWN
    if not restored:
        return Difference.MISSING
    return Difference.CHOSEN if _key(seen) in CHOOSABLE else Difference.ANOTHER_COMPUTER


def by_preferred(engine: Engine, state: State) -> bool:
    """Tell whether a state shows through its preferred pair, because its own pair as a session would not show."""
    return state.key in engine.service.declined or state.preferred_use is PreferredUse.ALWAYS


def is_released_for_sleep(engine: Engine) -> bool:
    """Tell whether the hold is released while the machine sleeps: a timed one and *Appear offline* are not."""
    hold = engine.wish.hold
    if engine.phase.sleep is None or hold is None:
        return False
    return hold.until is None and hold.state is not APPEAR_OFFLINE


def changes_account(engine: Engine) -> bool:
    """Tell whether the account changes, so that whatever is set now would be left behind."""
    releasing = engine.phase.handover is not None and engine.phase.handover.releases
    return releasing or isinstance(engine.calls.errand, SignIn | SignOut)


def wanted(engine: Engine) -> tuple[Pair | None, Pair | None]:
    """Return the session's pair and the preferred pair that the hold asks for now."""
    hold = engine.wish.hold
    if hold is None or is_released_for_sleep(engine) or changes_account(engine):
        return None, None
    state = hold.state
    if state.key == engine.service.suspected and state is not APPEAR_OFFLINE:
        return AWAY.pair, None
    if state.key in engine.service.declined or state.key == engine.service.suspected:
        return (None if state is APPEAR_OFFLINE else AWAY.pair), state.preferred
    return state.pair, state.preferred if hold.pinned or by_preferred(engine, state) else None


def is_kept(engine: Engine) -> bool:
    """Tell whether the service has all that the hold asks for, and nothing else of ours."""
    if engine.wish.hold and changes_account(engine):
        return False
    for ours, pair in zip((engine.service.session, engine.service.preferred), wanted(engine), strict=True):
        if (ours.lease.pair if ours.lease else None) != pair or (pair is None and ours.unconfirmed):
            return False
    return True


def preferred_owner(engine: Engine, seen: Seen) -> PreferredOwner:
    """Tell whose the preferred presence is by a read-back, which may be older than our own last write."""
    session, preferred = engine.service.session, engine.service.preferred
    lease, doubt, before = preferred.lease, preferred.unconfirmed, preferred.before
    if doubt and doubt.pair.is_shown_as(seen.pair):
        return PreferredOwner.OURS
    if before and before.pair.is_shown_as(seen.pair) and seen.at - before.expires_at < SETTLED:
        return PreferredOwner.OURS
    if lease and seen.at - lease.confirmed_at < SETTLED and not is_only_chosen(seen.pair):
        return PreferredOwner.OURS
    beneath = session.lease.pair if session.lease else None
    whose = owner_of(beneath, lease.pair if lease else None, seen.pair)
    if whose is PreferredOwner.FOREIGN and not (lease or is_only_chosen(seen.pair) or _is_settled(engine, seen)):
        return PreferredOwner.UNKNOWN
    return whose


def _is_settled(engine: Engine, seen: Seen) -> bool:
    """Tell whether a read-back came late enough after our last change to show it."""
    return engine.service.changed_at is not None and seen.at - engine.service.changed_at >= SETTLED


def shown(engine: Engine) -> Seen | None:
    """Return the last read-back; `None` while none is younger than our last change."""
    hold, seen, changed_at = engine.wish.hold, engine.service.seen, engine.service.changed_at
    if hold is None or seen is None:
        return seen
    return None if seen.at < max(hold.since, changed_at or hold.since) else seen


def difference(engine: Engine) -> Difference | None:
    """Tell why Teams shows something else than what is held; `None` when there is nothing to explain."""
    seen = shown(engine)
    if engine.wish.hold is None or seen is None or engine.service.changed_at is None or not is_kept(engine):
        return None
    session, preferred = engine.service.session.lease, engine.service.preferred.lease
    ours = preferred or session
    if ours is None:
        return None
    return explain(
        ours.pair,
        seen.pair,
        by_preferred=preferred is not None,
        settled=_is_settled(engine, seen),
        restored=engine.service.restored,
    )


def judge(engine: Engine, seen: Seen) -> Engine:
    """Draw the consequences of a read-back: leave a chosen status alone, set a missing session again."""
    engine = _without_past_choice(replace(engine, service=engine.service.saw(seen)), seen.pair)
    service, whose = engine.service, preferred_owner(engine, seen)
    if whose is PreferredOwner.FOREIGN and (service.preferred.longest or wanted(engine)[1]):
        return _yield_to_choice(engine, seen)
    gone = whose is not PreferredOwner.OURS and not says_nothing(seen.pair)
    if gone and service.preferred.lease is None and service.preferred.unconfirmed:
        engine = replace(engine, service=service.never_landed())
    match difference(engine):
        case Difference.MISSING:
            return replace(engine, service=engine.service.session_missing())
        case None:
            return replace(engine, service=engine.service.session_there())
        case _:
            return engine


def _without_past_choice(engine: Engine, seen: Pair) -> Engine:
    """Forget a status chosen in Teams that is shown no more: its remark would hide all others."""
    chosen = engine.wish.chosen
    if chosen is None or chosen.is_shown_as(seen) or seen.same_as(NO_SESSION):
        return engine
    return replace(engine, wish=engine.wish.without_choice())


def _yield_to_choice(engine: Engine, seen: Seen) -> Engine:
    """End what rests on a preferred presence, because the user chose a status in Teams; with one notice."""
    hold, service = engine.wish.hold, engine.service.without_preferred()
    if hold is None:
        return replace(engine, service=service)
    ends = by_preferred(engine, hold.state) or hold.state.key == service.suspected
    service = service.without_hold() if ends else service
    if ends and hold.origin.is_rule:  # it is silenced, and the user knows it
        engine = replace(engine, rules=with_current_silenced(engine.situation))
        return replace(engine, wish=engine.wish.yielding(seen.pair, ends=ends), service=service)
    engine = replace(engine, wish=engine.wish.yielding(seen.pair, ends=ends), service=service)
    return engine.tell(notices.chosen(hold.state, seen.pair, ends=ends, is_certain=is_only_chosen(seen.pair)))


def is_fresh(engine: Engine, now: datetime) -> bool:
    """Tell whether the last read-back is young enough to write a preferred presence on."""
    seen = engine.service.seen
    return seen is not None and now - seen.at <= engine.config.stretched(FRESH_READ)
