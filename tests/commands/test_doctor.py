"""The doctor: each check, and how they are shown."""

import errno
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.commands.scripted_app import ScriptedApp, trouble
from tests.graph.server import Script, talking_to
from tray import cli, state_file
from tray.clock import Clock
from tray.commands import doctor
from tray.core.effects import ReadAccount, Request, TokenErrand
from tray.core.events import SignInProgressed
from tray.core.values import (
    Account,
    AccountRead,
    Answer,
    AnswerKind,
    Granted,
    KeyringState,
    KeyringTrouble,
    NetworkFailure,
    Saved,
    SignInNeeded,
    TokenOutcome,
    TryLater,
)
from tray.desktop.face import Host
from tray.desktop.linux.bus import NoSessionBus
from tray.graph.requests import Token
from tray.graph.transport import Timeouts
from tray.messages import doctor as words
from tray.paths import Paths, locate
from tray.sandbox.demo import Demo
from tray.signin.pipe import Reply

ADELE = Account("adele@contoso.com", "5f2b")
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
TOKEN = Token("secret-token", NOON, "secret-object-id")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return locate(demo=False)


class Source:
    """A token source with one outcome for each of the two errands."""

    def __init__(self, read: TokenOutcome, granted: TokenOutcome) -> None:
        self.read, self.granted = read, granted

    def carry_out(self, errand: TokenErrand, _progress: Callable[[SignInProgressed], None]) -> Reply:
        if isinstance(errand, ReadAccount):
            return Reply(self.read)
        return Reply(self.granted, TOKEN if isinstance(self.granted, Granted) else None)

    def cancel(self, _call: int) -> None:
        raise AssertionError("nothing to cancel")

    def abandon(self, _call: int) -> None:
        raise AssertionError("nothing to abandon")


