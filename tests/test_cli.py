"""The command line: what can be typed, what is refused, and how a command ends."""

import os
import subprocess
import sys
from datetime import time, timedelta
from pathlib import Path

import pytest

from tests.requirements import needs
from tests.rows import for_each
from tray import cli
from tray.core.states import NEVER_SENT, STATES
from tray.paths import locate

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PRESENCE_TRAY_HOME", str(tmp_path))
    return tmp_path


@for_each(
    ("typed", "says"),
    [
        ("nonsense", "There is no command or status 'nonsense'."),
        ("statsu", "Did you mean status?"),
        ("avaliable until 17:00", "Did you mean available?"),
        ("set brn", "Did you mean brb?"),
        ("busy untill 17:00", "'untill' isn't understood after a status. Did you mean until?"),
        ("toggle be right back fro 5m", "Did you mean for?"),
        ("busy tomorrow", "'tomorrow' isn't understood after a status. Write how long it stays"),
        ("open setings", "'setings' is not a choice here. Did you mean settings?"),
        ("demo meeting", "Did you mean teams-meeting?"),
        ("rules hour on", "Did you mean hours?"),
        ("pin yes", "'yes' is not a choice here. The choices are on, off."),
        ("watch --jsn", "See `presence-tray watch --help`."),
        ("meeting until 17:00", "In a meeting can't be set here."),
        ("busy for long", "90m"),
        ("busy until later", "17:00"),
        ("busy 5m until 17:00", "not allowed with"),
        ("until 17:00", "until"),
        ("keep forever", "neither a duration nor a time"),
        ("keep -5m", "'-5m' is neither a duration nor a time"),
        ("keep 200h", "'200h' is too short or too long. The shortest time is a second, the longest a week"),
        ("keep for 0m", "'0m' is too short or too long."),
        ("busy 200h", "'200h' is too short or too long."),
        ("message Lunch --for 200h", "'200h' is too short or too long."),
        (f"set {'x' * 5000}", "xxx...'. "),
        (f"busy for {'9' * 5000}", "999...'"),
        (f"stop {'x' * 5000}", "xxx.... See"),
        ("set", "STATE"),
        ("set nonsense", "nonsense"),
        ("set avaliable", "Did you mean available?"),
        ("set busy extra", "extra"),
        ("set busy --for soon", "90m"),
        ("set busy --for -5m", "'-5m' is not a duration"),
        ("busy for -5m", "'-5m' is not a duration"),
        ("busy until -17:00", "'-17:00' is not a time"),
        ("set busy --for", "--for"),
        ("set busy --for 0m", "a week"),
        ("set busy --until noon", "17:00"),
        ("set busy --for 5m --until 17:00", "not allowed with"),
        ("set busy --fo 5m", "--fo"),
        ("hold", "STATE"),
        ("hold busy --speed 60", "--demo"),
        ("run --speed 60", "--demo"),
        ("--speed 60", "--demo"),
        ("--demo --speed nan", "0.1 to 3600"),
        ("--demo --speed 0", "0.1 to 3600"),
        ("--demo --profile six", "six"),
        ("--nonsense", "--nonsense"),
        ("autostart", "on|off|status"),
        ("autostart maybe", "maybe"),
        ("setup --client-id nonsense", "not a terminal"),
        ("set in-a-call --pin", "can't override Teams"),
        ("hold presenting --pin --demo", "can't override Teams"),
        ("toggle in-a-conference-call --pin", "can't override Teams"),
        ("set meeting", "In a meeting can't be set here."),
        ("ooo", "Out of office can't be set here."),
        ("focus until 17:00", "Focusing can't be set here."),
        ("set OutOfOffice", "Out of office can't be set here."),
        ("set inameeting", "In a meeting can't be set here."),
        ("hold Focusing", "Focusing can't be set here."),
        ("toggle PresenceUnknown", "Status unknown can't be set here."),
        ("set DoNotDisturb/Focusing", "Focusing can't be set here."),
        *((f"set {row.key}", "can't be set here. Teams shows it") for row in NEVER_SENT),
        *((f"hold {row.key}", "can't be set here. Teams shows it") for row in NEVER_SENT),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_nothing_happens(
    home: Path, capsys: Captured, typed: str, says: str
) -> None:
    assert cli.run(typed.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("presence-tray: ")
    assert told.err.count("\n") == 1
    assert says.casefold() in told.err.casefold()
    assert list(home.iterdir()) == []


@for_each("typed", ["set Do-Not-Disturb", "set do_not_disturb", "hold --demo DO-NOT-DISTURB"])
def test_a_state_is_understood_however_it_is_written(typed: str) -> None:
    assert cli.parser().parse_args(typed.split()).state.key == "do-not-disturb"


FIVE, HALF_PAST, NINETY = time(17), time(17, 30), timedelta(minutes=90)


@for_each(
    ("typed", "command", "state", "length", "until"),
    [
        ("busy", "set", "busy", None, None),
        ("Busy until 17:00", "set", "busy", None, FIVE),
        ("busy until 5 pm", "set", "busy", None, FIVE),
        ("BUSY UNTIL 17.30", "set", "busy", None, HALF_PAST),
        ("busy 17:00", "set", "busy", None, FIVE),
        ("busy 17", "set", "busy", None, FIVE),
        ("busy 1h30", "set", "busy", NINETY, None),
        ("busy 1 h 30", "set", "busy", NINETY, None),
        ("dnd for 90 min", "set", "do-not-disturb", NINETY, None),
        ("brb", "set", "be-right-back", None, None),
        ("be right back for 90m", "set", "be-right-back", NINETY, None),
        ("appear offline", "set", "appear-offline", None, None),
        ("offline", "set", "appear-offline", None, None),
        ("in a call 90m", "set", "in-a-call", NINETY, None),
        ("InACall", "set", "in-a-call", None, None),
        ("set be right back", "set", "be-right-back", None, None),
        ("set busy 17:00", "set", "busy", None, FIVE),
        ("set busy --for 90 min", "set", "busy", NINETY, None),
        ("toggle conference until 17", "toggle", "in-a-conference-call", None, FIVE),
        ("hold --demo --speed 60 do not disturb for 1h30", "hold", "do-not-disturb", NINETY, None),
    ],
)
def test_a_status_and_its_time_are_understood_as_people_write_them(
    typed: str, command: str, state: str, length: timedelta | None, until: time | None
) -> None:
    args = cli.parse(typed.split())
    assert (args.command, args.state.key, args.length, args.until) == (command, state, length, until)


def test_the_words_of_a_message_are_left_alone() -> None:
    args = cli.parse(["busy", "--message", "Back for 5 minutes", "--pin", "until", "17:00"])
    assert (args.message, args.pin, args.until) == ("Back for 5 minutes", True, FIVE)
    assert cli.parse(["busy", "--message", "--for 5 minutes"]).message == "--for 5 minutes"
    assert cli.parse(["busy", "--message", "-brb-"]).message == "-brb-"


@for_each("command", list(cli.COMMANDS))
def test_every_command_explains_itself(capsys: Captured, command: str) -> None:
    assert cli.run([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert f"presence-tray {command}" in told
    assert cli.words.long(command).split()[0] in told


@for_each("command", cli.COMMANDS.values())
def test_every_command_is_there(command: cli.Command) -> None:
    assert callable(command.load())


def test_states_lists_the_nine_and_where_the_others_come_from(capsys: Captured) -> None:
    assert cli.run(["states"]) == 0
    told = capsys.readouterr().out
    for state in STATES:
        assert f"\n{state.key} " in told
        assert f"{state.pair.availability} / {state.pair.activity}" in told
    for row in NEVER_SENT:
        assert row.key in told


def test_wrong_settings_are_exit_code_6(home: Path, capsys: Captured) -> None:
    (home / "settings.toml").write_text("lease_minutes = 1")
    assert cli.run(["sign-in"]) == 6
    told = capsys.readouterr().err
    assert "lease_minutes = 1" in told
    assert told.count("\n") == 1


def test_signing_in_before_setup_says_so(capsys: Captured) -> None:
    assert cli.run(["sign-in"]) == 6
    assert "presence-tray setup" in capsys.readouterr().err


def test_the_list_of_commands_has_the_names_that_the_menu_uses(capsys: Captured) -> None:
    assert cli.run(["--help"]) == 0
    assert "pin (override)" in capsys.readouterr().out


@needs("user-namespaces")
@pytest.mark.parametrize("command", ["status", "doctor", "run", "autostart status", "states", "--help"])
def test_a_user_without_a_home_folder_is_told_in_a_line(command: str) -> None:
    nobody = ["unshare", "--user", "--map-user=54321"]
    environ = {name: value for name, value in os.environ.items() if name not in ("HOME", "PRESENCE_TRAY_HOME")}
    done = subprocess.run(
        [*nobody, sys.executable, "-m", "tray", *command.split()],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if command in ("states", "--help"):
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "Set HOME or PRESENCE_TRAY_HOME" in done.stderr


def test_the_unexpected_is_one_line_and_a_place_in_the_log(home: Path, capsys: Captured) -> None:
    assert cli._unexpected(RuntimeError("Bearer abcdef")) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "abcdef" not in told
    log = locate(demo=False).log_file
    assert log.parent == home
    assert str(log) in told
    assert "RuntimeError" in log.read_text()


def test_a_reader_that_goes_away_is_no_error() -> None:
    program = Path(sys.executable).with_name("presence-tray")
    told = subprocess.run(
        ["sh", "-c", f"'{program}' states | true; '{program}' --help | true"],
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stderr == ""


def test_commands_do_not_load_the_network_the_sign_in_or_the_tray() -> None:
    program = """
import contextlib, sys
from tray import cli
for typed in ("status", "set busy", "states", "autostart status", "--version"):
    with contextlib.suppress(SystemExit):
        cli.run(typed.split())
    heavy = {"httpcore", "msal", "pystray", "PIL", "keyring", "jeepney", "tray.program"} & set(sys.modules)
    assert not heavy, (typed, heavy)
"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_what_is_loaded_is_not_looked_through_for_garbage_and_what_comes_later_is() -> None:
    script = (
        "import gc, sys\nfrom tray.__main__ import main\nsys.argv[1:] = ['states']\nmain()\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 10_000, sum(each['collections'] for each in gc.get_stats()))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    enabled, frozen, collections = done.stdout.splitlines()[-1].split()
    assert (enabled, frozen) == ("True", "True")
    assert int(collections) < 20, "it looked while it loaded"


@pytest.mark.skipif(sys.platform != "linux", reason="where a disk that is full can be had")
def test_a_result_that_cannot_be_written_is_said_in_a_line(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert cli.run(["states"]) == 1
    assert capsys.readouterr().err == "presence-tray: The output can't be written: No space left on device.\n"


@pytest.mark.skipif(sys.platform != "linux", reason="where a disk that is full can be had")
def test_an_error_that_cannot_be_written_keeps_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stderr", full)
        assert cli.run(["bogus"]) == 2
