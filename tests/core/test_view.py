"""What the user sees: menu, icon, tooltip and the status document, each from one snapshot."""

import json
from datetime import timedelta

import pytest

from tests.core.driving import ADELE, OK, Drive, names, shows
from tray.core.effects import Open, PlayScenario, ReadAutostart, ToggleAutostart
from tray.core.events import (
    AutostartRead,
    AutostartToggled,
    ChosenStatusClearAsked,
    Event,
    Looked,
    MenuMissed,
    OpenAsked,
    PinToggled,
    ScenarioPlayed,
    ScenariosRead,
    SecondStarted,
    SignInAsked,
    SignInProgressed,
    Started,
    Stopped,
    TrayMissed,
)
from tray.core.model import Config
from tray.core.states import AVAILABLE, AWAY, BUSY, IN_A_CALL, STATES, State
from tray.core.values import (
    AccountRead,
    Answer,
    Document,
    Kind,
    Reach,
    SignInNeeded,
    SignInWay,
)
from tray.core.view_model import Badge, Icon, Row, RowKind, Shape, flat
from tray.messages import signin


def signed_in() -> Drive:
    drive = Drive()
    drive.start()
    return drive


def holding(state: State) -> Drive:
    drive = signed_in()
    drive.pick(state)
    drive.settle()
    return drive


def row(drive: Drive, key: str) -> Row | None:
    return next((each for each in flat(drive.view.rows) if each.key == key), None)


def header(drive: Drive) -> list[str]:
    return [each.label for each in drive.view.rows if each.kind is RowKind.TEXT]


def test_the_menu_names_what_is_held_and_marks_it_alone() -> None:
    drive = holding(BUSY)
    drive.wake()
    drive.settle()
    marked = [each.key for each in flat(drive.view.rows) if each.checked and each.kind is RowKind.RADIO]
    assert marked == ["busy", "keep-until-stopped"]
    assert header(drive) == ["Busy (no end time)", "Teams shows: Busy", ADELE.username]


def test_the_menu_lists_all_nine_in_the_tables_order() -> None:
    keys = [each.key for each in signed_in().view.rows if each.kind is RowKind.RADIO]
    assert keys == [state.key for state in STATES]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.key)
def test_rows_do_not_move_when_a_state_is_picked(state: State) -> None:
    drive = signed_in()
    before = [each.key for each in flat(drive.view.rows)]
    drive.pick(state)
    asking = [each.key for each in flat(drive.view.rows)]
    drive.settle()
    assert before == asking == [each.key for each in flat(drive.view.rows)]


def test_every_key_is_unique_and_whatever_can_be_clicked_posts_something() -> None:
    drive = holding(AVAILABLE)
    drive.post(AutostartRead(on=False))
    drive.post(ScenariosRead((("meeting", "Joins a meeting", False), ("reset", "Resets", None))))
    rows = list(flat(drive.view.rows))
    assert len({each.key for each in rows}) == len(rows)
    for each in rows:
        clickable = each.kind in {RowKind.ACTION, RowKind.RADIO, RowKind.CHECK}
        assert (each.event is not None) is clickable


@pytest.mark.parametrize(
    ("state", "enabled", "checked"),
    [(AVAILABLE, True, False), (AWAY, False, True), (IN_A_CALL, False, False)],
    ids=str,
)
def test_override_teams_can_be_ticked_only_where_it_decides_something(
    state: State, enabled: bool, checked: bool
) -> None:
    pin = row(holding(state), "pin")
    assert (pin.enabled, pin.checked) == (enabled, checked)


def test_the_icon_asks_until_teams_has_answered_and_then_shows_the_state() -> None:
    drive = signed_in()
    assert drive.view.icon == Icon(Shape.IDLE)
    drive.pick(BUSY)
    assert drive.view.icon == Icon(Shape.ASKING)
    drive.settle()
    assert drive.view.icon == Icon(Shape.BUSY)
    drive.post(PinToggled(), after=60)
    drive.settle()
    assert drive.view.icon == Icon(Shape.BUSY, Badge.PINNED)
    drive.pick(IN_A_CALL)
    drive.answer(Answer(Kind.UNREACHABLE, reach=Reach.NETWORK))
    assert drive.view.icon == Icon(Shape.IN_A_CALL, Badge.TROUBLE)


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
    drive = holding(BUSY)
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
    assert header(drive) == ["Signing in…", "Continue in your browser.", " "]
    assert row(drive, "sign-in-cancel") is not None
    drive.token(SignInNeeded(*signin.not_set_up(), setup=True))
    assert header(drive) == [
        "No status set",
        "Presence Tray isn't set up yet.",
        "In a terminal, run: presence-tray setup",
    ]
    assert drive.status["trouble"]["message"] == "In a terminal, run: presence-tray setup"


def test_giving_the_state_back_is_said_until_it_is_done() -> None:
    drive = holding(BUSY)
    drive.post(Stopped())
    assert drive.view.rows[0].label == "Clearing your status…"
    drive.settle()
    assert drive.view.rows[0].label == "No status set"


def test_a_second_start_is_told_and_shown() -> None:
    drive = signed_in()
    assert names(drive.post(SecondStarted())) == ["Notify"]
    assert header(drive)[2] == "Already running (started again at 09:00)"
    drive.post(Looked(), after=600)
    assert header(drive)[2] == ADELE.username