class Graph:
    """A Graph with one answer."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def send(self, _request: Request, _token: Token) -> Answer:
        return self.answer

    def probe(self) -> tuple[Answer, datetime | None]:
        return self.answer, None


FINE = Answer(AnswerKind.ACCEPTED, status=200)
KNOWN = AccountRead(ADELE)
GRANTED = Granted(ADELE, NOON)


@pytest.mark.parametrize(
    ("read", "granted", "answer", "found"),
    [
        (KNOWN, GRANTED, FINE, [("keyring", True, 1), ("sign-in", True, 1), ("Graph", True, 1)]),
        (KeyringTrouble(KeyringState.LOCKED), GRANTED, FINE, [("keyring", False, 7)]),
        (AccountRead(None), GRANTED, FINE, [("keyring", True, 1), ("sign-in", False, 4)]),
        (KNOWN, SignInNeeded("Password changed."), FINE, [("keyring", True, 1), ("sign-in", False, 4)]),
        (KNOWN, TryLater("No network."), FINE, [("keyring", True, 1), ("sign-in", None, 1)]),
        (KNOWN, KeyringTrouble(KeyringState.HUNG), FINE, [("keyring", True, 1), ("sign-in", False, 7)]),
        *(
            (KNOWN, GRANTED, Answer(kind, status=status), [("keyring", True, 1), ("sign-in", True, 1), graph])
            for kind, status, graph in (
                (AnswerKind.FORBIDDEN, 403, ("Graph", False, 5)),
                (AnswerKind.NOT_FOUND, 404, ("Graph", False, 5)),
                (AnswerKind.THROTTLED, 429, ("Graph", None, 1)),
                (AnswerKind.UNAVAILABLE, 503, ("Graph", None, 1)),
            )
        ),
    ],
)
def test_each_check_of_the_account_needs_the_one_before(
    read: TokenOutcome, granted: TokenOutcome, answer: Answer, found: list[tuple[str, bool | None, int]]
) -> None:
    made = list(doctor.account(Source(read, granted), Graph(answer)))
    assert [(check.name, check.ok, check.code) for check in made] == found
    assert all(check.cure for check in made if check.ok is False)
    told = " ".join(f"{check.words} {check.cure}" for check in made)
    assert not {"adele", "secret-token", "secret-object-id"} & set(told.split())
    assert "adele" not in told


def test_a_demo_passes_every_check_of_account_and_service() -> None:
    demo = Demo(Clock())
    made = [*doctor.account(demo.source(), demo.graph()), *doctor.network_and_clock(demo.graph())]
    assert [check.ok for check in made] == [True] * 5


@pytest.mark.parametrize("failure", list(NetworkFailure))
def test_a_graph_that_cannot_be_reached_has_a_reason_and_a_cure(failure: NetworkFailure) -> None:
    network, clock = doctor.network_and_clock(Graph(Answer(AnswerKind.UNREACHABLE, failure=failure)))
    assert network.ok is False
    assert network.words
    assert network.cure
    assert clock.ok is None


@pytest.mark.skipif(sys.platform != "linux", reason="asks what Linux's desktops ask")
@pytest.mark.parametrize(
    ("gnome", "kde", "blamed"),
    [("'auto'", "0", True), ("'none'", "2", True), ("'none'", "0", False), (None, None, False)],
)
def test_a_proxy_script_of_the_system_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gnome: str | None, kde: str | None, blamed: bool
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if gnome:
        program = tmp_path / "gsettings"
        program.write_text(f'#!/bin/sh\necho "{gnome}"\n', encoding="utf-8")
        program.chmod(0o755)
        (tmp_path / "kioslaverc").write_text(f"[Proxy Settings]\nProxyType={kde}\n", encoding="utf-8")
    for failure, expected in ((NetworkFailure.NAME, blamed), (NetworkFailure.PORTAL, False)):
        network, _ = doctor.network_and_clock(Graph(Answer(AnswerKind.UNREACHABLE, failure=failure)))
        assert ("PAC" in network.cure) is expected


def test_a_check_that_fails_by_itself_hides_none_of_the_others() -> None:
    def fail() -> doctor.Check:
        raise ZeroDivisionError

    check = doctor.made("tray", fail)
    assert (check.name, check.ok) == ("tray", None)


def test_a_graph_that_drips_is_given_up() -> None:
    def drip(peer: socket.socket) -> None:
        while True:  # until the other side hangs up
            peer.sendall(b"H")
            time.sleep(0.01)

    with talking_to(drip, timeouts=Timeouts(None, None)) as (client, _):  # no limit of its own ends it
        made = list(doctor.network_and_clock(doctor.InTime(client, timedelta(seconds=0.2))))
    assert made == list(doctor.network_and_clock(Graph(Answer(AnswerKind.UNREACHABLE, failure=NetworkFailure.TIMEOUT))))


def dated(offset: timedelta | None) -> Script:
    """A service whose clock is off, or that does not say what time it is."""

    def refuse(peer: socket.socket) -> None:
        date = format_datetime(datetime.now(UTC) + offset, usegmt=True) if offset is not None else ""
        peer.sendall(f"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nDate: {date}\r\n\r\n".encode())

    return refuse


@pytest.mark.parametrize(
    ("offset", "ok", "says"),
    [
        (timedelta(), True, "right"),
        (timedelta(minutes=2), True, "slow"),
        (timedelta(hours=-1), False, "fast"),
        (timedelta(hours=1), False, "slow"),
        (None, None, "could not be compared"),
    ],
)
def test_the_clock_is_compared_with_graphs(offset: timedelta | None, ok: bool | None, says: str) -> None:
    with talking_to(dated(offset)) as (client, _):
        network, clock = doctor.network_and_clock(client)
    assert network.ok is True
    assert (clock.ok, says in clock.words) == (ok, True)


class TestTheMachine:
    def test_managed_keys_are_named(self, paths: Paths) -> None:
        paths.machine_settings_file.parent.mkdir()
        client = "00000000-0000-4000-8000-000000000001"
        paths.machine_settings_file.write_text(f'client_id = "{client}"\n[managed]\ntenant = "contoso.com"')
        check, _ = doctor.settings(paths)
        assert check.ok
        assert "set by your organisation: authority, tenant" in check.words
        assert client not in check.words

    def test_managed_keys_are_named_while_nothing_is_set_up(self, paths: Paths) -> None:
        paths.machine_settings_file.parent.mkdir()
        paths.machine_settings_file.write_text("[managed]\nlease_minutes = 10\n")
        check, _settings = doctor.settings(paths)
        assert check.words == "client_id or tenant is not set; set by your organisation: lease_minutes."

    def test_a_state_file_of_a_newer_program_is_said(self, paths: Paths) -> None:
        paths.state_file.write_text('{"version": 2}')
        assert doctor.saved_state(paths).ok is False
        paths.state_file.unlink()
        assert doctor.saved_state(paths).ok is True
        paths.state_file.mkdir()
        assert doctor.saved_state(paths).ok is False

    @pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX, for a disk that is full")
    def test_a_disk_that_takes_nothing_is_said_of_folders_and_saved_data(self, paths: Paths) -> None:
        import resource  # noqa: PLC0415  Windows has none

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            made = [doctor.folders(paths), doctor.saved_state(paths)]
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert [(check.ok, "File too large" in check.words) for check in made] == [(False, True)] * 2
        assert not list(paths.state_file.parent.glob("*.new"))

    def test_a_folder_that_cannot_be_made_is_said_of_folders_and_saved_data(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        paths = locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path / "file")})
        assert [doctor.folders(paths).ok, doctor.saved_state(paths).ok] == [False, False]

    def test_a_full_disk_needs_room(self) -> None:
        assert "Delete files" in words.make_writable(errno.ENOSPC)
        assert "PRESENCE_TRAY_HOME" in words.make_writable(errno.EACCES)

    def test_looking_leaves_nothing_behind(self, paths: Paths) -> None:
        before = sorted(paths.state_file.parent.rglob("*"))
        assert [doctor.folders(paths).ok, doctor.saved_state(paths).ok] == [True, True]
        assert sorted(paths.state_file.parent.rglob("*")) == before

    @pytest.mark.parametrize(
        ("host", "ok"),
        [(Host.THERE, True), (Host.ABSENT, False), (Host.SILENT, False), (Host.UNKNOWN, None)],
    )
    def test_a_missing_tray_host_is_said(self, host: Host, ok: bool | None) -> None:
        assert doctor.tray(lambda: host).ok is ok

    def test_a_tray_that_does_not_answer_is_told_from_one_that_is_missing(self) -> None:
        silent, absent = doctor.tray(lambda: Host.SILENT), doctor.tray(lambda: Host.ABSENT)
        assert silent.words != absent.words
        assert silent.cure != absent.cure

    def test_no_session_bus_is_said(self) -> None:
        def ask() -> Host:
            raise NoSessionBus("There is no bus.", "Start one.")

        assert doctor.tray(ask) == doctor.Check("tray", ok=False, words="There is no bus.", cure="Start one.")

    @pytest.mark.skipif(sys.platform != "linux", reason="writes what Linux reads")
    def test_a_launch_that_points_nowhere_is_said(self, tmp_path: Path) -> None:
        assert doctor.launch().ok is True
        (tmp_path / "autostart").mkdir()
        (tmp_path / "autostart" / "presence-tray.desktop").write_text("[Desktop Entry]\nExec=/gone")
        assert doctor.launch().ok is False

    def test_paths_do_not_name_the_user(self) -> None:
        assert doctor.short(Path.home() / "x" / "y") == str(Path("~") / "x" / "y")
        assert doctor.short(Path("/etc/x")) == str(Path("/etc/x"))


class TestTheCommand:
    def test_before_setup_it_names_the_cure_and_exits_with_its_code(self, paths: Paths, capsys: Captured) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        paths.settings_file.write_text(f'graph_url = "http://127.0.0.1:{port}"')  # nobody listens there any more
        assert cli.run(["doctor"]) == 6
        told = capsys.readouterr().out
        assert "FAIL  settings" in told
        assert "presence-tray setup" in told
        for name in ("folders", "saved data", "app", "launch at login", "tray", "network", "clock"):
            assert f"  {name} " in told

    @pytest.mark.parametrize(("name", "value"), [("HTTPS_PROXY", "nonsense://x"), ("SSL_CERT_FILE", "/nowhere/ca.pem")])
    def test_a_variable_for_the_network_that_cannot_be_used_is_named(
        self, paths: Paths, capsys: Captured, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)
        paths.settings_file.write_text('graph_url = "https://graph.test"')
        assert cli.run(["doctor"]) == 6
        told = capsys.readouterr().out
        assert name in told
        assert "FAIL  network" in told

    def test_graph_is_not_asked_while_it_has_asked_the_app_to_wait(self, paths: Paths, capsys: Captured) -> None:
        state_file.save(paths.state_file, Saved(graph_wait=datetime.now(UTC) + timedelta(seconds=90)))
        with socket.create_server(("127.0.0.1", 0)) as service:
            paths.settings_file.write_text(f'graph_url = "http://127.0.0.1:{service.getsockname()[1]}"')
            cli.run(["doctor"])
            service.setblocking(False)
            with pytest.raises(BlockingIOError):
                service.accept()
        assert "asked Presence Tray to wait" in capsys.readouterr().out

    def test_with_wrong_settings_the_service_is_not_checked(self, paths: Paths, capsys: Captured) -> None:
        paths.settings_file.write_text("lease_minutes = 1")
        assert cli.run(["doctor"]) == 6
        told = capsys.readouterr().out
        assert "from 5 to 240" in told
        assert told.count("not checked: fix the settings first") == 5

    @pytest.mark.parametrize(
        ("text", "code", "says"),
        [
            ('end_of_day = "18:00"\n[managed]\nstates = ["busy"]\n', 0, "has no mistake"),
            ("lease_minutes = 1\n[managed]\nleese_minutes = 30\n", 6, "managed.leese_minutes"),
            ("lease_minutes = 1\n[managed]\nleese_minutes = 30\n", 6, "from 5 to 240"),
            ('[managd]\nstates = ["busy"]\n', 6, "Did you mean managed?"),
            ("[managed]\noveride = false\n", 6, "Did you mean override?"),
            ("[managed]\ntheme = 5\n", 6, "messages, override, states."),
            ("lease_minutes = ", 6, "TOML"),
            (None, 6, "doesn't exist"),
        ],
    )
    def test_a_file_for_all_users_is_checked_before_it_goes_out(
        self, tmp_path: Path, capsys: Captured, text: str | None, code: int, says: str
    ) -> None:
        if text is not None:
            (tmp_path / "new.toml").write_text(text)
        assert cli.run(["doctor", "--settings", str(tmp_path / "new.toml")]) == code
        assert says in capsys.readouterr().out

    def test_a_mistake_in_the_file_for_all_users_is_named_and_the_rest_is_checked(
        self, paths: Paths, capsys: Captured
    ) -> None:
        paths.machine_settings_file.parent.mkdir()
        paths.machine_settings_file.write_text("lease_minutes = 1")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        paths.settings_file.write_text(f'graph_url = "http://127.0.0.1:{port}"')
        assert cli.run(["doctor"]) == 6
        told = capsys.readouterr().out
        assert "lease_minutes = 1 is not valid" in told
        assert "  network " in told

    def test_beside_a_demo_it_says_that_only_the_demo_runs(self) -> None:
        with ScriptedApp({}).running(locate(demo=True)):
            assert "only the demo is" in doctor.app(locate(demo=False)).words

    def test_each_sensor_that_a_rule_wants_says_what_it_knows(self, paths: Paths, capsys: Captured) -> None:
        paths.settings_file.write_text("lease_minutes = 1")  # nothing of the network in this test
        used = {"name": "microphone", "on": True, "met": True, "since": "2025-03-03T10:02:00Z", "by": "Zoom"}
        deaf = {"name": "screen-lock", "on": True, "met": False, "since": None, "by": None}
        rules = [
            used | {"can_tell": True, "why": None},
            deaf | {"can_tell": False, "why": "no-source"},
            used | {"name": "hours", "can_tell": True, "why": None},
        ]
        with ScriptedApp({"rules": rules}).running(paths):
            cli.run(["doctor"])
        told = capsys.readouterr().out
        assert "used by Zoom since " in told
        assert "can't tell: this desktop doesn't say" in told
        assert "→ Turn the rule off: presence-tray rules screen-lock off" in told
        assert "hours" not in told

    def test_a_rule_that_is_off_has_no_row(self, paths: Paths, capsys: Captured) -> None:
        paths.settings_file.write_text("lease_minutes = 1")  # nothing of the network in this test
        off = {
            "name": "microphone",
            "on": False,
            "met": False,
            "since": None,
            "by": None,
            "can_tell": True,
            "why": None,
        }
        with ScriptedApp({"rules": [off]}).running(paths):
            cli.run(["doctor"])
        assert "not in use" not in capsys.readouterr().out

    def test_the_apps_trouble_and_its_redacted_trace_are_shown(self, paths: Paths, capsys: Captured) -> None:
        paths.settings_file.write_text("lease_minutes = 1")  # nothing of the network in this test
        with ScriptedApp({"trouble": trouble("throttled")}).running(paths):
            cli.run(["doctor", "--trace"])
        told = capsys.readouterr().out
        assert "There is throttled." in told
        assert "first\nBearer <redacted>" in told
