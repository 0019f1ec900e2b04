"""That nothing jumps: the same rows in the same places, whatever happens; and that no line is longer than a menu."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest

from tests.core.driving import Drive, knowing, shows
from tray.core.events import (
    AutostartRead,
    KeepChosen,
    Looked,
    PinToggled,
    ScenariosRead,
    SecondStarted,
    SignInAsked,
    SignInProgressed,
    SignOutAsked,
    Stopped,
)
from tray.core.model import Config, Trouble, TroubleCode
from tray.core.states import AVAILABLE, AWAY, BUSY, PRESENTING, STATES, Pair
from tray.core.values import AccountRead, Answer, Difference, Keep, KeyringState, KeyringTrouble, Kind, Reach, SignInWay
from tray.core.view_model import Row, RowKind, flat
from tray.messages import presence, signin
from tray.messages.notices import trouble_words

WIDEST = 84  # characters in a header line: some 600 pixels
LABEL = 32  # characters in a row that can be clicked
MEETING = Pair("Busy", "InAMeeting")
SIGN_IN_URL = "https://login.microsoftonline.com/common/oauth2/deviceauth"


def started(*, demo: bool = False) -> Drive:
    drive = Drive(Config(demo=demo))
    drive.start()
    return drive


def holding(drive: Drive) -> Drive:
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
    holding(drive).wake()
    drive.answer(shows(MEETING))


def chosen(drive: Drive) -> None:
    drive.pick(AWAY)
    drive.settle()
    drive.wake()
    drive.answer(shows(BUSY.pair))


def failing(kind: Kind, reach: Reach | None = None, wait: float | None = None) -> Callable[[Drive], None]:
    def fail(drive: Drive) -> None:
        drive.pick(PRESENTING)
        drive.answer(Answer(kind, reach=reach, retry_after=timedelta(seconds=wait) if wait else None))

    return fail


HAPPENINGS: dict[str, Callable[[Drive], object]] = {
    "held": holding,
    "stopped": lambda drive: holding(drive).post(Stopped()),
    "pinned": lambda drive: holding(drive).post(PinToggled()),
    "timed": lambda drive: holding(drive).post(KeepChosen(Keep.HOUR)),
    "late": lambda drive: drive.post(Looked(), after=10 * 3600),
    "autostart": lambda drive: drive.post(AutostartRead(on=True)),
    "second start": lambda drive: drive.post(SecondStarted()),
    "nobody": nobody,
    "locked": locked,
    "signing in": signing_in,
    "in a meeting": in_a_meeting,
    "chosen": chosen,
    **{f"{kind}": failing(kind) for kind in Kind if kind is not Kind.ACCEPTED},
    **{f"unreachable {reach}": failing(Kind.UNREACHABLE, reach) for reach in Reach},
    "asked to wait": failing(Kind.THROTTLED, wait=40),
}


def submenus(rows: tuple[Row, ...]) -> dict[str, list[str]]:
    return {row.key: [each.key for each in row.rows] for row in rows if row.kind is RowKind.SUBMENU}


@pytest.mark.parametrize("name", HAPPENINGS)
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
    drive = started(demo=True)
    before = [row.key for row in drive.view.rows]
    assert {"demo"} == set(before) - {row.key for row in started().view.rows} - {"line-4"}
    drive.post(ScenariosRead((("network", "The network drops", False),)))
    assert [row.key for row in drive.view.rows] == before


@pytest.mark.parametrize("name", HAPPENINGS)
def test_no_line_is_too_long_for_a_menu_and_none_is_empty(name: str) -> None:
    drive = started()
    HAPPENINGS[name](drive)
    for row in flat(drive.view.rows):
        limit = WIDEST if row.kind is RowKind.TEXT else LABEL
        assert row.kind is RowKind.SEPARATOR or 0 < len(row.label) <= limit, row
    assert "\n" not in drive.view.tooltip


def test_a_countdown_changes_a_header_line_and_the_tooltip_alone() -> None:
    drive = started()
    HAPPENINGS["asked to wait"](drive)
    first = drive.view
    drive.post(Looked(), after=1)
    second = drive.view
    changed = [old.key for old, new in zip(first.rows, second.rows, strict=True) if old != new]
    assert changed == ["header-news"]
    assert first.tooltip != second.tooltip
    assert first.icon == second.icon


CLASSIFICATIONS = ("consent_required", "basic_action", "additional_action", "message_only", "user_password_expired")
TROUBLES = [
    *(Trouble(code, Drive().now, state=state) for code, state in product(TroubleCode, STATES)),
    *(Trouble(TroubleCode.OFFLINE, Drive().now, reach=reach) for reach in Reach),
    *(Trouble(TroubleCode.KEYRING, Drive().now, keyring=state) for state in KeyringState),
    *(
        Trouble(TroubleCode.SIGN_IN_NEEDED, Drive().now, title=title, message=message, setup=setup)
        for title, message in (*map(signin.again, ("", *CLASSIFICATIONS)), signin.nobody(), ("", ""))
        for setup in (True, False)
    ),
]


@pytest.mark.parametrize("trouble", [each for each in TROUBLES if each.code is not TroubleCode.KEYRING or each.keyring])
def test_every_trouble_is_two_short_sentences(trouble: Trouble) -> None:
    title, remedy = trouble_words(trouble)
    assert 0 < len(title) <= 56
    assert 0 < len(remedy) <= WIDEST
    assert title.endswith(".")


@pytest.mark.parametrize("code", Difference)
@pytest.mark.parametrize("can_override", [True, False])
def test_every_reason_is_one_line(code: Difference, can_override: bool) -> None:
    assert len(presence.why(code, can_override=can_override)) <= WIDEST
