"""The commands about the account and the registration: sign-in, sign-out, setup."""

import argparse
import io
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.commands.scripted_app import ScriptedApp
from tray import cli, state_file
from tray.commands import account, setup
from tray.core.effects import SignIn, TokenErrand
from tray.core.events import SignInProgressed
from tray.core.states import Pair
from tray.core.values import (
    Account,
    Granted,
    KeyringState,
    KeyringTrouble,
    Lease,
    Saved,
    SignedOut,
    SignInNeeded,
    SignInWay,
    TokenOutcome,
    TryLater,
)
from tray.errors import NoKeyring, SignInRequired, TrayError, UsageError
from tray.paths import Paths, locate
from tray.settings import Settings, load
from tray.signin.pipe import Reply

CLIENT = "00000000-0000-4000-8000-000000000001"
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
ADELE = Account("adele@contoso.com", "5f2b")
Captured = pytest.CaptureFixture[str]


class Source:
    """A token source that reports its progress and then one outcome."""

    def __init__(self, outcome: TokenOutcome | type[BaseException], progress: SignInProgressed | None = None) -> None:
        self.outcome = outcome
        self.progress = progress
        self.cancelled = False
        self.errands: list[TokenErrand] = []

    def carry_out(self, errand: TokenErrand, progress: Callable[[SignInProgressed], None]) -> Reply:
        self.errands.append(errand)
        if self.progress:
            progress(self.progress)
        if isinstance(self.outcome, type):
            raise self.outcome
        return Reply(self.outcome)

    def cancel(self, _call: int) -> None:
        self.cancelled = True


@pytest.fixture(autouse=True)
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    return locate(demo=False)


