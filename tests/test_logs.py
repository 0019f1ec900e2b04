"""The log: what it leaves out and what it keeps."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tray import logs

JWT = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL2dyYXBoIn0.c2lnbmF0dXJl-_x"
CODE = "0.AXkA" + "a1B2c3D4" * 12
REFRESH = "1.AVEA" + "Zz9_-" * 20
OBJECT_ID = "fa8bf3dc-eca7-46b7-bad1-db199b62afc3"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    levels = logging.getLogger().level, logging.getLogger("tray").level
    handler = logs.start(tmp_path / "log" / "tray.log", "info")
    yield tmp_path / "log" / "tray.log"
    logs.stop(handler)
    logging.getLogger().setLevel(levels[0])
    logging.getLogger("tray").setLevel(levels[1])


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (f"Authorization: Bearer {JWT}", JWT[:12]),
        ("authorization: bearer opaque", "opaque"),
        (f"token {JWT} expired", "eyJ"),
        (f"POST /users/{OBJECT_ID}/presence/setPresence", OBJECT_ID),
        (f"POST /users/{OBJECT_ID.upper()}/presence", OBJECT_ID.upper()),
        (f'{{"refresh_token": "{REFRESH}"}}', "Zz9"),
        ("{'access_token': 'short'}", "short"),
        (f"GET http://localhost:5000/?code={CODE}&state=QxYz", "AXkA"),
        ("GET http://localhost:5000/?code=abc&state=QxYz", "QxYz"),
        (f"form {CODE} posted", "a1B2"),
        ("POST /users/fa8bf3dceca746b7bad1db199b62afc3/presence", "fa8bf3"),
        ("a short code 0.AXEAabcdef", "AXEA"),
        ("signed in as anna@localhost", "anna"),
        ("GET /users/anna%40contoso.com", "anna"),
        (f"{Path.home()}/state.json cannot be read", str(Path.home())),
        ("signed in as alex.doe+work@contoso.onmicrosoft.com", "alex"),
    ],
)
def test_whatever_looks_like_a_secret_is_taken_out(file: Path, line: str, secret: str) -> None:
    logging.getLogger("tray.test").info("%s", line)
    written = file.read_text()
    assert "tray.test" in written
    assert secret not in written


def test_a_traceback_is_redacted_as_well(file: Path) -> None:
    try:
        int(JWT)
    except ValueError:
        logging.getLogger("tray.test").exception("broken")
    assert "Traceback" in file.read_text()
    assert "eyJ" not in file.read_text()


@pytest.mark.parametrize(
    "line",
    [
        "Picked(state=State(key='do-not-disturb'), until=2025-03-03 12:00:00+00:00)",
        "code=throttled status=429 retry_after=12",
        "/home/alex/.local/state/presence-tray/presence-tray.log written",
        "in-a-conference-call held_by=session",
    ],
)
def test_what_a_log_is_for_stays_readable(line: str) -> None:
    assert logs.redacted(line) == line


def test_libraries_are_heard_from_warning_on_and_we_from_the_level_asked_for(file: Path) -> None:
    for name in ("tray.engine", "httpcore", "msal.application"):
        for level in (logging.DEBUG, logging.INFO, logging.WARNING):
            logging.getLogger(name).log(level, "%s at %s", name, level)
    told = [line.rsplit(": ", 1)[1] for line in file.read_text().splitlines()]
    assert told == ["tray.engine at 20", "tray.engine at 30", "httpcore at 30", "msal.application at 30"]


def test_the_file_turns_over_and_stays_small(file: Path) -> None:
    for _ in range(3 * logs.SIZE // 10_000):
        logging.getLogger("tray.test").info("x" * 10_000)
    sizes = {path.name: path.stat().st_size for path in file.parent.iterdir()}
    assert set(sizes) == {"tray.log", "tray.log.1"}
    assert max(sizes.values()) <= logs.SIZE


def test_a_file_that_cannot_turn_over_goes_on(file: Path) -> None:
    in_the_way = file.with_name("tray.log.1") / "folder"
    in_the_way.mkdir(parents=True)
    for number in range(logs.SIZE // 10_000 + 3):
        logging.getLogger("tray.test").info("%s %s", number, "x" * 10_000)
    lines = file.read_text().splitlines()
    assert len(lines) == logs.SIZE // 10_000 + 3
    in_the_way.rmdir()
    in_the_way.parent.rmdir()
    logging.getLogger("tray.test").info("the first of another")
    assert len(file.read_text().splitlines()) == 1


def test_a_log_that_cannot_be_written_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("")
    handler = logs.start(tmp_path / "taken" / "tray.log", "debug")
    try:
        logging.getLogger("tray.test").warning("heard of %s", JWT)
        logging.getLogger("tray.test").info("not heard")
    finally:
        logs.stop(handler)
    told = capsys.readouterr().err
    assert "no log file" in told
    assert "heard of <token>" in told
    assert "not heard" not in told


@pytest.mark.skipif(sys.platform != "linux", reason="where a disk that is full can be had")
def test_a_log_that_a_full_disk_does_not_take_ends_without_an_error(tmp_path: Path) -> None:
    (tmp_path / "tray.log").symlink_to("/dev/full")
    handler = logs.start(tmp_path / "tray.log", "info")
    logging.getLogger("tray.test").info("lost")
    logs.stop(handler)


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_only_the_user_can_read_the_log_whatever_the_umask(tmp_path: Path) -> None:
    file = tmp_path / "log" / "program.log"
    before = os.umask(0)
    try:
        for _ in range(2):
            logs.stop(logs.start(file, "info"))
            assert file.stat().st_mode & 0o777 == 0o600
            file.chmod(0o644)  # as versions before left it
    finally:
        os.umask(before)
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and modes of POSIX")
def test_what_the_log_is_a_link_to_keeps_its_mode_unless_it_is_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "device")  # for /dev/null, which nobody but root could spoil
    (tmp_path / "device").chmod(0o666)
    (tmp_path / "program.log").symlink_to("device")
    reader = os.open(tmp_path / "device", os.O_RDWR)
    logs.stop(logs.start(tmp_path / "program.log", "info"))
    os.close(reader)
    assert (tmp_path / "device").stat().st_mode & 0o777 == 0o666


def test_what_ends_a_thread_is_in_the_log(file: Path) -> None:
    thread = threading.Thread(target=lambda: 1 / 0, name="some")
    thread.start()
    thread.join()
    text = file.read_text()
    assert "the thread some ended" in text
    assert "ZeroDivisionError" in text


def test_what_ends_the_program_is_in_the_log(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom tray import logs\n"
        "logs.start(Path(sys.argv[1]), 'info')\nraise LookupError('nobody catches it')\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "log")], check=False, timeout=60)
    assert done.returncode == 1
    assert "nobody catches it" in (tmp_path / "log").read_text()
