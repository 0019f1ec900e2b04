"""The real program while its keyring is locked, hangs or dies: it answers, nobody is signed out, nobody is asked."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from tests.program.desktop import Desktop, running
from tests.signin.platform import registration_at
from tests.signin.prompts import Prompts
from tests.signin.secret_service import SecretService, needs_keyring, unlock, wait_for_store
from tests.signin.storage.test_keyrings import lock_collection
from tests.signin.test_killed_child import kept_in_the_keyring
from tray.core.effects import UnlockKeyring
from tray.core.values import KeyringState, KeyringTrouble
from tray.signin.source import ChildSource

pytestmark = needs_keyring


@pytest.fixture
def prompts(desktop: Desktop) -> Iterator[Prompts]:
    desktop.sign_in()
    with Prompts(desktop.bus.address) as prompts:
        yield prompts


def start_keyring(desktop: Desktop) -> None:
    """Start the keyring that was stopped, with what it keeps on the disk."""
    desktop.keyring = SecretService(desktop.home.parent, desktop.bus)
    wait_for_store()


def needs_a_token(desktop: Desktop) -> None:
    """End the access token that the program holds: it has to go to its keyring."""
    desktop.cloud.platform.expire_access()


def test_a_locked_keyring_is_said_loses_nothing_and_is_used_again_once_it_is_not(
    desktop: Desktop, prompts: Prompts
) -> None:
    program = desktop.program
    lock_collection(desktop.keyring)
    with running(desktop, []):
        assert program.wait_for(lambda status: bool(status["trouble"]))["trouble"]["code"] == "keyring"
        assert program.run("set", "busy").returncode == 7
        unlock(desktop.bus)
        assert program.run("set", "in-a-call").returncode == 0

        lock_collection(desktop.keyring)
        needs_a_token(desktop)
        told = program.run("set", "busy")
        assert (told.returncode, told.stderr.count("\n")) == (7, 1)
        assert "keyring is locked" in told.stderr
        status = program.status()
        assert status["account"]["signed_in"]
        assert status["trouble"]["code"] == "keyring"
        assert prompts.heard == [], "nobody is asked until the user wants it"

        unlock_by_the_menu(desktop, prompts)
        for command in (["sign-out"], ["forget", "--yes"]):
            refused = program.run(*command)
            assert (refused.returncode, "locked" in refused.stderr) == (7, True), command
        assert (desktop.home / "settings.toml").exists()
        unlock(desktop.bus)
        assert program.run("set", "in-a-call").returncode == 0
        assert desktop.shown == "Busy / InACall"
        assert program.run("sign-out").returncode == 0
        assert kept_in_the_keyring() == []


def unlock_by_the_menu(desktop: Desktop, prompts: Prompts) -> None:
    """Unlock as the menu does, which opens a prompt; nobody is here to type a password."""
    os.environ["SSL_CERT_FILE"] = str(desktop.cloud.ca_file)
    source = ChildSource(registration_at(desktop.cloud.platform), desktop.home / "vault.lock")
    outcome = source.carry_out(UnlockKeyring(1), lambda _: None).outcome
    assert outcome == KeyringTrouble(KeyringState.LOCKED)
    assert "Unlock" in prompts.heard


def test_while_a_keyring_hangs_the_program_answers_and_takes_up_what_was_asked_for(
    desktop: Desktop, prompts: Prompts
) -> None:
    program = desktop.program
    with running(desktop, []):
        assert program.run("set", "in-a-call").returncode == 0
        desktop.keyring.process.send_signal(signal.SIGSTOP)
        needs_a_token(desktop)
        codes: list[int] = []
        asking = threading.Thread(target=lambda: codes.append(program.run("set", "busy").returncode))
        asking.start()
        answered = program.wait_for(lambda status: status["hold"]["state"] == "busy")
        assert asking.is_alive(), "it answers while the keyring does not"
        assert answered["account"]["signed_in"]
        asking.join()
        assert codes == [7]
        assert program.status()["trouble"]["code"] == "keyring"
        assert "isn't responding" in program.status()["trouble"]["title"]
        desktop.keyring.process.send_signal(signal.SIGCONT)
        wait_for_store()
        assert program.run("set", "in-a-call").returncode == 0
    assert prompts.heard == []


def test_a_keyring_that_comes_late_or_dies_and_comes_back_costs_no_sign_in(desktop: Desktop, prompts: Prompts) -> None:
    program = desktop.program
    desktop.keyring.stop()
    with running(desktop, []):
        early = program.run("set", "busy")
        assert early.returncode == 7, early.stderr
        start_keyring(desktop)
        assert program.run("set", "in-a-call").returncode == 0
        assert desktop.shown == "Busy / InACall"

        desktop.keyring.stop()
        needs_a_token(desktop)
        assert program.run("set", "busy").returncode == 7
        assert program.status()["account"]["signed_in"]
        start_keyring(desktop)
        assert program.run("set", "in-a-call").returncode == 0
        assert desktop.shown == "Busy / InACall"
    assert prompts.heard == []


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "")
