"""The menu of one snapshot: which rows, in which order, and what a click posts; must not know any toolkit."""

from collections.abc import Iterator
from datetime import timedelta

from tray import __version__
from tray.core.events import (
    AutostartToggled,
    ChosenStatusClearAsked,
    KeepChosen,
    LeaveAsked,
    OpenAsked,
    Picked,
    PinToggled,
    ScenarioPlayed,
    SignInAsked,
    SignInCancelled,
    SignOutAsked,
    Stopped,
    UnlockAsked,
)
from tray.core.model import Engine, TroubleCode
from tray.core.readback import by_preferred, difference, is_kept, shown
from tray.core.states import STATES, PreferredUse
from tray.core.status import can_override
from tray.core.user_actions import can_pin, keep_chosen_now, keep_until
from tray.core.values import (
    Difference,
    Document,
    Keep,
    KeyringState,
    Leaving,
    SignInWay,
)
from tray.core.view_model import Row, RowKind
from tray.messages import menu as words
from tray.messages import presence
from tray.messages.notices import trouble_words

HEADER = ("header-held", "header-news", "header-remark")
RECENT = timedelta(minutes=10)  # how long a second start is worth a line


def rows(engine: Engine) -> tuple[Row, ...]:
    """Return the whole menu."""
    return (
        *_header(engine),
        _line(1),
        *_states(engine),
        _line(2),
        Row("keep", RowKind.SUBMENU, words.KEEP_FOR, rows=tuple(_keep_for(engine))),
        _pin(engine),
        Row("stop", RowKind.ACTION, words.STOP, enabled=engine.wish.hold is not None, event=Stopped()),
        _clear_chosen(engine),
        _line(3),
        Row("account", RowKind.SUBMENU, words.ACCOUNT, rows=tuple(_account(engine))),
        *_around(engine),
        _line(5),
        Row("quit", RowKind.ACTION, words.QUIT, event=LeaveAsked(Leaving.QUIT)),
    )


def _line(number: int) -> Row:
    return Row(f"line-{number}", RowKind.SEPARATOR)


def _text(key: str, label: str) -> Row:
    return Row(key, RowKind.TEXT, label, enabled=False)


def headline(engine: Engine) -> str:
    """Say in one line what is held, or why nothing is."""
    if engine.wish.hold:
        kept = is_kept(engine) or engine.trouble is not None
        return words.held(engine.wish.hold, engine.config.zone, engine.clock, kept=kept)
    if engine.service.session.any or engine.service.preferred.any:
        return words.RELEASING
    if engine.signing_in:
        return words.SIGNING_IN
    if is_starting(engine):
        return words.STARTING
    trouble = engine.trouble
    if trouble and trouble.code is TroubleCode.SIGN_IN_NEEDED:
        return words.NOT_SET_UP if trouble.setup else words.SIGNED_OUT
    return words.IDLE if engine.identity.signed_in else words.SIGNED_OUT


def is_starting(engine: Engine) -> bool:
    """Tell whether nobody knows yet who is signed in: the first errand is not back."""
    unknown = engine.saved is None or (engine.calls.errand is not None and engine.calls.count == 1)
    return unknown and not engine.identity.signed_in and engine.trouble is None


def troubleline(engine: Engine) -> str | None:
    """Say in a few words what is in the way; `None` when nothing is."""
    floor = engine.calls.retry.floor
    waits = engine.wish.hold or engine.service.session.any or engine.service.preferred.any
    if waits and floor and engine.clock < floor:
        return words.asked_to_wait(floor - engine.clock)
    return trouble_words(engine.trouble)[0] if engine.trouble else None


def _header(engine: Engine) -> Iterator[Row]:
    """Yield the disabled lines on top; always three, so that no row below moves while the menu is open."""
    lines = (headline(engine), *_news(engine))
    yield from (_text(key, line or words.BLANK) for key, line in zip(HEADER, lines, strict=True))


def _news(engine: Engine) -> tuple[str, str]:
    """Say what is in the way and what helps, else what Teams shows and what there is to know about it."""
    prompt, trouble = engine.calls.prompt, engine.trouble
    if prompt and prompt.code:
        left = prompt.until - engine.clock if prompt.until else None
        return words.go_to(prompt.link), words.type_there(prompt.code, left)
    if engine.signing_in:
        return words.IN_YOUR_BROWSER, words.BLANK
    if trouble and engine.wish.hold is None and trouble.code is TroubleCode.SIGN_IN_NEEDED:
        return trouble_words(trouble)[1], words.BLANK  # the headline says the rest
    if is_starting(engine):
        return words.BLANK, words.BLANK
    if line := troubleline(engine):
        return line, trouble_words(trouble)[1] if trouble else words.BY_ITSELF
    seen = shown(engine)
    return words.teams_shows(presence.shown(seen.pair) if seen else None), _remark(engine)