class TestSignIn:
    def test_it_says_who_is_signed_in(self, capsys: Captured) -> None:
        assert account.signed_in(Source(Granted(ADELE, NOON)), SignInWay.BROWSER) == 0
        assert "Signed in as adele@contoso.com." in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("progress", "says"),
        [
            (SignInProgressed(0, "https://login.test/x"), ["browser", "https://login.test/x"]),
            (SignInProgressed(0, "https://login.test/d", "ABCD1234", NOON), ["https://login.test/d", "ABCD1234"]),
        ],
    )
    def test_it_says_where_to_go_and_what_to_type(
        self, capsys: Captured, progress: SignInProgressed, says: list[str]
    ) -> None:
        account.signed_in(Source(Granted(ADELE, NOON), progress), SignInWay.DEVICE_CODE)
        told = capsys.readouterr().out
        assert [text for text in says if text not in told] == []

    @pytest.mark.parametrize(
        ("outcome", "error", "says"),
        [
            (SignInNeeded("The code ran out."), SignInRequired, "The code ran out."),
            (TryLater("No network."), TrayError, "No network."),
            (KeyringTrouble(KeyringState.LOCKED), NoKeyring, "locked"),
            (Granted(ADELE, NOON, remembered=False), NoKeyring, "No keyring"),
        ],
    )
    def test_every_other_outcome_is_its_error(self, outcome: TokenOutcome, error: type[TrayError], says: str) -> None:
        with pytest.raises(error, match=says):
            account.signed_in(Source(outcome), SignInWay.BROWSER)

    def test_it_wants_a_keyring_that_can_take_the_sign_in_before_the_browser_opens(self) -> None:
        source = Source(Granted(ADELE, NOON))
        account.signed_in(source, SignInWay.BROWSER)
        assert source.errands == [SignIn(0, SignInWay.BROWSER, stored=True)]

    def test_a_keyring_that_asks_is_said(self, capsys: Captured) -> None:
        account.signed_in(Source(Granted(ADELE, NOON), SignInProgressed(0, keyring=True)), SignInWay.BROWSER)
        assert capsys.readouterr().out.startswith("Your keyring is waiting for an answer. Look for its window.\n")

    def test_ctrl_c_cancels_it(self) -> None:
        source = Source(KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            account.signed_in(source, SignInWay.BROWSER)
        assert source.cancelled


class TestSignOut:
    def test_a_running_app_releases_and_signs_out_itself(self, paths: Paths, capsys: Captured) -> None:
        with ScriptedApp({}).running(paths) as app:
            assert cli.run(["sign-out"]) == 0
        assert app.heard == [{"do": "sign-out"}]
        assert capsys.readouterr().out == "Signed out.\n"

    def test_a_recycle_bin_that_keeps_something_is_said(self, paths: Paths, capsys: Captured) -> None:
        app = ScriptedApp({})
        app.errands["binned"] = True
        with app.running(paths):
            assert cli.run(["sign-out"]) == 0
        assert capsys.readouterr().out == "Signed out.\nEmpty KeePassXC's recycle bin, which keeps old sign-ins.\n"
        assert account.signed_out(Source(SignedOut(binned=True)))

    def test_a_demo_that_runs_is_left_alone_and_the_user_hears_it(self, capsys: Captured) -> None:
        with ScriptedApp({}).running(locate(demo=True)) as demo:
            assert cli.run(["sign-out"]) == 6  # nothing is set up
        assert demo.heard == []
        assert "your real account" in capsys.readouterr().err

    def test_tokens_are_removed_without_an_app(self) -> None:
        account.signed_out(Source(SignedOut()))
        with pytest.raises(NoKeyring, match="locked"):
            account.signed_out(Source(KeyringTrouble(KeyringState.LOCKED)))

    @pytest.mark.parametrize(("minutes", "named"), [(20, True), (-20, False)])
    def test_what_a_crashed_app_left_on_teams_is_named_as_long_as_it_lasts(
        self, paths: Paths, capsys: Captured, minutes: int, *, named: bool
    ) -> None:
        now = datetime.now(UTC)
        lease = Lease(Pair("Busy", "InACall"), now, now + timedelta(minutes=minutes))
        state_file.save(paths.state_file, Saved(session=lease))
        account._name_what_stays(paths)
        assert ("In a call" in capsys.readouterr().out) is named

    @pytest.mark.parametrize(("code", "exit_code"), [("keyring", 7), ("service", 1)])
    def test_nobody_is_said_to_be_signed_out_whose_sign_in_stays(
        self, paths: Paths, capsys: Captured, code: str, exit_code: int
    ) -> None:
        app = ScriptedApp({"account": {"username": None, "signed_in": False}})
        app.failure = {"code": code, "title": "The keyring is locked.", "message": "Unlock it."}
        with app.running(paths):
            assert cli.run(["sign-out"]) == exit_code
        said = capsys.readouterr()
        assert ("locked" in said.err, said.out) == (True, "")


class TestUnlock:
    def test_it_waits_for_the_end_and_says_what_came_of_it(self, paths: Paths, capsys: Captured) -> None:
        app = ScriptedApp({})
        with app.running(paths):
            assert cli.run(["unlock"]) == 0
            app.failure = {"code": "keyring", "title": "The keyring is locked.", "message": "Unlock it."}
            assert cli.run(["unlock"]) == 7
        said = capsys.readouterr()
        assert (said.out, "locked" in said.err) == ("The keyring isn't locked.\n", True)


class TestSetup:
    def test_both_options_need_no_terminal(self, paths: Paths, capsys: Captured) -> None:
        assert cli.run(["setup", "--client-id", CLIENT, "--tenant", "contoso.com"]) == 0
        read = load(paths)
        assert (read.client_id, read.tenant) == (CLIENT, "contoso.com")
        assert str(paths.settings_file) in capsys.readouterr().out

    def test_a_running_app_reads_the_settings_again(self, paths: Paths) -> None:
        with ScriptedApp({}).running(paths) as app:
            assert cli.run(["setup", "--client-id", CLIENT, "--tenant", "contoso.com"]) == 0
        assert app.heard == [{"do": "settings-written"}]

    def test_a_wrong_value_is_exit_code_6_and_changes_nothing(self, paths: Paths, capsys: Captured) -> None:
        assert cli.run(["setup", "--client-id", "x", "--tenant", "contoso.com"]) == 6
        assert "client_id = 'x'" in capsys.readouterr().err
        assert not paths.settings_file.exists()

    def test_it_asks_until_the_answer_is_right(self, paths: Paths, capsys: Captured) -> None:
        answers: Iterator[str] = iter(["", "nonsense", f'  "{CLIENT}" '])
        assert setup.prompted(paths, "client_id", None, lambda _prompt: next(answers)) == CLIENT
        assert capsys.readouterr().out.count("That isn't a client ID.") == 2

    def test_an_empty_answer_keeps_what_is_set(self, paths: Paths) -> None:
        asked: list[str] = []

        def ask(prompt: str) -> str:
            asked.append(prompt)
            return ""

        assert setup.prompted(paths, "client_id", CLIENT, ask) == CLIENT
        assert asked == [f"Application (client) ID [{CLIENT}]: "]

    def test_the_end_of_input_is_an_error_with_words(self, paths: Paths) -> None:
        def ask(_prompt: str) -> str:
            raise EOFError

        with pytest.raises(UsageError, match="--client-id"):
            setup.prompted(paths, "client_id", None, ask)

    @pytest.mark.parametrize(
        ("settings", "typed", "asked"),
        [
            (Settings(), (None, None), {"client_id": None, "tenant": None}),
            (Settings(), ("x", None), {"client_id": "x", "tenant": None}),
            (Settings(authority="https://a.test/t"), (None, None), {"client_id": None}),
            (Settings(managed=frozenset({"tenant", "cloud"})), (None, None), {"client_id": None}),
        ],
    )
    def test_it_asks_only_for_what_is_not_managed(
        self, settings: Settings, typed: tuple[str | None, str | None], asked: dict[str, str | None]
    ) -> None:
        args = argparse.Namespace(client_id=typed[0], tenant=typed[1])
        assert setup.asked_for(settings, args) == asked

    def test_where_all_of_it_is_managed_nothing_is_asked_or_written(self, paths: Paths, capsys: Captured) -> None:
        paths.machine_settings_file.parent.mkdir()
        paths.machine_settings_file.write_text(f'[managed]\nclient_id = "{CLIENT}"\ntenant = "contoso.com"\n')
        assert cli.run(["setup"]) == 0
        assert "Your organisation has already set up Presence Tray" in capsys.readouterr().out
        assert not paths.settings_file.exists()

    def test_a_managed_key_cannot_be_typed(self) -> None:
        args = argparse.Namespace(client_id=None, tenant="other.com")
        with pytest.raises(UsageError, match="tenant is set by your organisation"):
            setup.asked_for(Settings(managed=frozenset({"tenant"})), args)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_counts_down_on_one_line_and_clears_it() -> None:
    terminal = Terminal()
    countdown = account.Countdown(terminal, period=0.05)
    countdown.start(datetime.now(UTC) + timedelta(seconds=62.2))
    limit = time.monotonic() + 10
    while "1:00 left" not in terminal.getvalue() and time.monotonic() < limit:
        time.sleep(0.05)
    countdown.stop()
    said = terminal.getvalue()
    assert re.findall(r"\d:\d\d left", said)[0] in {"1:02 left", "1:01 left"}
    assert "1:00 left" in said
    assert "Ctrl-C" in said
    assert "\n" not in said
    assert said.rsplit("\r", 2)[1].strip() == ""


def test_a_pipe_gets_no_countdown() -> None:
    pipe = io.StringIO()
    countdown = account.Countdown(pipe)
    countdown.start(datetime.now(UTC))
    countdown.stop()
    assert pipe.getvalue() == ""
