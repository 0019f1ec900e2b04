"""The engine: an event and the time go in, the changed engine and the effects to carry out come out.

Rules
1. `decide` is the only way in. It is pure: the same engine, event and time give the same result. Only
   the words of notices also depend on the language.
2. The engine never waits. What takes time is an effect, whose answer comes back as an event that names the call.
3. At most one request to Graph and one errand of the token side are under way.
4. Nothing is planned ahead. After each event the wish is compared with what the service has, and the most urgent
   difference becomes the next request (`next_request.py`). What fails is therefore tried again without being listed
   anywhere, and a newer wish replaces an older one without cancelling anything.
5. `Wish`, `Service`, `Calls`, `Identity`, `Phase` and `Desktop` are changed by their own methods alone (`model.py`,
   `service.py`, `calls.py`). `Engine` itself is put together anew by the functions that decide.

Theory of operation: a decision has five steps, always in this order.
1. Time passes (`expiry.py`): jumps of the clock, calls without an answer, ends of holds and leases.
2. The event changes what is wished, known or allowed (`_take`).
3. The hold in force and the status message follow the pick and the rules (`rule_events.py`). A foreground hold that
   has ended by now begins to close.
4. What is under way of closing, sleeping or handing over goes on (`_finish`). Then the request that is due, if any, is
   sent (`proceed`). Then `_finish` once more, because there may have been nothing to send.
5. What the next start needs is saved if it changed (`_save`).

The phases and the fields they belong to. A phase lasts as long as its field is set.

| phase        | field            | begins with                   | ends with                                          |
|--------------|------------------|-------------------------------|----------------------------------------------------|
| idle         | none of these    | start                         | anything else                                      |
| holding      | wish.hold        | a pick, a rule, at launch     | *Stop*, its end, a choice in Teams, decline, quit  |
| suspected    | service.suspected| 400 for the held pair         | the next set: accepted (declined), failed (open);  |
|              |                  |                               | or a pick, or the end of the hold                  |
| sleeping     | phase.sleep      | the machine's announcement    | resume, or a pick once the sleep was allowed       |
| handing over | phase.handover   | sign-in, sign-out, new account| released, if anything is to be, or 2.5 s past, and |
|              |                  |                               | the token side free; or closing                    |
| closing      | phase.closing    | quit, a signal, logout        | never                                              |
| gone         | phase.gone       | everything released, or 2.5 s | never: `Exit` is out, and nothing is sent any more |

Which may coexist (`tests/core/driver.py` checks it at every step):
- suspected only while holding: it is a question about the held state;
- closing ends holding, sleeping and handing over at once, and none of them begins again;
- gone only while closing;
- sleeping and handing over go with everything but closing. What is wished meanwhile is set afterwards.

What is asked of the service in each phase (`readback.wanted`): idle, handing over and closing: nothing, so that
everything of ours is released. Holding: the state's own pair, and its preferred pair where it shows by that or is
pinned. Suspected: Away / Away beneath, to see whether anything is accepted. Sleeping: nothing for a hold without an
end; a timed one and *Appear offline* stay, on the longest lease there is.
"""

from datetime import datetime, timedelta
from typing import assert_never

from tray.core import account_switch, graph_replies, rule_events, shutdown, suspend, token_replies, user_actions
from tray.core.config import LAST, Config
from tray.core.effects import CancelSignIn, Effect, Open, PlayScenario, ReadSettings, Save, ToggleAutostart
from tray.core.events import (
    Answered,
    Asked,
    AutostartRead,
    AutostartToggled,
    ChosenStatusClearAsked,
    ClockSet,
    EndChosen,
    Event,
    KeepChosen,
    LeaveAsked,
    Looked,
    MenuMissed,
    MessageAsked,
    OpenAsked,
    PauseToggled,
    Picked,
    PinToggled,
    Replied,
    Resumed,
    RuleToggled,
    ScenarioAsked,
    ScenariosRead,
    SecondStarted,
    SensorChanged,
    SettingsChanged,
    SettingsRefused,
    SettingsWritten,
    SignInAsked,
    SignInCancelled,
    SignInProgressed,
    SignOutAsked,
    SleepWatched,
    Started,
    Stopped,
    Suspending,
    TokenAnswered,
    Told,
    TrayMissed,
    UnlockAsked,
    VaultChanged,
    Woke,
)
from tray.core.expiry import clock_set, pass_time
from tray.core.model import Engine
from tray.core.next_request import proceed, proceed_at
from tray.core.record import replace
from tray.core.rules import Rules, in_force
from tray.core.schedule import HOURS_PERIOD, LONGEST_WAIT, SLEEP_GAP, WAKE_PERIOD, bound
from tray.core.states import BY_KEY
from tray.core.trouble import tell_at
from tray.core.values import LONGEST_HOLD, Hold, Keep, LeaveReason, Origin, Saved
from tray.messages import notices

WHILE_CLOSING = (Answered, TokenAnswered, Woke, Started, LeaveAsked, Resumed, ScenariosRead, AutostartRead)


