"""The status message: sent once, never again, and cleared only by the user or while it is still ours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.driver import OFFLINE, START, Drive, held, names, started
from tests.rows import for_each
from tray.core.account_switch import taken_over
from tray.core.config import Config
from tray.core.effects import Exit, SetMessage
from tray.core.events import LeaveAsked, Looked, MessageAsked, Picked, SignOutAsked, Started, Stopped
from tray.core.states import BUSY, IN_A_CALL, Pair
from tray.core.status_message import LONGEST, as_read, is_sendable, same
from tray.core.values import (
    Account,
    AccountRead,
    Answer,
    AnswerKind,
    Hold,
    LeaveReason,
    Message,
    SignedOut,
    SignInNeeded,
)

HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 1, 6, tzinfo=UTC)
LUNCH = "Lunch, back at 13:00"
OTHER = Message("Written in Teams")
NONE = Message("")
CALL = Pair("Busy", "InACall")


def shows(message: Message | None, pair: Pair = CALL) -> Answer:
    return Answer(AnswerKind.ACCEPTED, seen=pair, message=message)


def sent(drive: Drive) -> list[Message]:
    return [effect.message for effect in drive.effects if isinstance(effect, SetMessage)]


def with_message(until: timedelta | None = None, config: Config | None = None) -> Drive:
    """Hold a state whose message has been set for a minute."""
    drive = started(config)
    drive.post(Picked(IN_A_CALL, START + until if until else None, timed=True, message=Message(LUNCH)))
    drive.settle()
    drive.pass_time(60)
    return drive


@pytest.mark.parametrize(
    ("zone", "until", "expires_at"),
    [
        (UTC, None, MIDNIGHT),
        (ZoneInfo("Asia/Tokyo"), None, MIDNIGHT - 9 * HOUR),
        (UTC, START + HOUR, START + HOUR),
    ],
)
def test_it_always_expires_at_the_time_given_else_at_the_end_of_the_day(
    zone: ZoneInfo, until: datetime | None, expires_at: datetime
) -> None:
    drive = started(Config(zone=zone))
    drive.post(MessageAsked(Message(LUNCH, until)))
    drive.settle()
    assert sent(drive) == [Message(LUNCH, expires_at)]


def test_it_comes_after_its_status_and_expires_with_it() -> None:
    drive = with_message(2 * HOUR)
    assert names(each for each in drive.effects if "Set" in type(each).__name__)[:2] == ["SetSession", "SetMessage"]
    assert sent(drive) == [Message(LUNCH, START + 2 * HOUR)]


def test_it_is_sent_once_however_long_the_status_stays() -> None:
    drive = with_message()
    drive.pass_time(6 * 3600)
    assert len(sent(drive)) == 1


def test_what_is_written_in_teams_later_stands_and_is_never_cleared_by_itself() -> None:
    drive = with_message()
    drive.pass_time_seeing(CALL, 1)
    drive.post(Looked())
    drive.wake(until=drive.now + timedelta(minutes=11))
    drive.answer(shows(OTHER))
    assert drive.status["message"] == {"text": OTHER.text, "expires_at": None, "ours": False, "accepted": True}
    drive.post(Stopped())
    drive.settle()
    assert len(sent(drive)) == 1


@pytest.mark.parametrize(
    ("seen", "cleared"),
    [
        (Message(LUNCH), True),
        (Message(f"  {LUNCH.replace(' ', '  ')}"), True),
        (OTHER, False),
        (NONE, False),
        (None, False),
    ],
)
def test_at_the_end_of_its_status_it_is_cleared_if_a_read_back_shows_it(seen: Message | None, cleared: bool) -> None:
    drive = with_message()
    drive.post(Stopped())
    drive.answer(AnswerKind.ACCEPTED)
    drive.answer(shows(seen, Pair("Offline", "Offline")))
    drive.settle()
    assert (sent(drive)[1:] == [NONE]) is cleared
    assert drive.engine.calls.request is None
    assert next_is_quiet(drive)


def next_is_quiet(drive: Drive) -> bool:
    return not drive.wake(until=drive.now + HOUR)


def test_another_status_ends_the_message_that_came_with_the_first() -> None:
    drive = with_message()
    drive.pick(BUSY)
    drive.answer(AnswerKind.ACCEPTED)
    drive.answer(shows(Message(LUNCH)))
    drive.settle()
    assert sent(drive)[1:] == [NONE]


def test_a_message_of_its_own_outlives_every_status() -> None:
    drive = held()
    drive.post(MessageAsked(Message(LUNCH)))
    drive.settle()
    drive.post(Stopped())
    drive.settle()
    assert len(sent(drive)) == 1


def test_one_too_new_to_be_shown_is_looked_for_again() -> None:
    drive = started()
    drive.pick(IN_A_CALL, message=Message(LUNCH))
    drive.answer(AnswerKind.ACCEPTED, AnswerKind.ACCEPTED)
    drive.post(Stopped(), after=1)
    drive.answer(AnswerKind.ACCEPTED, shows(NONE))
    assert drive.engine.calls.request is None
    assert names(drive.wake()) == ["ReadPresence"]
    drive.answer(shows(Message(LUNCH)))
    drive.settle()
    assert sent(drive)[1:] == [NONE]


def test_the_user_clears_whatever_stands_there() -> None:
    drive = started()
    drive.post(Looked())
    drive.answer(shows(OTHER))
    drive.post(MessageAsked(Message("")))
    drive.settle()
    assert sent(drive) == [NONE]
    assert drive.status["message"] is None


def test_without_a_connection_it_is_sent_later_but_not_after_its_time() -> None:
    drive = started()
    drive.post(MessageAsked(Message(LUNCH, START + timedelta(seconds=30))))
    drive.answer(OFFLINE)
    assert drive.status["message"]["accepted"] is None  # type: ignore[index]
    assert names(drive.wake()) == ["SetMessage"]
    drive.answer(OFFLINE)
    drive.jump(60)
    drive.wake(until=drive.now + HOUR)
    assert len(sent(drive)) == 2
    assert drive.status["message"] is None


def test_a_newer_text_is_sent_after_the_one_in_flight() -> None:
    drive = started()
    drive.post(MessageAsked(Message(LUNCH)))
    drive.post(MessageAsked(Message("Back")))
    drive.settle()
    assert [message.text for message in sent(drive)] == [LUNCH, "Back"]
    assert drive.status["message"]["text"] == "Back"  # type: ignore[index]


@pytest.mark.parametrize("kind", [AnswerKind.REFUSED, AnswerKind.FORBIDDEN, AnswerKind.NOT_FOUND])
def test_one_that_graph_refuses_is_told_once_without_its_text_and_not_sent_again(kind: AnswerKind) -> None:
    drive = started()
    drive.post(MessageAsked(Message(LUNCH, START + HOUR)))
    drive.answer(kind)
    assert drive.status["message"]["accepted"] is False  # type: ignore[index]
    (notice,) = drive.notices
    assert LUNCH not in notice.title + notice.message
    drive.wake(until=START + 2 * HOUR)
    assert len(sent(drive)) == 1
    assert drive.status["message"] is None
    assert drive.status["trouble"] is None


def test_a_challenge_is_answered_before_it_is_given_up() -> None:
    drive = started()
    drive.post(MessageAsked(Message(LUNCH)))
    drive.answer(Answer(AnswerKind.FORBIDDEN, claims="{}"))
    drive.grant()
    drive.settle()
    assert len(sent(drive)) == 2


def test_a_clearing_that_is_refused_is_left_to_the_expiry_without_a_word() -> None:
    drive = with_message()
    drive.post(Stopped())
    drive.answer(AnswerKind.ACCEPTED, shows(Message(LUNCH)), AnswerKind.REFUSED)
    assert drive.notices == []
    assert next_is_quiet(drive)


def test_one_that_has_expired_is_forgotten() -> None:
    drive = with_message(HOUR)
    drive.pass_time(3700)
    assert len(sent(drive)) == 1
    assert drive.status["message"] is None


def test_quit_clears_it_with_its_status_and_a_logout_keeps_it_with_a_timed_one() -> None:
    drive = with_message()
    drive.post(LeaveAsked(LeaveReason.QUIT))
    drive.answer(AnswerKind.ACCEPTED, shows(Message(LUNCH)))
    assert drive.answer(AnswerKind.ACCEPTED)[-1] == Exit()
    assert sent(drive)[1:] == [NONE]
    drive = with_message(HOUR)
    drive.post(LeaveAsked(LeaveReason.ENDED))
    assert drive.answer(AnswerKind.ACCEPTED)[-1] == Exit()
    assert len(sent(drive)) == 1
    again = Drive(now=drive.now)
    again.start(drive.saved)
    again.settle()
    again.post(Stopped())
    again.answer(AnswerKind.ACCEPTED, shows(Message(LUNCH)))
    assert sent(again) == [NONE]


@pytest.mark.parametrize("answer", [OFFLINE, shows(OTHER), shows(None)])
def test_quit_does_not_wait_for_what_it_cannot_clear(answer: Answer) -> None:
    drive = with_message()
    drive.post(LeaveAsked(LeaveReason.QUIT))
    drive.answer(AnswerKind.ACCEPTED)
    assert drive.answer(answer)[-1] == Exit()


def test_quit_gives_a_clearing_up_that_fails() -> None:
    drive = with_message()
    drive.post(LeaveAsked(LeaveReason.QUIT))
    drive.answer(AnswerKind.ACCEPTED, shows(Message(LUNCH)))
    assert drive.answer(OFFLINE)[-1] == Exit()


def replaced() -> Drive:
    """Let another version take over from one that has sent a message with a status without an end."""
    drive = with_message()
    drive.post(LeaveAsked(LeaveReason.REPLACED))
    assert drive.answer(AnswerKind.ACCEPTED)[-1] == Exit()
    assert len(sent(drive)) == 1
    return drive


def test_a_newer_version_takes_it_over_with_its_status_and_clears_it_with_that() -> None:
    drive = replaced()
    again = Drive(now=drive.now)
    again.post(Started(drive.saved, Hold(IN_A_CALL, drive.now)))
    again.grant()
    again.settle()
    assert again.engine.wish.hold == Hold(IN_A_CALL, START)
    assert sent(again) == []
    again.post(Stopped())
    again.answer(AnswerKind.ACCEPTED, shows(Message(LUNCH)))
    assert sent(again) == [NONE]


def test_if_no_newer_version_takes_over_the_next_start_clears_it() -> None:
    drive = replaced()
    again = Drive(now=drive.now + HOUR)
    again.start(drive.saved)
    while again.engine.calls.request:
        again.answer(shows(Message(LUNCH)))
    assert (again.engine.wish.hold, sent(again)) == (None, [NONE])


def test_after_a_crash_it_is_cleared_with_the_status_that_is_not_set_again() -> None:
    drive = with_message()
    again = Drive(now=drive.now + HOUR)
    again.start(drive.saved)
    while again.engine.calls.request:
        again.answer(shows(Message(LUNCH)))
    assert sent(again) == [NONE]


def test_a_sign_out_clears_it_and_another_account_never_hears_of_it() -> None:
    drive = with_message()
    drive.post(SignOutAsked())
    drive.answer(AnswerKind.ACCEPTED, shows(Message(LUNCH)), AnswerKind.ACCEPTED)
    drive.token(SignedOut())
    assert sent(drive)[1:] == [NONE]
    offline = with_message()
    offline.post(SignOutAsked())
    offline.jump(5)
    offline.wake()
    assert not offline.engine.message.ending
    other = with_message()
    other.engine = taken_over(other.engine, Account("grady@example.test", "grady-key"))
    assert other.status["message"] is None


def test_with_nobody_signed_in_it_is_not_kept_for_later() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    drive.post(MessageAsked(Message(LUNCH)))
    drive.token(SignInNeeded("Nobody is signed in."))
    assert drive.status["message"] is None


def test_a_declined_status_takes_its_unsent_message_along() -> None:
    drive = started()
    drive.pick(IN_A_CALL, message=Message(LUNCH))
    drive.post(Stopped())
    drive.settle()
    assert sent(drive) == []


def test_a_clock_set_back_moves_what_is_remembered() -> None:
    drive = with_message()
    drive.jump(-600)
    drive.settle()
    drive.pass_time(60)
    drive.post(Stopped())
    drive.answer(AnswerKind.ACCEPTED)
    drive.answer(shows(Message(LUNCH)))
    assert sent(drive)[1:] == [NONE]


def test_the_header_and_the_status_show_it() -> None:
    drive = with_message(2 * HOUR)
    assert drive.row("header-teams").label == f"Message: “{LUNCH}” until 11:00"
    assert drive.status["message"] == {
        "text": LUNCH,
        "expires_at": "2026-01-05T11:00:00Z",
        "ours": True,
        "accepted": True,
    }
    drive.post(Stopped())
    drive.answer(AnswerKind.ACCEPTED, shows(OTHER))
    assert drive.row("header-teams").label == "Message: “Written in Teams”"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Lunch<pinnednote></pinnednote>", "Lunch"),
        ("R&amp;D &lt;3", "R&D <3"),
        (" two\n lines ", "two lines"),
        ("\x1b[31mred\u202e", "[31mred"),
        ("Mit\u00adtag, 昼休み\u300013時", "Mit\u00adtag, 昼休み 13時"),
        ("👩‍💻 שלום", "👩‍💻 שלום"),
    ],
)
def test_what_graph_returns_is_made_readable(content: str, text: str) -> None:
    assert as_read(content) == text


def test_a_message_is_shown_with_the_spaces_that_the_user_typed() -> None:
    drive = with_message(2 * HOUR)
    drive.pass_time_seeing(CALL, 1)
    drive.post(Looked())
    drive.wake(until=drive.now + timedelta(minutes=11))
    drive.answer(shows(Message(LUNCH.replace(" ", "\u3000"))))
    assert drive.status["message"]["text"] == LUNCH


def test_entities_and_white_space_make_no_difference() -> None:
    assert same(Message("a &lt; b  c"), Message("a < b c"))
    assert same(Message("R&amp;amp;D"), Message("R&D"))
    assert not same(Message("a"), Message("b"))


@pytest.mark.parametrize(
    ("text", "sendable"),
    [
        ("x" * LONGEST, True),
        ("x" * (LONGEST + 1), False),
        ("two\nlines", False),
        ("👩‍💻 שלום\u200f!", True),
        ("", True),
    ],
)
def test_a_message_is_one_line_of_280_characters(text: str, sendable: bool) -> None:
    assert is_sendable(text) is sendable


TYPED = (
    "昼休み\u300013時まで",
    "13\u202fh\u00a0!",
    "Mit\u00adtag",
    "\ufeffLunch",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "👩\u200d💻",
    "an emoji of tomorrow: \U0001fbff",
)


@for_each("text", TYPED)
def test_what_keyboards_type_into_a_line_is_sent_and_known_again(text: str) -> None:
    assert is_sendable(text)
    assert same(Message(text), Message(as_read(text)))


@for_each("character", "\n\r\t\x00\x1b\x7f\x85\u2028\u2029\u202a\u202e\u2066\u2069\ud83d")
def test_what_cannot_be_in_a_line_is_not_sent(character: str) -> None:
    assert not is_sendable(f"a{character}b")


@given(st.text(max_size=LONGEST).filter(is_sendable))
def test_every_message_that_is_sent_is_known_again(text: str) -> None:
    assert same(Message(text), Message(as_read(text)))


def test_its_text_is_in_no_representation() -> None:
    assert LUNCH not in repr(Message(LUNCH)) + repr(SetMessage(1, Message(LUNCH)))
    assert LUNCH not in repr(MessageAsked(Message(LUNCH))) + repr(Picked(BUSY, message=Message(LUNCH)))