def test_a_second_start_where_nothing_shows_the_icon_is_not_told_to_click_it() -> None:
    drive = signed_in()
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
    assert header(drive)[1:] == ["On any device, go to https://microsoft.com/devicelogin", "Enter the code ABCD-EFGH"]


@pytest.mark.parametrize("event", [TrayMissed(), MenuMissed()])
def test_what_the_panel_cannot_do_is_told(event: Event) -> None:
    assert names(signed_in().post(event)) == ["Notify"]


def test_notices_can_be_silenced() -> None:
    drive = Drive(Config(notices=False))
    drive.start()
    assert drive.post(TrayMissed()) == ()


def test_clicks_that_only_ask_the_desktop_for_something_go_straight_to_it() -> None:
    drive = signed_in()
    assert drive.post(AutostartToggled()) == (ToggleAutostart(),)
    assert drive.post(OpenAsked(Document.LOG)) == (Open(Document.LOG),)
    assert drive.post(ScenarioPlayed("meeting")) == (PlayScenario("meeting"),)
    assert row(drive, "autostart").enabled is False
    drive.post(AutostartRead(on=True))
    assert (row(drive, "autostart").enabled, row(drive, "autostart").checked) == (True, True)
    assert row(drive, "demo") is None


def test_the_status_chosen_in_teams_can_be_cleared_only_when_it_hides_the_hold() -> None:
    drive = holding(AVAILABLE)
    assert row(drive, "clear-chosen").enabled is False
    drive.wake()
    drive.answer(shows(BUSY.pair))
    assert row(drive, "clear-chosen") == Row(
        "clear-chosen", RowKind.ACTION, "Clear the status set in Teams", event=ChosenStatusClearAsked()
    )
    assert header(drive)[1:] == [
        "Teams shows: Busy",
        "You set a status in Teams, so that one shows. Clear it to show this one.",
    ]


def test_a_choice_in_teams_that_ended_a_hold_is_said_until_the_next_pick() -> None:
    drive = holding(AWAY)
    drive.wake()
    drive.answer(shows(BUSY.pair))
    assert header(drive) == ["Clearing your status…", "Teams shows: Busy", "You set it in Teams, so it stays."]
    assert row(drive, "clear-chosen").enabled
    drive.pick(BUSY)
    assert "so it stays" not in header(drive)[2]


def test_trouble_takes_two_lines_what_is_wrong_and_what_helps() -> None:
    drive = holding(BUSY)
    drive.post(PinToggled(), after=60)
    drive.answer(Answer(Kind.UNREACHABLE, reach=Reach.NETWORK))
    assert header(drive)[1:] == ["No connection.", "Your status will be set again automatically."]
    assert drive.view.tooltip == "Busy (no end time), overriding Teams · No connection."


def test_looking_reads_launch_at_login_back_but_not_all_the_time() -> None:
    drive = signed_in()
    for seconds, reads in ((0, 1), (29, 1), (2, 2)):
        drive.post(Looked(), after=seconds)
        assert drive.effects.count(ReadAutostart()) == reads


def test_the_status_document_is_plain_json_with_every_key() -> None:
    drive = holding(IN_A_CALL)
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
    }
    assert document["session"] == {
        "confirmed_at": "2026-01-05T09:00:00Z",
        "next_refresh_at": "2026-01-05T09:15:00Z",
        "expires_at": "2026-01-05T09:30:00Z",
    }
    assert document["teams_shows"]["activity"] == "InACall"
    assert document["why"] is document["trouble"] is None


def test_trouble_in_the_status_says_what_to_do_and_when_it_is_tried_again() -> None:
    drive = signed_in()
    drive.pick(BUSY)
    drive.answer(Answer(Kind.THROTTLED, retry_after=timedelta(seconds=40)))
    trouble = drive.status["trouble"]
    assert trouble["code"] == "throttled"
    assert "2026-01-05T09:00:40Z" <= trouble["retry_at"] <= "2026-01-05T09:00:44Z"
    assert trouble["title"] == "Microsoft is limiting requests."
    assert drive.view.tooltip.endswith("Microsoft is limiting requests. Trying again in 40 s")


def test_a_pick_in_flight_is_held_by_nothing_yet() -> None:
    drive = signed_in()
    drive.pick(BUSY)
    assert drive.status["hold"]["held_by"] == "nothing"
    assert drive.status["session"] is None
    drive.answer(OK)
    assert drive.status["hold"]["held_by"] == "session"


def test_a_second_start_is_shown_until_there_is_something_to_explain_or_the_user_acts() -> None:
    drive = holding(AVAILABLE)
    drive.post(SecondStarted())
    assert drive.view.rows[2].label == "Already running (started again at 09:00)"
    drive.wake()
    drive.answer(shows(BUSY.pair))
    assert header(drive)[2].startswith("You set a status in Teams")
    drive.post(Stopped())
    drive.settle()
    assert header(drive)[2] == ADELE.username


@pytest.mark.parametrize(
    ("managed", "label"),
    [
        ((), None),
        (("cloud", "tenant"), "Set by your organisation: cloud, tenant"),
        (("a", "b", "c", "d"), "Set by your organisation: a, b, 2 more"),
    ],
)
def test_the_menu_says_which_settings_are_not_the_users(managed: tuple[str, ...], label: str | None) -> None:
    shown = row(Drive(Config(managed=managed)), "settings-managed")
    assert (shown and shown.label) == label
    assert shown is None or not shown.enabled
