"""The menu of one snapshot: its rows from top to bottom, and the event that a click on each posts."""

from collections.abc import Iterable, Iterator

from tray import __version__
from tray.core.events import (
    AutostartToggled,
    ChosenStatusClearAsked,
    Event,
    KeepChosen,
    LeaveAsked,
    MessageAsked,
    OpenAsked,
    PauseToggled,
    Picked,
    PinToggled,
    RuleToggled,
    ScenarioAsked,
    SignInAsked,
    SignInCancelled,
    SignOutAsked,
    Stopped,
    UnlockAsked,
)
from tray.core.headline import lines
from tray.core.model import Engine
from tray.core.readback import by_preferred, difference
from tray.core.rule_reports import RuleReport, reports
from tray.core.rules import SWITCHES
from tray.core.states import STATES
from tray.core.status_message import same
from tray.core.user_actions import current_keep, keep_until, stoppable
from tray.core.values import UNLOCKABLE, Difference, Document, Keep, LeaveReason, Message, Origin, SignInWay
from tray.core.view_model import Row, RowKind
from tray.messages import menu as words
from tray.messages import presence

HEADER = ("header-status", "header-teams")


def rows(engine: Engine) -> tuple[Row, ...]:
    """Return the whole menu. Rows that come and go are the last of a submenu, so that no other row moves."""
    return tuple(_rows(engine))


def _rows(engine: Engine) -> Iterator[Row]:
    hold = engine.wish.hold
    yield from _header(engine)
    yield _separator(1)
    for state in STATES:
        chosen, allowed = hold is not None and state is hold.state, engine.config.allows(state)
        label = presence.label(state) if allowed else words.locked(presence.label(state))
        yield Row(state.key, RowKind.RADIO, label, checked=chosen, enabled=allowed, event=Picked(state))
    yield _separator(2)
    yield _submenu("keep", _keep_for(engine))
    if engine.config.messages:
        yield _submenu("message", _messages(engine))
    if engine.config.rules.has_rule_keys:
        yield _submenu("automatic", _automatic(engine))
    yield _action("stop", Stopped(), enabled=stoppable(engine) is not None)
    yield _submenu("more", _more(engine))
    if engine.desktop.scenarios or engine.config.demo:
        yield _submenu("demo", _scenarios(engine))
    yield _action("quit", LeaveAsked(LeaveReason.QUIT))


def _more(engine: Engine) -> Iterator[Row]:
    """Yield what is needed now and then: GNOME has room for some fifteen rows and scrolls a submenu alone."""
    yield _pin(engine)
    yield _action("clear-chosen", ChosenStatusClearAsked(), enabled=_is_hidden(engine))
    yield _separator(3)
    yield from _account(engine)
    yield _separator(4)
    yield _action("automatic-replies", OpenAsked(Document.AUTOMATIC_REPLIES))
    if not engine.config.demo:
        yield _autostart(engine)
    yield _action("settings", OpenAsked(Document.SETTINGS))
    if engine.config.managed:
        yield _text("settings-managed", words.managed(engine.config.managed))
    if engine.config.mistakes:
        yield _text("settings-mistakes", words.mistakes(len(engine.config.mistakes)))
    yield _action("log", OpenAsked(Document.LOG))
    yield _action("help", OpenAsked(Document.HELP))
    yield _text("version", words.version(__version__))
    if engine.signing_in:
        yield _action("sign-in-cancel", SignInCancelled())
    if engine.trouble and engine.trouble.keyring in UNLOCKABLE:
        yield _action("unlock", UnlockAsked())


def _header(engine: Engine) -> Iterator[Row]:
    """Yield the disabled lines on top; always two, so that no row below moves while the menu is open."""
    yield from (_text(key, line) for key, line in zip(HEADER, lines(engine), strict=True))


def _keep_for(engine: Engine) -> Iterator[Row]:
    chosen = current_keep(engine, engine.clock)
    for keep in Keep:
        key = f"keep-{keep}"
        if keep is Keep.END_OF_DAY:
            until = keep_until(engine, keep, engine.clock)
            if until is None:  # it has passed
                continue
            label = words.end_of_day(until, engine.config.zone)
        else:
            label = words.row(key)
        yield Row(key, RowKind.RADIO, label, checked=keep is chosen, event=KeepChosen(keep))


