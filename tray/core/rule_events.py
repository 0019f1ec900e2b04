"""What sensors, switches and the hours change: the hold in force follows from the pick and the rules.

`follow` compares the hold in force with what the rules say, before requests are made. Requests are made for a rule's
hold as for a pick. The two differ where Graph declines a hold or Teams shows another status, where the user pins, keeps
or stops one, after a long sleep, and with nobody signed in.
"""

from datetime import datetime

from tray.core import rules
from tray.core.effects import SwitchRule, Watch
from tray.core.events import SensorChanged, SettingsChanged
from tray.core.model import Engine, Trouble, TroubleCode
from tray.core.record import replace
from tray.core.rule_reports import reports
from tray.core.rules import CannotTell, Free, Used, WhenLocked
from tray.core.trouble import trouble
from tray.core.user_actions import end_hold
from tray.core.values import Hold, Message, Origin, Saved


def sensor_changed(engine: Engine, event: SensorChanged, now: datetime) -> Engine:
    """Take in what a sensor says; one that is not watched any more is not listened to."""
    reading, watched = event.reading, engine.watched
    if event.sensor is Origin.MICROPHONE:
        if watched.microphone and isinstance(reading, Used | Free | CannotTell):
            return replace(engine, rules=rules.microphone_heard(engine.rules, reading, now))
    elif watched.screen_lock and not isinstance(reading, Used | Free):
        return replace(engine, rules=rules.lock_heard(engine.rules, reading, now))
    return engine


def pause_toggled(engine: Engine) -> Engine:
    """Stop all rules until they are resumed, or resume them."""
    return replace(engine, rules=rules.pause_toggled(engine.rules))


def rule_toggled(engine: Engine, rule: Origin) -> Engine:
    """Have a rule switched in the settings, whose change comes back as an event."""
    on = next(report.on for report in reports(engine.situation) if report.origin is rule)
    return engine.emit(SwitchRule(rule, on=not on))


def settings_changed(engine: Engine, event: SettingsChanged, now: datetime) -> Engine:
    """Take the settings in that can change while the program runs; what they no longer allow ends."""
    engine = replace(engine, config=replace(event.config, login_until=engine.config.login_until))
    pick, limited = engine.wish.pick, engine.config.limited(engine.wish.pick)
    engine = replace(engine, wish=engine.wish.awaiting(engine.config.limited(engine.wish.waiting)))
    if pick and limited is None:
        return end_hold(engine, now)
    return engine if limited == pick else replace(engine, wish=engine.wish.unpinned())


# ------------------------------------------------------------------------------- the hold in force


def follow(engine: Engine, now: datetime) -> Engine:
    """Bring the hold in force, and what is watched, in line with the rules."""
    if engine.phase.closing:
        return engine
    engine = _watching(engine)
    if not engine.config.rules.any and not engine.rules.silenced.any and engine.wish.pick is engine.wish.hold:
        return engine
    engine = replace(engine, rules=rules.pass_time(engine.situation))
    engine = _holding(engine, now)
    return replace(engine, rules=rules.with_lateness(engine.situation))


def _watching(engine: Engine) -> Engine:
    """Start the sensors that a rule wants, and stop the others."""
    settings = engine.config.rules
    if engine.rules.paused:
        wanted = Watch()
    else:
        microphone, ignored = settings.microphone is not None, settings.microphone_ignore
        wanted = Watch(microphone, ignored if microphone else (), settings.when_locked is not WhenLocked.KEEP)
    if wanted == engine.watched:
        return engine
    sensors = rules.without_unwatched(engine.rules, microphone=wanted.microphone, screen_lock=wanted.screen_lock)
    return replace(engine, rules=sensors, watched=wanted).emit(wanted)


def _holding(engine: Engine, now: datetime) -> Engine:
    """Hold what the rules say; a rule whose status Teams does not accept is silenced."""
    pick, before = engine.wish.pick, engine.wish.hold
    found = rules.in_force(engine.situation).hold if engine.identity.account else pick
    if found and found.origin.is_rule and found.state.preferred is None and found.state.key in engine.service.declined:
        engine = trouble(engine, Trouble(TroubleCode.DECLINED, now, state=found.state))
        return _holding(replace(engine, rules=rules.with_current_silenced(engine.situation)), now)
    if found == before:
        return engine
    service = engine.service
    if found is None:
        service = service.without_hold()
    elif before is None or not _shows_alike(found, before):
        service = service.without_suspicion().for_new_hold()
    return replace(engine, wish=engine.wish.showing(found), service=service)


def _shows_alike(one: Hold, other: Hold) -> bool:
    return (one.state, one.pinned) == (other.state, other.pinned)


# ------------------------------------------------------------------------------- the status message of the hours


def follow_message(engine: Engine) -> Engine:
    """End a status message with what it came with, and send that of the hours once, when they come into force."""
    closing, situation = engine.phase.closing, engine.situation
    pick = engine.wish.pick or (closing and closing.keep)
    span = None if closing else rules.span_in_use(situation)
    told = span.key if span and span.key == engine.rules.told else None
    message = engine.message.following(pick.since if pick else None, span.begins if span else None)
    if span and span.hours.message and told is None and not message.is_by_hand and _are_in_force(engine):
        message, told = message.asking(Message(span.hours.message, span.ends), span.begins), span.key
    if told != engine.rules.told:
        engine = replace(engine, rules=replace(engine.rules, told=told))
    return engine if message == engine.message else replace(engine, message=message)


def _are_in_force(engine: Engine) -> bool:
    """Tell whether the hours decide, for somebody who is signed in and stays so."""
    claim = rules.in_force(engine.situation).claim
    is_theirs = claim is not None and claim.origin is Origin.HOURS
    return is_theirs and engine.identity.account is not None and not engine.phase.handover


def came_with(engine: Engine, saved: Saved, hold: Hold | None) -> datetime | None:
    """Return the beginning of what the saved status message belongs to: the hold or the span; `None` if it is over."""
    span = rules.span_in_use(engine.situation)
    if span and span.key == saved.told and saved.message and saved.message.expires_at == span.ends:
        return span.begins
    return hold.since if hold and hold is saved.hold else None
