"""What the user sees: the whole menu, icon, tooltip and the status document, each from one snapshot."""

import json
from collections.abc import Callable
from datetime import UTC, timedelta
from itertools import product

import pytest

from tests.core.driver import ADELE, OFFLINE, OK, START, Drive, held, holding, knowing, names, shows, started
from tests.pseudo import room
from tests.rows import for_each
from tray import __version__
from tray.core.config import Config
from tray.core.effects import ObtainToken, Open, PlayScenario, ReadAutostart, ToggleAutostart
from tray.core.events import (
    AutostartRead,
    AutostartToggled,
    ChosenStatusClearAsked,
    Event,
    KeepChosen,
    LeaveAsked,
    Looked,
    MenuMissed,
    MessageAsked,
    OpenAsked,
    Picked,
    PinToggled,
    ScenarioAsked,
    ScenariosRead,
    SecondStarted,
    SensorChanged,
    SettingsChanged,
    SignInAsked,
    SignInCancelled,
    SignInProgressed,
    SignOutAsked,
    Started,
    Stopped,
    TrayMissed,
    UnlockAsked,
    Woke,
)
from tray.core.model import Trouble, TroubleCode
from tray.core.record import replace
from tray.core.rules import Free, RuleSettings, Used
from tray.core.states import (
    AVAILABLE,
    AWAY,
    BE_RIGHT_BACK,
    BUSY,
    IN_A_CALL,
    PRESENTING,
    STATES,
    Pair,
    PreferredUse,
    State,
)
from tray.core.status import instant
from tray.core.values import (
    UNLOCKABLE,
    AccountRead,
    Answer,
    AnswerKind,
    Difference,
    Document,
    Hold,
    Keep,
    KeyringState,
    KeyringTrouble,
    LeaveReason,
    Message,
    NetworkFailure,
    Origin,
    Saved,
    SignInNeeded,
    SignInWay,
)
from tray.core.view_model import Badge, Icon, Row, RowKind, Shape, flat
from tray.messages import menu as words
from tray.messages import presence, signin
from tray.messages.notices import trouble_words

HOUR = timedelta(hours=1)
TEXT, LINE, ACTION = RowKind.TEXT, RowKind.SEPARATOR, RowKind.ACTION
RADIO, CHECK, MENU = RowKind.RADIO, RowKind.CHECK, RowKind.SUBMENU


def text(key: str, label: str) -> Row:
    return Row(key, TEXT, label, False, False, None, ())


def click(key: str, label: str, event: object, enabled: bool = True) -> Row:
    return Row(key, ACTION, label, enabled, False, event, ())


def line(number: int) -> Row:
    return Row(f"line-{number}", LINE, "", True, False, None, ())


def radio(key: str, label: str, event: object, checked: bool = False) -> Row:
    return Row(key, RADIO, label, True, checked, event, ())


def check(key: str, label: str, event: object, checked: bool = False, enabled: bool = True) -> Row:
    return Row(key, CHECK, label, enabled, checked, event, ())


def submenu(key: str, label: str, *rows: Row) -> Row:
    return Row(key, MENU, label, True, False, None, rows)


KEPT = {keep: words.row(f"keep-{keep}") for keep in Keep if keep is not Keep.END_OF_DAY}


def keeping(checked: Keep, *, ends: bool = True) -> Row:
    rows = [radio(f"keep-{keep}", label, KeepChosen(keep), keep is checked) for keep, label in KEPT.items()]
    end = radio("keep-end-of-day", "Until 17:00", KeepChosen(Keep.END_OF_DAY), checked is Keep.END_OF_DAY)
    return submenu("keep", words.row("keep"), *rows, *([end] if ends else []))


SIGNED_IN = (
    text("account-name", ADELE.username),
    click("sign-in", words.row("sign-in-other"), SignInAsked(SignInWay.BROWSER)),
    click("sign-in-code", words.row("sign-in-code"), SignInAsked(SignInWay.DEVICE_CODE)),
    click("sign-out", words.row("sign-out"), SignOutAsked()),
)
SIGNED_OUT = (
    text("account-name", words.signed_out()),
    click("sign-in", words.row("sign-in"), SignInAsked(SignInWay.BROWSER)),
    click("sign-in-code", words.row("sign-in-code"), SignInAsked(SignInWay.DEVICE_CODE)),
    click("sign-out", words.row("sign-out"), SignOutAsked(), enabled=False),
)
PIN = check("pin", words.row("pin"), PinToggled())
CHOSEN = click("clear-chosen", words.row("clear-chosen"), ChosenStatusClearAsked(), enabled=False)
NO_AUTOSTART = check("autostart", words.row("autostart"), AutostartToggled(), enabled=False)
STOP = click("stop", words.row("stop"), Stopped())
DOCUMENTS = (
    click("settings", words.row("settings"), OpenAsked(Document.SETTINGS)),
    click("log", words.row("log"), OpenAsked(Document.LOG)),
    click("help", words.row("help"), OpenAsked(Document.HELP)),
    text("version", words.version(__version__)),
)
QUIT = click("quit", words.row("quit"), LeaveAsked(LeaveReason.QUIT))