def _messages(engine: Engine) -> Iterator[Row]:
    """Yield the message there is, then those of the settings; the first row is always there, so that none moves."""
    current = engine.message.current(engine.clock)
    now = current if current and current.text else None
    yield _text("message-now", words.message(now.text) if now else words.no_message())
    yield _separator(5)
    for number, each in enumerate(engine.config.messages, 1):
        chosen, key = now is not None and same(now, each), f"message-{number}"
        yield Row(key, RowKind.RADIO, words.message(each.text), checked=chosen, event=MessageAsked(each))
    none = words.row("message-none")
    yield Row("message-none", RowKind.RADIO, none, checked=now is None, event=MessageAsked(Message("")))
    yield _action("message-edit", OpenAsked(Document.SETTINGS))


def _automatic(engine: Engine) -> Iterator[Row]:
    """Yield a row for each rule, and the pause; the hours have one if there are any."""
    situation = engine.situation
    span, rules = situation.span, engine.config.rules
    for report in reports(situation):
        if report.origin is Origin.HOURS and not rules.has_hours:
            continue
        key, hours = f"rule-{report.origin}", (span.begins, span.ends) if span else None
        label = words.rule(report.origin, report.state, hours, engine.config.zone)
        switchable = _can_switch(engine, report)
        yield Row(key, RowKind.CHECK, label, checked=report.on, enabled=switchable, event=RuleToggled(report.origin))
    yield _check("rules-pause", PauseToggled(), on=engine.rules.paused)


def _can_switch(engine: Engine, report: RuleReport) -> bool:
    """Tell whether the organisation leaves a rule to the user, and allows what it would set when switched on."""
    switch = SWITCHES[report.origin]
    if switch.key in engine.config.managed:
        return False
    return report.on or switch.sets is None or engine.config.allows(switch.sets)


def _pin(engine: Engine) -> Row:
    """Return *Override Teams*; where the user has no choice it is disabled and says why."""
    hold = engine.wish.hold
    needed = hold is not None and by_preferred(engine, hold.state) and hold.state.preferred is not None
    if not (engine.config.override or needed):
        return _fixed_pin(words.locked(words.row("pin")), on=False)
    if hold is None:
        return _check("pin", PinToggled(), on=engine.wish.pin)
    if hold.origin.is_rule:
        return _fixed_pin(words.no_override_by_rule(), on=False)
    if hold.state.preferred is None:
        return _fixed_pin(words.no_override(hold.state), on=False)
    if needed:
        return _fixed_pin(words.override_needed(hold.state), on=True)
    return _check("pin", PinToggled(), on=hold.pinned)


def _fixed_pin(why: str, *, on: bool) -> Row:
    return Row("pin", RowKind.CHECK, why, enabled=False, checked=on, event=PinToggled())


def _is_hidden(engine: Engine) -> bool:
    """Tell whether a status set in Teams hides ours, or has ended it."""
    return engine.wish.chosen is not None or difference(engine) is Difference.CHOSEN


def _account(engine: Engine) -> Iterator[Row]:
    identity, free = engine.identity, not engine.signing_in
    yield _text("account-name", identity.account.username if identity.account else words.signed_out())
    sign_in = words.row("sign-in-other" if identity.signed_in else "sign-in")
    yield Row("sign-in", RowKind.ACTION, sign_in, enabled=free, event=SignInAsked(SignInWay.BROWSER))
    yield _action("sign-in-code", SignInAsked(SignInWay.DEVICE_CODE), enabled=free)
    yield _action("sign-out", SignOutAsked(), enabled=identity.signed_in and free)


def _autostart(engine: Engine) -> Row:
    on = engine.desktop.autostart
    return _check("autostart", AutostartToggled(), on=bool(on), enabled=on is not None)


def _scenarios(engine: Engine) -> Iterator[Row]:
    """Yield what can happen in the demo; before that is known, a row that keeps the place."""
    for key, label, on in engine.desktop.scenarios:
        kind = RowKind.ACTION if on is None else RowKind.CHECK
        yield Row(f"demo-{key}", kind, label, checked=bool(on), event=ScenarioAsked(key))
    if not engine.desktop.scenarios:
        yield _text("demo-not-read", words.BLANK)


def _separator(number: int) -> Row:
    return Row(f"line-{number}", RowKind.SEPARATOR)


def _text(key: str, label: str) -> Row:
    return Row(key, RowKind.TEXT, label, enabled=False)


def _action(key: str, event: Event, *, enabled: bool = True) -> Row:
    return Row(key, RowKind.ACTION, words.row(key), enabled=enabled, event=event)


def _check(key: str, event: Event, *, on: bool, enabled: bool = True) -> Row:
    return Row(key, RowKind.CHECK, words.row(key), enabled=enabled, checked=on, event=event)


def _submenu(key: str, inside: Iterable[Row]) -> Row:
    return Row(key, RowKind.SUBMENU, words.row(key), rows=tuple(inside))
