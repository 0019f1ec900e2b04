"""The heart: an event and the time go in, the changed engine and its effects come out; no clock, thread or I/O.

How a decision is made, always in this order:
1. time passes: jumps of the clock, calls without an answer, holds and leases that end;
2. the event changes what is wished, known or allowed;
3. ends that may not wait go on; then at most one request is sent, if one is due;
4. what must survive the process is saved if it changed.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from tray.core import expiry, graph_replies, shutdown, token_replies, user_actions
from tray.core.effects import (
    CancelSignIn,
    Effect,
    Open,
    PlayScenario,
    ReadAccount,
    ReadAutostart,
    Save,
    ToggleAutostart,
    UnlockKeyring,
)
from tray.core.events import (
    Answered,
    Asked,
    AutostartRead,
    AutostartToggled,
    ChosenStatusClearAsked,
    Event,
    KeepChosen,
    LeaveAsked,
    Looked,
    MenuMissed,
    OpenAsked,
    Picked,
    PinToggled,
    Resumed,
    ScenarioPlayed,
    ScenariosRead,
    SecondStarted,
    SignInAsked,
    SignInCancelled,
    SignInProgressed,
    SignOutAsked,
    Started,
    Stopped,
    Suspending,
    TokenAnswered,
    TrayMissed,
    UnlockAsked,
    VaultChanged,
    Woke,
)
from tray.core.model import Config, Engine, Ours, changed, tell
from tray.core.next_request import need_wake, proceed, run
from tray.core.schedule import LONGEST_WAIT
from tray.core.states import BY_KEY
from tray.core.trouble import tell_at
from tray.core.values import Hold, Leaving, Saved
from tray.messages import notices


def begin(config: Config, now: datetime) -> Engine:
    """Return an engine that knows nothing yet."""
    return Engine(config, now)


def decide(engine: Engine, event: Event, now: datetime) -> tuple[Engine, tuple[Effect, ...]]:
    """Take one event in; return the engine after it and what is to be done."""
    held = engine.wish.hold is not None
    engine, overdue = expiry.pass_time(engine, now)
    for happened in (*overdue, event):
        engine = _take(engine, happened, now)
    if engine.config.foreground and held and engine.wish.hold is None and not engine.phase.closing:
        engine = shutdown.leave_asked(engine, LeaveAsked(Leaving.QUIT), now)
    engine = shutdown.finish(engine, now)
    engine = _save(shutdown.finish(proceed(engine, now), now))
    return replace(engine, out=()), engine.out


def next_wake(engine: Engine) -> datetime | None:
    """Return when `decide` is to be called at the latest; `None`: not until something happens.

    While holding, at most 30 s ahead: the wall clock may jump, and the clock that waits stops in suspend.
    """
    if engine.phase.gone:
        return None
    now = engine.clock
    leases = [ours.any.expires_at for ours in (engine.service.session, engine.service.preferred) if ours.any]
    errand = token_replies.errand_limit(engine)
    wakes = [need_wake(engine, now), errand, tell_at(engine), *leases, *shutdown.end_wakes(engine)]
    if engine.calls.prompt and engine.calls.prompt.code:
        wakes.append(now + token_replies.COUNT)
    if engine.wish.hold:
        wakes += [engine.wish.hold.until, now + LONGEST_WAIT]
    return min(filter(None, wakes), default=None)


def _take(engine: Engine, event: Event, now: datetime) -> Engine:  # noqa: C901, PLR0912  one arm for each event
    match event:
        case Answered():
            return _answered(engine, event, now)
        case TokenAnswered():
            return token_replies.token_answered(engine, event, now)
        case Woke():
            return engine
        case Started(saved=saved):
            return _started(engine, saved or Saved(), now)
        case LeaveAsked():
            return shutdown.leave_asked(engine, event, now)
        case Resumed():
            return shutdown.resume_told(engine, now)
        case ScenariosRead(scenarios=scenarios):
            return changed(engine, scenarios=scenarios)
        case AutostartRead(on=on):
            return changed(engine, autostart=on)
        case _ if engine.phase.closing:
            return engine
        case Suspending():
            return shutdown.suspending(engine, now)
        case SignInProgressed():
            return token_replies.progressed(engine, event)
        case VaultChanged():
            return token_replies.vault_changed(engine, now)
        case SecondStarted():
            return tell(
                changed(engine, second_start_at=now), notices.second_start(tray_missing=engine.desktop.tray_missing)
            )
        case MenuMissed():
            return tell(engine, notices.menu_missing())
        case TrayMissed():
            return tell(changed(engine, tray_missing=True), notices.tray_missing())
        case _:
            return _asked(engine, event, now)


def _asked(engine: Engine, event: Asked, now: datetime) -> Engine:  # noqa: C901, PLR0912  the same
    """Take in what the user asks for."""
    match event:
        case Picked():
            return user_actions.picked(engine, event, now)
        case Stopped():
            return user_actions.stopped(engine, now)
        case KeepChosen(keep=keep):
            return user_actions.keep_chosen(engine, keep, now)
        case PinToggled():
            return user_actions.pin_toggled(engine, now)
        case ChosenStatusClearAsked():
            return changed(user_actions.renewed(engine, now), clear_chosen=True)
        case Looked():
            looked = user_actions.looked(engine, now)
            return engine if looked is engine else _add(_looked(looked), ReadAutostart())
        case SignInAsked():
            return user_actions.sign_in_asked(engine, event, now)
        case SignOutAsked():
            return user_actions.sign_out_asked(engine, now)
        case SignInCancelled():
            return (
                _add(engine, CancelSignIn(engine.calls.errand.call))
                if engine.calls.errand and engine.signing_in
                else engine
            )
        case UnlockAsked():
            return _unlock(engine)
        case AutostartToggled():
            return _add(engine, ToggleAutostart())
        case OpenAsked(document=document):
            return _add(engine, Open(document))
        case ScenarioPlayed(scenario=scenario):
            return _add(engine, PlayScenario(scenario))
        case _:
            assert_never(event)


def _add(engine: Engine, effect: Effect) -> Engine:
    return replace(engine, out=(*engine.out, effect))


def _answered(engine: Engine, event: Answered, now: datetime) -> Engine:
    request, before = engine.calls.request, engine.calls.retry.at
    engine = graph_replies.answered(engine, event, now)
    failed = engine.calls.retry.at not in {None, before}
    return shutdown.give_up(engine, request) if request and failed else engine


def _looked(engine: Engine) -> Engine:
    """Ask the vault again who is signed in, if that is not known."""
    if engine.identity.signed_in or engine.calls.errand or engine.wish.hold:
        return engine
    return run(engine, ReadAccount(engine.calls.count + 1))


def _unlock(engine: Engine) -> Engine:
    if engine.calls.errand:
        return engine
    return run(engine, UnlockKeyring(engine.calls.count + 1))


def _started(engine: Engine, saved: Saved, now: datetime) -> Engine:
    """Take up what the settings or a timed hold ask for; else release what an unclean end left."""
    engine = changed(
        engine,
        session=Ours(saved.session),
        preferred=Ours(saved.preferred),
        last_state=saved.last_state,
        account_key=saved.account_key,
        saved=saved,
    )
    hold = saved.hold
    if hold is None or hold.until is None or hold.until <= now:
        last = saved.last_state if engine.config.at_launch == "last" else BY_KEY.get(engine.config.at_launch)
        hold = Hold(last, now) if last else None
    if hold and not engine.config.foreground:
        return changed(engine, hold=hold, last_state=hold.state, force_session=True, force_preferred=True)
    return _looked(engine)


def _save(engine: Engine) -> Engine:
    closing = engine.phase.closing
    resting = closing.keep if closing else shutdown.timed_hold(engine)
    session, preferred = engine.service.session.any, engine.service.preferred.any
    saved = Saved(
        hold=resting,
        last_state=engine.wish.last_state,
        session=session or (closing.left_session.any if closing else None),
        preferred=preferred or (closing.left_preferred.any if closing else None),
        account_key=engine.identity.account_key,
    )
    if saved == engine.saved:
        return engine
    return replace(engine, saved=saved, out=(Save(saved), *engine.out))