def more(
    account: tuple[Row, ...],
    *,
    pin: Row = PIN,
    chosen: Row = CHOSEN,
    autostart: Row = NO_AUTOSTART,
    last: tuple[Row, ...] = (),
) -> Row:
    replies = click("automatic-replies", words.row("automatic-replies"), OpenAsked(Document.AUTOMATIC_REPLIES))
    rows = (*account, line(4), replies, autostart, *DOCUMENTS, *last)
    return submenu("more", words.row("more"), pin, chosen, line(3), *rows)


def menu(*header: str, lower: tuple[Row, ...], held: object = None) -> list[Row]:
    """Return a menu: its header lines, the states, and what differs between menus."""
    keys = ("header-status", "header-teams")
    return [
        *(text(key, label) for key, label in zip(keys, header, strict=True)),
        line(1),
        *(radio(state.key, presence.label(state), Picked(state), state is held) for state in STATES),
        line(2),
        *lower,
        QUIT,
    ]


def test_holding_nothing() -> None:
    drive = Drive()
    drive.start()
    assert list(drive.view.rows) == menu(
        words.no_status(),
        words.teams_shows(None),
        lower=(keeping(Keep.UNTIL_STOPPED), replace(STOP, enabled=False), more(SIGNED_IN)),
    )


def test_the_next_hold_shows_how_it_will_be_kept() -> None:
    drive = Drive()
    drive.start()
    drive.post(KeepChosen(Keep.END_OF_DAY))
    drive.post(PinToggled())
    assert drive.row("keep") == keeping(Keep.END_OF_DAY)
    assert drive.row("pin") == check("pin", words.row("pin"), PinToggled(), checked=True)


def test_holding_a_state_that_something_hides_with_a_demos_scenarios() -> None:
    drive = holding(AVAILABLE, 2 * HOUR)
    drive.post(AutostartRead(on=True))
    drive.post(
        ScenariosRead((("meeting", "Joins a meeting", True), ("idle", "Idle", False), ("reset", "Resets", None)))
    )
    drive.pass_time_seeing(BUSY.pair, 700)
    demo = submenu(
        "demo",
        words.row("demo"),
        check("demo-meeting", "Joins a meeting", ScenarioAsked("meeting"), checked=True),
        check("demo-idle", "Idle", ScenarioAsked("idle")),
        click("demo-reset", "Resets", ScenarioAsked("reset")),
    )
    autostart = check("autostart", words.row("autostart"), AutostartToggled(), checked=True)
    expected = menu(
        "Available until 11:00",
        words.chosen_instead("Busy"),
        lower=(
            keeping(None),
            STOP,
            more(SIGNED_IN, chosen=replace(CHOSEN, enabled=True), autostart=autostart),
            demo,
        ),
        held=AVAILABLE,
    )
    assert list(drive.view.rows) == expected


def test_signing_in_with_a_code() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.post(AutostartRead(on=False))
    off = check("autostart", words.row("autostart"), AutostartToggled())
    assert drive.row("more") == more(SIGNED_OUT, autostart=off)
    drive.post(SignInAsked(SignInWay.DEVICE_CODE))
    assert [row.label for row in drive.view.rows[:2]] == [words.signing_in(), words.in_your_browser()]
    call = drive.engine.calls.errand.call
    drive.post(SignInProgressed(call, "https://example.test/device"))
    assert [row.label for row in drive.view.rows[:2]] == [words.signing_in(), words.in_your_browser()]
    drive.post(SignInProgressed(call, "https://example.test/device", "ABCD", drive.now + timedelta(minutes=9)))
    assert list(drive.view.rows) == menu(
        words.go_to("https://example.test/device"),
        "Enter the code ABCD (9 min left)",
        lower=(
            keeping(Keep.UNTIL_STOPPED),
            replace(STOP, enabled=False),
            more(
                tuple(replace(row, enabled=False) for row in SIGNED_OUT),
                autostart=off,
                last=(click("sign-in-cancel", words.row("sign-in-cancel"), SignInCancelled()),),
            ),
        ),
    )


def test_a_locked_keyring_can_be_unlocked_and_no_other_trouble_of_it() -> None:
    for state in KeyringState:
        drive = Drive()
        drive.start(granted=False)
        drive.token(KeyringTrouble(state))
        unlock = (click("unlock", words.row("unlock"), UnlockAsked()),) if state in UNLOCKABLE else ()
        assert drive.row("more") == more(SIGNED_OUT, last=unlock)


PINS = [
    # state, pinned, declined, ticked, why it is disabled
    (AVAILABLE, False, False, False, None),
    (AVAILABLE, True, False, True, None),
    (BUSY, False, True, True, "Override Teams (needed for “Busy”)"),
    (IN_A_CALL, True, False, False, "Override Teams (not possible for “In a call”)"),
    (AWAY, False, False, True, "Override Teams (needed for “Away”)"),
]


@pytest.mark.parametrize(("state", "pinned", "declined", "ticked", "why"), PINS, ids=str)
def test_override_teams_is_ticked_where_it_is_in_use_and_says_why_where_it_cannot_be_switched(
    state: object, pinned: bool, declined: bool, ticked: bool, why: str | None
) -> None:
    drive = Drive()
    drive.start()
    drive.pick(state, pinned=pinned)
    drive.settle_as_five() if declined else drive.settle()
    assert drive.row("pin") == check("pin", why or words.row("pin"), PinToggled(), ticked, why is None)