def begin(config: Config, now: datetime) -> Engine:
    """Return an engine that knows nothing yet."""
    return Engine(config, now)


def decide(engine: Engine, event: Event, now: datetime) -> tuple[Engine, tuple[Effect, ...]]:
    """Take one event in; return the engine after it and what is to be done."""
    held = engine.wish.hold is not None
    if isinstance(event, ClockSet):
        engine = clock_set(engine, event.by)
    expected = next_wake(engine) if now - engine.clock > SLEEP_GAP else None
    engine, overdue = pass_time(engine, now, expected)
    for happened in (*overdue, event):
        if not engine.phase.closing or isinstance(happened, WHILE_CLOSING):
            engine = _take(engine, happened, now)
    engine = rule_events.follow(engine, now)
    engine = rule_events.follow_message(engine)
    if engine.config.foreground and held and engine.wish.hold is None and not engine.phase.closing:
        engine = shutdown.leave_asked(engine, LeaveAsked(LeaveReason.OVER), now)
    engine = _save(_finish(proceed(_finish(engine, now), now), now))
    return replace(engine, out=()), engine.out


def next_wake(engine: Engine) -> datetime | None:
    """Return when `decide` is to be called at the latest; `None`: not until something happens."""
    if engine.phase.gone:
        return None
    now, hold, prompt, phase = engine.clock, engine.wish.hold, engine.calls.prompt, engine.phase
    wakes = [
        proceed_at(engine, now),
        token_replies.errand_limit(engine),
        tell_at(engine),
        *(ours.longest.expires_at for ours in (engine.service.session, engine.service.preferred) if ours.longest),
        phase.closing.deadline if phase.closing else None,
        phase.sleep.deadline if phase.sleep and not phase.sleep.allowed else None,
        phase.handover.deadline if phase.handover and not engine.calls.errand else None,
        now + token_replies.CODE_COUNTDOWN_PERIOD if prompt and prompt.code else None,
        hold.until if hold else None,
        in_force(engine.situation).changes_at if engine.config.rules.any else None,
        now + WAKE_PERIOD if _needs_look(engine) else None,
        now + HOURS_PERIOD if _follows_hours(engine) else None,
    ]
    return min(filter(None, wakes), default=None)


def _needs_look(engine: Engine) -> bool:
    """Tell whether to look at the clock each half minute: sleep is not announced, or a time of day counts."""
    hold = engine.wish.hold
    return hold is not None and (not engine.desktop.announces_sleep or bool(hold.until) or _follows_hours(engine))


def _follows_hours(engine: Engine) -> bool:
    return bool(engine.config.rules.hours) and not engine.rules.paused


def _take(engine: Engine, event: Event, now: datetime) -> Engine:
    """Change what an event changes."""
    if isinstance(event, Asked):
        return _asked(engine, event, now)
    return _replied(engine, event, now) if isinstance(event, Replied) else _told(engine, event, now)


def _asked(engine: Engine, event: Asked, now: datetime) -> Engine:  # noqa: C901, PLR0912  an arm for each event
    """Take in what the user asks for."""
    match event:
        case Picked():
            return user_actions.picked(engine, event, now)
        case Stopped():
            return user_actions.stop_asked(engine, now)
        case MessageAsked():
            return user_actions.message_asked(engine, event, now)
        case KeepChosen(keep=keep):
            return user_actions.keep_chosen(engine, keep, now)
        case EndChosen(until=until):
            return replace(engine, wish=engine.wish.kept(Keep.UNTIL_STOPPED, until)) if engine.wish.pick else engine
        case PinToggled():
            return user_actions.pin_toggled(engine, now)
        case ChosenStatusClearAsked():
            return user_actions.clear_chosen_asked(engine, now)
        case Looked():
            return user_actions.looked(engine, now)
        case SignInAsked():
            return account_switch.sign_in_asked(engine, event, now)
        case SignInCancelled():
            errand = engine.calls.errand
            return engine.emit(CancelSignIn(errand.call)) if errand and engine.signing_in else engine
        case SignOutAsked():
            return account_switch.sign_out_asked(engine, now)
        case UnlockAsked():
            return user_actions.unlock_asked(engine)
        case AutostartToggled():
            return engine.emit(ToggleAutostart())
        case OpenAsked(document=document):
            return engine.emit(Open(document))
        case RuleToggled(rule=rule):
            return rule_events.rule_toggled(engine, rule)
        case PauseToggled():
            return rule_events.pause_toggled(engine)
        case ScenarioAsked(scenario=scenario):
            return engine.emit(PlayScenario(scenario))
        case _:
            assert_never(event)


def _replied(engine: Engine, event: Replied, now: datetime) -> Engine:
    """Take in what Graph and the token side answer."""
    match event:
        case Answered():
            return graph_replies.answered(engine, event, now)
        case TokenAnswered():
            return token_replies.token_answered(engine, event, now)
        case SignInProgressed():
            return token_replies.progressed(engine, event)
        case _:
            assert_never(event)