def _remark(engine: Engine) -> str:
    """Say why Teams shows something else, what happened, or else who is signed in."""
    if code := difference(engine):
        return presence.why(code, can_pin=can_override(engine))
    second = engine.desktop.second_start_at
    if second and engine.clock - second < RECENT:
        return words.second_start(second, engine.config.zone)
    if engine.wish.chosen:
        return words.CHOSEN
    return engine.identity.account.username if engine.identity.account else words.BLANK


def _states(engine: Engine) -> Iterator[Row]:
    held = engine.wish.hold.state if engine.wish.hold else None
    for state in STATES:
        yield Row(state.key, RowKind.RADIO, state.label, checked=state is held, event=Picked(state))


def _keep_for(engine: Engine) -> Iterator[Row]:
    chosen = keep_chosen_now(engine, engine.clock)
    for keep in Keep:
        label = words.KEPT.get(keep)
        if label is None:
            until = keep_until(engine, keep, engine.clock)
            if until is None:
                continue
            label = words.end_of_day(until, engine.config.zone)
        yield Row(f"keep-{keep}", RowKind.RADIO, label, checked=keep is chosen, event=KeepChosen(keep))


def _pin(engine: Engine) -> Row:
    """Return *Override Teams*: ticked and disabled where it is in use anyway, disabled where it cannot be."""
    hold = engine.wish.hold
    if hold is None:
        return Row("pin", RowKind.CHECK, words.PIN, checked=engine.wish.pin, event=PinToggled())
    always = by_preferred(engine, hold.state) and hold.state.preferred_use is not PreferredUse.NEVER
    return Row(
        "pin",
        RowKind.CHECK,
        words.PIN,
        enabled=can_pin(hold.state) and not always,
        checked=hold.pinned or always,
        event=PinToggled(),
    )


def _clear_chosen(engine: Engine) -> Row:
    """Return the item that is enabled only when a chosen status hides the hold; it is always there: nothing jumps."""
    hides = engine.wish.chosen is not None or difference(engine) is Difference.CHOSEN
    return Row("clear-chosen", RowKind.ACTION, words.CLEAR_CHOSEN, enabled=hides, event=ChosenStatusClearAsked())


def _account(engine: Engine) -> Iterator[Row]:
    """Yield the account's items; those that come and go are the last ones, so that no other moves."""
    name = engine.identity.account.username if engine.identity.account else words.SIGNED_OUT
    label = words.SIGN_IN_OTHER if engine.identity.signed_in else words.SIGN_IN
    free = not engine.signing_in
    yield _text("account-name", name)
    browser, code = SignInAsked(SignInWay.BROWSER), SignInAsked(SignInWay.DEVICE_CODE)
    yield Row("sign-in", RowKind.ACTION, label, enabled=free, event=browser)
    yield Row("sign-in-code", RowKind.ACTION, words.SIGN_IN_CODE, enabled=free, event=code)
    yield Row(
        "sign-out", RowKind.ACTION, words.SIGN_OUT, enabled=engine.identity.signed_in and free, event=SignOutAsked()
    )
    if engine.signing_in:
        yield Row("sign-in-cancel", RowKind.ACTION, words.CANCEL_SIGN_IN, event=SignInCancelled())
    if engine.trouble and engine.trouble.keyring is KeyringState.LOCKED:
        yield Row("unlock", RowKind.ACTION, words.UNLOCK, event=UnlockAsked())


def _around(engine: Engine) -> Iterator[Row]:
    known, on = engine.desktop.autostart is not None, bool(engine.desktop.autostart)
    if not engine.config.demo:
        yield Row("autostart", RowKind.CHECK, words.AUTOSTART, enabled=known, checked=on, event=AutostartToggled())
    yield Row("settings", RowKind.ACTION, words.SETTINGS, event=OpenAsked(Document.SETTINGS))
    if engine.config.managed:
        yield _text("settings-managed", words.managed(engine.config.managed))
    yield Row("log", RowKind.ACTION, words.LOG, event=OpenAsked(Document.LOG))
    about = (
        _text("about-version", words.version(__version__)),
        _text("about-licence", words.LICENCE),
        Row("about-help", RowKind.ACTION, words.HELP, event=OpenAsked(Document.HELP)),
    )
    yield Row("about", RowKind.SUBMENU, words.ABOUT, rows=about)
    if engine.desktop.scenarios or engine.config.demo:
        scenarios = tuple(_scenarios(engine)) or (_text("demo-not-read", words.BLANK),)
        yield _line(4)
        yield Row("demo", RowKind.SUBMENU, words.DEMO, rows=scenarios)


def _scenarios(engine: Engine) -> Iterator[Row]:
    for key, label, on in engine.desktop.scenarios:
        kind = RowKind.ACTION if on is None else RowKind.CHECK
        yield Row(f"demo-{key}", kind, label, checked=bool(on), event=ScenarioPlayed(key))