@pytest.mark.parametrize(("keep", "length"), [("30m", 0.5), ("1h", 1), ("2h", 2), ("4h", 4)])
def test_keep_for_ticks_what_the_hold_lasts(keep: str, length: float) -> None:
    drive = holding(AVAILABLE)
    drive.post(KeepChosen(Keep(keep)))
    assert drive.engine.wish.hold.until == drive.now + length * HOUR
    assert drive.row("keep") == keeping(Keep(keep))


def test_the_end_of_the_day_is_a_row_until_it_has_come() -> None:
    for seconds, there in ((-1, True), (0, False), (1, False)):
        drive = Drive(Config(zone=UTC), now=START + 8 * HOUR + timedelta(seconds=seconds))
        assert drive.row("keep") == keeping(Keep.UNTIL_STOPPED, ends=there)


WIDEST = room(84)  # characters in a header line: some 600 pixels
LABEL = room(32)  # characters in a row that can be clicked
MEETING = Pair("Busy", "InAMeeting")
SIGN_IN_URL = "https://login.microsoftonline.com/common/oauth2/deviceauth"


def available(drive: Drive) -> Drive:
    drive.pick(AVAILABLE)
    drive.settle()
    return drive


def nobody(drive: Drive) -> None:
    drive.post(SignOutAsked())
    drive.token(AccountRead(None))


def locked(drive: Drive) -> None:
    drive.engine = knowing(drive.engine, token=None)
    drive.pick(BUSY)
    drive.token(KeyringTrouble(KeyringState.LOCKED))


def signing_in(drive: Drive) -> None:
    nobody(drive)
    drive.post(SignInAsked(SignInWay.DEVICE_CODE))
    assert drive.engine.calls.errand
    drive.post(SignInProgressed(drive.engine.calls.errand.call, SIGN_IN_URL, "ABCD-EFGH"))


def in_a_meeting(drive: Drive) -> None:
    available(drive).wake()
    drive.answer(shows(MEETING))


def chosen(drive: Drive) -> None:
    drive.pick(AWAY)
    drive.settle()
    drive.wake()
    drive.answer(shows(BUSY.pair))


def failing(
    kind: AnswerKind, failure: NetworkFailure | None = None, wait: float | None = None
) -> Callable[[Drive], None]:
    def fail(drive: Drive) -> None:
        drive.pick(PRESENTING)
        drive.answer(Answer(kind, failure=failure, retry_after=timedelta(seconds=wait) if wait else None))

    return fail


HAPPENINGS: dict[str, Callable[[Drive], object]] = {
    "held": available,
    "stopped": lambda drive: available(drive).post(Stopped()),
    "pinned": lambda drive: available(drive).post(PinToggled()),
    "timed": lambda drive: available(drive).post(KeepChosen(Keep.HOUR)),
    "late": lambda drive: drive.post(Looked(), after=10 * 3600),
    "autostart": lambda drive: drive.post(AutostartRead(on=True)),
    "second start": lambda drive: drive.post(SecondStarted()),
    "nobody": nobody,
    "locked": locked,
    "signing in": signing_in,
    "in a meeting": in_a_meeting,
    "chosen": chosen,
    **{f"{kind}": failing(kind) for kind in AnswerKind if kind is not AnswerKind.ACCEPTED},
    **{f"unreachable {failure}": failing(AnswerKind.UNREACHABLE, failure) for failure in NetworkFailure},
    "asked to wait": failing(AnswerKind.THROTTLED, wait=40),
}


def submenus(rows: tuple[Row, ...]) -> dict[str, list[str]]:
    return {row.key: [each.key for each in row.rows] for row in rows if row.kind is RowKind.SUBMENU}


@for_each("name", HAPPENINGS)
def test_no_row_moves_whatever_happens(name: str) -> None:
    drive = started()
    before = drive.view.rows
    HAPPENINGS[name](drive)
    assert [row.key for row in drive.view.rows] == [row.key for row in before]
    assert [row.kind for row in drive.view.rows] == [row.kind for row in before]
    old, new = submenus(before), submenus(drive.view.rows)
    for key, short, long in ((key, *sorted((old[key], new[key]), key=len)) for key in old):
        assert long[: len(short)] == short, key  # what comes and goes is at the end


def test_no_row_of_a_demo_moves_when_its_scenarios_are_read() -> None:
    drive = started(Config(demo=True))
    before = [row.key for row in drive.view.rows]
    assert {"demo"} == set(before) - {row.key for row in started().view.rows}
    drive.post(ScenariosRead((("network", "The network drops", False),)))
    assert [row.key for row in drive.view.rows] == before


@for_each("name", HAPPENINGS)
def test_no_line_is_too_long_for_a_menu_and_none_is_empty(name: str) -> None:
    drive = started()
    HAPPENINGS[name](drive)
    for row in flat(drive.view.rows):
        limit = LABEL if row.enabled else WIDEST  # one that cannot be clicked may say why
        assert row.kind is RowKind.SEPARATOR or 0 < len(row.label) <= limit, row
    assert "\n" not in drive.view.tooltip


