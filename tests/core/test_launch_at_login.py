"""A launch at login: a keyring or a network that comes late is waited for without a notice."""

from datetime import timedelta

import pytest

from tests.core.driver import OFFLINE, OK, START, Drive
from tray.core.config import Config
from tray.core.events import Woke
from tray.core.states import IN_A_CALL
from tray.core.values import KeyringState, KeyringTrouble, SignInNeeded
from tray.program import LOGIN_LASTS

QUIET = START + LOGIN_LASTS
LOCKED = KeyringTrouble(KeyringState.LOCKED)


@pytest.fixture
def login() -> Drive:
    drive = Drive(Config(at_launch=IN_A_CALL.key, login_until=QUIET))
    drive.start(granted=False)
    return drive


def titles(drive: Drive) -> list[str]:
    return [notice.title for notice in drive.notices]


def until_asked(drive: Drive) -> None:
    """Let time pass until the token side is asked again."""
    while drive.engine.calls.errand is None:
        drive.wake()


def test_a_keyring_that_is_unlocked_during_the_login_is_never_spoken_of(login: Drive) -> None:
    login.token(LOCKED)
    until_asked(login)
    login.grant()
    login.answer(OK)
    login.pass_time(600)
    assert (login.notices, login.engine.trouble) == ([], None)


def test_a_keyring_that_stays_locked_is_spoken_of_once_when_the_login_is_over(login: Drive) -> None:
    while login.now < QUIET + timedelta(minutes=2):
        login.token(LOCKED)
        assert titles(login) == (["The keyring is locked."] if login.now >= QUIET else [])
        until_asked(login)
    assert len(login.notices) == 1


def test_a_network_that_comes_late_is_not_spoken_of_until_the_login_is_over(login: Drive) -> None:
    login.grant()
    while login.now < QUIET:
        assert titles(login) == []
        if login.engine.calls.request:
            login.answer(OFFLINE)
        login.wake(until=QUIET)
    assert titles(login) == ["No connection."]


def test_what_no_login_brings_is_said_at_once(login: Drive) -> None:
    login.token(SignInNeeded("Your password has changed."))
    assert titles(login) == ["Your password has changed."]


def test_a_clock_that_is_set_back_during_the_login_does_not_lengthen_it(login: Drive) -> None:
    login.token(LOCKED)
    login.post(Woke(), after=-timedelta(days=1).total_seconds())
    login.post(Woke(), after=LOGIN_LASTS.total_seconds() + 1)
    assert len(login.notices) == 1


def test_started_by_hand_a_locked_keyring_is_spoken_of_at_once() -> None:
    drive = Drive()
    drive.start(granted=False)
    drive.token(LOCKED)
    assert len(drive.notices) == 1