def _told(engine: Engine, event: Told, now: datetime) -> Engine:  # noqa: C901, PLR0912  an arm for each event
    """Take in what the program and the machine tell."""
    match event:
        case Started(saved=saved, taken_up=taken_up):
            return _started(engine, saved or Saved(), taken_up, now)
        case Woke():
            return engine
        case Suspending():
            return suspend.suspending(engine, now)
        case Resumed():
            return suspend.resumed(engine, now)
        case ClockSet(by=by):
            return suspend.resumed(engine, now) if by > timedelta() else engine
        case SleepWatched(announced=announced):
            return replace(engine, desktop=engine.desktop.noting(announces_sleep=announced))
        case LeaveAsked():
            return shutdown.leave_asked(engine, event, now)
        case SecondStarted():
            notice = notices.second_start(tray_missing=engine.desktop.tray_missing)
            return replace(engine, desktop=engine.desktop.noting(second_start_at=now)).tell(notice)
        case TrayMissed():
            return replace(engine, desktop=engine.desktop.noting(tray_missing=True)).tell(notices.tray_missing())
        case MenuMissed(any_button=any_button):
            return engine.tell(notices.menu_missing(any_button=any_button))
        case AutostartRead(on=on):
            return replace(engine, desktop=engine.desktop.noting(autostart=on))
        case ScenariosRead(scenarios=scenarios):
            return replace(engine, desktop=engine.desktop.noting(scenarios=scenarios))
        case SensorChanged():
            return rule_events.sensor_changed(engine, event, now)
        case SettingsChanged():
            return rule_events.settings_changed(engine, event, now)
        case SettingsWritten():
            return engine.emit(ReadSettings())
        case VaultChanged():
            return token_replies.vault_changed(engine, now)
        case SettingsRefused(title=title, message=message):
            return engine.tell(notices.settings_refused(title, message))
        case _:
            assert_never(event)


def _started(engine: Engine, saved: Saved, taken_up: Hold | None, now: datetime) -> Engine:
    """Set again what the settings or an earlier hold ask for; else release what an unclean end left.

    That is no new pick: the rules that the user had silenced are those that were saved.
    """
    service = engine.service.left_over(saved.session, saved.preferred)
    wish = engine.wish.remembering(saved.last_state)
    hold = saved.hold
    if taken_up:
        hold = saved.hold if saved.hold and saved.hold.state is taken_up.state else taken_up
    elif not _still_runs(saved.hold, now):
        last = saved.last_state if engine.config.at_launch == LAST else BY_KEY.get(engine.config.at_launch)
        hold = Hold(last, now, origin=Origin.LAUNCH) if last else None
    hold = None if engine.config.foreground else engine.config.limited(hold)
    if hold:
        wish, service = wish.holding(hold), service.forced()
    identity = engine.identity.holding_for(saved.account_key)
    engine = replace(engine, wish=wish, service=service, identity=identity, saved=saved)
    silenced, paused, told = saved.silenced, saved.paused, saved.told
    engine = replace(engine, rules=Rules(silenced=silenced, paused=paused, told=told, late_from=now))
    engine = replace(
        engine, message=engine.message.left_over(saved.message, rule_events.came_with(engine, saved, hold))
    )
    waits = (_still(saved.graph_wait, now), _still(saved.sign_in_wait, now))
    engine = replace(engine, calls=engine.calls.asked_before(*waits))
    return user_actions.account_asked(engine)


def _still_runs(hold: Hold | None, now: datetime) -> bool:
    """Tell whether a saved hold's end lies ahead, and no further than a pick's may."""
    return hold is not None and hold.until is not None and now < hold.until <= now + LONGEST_HOLD


def _still(wait: datetime | None, now: datetime) -> datetime | None:
    """Return until when an earlier run was asked to wait, if that lies ahead and no clock has been set since."""
    return wait if wait and now < wait <= now + LONGEST_WAIT else None


def _finish(engine: Engine, now: datetime) -> Engine:
    """Go on with closing, or else with sleeping and handing over."""
    if engine.phase.closing:
        return shutdown.finish_closing(engine, now)
    return account_switch.finish_handover(suspend.finish_suspend(engine, now), now)


def _save(engine: Engine) -> Engine:
    """Save what the next start needs, if it has changed; before all else, in case the effects end the process."""
    closing, service, before = engine.phase.closing, engine.service, engine.saved or Saved()
    session, preferred = service.session.longest, service.preferred.longest
    saved = Saved(
        hold=closing.keep if closing else shutdown.timed_hold(engine),
        last_state=engine.wish.last_state,
        session=bound(session or (closing.left_session.longest if closing else None), before.session),
        preferred=bound(preferred or (closing.left_preferred.longest if closing else None), before.preferred),
        account_key=engine.identity.account_key,
        silenced=engine.rules.silenced,
        paused=engine.rules.paused,
        message=engine.message.to_be_cleared,
        told=engine.rules.told,
        graph_wait=engine.calls.retry.floor,
        sign_in_wait=engine.calls.token_retry.floor,
    )
    return engine if saved == engine.saved else replace(engine, saved=saved, out=(Save(saved), *engine.out))