def test_a_countdown_changes_a_header_line_and_the_tooltip_alone() -> None:
    drive = started()
    HAPPENINGS["asked to wait"](drive)
    first = drive.view
    drive.post(Looked(), after=1)
    second = drive.view
    changed = [old.key for old, new in zip(first.rows, second.rows, strict=True) if old != new]
    assert changed == ["header-status"]
    assert first.tooltip != second.tooltip
    assert first.icon == second.icon


CLASSIFICATIONS = ("consent_required", "basic_action", "additional_action", "message_only", "user_password_expired")
TROUBLES = [
    *(Trouble(code, Drive().now, state=state) for code, state in product(TroubleCode, STATES)),
    *(Trouble(TroubleCode.OFFLINE, Drive().now, failure=failure) for failure in NetworkFailure),
    *(Trouble(TroubleCode.KEYRING, Drive().now, keyring=state) for state in KeyringState),
    *(
        Trouble(TroubleCode.SIGN_IN_NEEDED, Drive().now, title=title, message=message, setup=setup)
        for title, message in (*map(signin.again, ("", *CLASSIFICATIONS)), signin.nobody(), ("", ""))
        for setup in (True, False)
    ),
]


@for_each("trouble", [each for each in TROUBLES if each.code is not TroubleCode.KEYRING or each.keyring])
def test_every_trouble_is_two_short_sentences(trouble: Trouble) -> None:
    title, remedy = trouble_words(trouble)
    assert 0 < len(title) <= room(56)
    assert 0 < len(remedy) <= WIDEST
    assert title.endswith(".")


@for_each("code", Difference)
@for_each("override_would_help", [True, False])
def test_every_reason_is_one_line(code: Difference, override_would_help: bool) -> None:
    assert len(presence.why(code, override_would_help=override_would_help)) <= WIDEST


def header(drive: Drive) -> list[str]:
    return [each.label for each in drive.view.rows if each.kind is RowKind.TEXT]


def test_the_menu_names_what_is_held_and_marks_it_alone() -> None:
    drive = held(BUSY)
    drive.wake()
    drive.settle()
    marked = [each.key for each in flat(drive.view.rows) if each.checked and each.kind is RowKind.RADIO]
    assert marked == ["busy", "keep-until-stopped"]
    assert header(drive) == ["Busy (no end time)", "Teams shows: Busy"]


def test_every_key_is_unique_and_whatever_can_be_clicked_posts_something() -> None:
    drive = held(AVAILABLE)
    drive.post(AutostartRead(on=False))
    drive.post(ScenariosRead((("meeting", "Joins a meeting", False), ("reset", "Resets", None))))
    rows = list(flat(drive.view.rows))
    assert len({each.key for each in rows}) == len(rows)
    for each in rows:
        clickable = each.kind in {RowKind.ACTION, RowKind.RADIO, RowKind.CHECK}
        assert (each.event is not None) is clickable


def test_the_icon_asks_until_teams_has_answered_and_then_shows_the_state() -> None:
    drive = started()
    assert drive.view.icon == Icon(Shape.IDLE)
    drive.pick(BUSY)
    assert drive.view.icon == Icon(Shape.ASKING)
    drive.settle()
    assert drive.view.icon == Icon(Shape.BUSY)
    drive.post(PinToggled(), after=60)
    drive.settle()
    assert drive.view.icon == Icon(Shape.BUSY, Badge.PINNED)
    drive.pick(IN_A_CALL)
    drive.answer(Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.NETWORK))
    assert drive.view.icon == Icon(Shape.ASKING, Badge.TROUBLE), "Teams was not told"


def test_the_icon_keeps_its_status_for_as_long_as_teams_may_show_it() -> None:
    drive = held(IN_A_CALL)
    drive.pass_time(60)
    while drive.status["trouble"] is None:
        drive.wake()
        drive.answer(OFFLINE)
    assert drive.view.icon == Icon(Shape.IN_A_CALL, Badge.TROUBLE)
    while drive.now < START + timedelta(minutes=40):  # past its lease
        drive.wake(until=START + timedelta(minutes=40))
        if drive.engine.calls.request:
            drive.answer(OFFLINE)
    assert drive.view.icon == Icon(Shape.ASKING, Badge.TROUBLE)


def test_the_icon_and_its_line_say_that_teams_shows_something_else() -> None:
    drive = held(AVAILABLE)
    drive.pass_time_seeing(Pair("Busy", "InAMeeting"), 60)
    assert drive.view.icon == Icon(Shape.AVAILABLE, Badge.HIDDEN)
    assert drive.view.tooltip == "Available (no end time) · Teams shows: In a meeting"
    drive.pass_time_seeing(AVAILABLE.pair, 700)
    assert drive.view.icon == Icon(Shape.AVAILABLE)
    assert drive.view.tooltip == "Available (no end time)"


def test_a_status_that_teams_is_slow_to_show_has_no_badge() -> None:
    drive = held(BUSY)
    drive.wake()
    drive.answer(shows(Pair("Available", "Available")))
    assert drive.status["why"]["code"] == "not-yet-shown"
    assert drive.view.icon == Icon(Shape.BUSY)


