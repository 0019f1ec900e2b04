"""The whole menu, row by row: what is shown, in which order, what is ticked, what a click posts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from tests.core.driving import ADELE, START, Drive, holding
from tray import __version__
from tray.core.events import (
    AutostartRead,
    AutostartToggled,
    ChosenStatusClearAsked,
    KeepChosen,
    LeaveAsked,
    OpenAsked,
    Picked,
    PinToggled,
    ScenarioPlayed,
    ScenariosRead,
    SignInAsked,
    SignInCancelled,
    SignInProgressed,
    SignOutAsked,
    Stopped,
    UnlockAsked,
)
from tray.core.model import Config
from tray.core.states import AVAILABLE, AWAY, BUSY, IN_A_CALL, STATES
from tray.core.values import AccountRead, Difference, Document, Keep, KeyringState, KeyringTrouble, Leaving, SignInWay
from tray.core.view_model import Row, RowKind
from tray.messages import menu as words
from tray.messages import presence

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


SIGNED_IN = submenu(
    "account",
    words.row("account"),
    text("account-name", ADELE.username),
    click("sign-in", words.row("sign-in-other"), SignInAsked(SignInWay.BROWSER)),
    click("sign-in-code", words.row("sign-in-code"), SignInAsked(SignInWay.DEVICE_CODE)),
    click("sign-out", words.row("sign-out"), SignOutAsked()),
)
SIGNED_OUT = submenu(
    "account",
    words.row("account"),
    text("account-name", words.signed_out()),
    click("sign-in", words.row("sign-in"), SignInAsked(SignInWay.BROWSER)),
    click("sign-in-code", words.row("sign-in-code"), SignInAsked(SignInWay.DEVICE_CODE)),
    click("sign-out", words.row("sign-out"), SignOutAsked(), enabled=False),
)
ABOUT = submenu(
    "about",
    words.row("about"),
    text("about-version", words.version(__version__)),
    text("about-licence", words.row("about-licence")),
    click("about-help", words.row("about-help"), OpenAsked(Document.HELP)),
)
CHOSEN = click("clear-chosen", words.row("clear-chosen"), ChosenStatusClearAsked(), enabled=False)
NO_AUTOSTART = check("autostart", words.row("autostart"), AutostartToggled(), enabled=False)
DOCUMENTS = (
    click("settings", words.row("settings"), OpenAsked(Document.SETTINGS)),
    click("log", words.row("log"), OpenAsked(Document.LOG)),
)
QUIT = click("quit", words.row("quit"), LeaveAsked(Leaving.QUIT))


def menu(
    *header: str, middle: tuple[Row, ...], account: Row, around: tuple[Row, ...], held: object = None
) -> list[Row]:
    """Return a menu: its three header lines, the states, and what differs between menus."""
    keys = ("header-held", "header-news", "header-remark")
    return [
        *(text(key, label) for key, label in zip(keys, header, strict=True)),
        line(1),
        *(radio(state.key, presence.label(state), Picked(state), state is held) for state in STATES),
        line(2),
        *middle,
        line(3),
        account,
        *around,
        line(5),
        QUIT,
    ]


def test_holding_nothing() -> None:
    drive = Drive()
    drive.start()
    assert list(drive.view.rows) == menu(
        words.no_status(),
        words.teams_shows(None),
        ADELE.username,
        middle=(
            keeping(Keep.UNTIL_STOPPED),
            check("pin", words.row("pin"), PinToggled()),
            click("stop", words.row("stop"), Stopped(), enabled=False),
            CHOSEN,
        ),
        account=SIGNED_IN,
        around=(NO_AUTOSTART, *DOCUMENTS, ABOUT),
    )


def test_the_next_hold_shows_how_it_will_be_kept() -> None:
    drive = Drive()
    drive.start()
    drive.post(KeepChosen(Keep.END_OF_DAY))
    drive.post(PinToggled())
    rows = list(drive.view.rows)
    assert rows[14:16] == [keeping(Keep.END_OF_DAY), check("pin", words.row("pin"), PinToggled(), checked=True)]


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
        check("demo-meeting", "Joins a meeting", ScenarioPlayed("meeting"), checked=True),
        check("demo-idle", "Idle", ScenarioPlayed("idle")),
        click("demo-reset", "Resets", ScenarioPlayed("reset")),
    )
    autostart = check("autostart", words.row("autostart"), AutostartToggled(), checked=True)
    expected = menu(
        "Available until 11:00",
        "Teams shows: Busy",
        presence.why(Difference.CHOSEN, can_override=True),
        middle=(
            keeping(None),
            check("pin", words.row("pin"), PinToggled()),
            click("stop", words.row("stop"), Stopped()),
            click("clear-chosen", words.row("clear-chosen"), ChosenStatusClearAsked()),
        ),
        account=SIGNED_IN,
        around=(autostart, *DOCUMENTS, ABOUT, line(4), demo),
        held=AVAILABLE,
    )
    assert list(drive.view.rows) == expected


def test_signing_in_with_a_code() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.post(AutostartRead(on=False))
    assert list(drive.view.rows)[19] == SIGNED_OUT
    drive.post(SignInAsked(SignInWay.DEVICE_CODE))
    assert [row.label for row in drive.view.rows[1:3]] == [words.in_your_browser(), words.BLANK]
    call = drive.engine.calls.errand.call
    drive.post(SignInProgressed(call, "https://example.test/device"))
    assert [row.label for row in drive.view.rows[1:3]] == [words.in_your_browser(), words.BLANK]
    drive.post(SignInProgressed(call, "https://example.test/device", "ABCD", drive.now + timedelta(minutes=9)))
    assert list(drive.view.rows) == menu(
        words.signing_in(),
        words.go_to("https://example.test/device"),
        "Enter the code ABCD (9 min left)",
        middle=(
            keeping(Keep.UNTIL_STOPPED),
            check("pin", words.row("pin"), PinToggled()),
            click("stop", words.row("stop"), Stopped(), enabled=False),
            CHOSEN,
        ),
        account=submenu(
            "account",
            words.row("account"),
            *(replace(row, enabled=False) for row in SIGNED_OUT.rows),
            click("sign-in-cancel", words.row("sign-in-cancel"), SignInCancelled()),
        ),
        around=(check("autostart", words.row("autostart"), AutostartToggled()), *DOCUMENTS, ABOUT),
    )


def test_a_locked_keyring_can_be_unlocked_and_no_other_trouble_of_it() -> None:
    for state in KeyringState:
        drive = Drive()
        drive.start(granted=False)
        drive.token(KeyringTrouble(state))
        unlock = (click("unlock", words.row("unlock"), UnlockAsked()),) if state is KeyringState.LOCKED else ()
        assert drive.view.rows[19] == replace(SIGNED_OUT, rows=(*SIGNED_OUT.rows, *unlock))


PINS = [
    # state, pinned, declined, ticked, enabled
    (AVAILABLE, False, False, False, True),
    (AVAILABLE, True, False, True, True),
    (BUSY, False, True, True, False),
    (IN_A_CALL, True, False, False, False),
    (AWAY, False, False, True, False),
]


@pytest.mark.parametrize(("state", "pinned", "declined", "ticked", "enabled"), PINS, ids=str)
def test_override_teams_is_ticked_where_it_is_in_use_and_enabled_where_it_decides(
    state: object, pinned: bool, declined: bool, ticked: bool, enabled: bool
) -> None:
    drive = Drive()
    drive.start()
    drive.pick(state, pinned=pinned)
    drive.settle_as_five() if declined else drive.settle()
    assert row(drive, "pin") == check("pin", words.row("pin"), PinToggled(), ticked, enabled)


@pytest.mark.parametrize(("keep", "length"), [("30m", 0.5), ("1h", 1), ("2h", 2), ("4h", 4)])
def test_keep_for_ticks_what_the_hold_lasts(keep: str, length: float) -> None:
    drive = holding(AVAILABLE)
    drive.post(KeepChosen(Keep(keep)))
    assert drive.engine.wish.hold.until == drive.now + length * HOUR
    assert row(drive, "keep") == keeping(Keep(keep))


def test_the_end_of_the_day_is_a_row_until_it_has_come() -> None:
    for seconds, there in ((-1, True), (0, False), (1, False)):
        drive = Drive(Config(zone=UTC), now=START + 8 * HOUR + timedelta(seconds=seconds))
        assert row(drive, "keep") == keeping(Keep.UNTIL_STOPPED, ends=there)


def row(drive: Drive, key: str) -> Row:
    return next(each for each in walk(drive.view.rows) if each.key == key)


def walk(rows: tuple[Row, ...]) -> Iterator[Row]:
    for each in rows:
        yield each
        yield from walk(each.rows)