def test_until_it_is_known_who_is_signed_in_it_says_that_it_starts() -> None:
    drive = Drive()
    for event in (Started(), AutostartRead(on=True)):
        assert (header(drive)[0], drive.view.icon) == ("Starting…", Icon(Shape.ASKING))
        drive.post(event)
        assert (header(drive)[0], drive.view.icon) == ("Starting…", Icon(Shape.ASKING))
    drive.token(AccountRead(None))
    drive.post(Looked(), after=60)
    assert (header(drive)[0], drive.view.icon) == ("Not signed in", Icon(Shape.SIGNED_OUT))


def test_a_refresh_is_in_the_status_and_nothing_that_a_tray_shows_differs() -> None:
    drive = held(BUSY)
    drive.pass_time(60)
    before = drive.view
    drive.pass_time(20 * 60)
    assert drive.view.status["session"] != before.status["session"]
    assert drive.view.looks_like(before)
    drive.pick(AWAY)
    assert not drive.view.looks_like(before)


def test_nobody_signed_in_is_said_by_icon_and_header() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    assert drive.view.icon == Icon(Shape.SIGNED_OUT)
    assert drive.view.rows[0].label == "Not signed in"
    drive.post(SignInAsked())
    assert header(drive) == ["Signing in…", "Continue in your browser."]
    assert drive.row("sign-in-cancel") is not None
    drive.token(SignInNeeded(*signin.not_set_up(), setup=True))
    assert header(drive) == [
        "Presence Tray isn't set up yet.",
        "To set it up, choose More › Settings, or run: presence-tray settings",
    ]
    assert drive.status["trouble"]["message"] == "To set it up, choose More › Settings, or run: presence-tray settings"


def test_giving_the_state_back_is_said_until_it_is_done() -> None:
    drive = held(BUSY)
    drive.post(Stopped())
    assert drive.view.rows[0].label == "Clearing your status…"
    drive.settle()
    assert drive.view.rows[0].label == "No status set"


def test_a_second_start_is_told_and_shown() -> None:
    drive = started()
    assert names(drive.post(SecondStarted())) == ["Notify"]
    assert header(drive)[1] == "Already running (started again at 09:00)"
    drive.post(Looked(), after=600)
    assert header(drive)[1] == "Teams shows: not known yet"


def test_a_second_start_where_nothing_shows_the_icon_is_not_told_to_click_it() -> None:
    drive = started()
    drive.post(SecondStarted())
    assert "Click its icon" in drive.notices[-1].message
    drive.post(TrayMissed())
    drive.post(SecondStarted())
    assert "This desktop shows no tray icons." in drive.notices[-1].message


def test_a_code_to_type_is_told_because_the_menu_that_asked_for_it_is_closed() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.post(SignInAsked(SignInWay.DEVICE_CODE))
    assert drive.engine.calls.errand
    drive.post(SignInProgressed(drive.engine.calls.errand.call, "https://microsoft.com/devicelogin", "ABCD-EFGH"))
    assert "enter the code ABCD-EFGH" in drive.notices[-1].message
    assert header(drive) == ["On any device, go to https://microsoft.com/devicelogin", "Enter the code ABCD-EFGH"]


@pytest.mark.parametrize("event", [TrayMissed(), MenuMissed()])
def test_what_the_panel_cannot_do_is_told(event: Event) -> None:
    assert names(started().post(event)) == ["Notify"]


def test_notices_can_be_silenced() -> None:
    drive = Drive(Config(notices=False))
    drive.start()
    assert drive.post(TrayMissed()) == ()


def test_clicks_that_only_ask_the_desktop_for_something_go_straight_to_it() -> None:
    drive = started()
    assert drive.post(AutostartToggled()) == (ToggleAutostart(),)
    assert drive.post(OpenAsked(Document.LOG)) == (Open(Document.LOG),)
    assert drive.post(ScenarioAsked("meeting")) == (PlayScenario("meeting"),)
    assert drive.row("autostart").enabled is False
    drive.post(AutostartRead(on=True))
    assert (drive.row("autostart").enabled, drive.row("autostart").checked) == (True, True)
    assert "demo" not in [each.key for each in drive.view.rows]


def test_the_status_chosen_in_teams_can_be_cleared_only_when_it_hides_the_hold() -> None:
    drive = held(AVAILABLE)
    assert drive.row("clear-chosen").enabled is False
    drive.wake()
    drive.answer(shows(BUSY.pair))
    assert drive.row("clear-chosen") == Row(
        "clear-chosen", RowKind.ACTION, "Clear the status set in Teams", event=ChosenStatusClearAsked()
    )
    assert header(drive)[1:] == [
        "Teams shows: Busy. You set it in Teams; clear it under More.",
    ]


def test_what_helps_is_named_with_its_way_through_the_menu() -> None:
    drive = held(AVAILABLE)
    drive.wake()
    drive.answer(shows(Pair("Busy", "InAMeeting")))
    way = f"{drive.row('more').label} › {drive.row('pin').label}"
    assert header(drive)[1] == f"Teams shows your meeting instead. To show yours, choose {way}."
    assert drive.row("pin") in drive.row("more").rows


def test_a_choice_in_teams_that_ended_a_hold_is_said_before_teams_is_read_again() -> None:
    drive = held(BE_RIGHT_BACK)
    drive.wake()
    drive.answer(shows(BUSY.pair), AnswerKind.ACCEPTED)
    assert (drive.engine.service.session.longest, drive.engine.service.seen) == (None, None)
    assert header(drive) == ["No status set", "Teams shows: Busy. You set it in Teams, so it stays."]


def test_after_a_stop_the_next_look_asks_what_teams_shows() -> None:
    drive = held(IN_A_CALL)
    drive.post(Looked())
    drive.post(Stopped())
    drive.answer(AnswerKind.ACCEPTED)
    assert header(drive)[1] == "Teams shows: not known yet"
    assert "ReadPresence" in names(drive.post(Looked()))
    drive.answer(OFFLINE)
    assert "ReadPresence" not in names(drive.post(Looked(), after=5))


def test_a_choice_in_teams_that_ended_a_hold_is_said_until_the_next_pick() -> None:
    drive = held(AWAY)
    drive.wake()
    drive.answer(shows(BUSY.pair))
    assert header(drive) == ["Clearing your status…", "Teams shows: Busy. You set it in Teams, so it stays."]
    assert drive.row("clear-chosen").enabled
    drive.pick(BUSY)
    assert "so it stays" not in header(drive)[1]


def test_trouble_takes_two_lines_what_is_wrong_and_what_helps() -> None:
    drive = held(BUSY)
    drive.post(PinToggled(), after=60)
    drive.answer(Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.NETWORK))
    assert header(drive) == ["No connection.", "Your status will be set automatically."]
    assert drive.view.tooltip == "Busy (no end time), overriding Teams · No connection."


def test_trouble_while_a_status_is_cleared_promises_no_status() -> None:
    drive = held(BUSY)
    drive.post(Stopped(), after=60)
    drive.answer(Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.NETWORK))
    assert header(drive) == ["No connection.", "Your status will be cleared automatically."]
    assert drive.status["trouble"]["message"] == "Your status will be cleared automatically."


def test_trouble_with_a_message_alone_promises_no_status() -> None:
    drive = started()
    drive.post(MessageAsked(Message("Lunch")))
    drive.answer(Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.NETWORK))
    assert header(drive) == ["No connection.", "Presence Tray keeps trying."]


def test_looking_reads_launch_at_login_back_but_not_all_the_time() -> None:
    drive = started()
    for seconds, reads in ((0, 1), (29, 1), (2, 2)):
        drive.post(Looked(), after=seconds)
        assert drive.effects.count(ReadAutostart()) == reads


def test_the_status_document_is_plain_json_with_every_key() -> None:
    drive = held(IN_A_CALL)
    drive.wake()
    drive.settle()
    document = json.loads(json.dumps(drive.status))
    assert document["version"] == 1
    assert document["account"] == {"username": ADELE.username, "signed_in": True}
    assert document["hold"] == {
        "state": "in-a-call",
        "since": "2026-01-05T09:00:00Z",
        "until": None,
        "pinned": False,
        "held_by": "session",
        "confirmed": True,
        "origin": "user",
        "by": None,
    }
    assert document["session"] == {
        "confirmed_at": "2026-01-05T09:00:00Z",
        "next_refresh_at": "2026-01-05T09:15:00Z",
        "expires_at": "2026-01-05T09:30:00Z",
    }
    assert document["teams_shows"]["activity"] == "InACall"
    assert document["why"] is document["trouble"] is None


def test_trouble_in_the_status_says_what_to_do_and_when_it_is_tried_again() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(Answer(AnswerKind.THROTTLED, retry_after=timedelta(seconds=40)))
    trouble = drive.status["trouble"]
    assert trouble["code"] == "throttled"
    assert "2026-01-05T09:00:40Z" <= trouble["retry_at"] <= "2026-01-05T09:00:44Z"
    assert trouble["title"] == "Microsoft is limiting requests."
    assert drive.view.tooltip.endswith("Microsoft is limiting requests. Trying again in 40 s")


def retry_at(drive: Drive) -> object:
    trouble = drive.status["trouble"]
    assert isinstance(trouble, dict)
    return trouble["retry_at"]


def test_the_next_attempt_is_none_that_is_over() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(Answer(AnswerKind.THROTTLED, retry_after=timedelta(seconds=40)))
    planned = retry_at(drive)
    drive.wake()
    assert drive.engine.calls.request is not None
    assert retry_at(drive) == planned, "an attempt under way is no news"
    drive.answer(OFFLINE)
    assert str(retry_at(drive)) > instant(drive.now)
    drive.jump(1)
    drive.post(PinToggled())
    assert drive.engine.calls.request is not None
    assert retry_at(drive) == instant(drive.now)


def test_no_attempt_is_named_where_none_is_planned() -> None:
    drive = started()
    drive.pick(BUSY)
    drive.answer(Answer(AnswerKind.THROTTLED, retry_after=timedelta(seconds=40)))
    drive.wake(until=drive.now + timedelta(seconds=30))
    drive.engine = knowing(drive.engine, token=None)
    drive.wake()
    assert isinstance(drive.engine.calls.errand, ObtainToken)
    began = instant(drive.now)
    drive.post(Woke(), after=5)
    assert retry_at(drive) == began
    drive.engine = knowing(drive.engine, errand=None)
    assert retry_at(drive) is None


def test_no_next_refresh_lies_in_the_past() -> None:
    drive = held(BUSY)
    drive.post(Stopped())
    drive.answer(Answer(AnswerKind.THROTTLED, retry_after=timedelta(seconds=40)))
    drive.wake()
    drive.post(Woke(), after=3)
    assert drive.engine.calls.request is not None
    assert drive.status["session"]["next_refresh_at"] == instant(drive.now)


def test_a_pick_in_flight_is_held_by_nothing_yet() -> None:
    drive = started()
    drive.pick(BUSY)
    assert drive.status["hold"]["held_by"] == "nothing"
    assert drive.status["session"] is None
    drive.answer(OK)
    assert drive.status["hold"]["held_by"] == "session"


@pytest.mark.parametrize("state", [state for state in STATES if state.preferred_use is PreferredUse.ALWAYS])
def test_a_status_that_shows_by_its_preferred_state_alone_is_not_set_before_that_is(state: State) -> None:
    drive = started()
    drive.pick(BUSY)
    drive.settle_as_five()
    assert drive.status["hold"]["held_by"] == "preferred"
    drive.pick(state)
    drive.answer(Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.NETWORK))
    assert (drive.status["hold"]["held_by"], drive.status["hold"]["confirmed"]) == ("nothing", False)
    assert drive.view.icon == Icon(Shape.ASKING, Badge.TROUBLE)
    assert "not set in Teams yet" in drive.view.tooltip
    drive.pass_time(60)
    assert drive.status["hold"]["confirmed"]
    assert drive.view.icon == Icon(Shape(state.key))


def test_a_status_beneath_the_one_before_is_not_set_yet() -> None:
    drive = held(AWAY)
    drive.pick(IN_A_CALL)
    drive.answer(OK)
    assert drive.status["hold"]["held_by"] == "nothing"
    drive.settle()
    assert (drive.status["hold"]["held_by"], drive.status["hold"]["confirmed"]) == ("session", True)


def test_overriding_is_not_confirmed_before_teams_has_taken_it() -> None:
    drive = held(AVAILABLE)
    drive.post(PinToggled())
    drive.answer(Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.NETWORK))
    assert (drive.status["hold"]["held_by"], drive.status["hold"]["confirmed"]) == ("session", False)
    assert drive.view.icon == Icon(Shape.AVAILABLE, Badge.TROUBLE)
    drive.pass_time(60)
    assert drive.status["hold"]["confirmed"]


def test_a_second_start_is_shown_until_there_is_something_to_explain_or_the_user_acts() -> None:
    drive = held(AVAILABLE)
    drive.post(SecondStarted())
    assert drive.view.rows[1].label == "Already running (started again at 09:00)"
    drive.wake()
    drive.answer(shows(BUSY.pair))
    assert header(drive)[1].startswith("Teams shows: Busy. You set it")
    drive.post(Stopped())
    drive.settle()
    assert header(drive)[1] == "Teams shows: not known yet"


LIMITED = Config(states=("available", "busy", "away"), override=False, managed=("override", "states"))


def test_what_an_organisation_does_not_allow_is_locked_and_says_so() -> None:
    drive = held(AVAILABLE, LIMITED)
    assert [row.key for row in drive.view.rows if row.kind is RADIO and row.enabled] == ["available", "busy", "away"]
    assert drive.row("presenting").label == "Presenting (locked by your organisation)"
    assert drive.row("pin") == check("pin", "Override Teams (locked by your organisation)", PinToggled(), enabled=False)
    drive.post(PinToggled())
    drive.pick(PRESENTING)
    assert (drive.status["hold"]["state"], drive.status["hold"]["pinned"]) == ("available", False)
    drive.pick(BUSY, pinned=True)
    drive.settle_as_five()
    assert drive.status["hold"]["pinned"] is False
    assert drive.row("pin").label == "Override Teams (needed for “Busy”)"


@pytest.mark.parametrize(
    ("managed", "allowed", "on", "enabled"),
    [
        ((), None, None, True),
        (("microphone",), None, BUSY, False),
        ((), ("busy",), BUSY, True),
        ((), ("busy",), None, False),
    ],
)
def test_a_rule_is_switched_in_the_menu_as_far_as_the_organisation_allows(
    managed: tuple[str, ...], allowed: tuple[str, ...] | None, on: State | None, enabled: bool
) -> None:
    drive = started(Config(states=allowed, managed=managed, rules=RuleSettings(microphone=on, has_rule_keys=True)))
    assert (drive.row("rule-microphone").checked, drive.row("rule-microphone").enabled) == (on is not None, enabled)


@pytest.mark.parametrize("at_launch", ["presenting", "last"])
def test_what_is_not_allowed_is_not_set_at_launch(at_launch: str) -> None:
    drive = Drive(replace(LIMITED, at_launch=at_launch))
    drive.start(Saved(last_state=PRESENTING))
    assert drive.status["hold"] is None


def test_a_limit_that_comes_later_ends_what_it_does_not_allow() -> None:
    drive = held(PRESENTING)
    drive.post(SettingsChanged(LIMITED))
    assert drive.status["hold"] is None
    drive = held(AVAILABLE)
    drive.post(PinToggled())
    drive.settle()
    drive.post(SettingsChanged(LIMITED))
    assert (drive.status["hold"]["state"], drive.status["hold"]["pinned"]) == ("available", False)


def test_a_limit_holds_for_a_pick_that_a_call_hides() -> None:
    calls = RuleSettings(microphone=IN_A_CALL)
    drive = held(AVAILABLE, Config(rules=calls))
    drive.post(PinToggled())
    drive.settle()
    drive.post(SensorChanged(Origin.MICROPHONE, Used("Zoom")))
    drive.pass_time(6)
    drive.post(SettingsChanged(Config(rules=calls, override=False)))
    assert drive.status["hold"]["state"] == "in-a-call"
    drive.post(SensorChanged(Origin.MICROPHONE, Free()))
    drive.pass_time(11)
    assert (drive.status["hold"]["state"], drive.status["hold"]["pinned"]) == ("available", False)


def test_a_limit_holds_for_what_is_taken_up_at_a_start_or_waits_for_a_sign_in() -> None:
    pinned = Hold(AVAILABLE, START, START + timedelta(hours=1), pinned=True)
    for state, holds in ((AVAILABLE, ("available", False)), (PRESENTING, None)):
        drive = Drive(LIMITED)
        drive.start(Saved(replace(pinned, state=state)))
        taken_up = drive.status["hold"]
        assert (taken_up and (taken_up["state"], taken_up["pinned"])) == holds
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.pick(PRESENTING)
    drive.token(SignInNeeded("Sign in."))
    assert drive.engine.wish.waiting
    drive.post(SettingsChanged(LIMITED))
    assert drive.engine.wish.waiting is None


def test_an_organisations_mistake_is_in_the_menu_and_the_status() -> None:
    drive = started(Config(mistakes=(("/etc/x: lease = 3 is not valid.", "It must be 5."),)))
    assert drive.row("settings-mistakes") == text(
        "settings-mistakes", "Your organisation's settings have 1 mistake (see Settings)"
    )
    assert drive.status["mistakes"] == [{"title": "/etc/x: lease = 3 is not valid.", "message": "It must be 5."}]


@pytest.mark.parametrize(
    ("managed", "label"),
    [
        ((), None),
        (("cloud", "tenant"), "Set by your organisation: cloud, tenant"),
        (("a", "b", "c", "d"), "Set by your organisation: a, b, 2 more"),
    ],
)
def test_the_menu_says_which_settings_are_not_the_users(managed: tuple[str, ...], label: str | None) -> None:
    shown = next(
        (each for each in flat(Drive(Config(managed=managed)).view.rows) if each.key == "settings-managed"), None
    )
    assert (shown and shown.label) == label
    assert shown is None or not shown.enabled


MESSAGES = (Message("Lunch"), Message("R&D_<3 " + "x" * 80))


def message_rows(now: str, checked: str) -> Row:
    """The submenu *Message*, by the message there is and the key of the row that is ticked."""
    texts = ["Lunch", "R&D_<3 " + "x" * 52 + "…"]
    keys = ["message-1", "message-2"]
    rows = [
        radio(key, label, MessageAsked(message), key == checked)
        for key, label, message in zip(keys, texts, MESSAGES, strict=True)
    ]
    return submenu(
        "message",
        words.row("message"),
        text("message-now", now),
        line(5),
        *rows,
        radio("message-none", words.row("message-none"), MessageAsked(Message("")), checked == "message-none"),
        Row("message-edit", RowKind.ACTION, words.row("message-edit"), event=OpenAsked(Document.SETTINGS)),
    )


def test_the_messages_of_the_settings_are_rows_under_the_one_there_is() -> None:
    drive = started(Config(messages=MESSAGES))
    assert drive.row("message") == message_rows("No status message", "message-none")
    drive.post(MessageAsked(MESSAGES[0]))
    drive.settle()
    assert drive.row("message") == message_rows("Lunch", "message-1")
    drive.post(MessageAsked(Message("Written at the command line")))
    drive.settle()
    assert drive.row("message") == message_rows("Written at the command line", "none of them")
    drive.post(MessageAsked(Message("")))
    drive.settle()
    assert drive.row("message") == message_rows("No status message", "message-none")


def test_each_level_of_the_menu_has_one_group_to_choose_from_with_one_mark() -> None:
    drive = held(BUSY, Config(messages=MESSAGES))  # some panels join what is chosen from in one level into one group
    for level in (drive.view.rows, *(row.rows for row in drive.view.rows if row.kind is RowKind.SUBMENU)):
        kinds = "".join("r" if row.kind is RowKind.RADIO else " " for row in level)
        assert len(kinds.split()) <= 1, [row.key for row in level]
        assert sum(row.checked for row in level if row.kind is RowKind.RADIO) == min(1, kinds.count("r"))


def test_without_messages_in_the_settings_the_menu_has_no_such_row() -> None:
    assert "message" not in [row.key for row in started().view.rows]


def test_out_of_office_is_said_below_the_status() -> None:
    drive = held()
    drive.wake(until=drive.now + timedelta(minutes=11))
    drive.answer(Answer(AnswerKind.ACCEPTED, seen=IN_A_CALL.pair, out_of_office=True))
    assert drive.status["teams_shows"]["out_of_office"] is True
    assert drive.row("header-teams").label == words.out_of_office()
    assert "In a call" in drive.row("header-status").label
