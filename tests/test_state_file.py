"""The state file: what is saved is loaded, and nothing else ever stops the program."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray import files, state_file
from tray.core.states import BUSY, IN_A_CALL, STATES, Pair
from tray.core.values import Hold, Lease, Saved

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
FULL = Saved(
    hold=Hold(IN_A_CALL, NOON, NOON + timedelta(hours=2), pinned=True),
    last_state=BUSY,
    session=Lease(Pair("Busy", "InACall"), NOON, NOON + timedelta(minutes=30)),
    preferred=Lease(Pair("Busy", "Busy"), NOON, NOON + timedelta(minutes=30)),
    account_key="5f2b",
)

HOLD = '{"version": 1, "hold": {"state": "busy", "since": "%s", "until": null, "pinned": false}}'

instants = st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  st wants
leases = st.builds(Lease, st.builds(Pair, st.text(), st.text()), instants, instants)
holds = st.builds(Hold, st.sampled_from(STATES), instants, st.none() | instants, st.booleans())
saves = st.builds(
    Saved,
    hold=st.none() | holds,
    last_state=st.none() | st.sampled_from(STATES),
    session=st.none() | leases,
    preferred=st.none() | leases,
    account_key=st.none() | st.text(),
    graph_wait=st.none() | instants,
    sign_in_wait=st.none() | instants,
)


@given(saved=saves)
def test_what_was_saved_is_loaded(saved: Saved, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("state") / "state.json"
    state_file.save(file, saved)
    assert state_file.load(file) == saved


def test_without_a_file_nothing_is_loaded(tmp_path: Path) -> None:
    assert state_file.load(tmp_path / "none" / "state.json") is None


def test_the_file_has_its_version_and_only_the_user_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "new" / "state.json"
    state_file.save(file, FULL)
    assert json.loads(file.read_text())["version"] == 1
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["state.json"]


def test_instants_are_loaded_as_utc(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(HOLD % NOON.astimezone(timezone(timedelta(hours=9))).isoformat())
    loaded = state_file.load(file)
    assert loaded is not None
    assert loaded.hold is not None
    assert (loaded.hold.since, loaded.hold.since.tzinfo) == (NOON, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"version": "1"}',
        '{"version": 1, "hold": 5}',
        '{"version": 1, "later": ' + "[" * 20_000,
        '{"version": ' + "1" * 5_000 + "}",
        '{"version": 1, "session": {"availability": "A", "activity": "A", "confirmed_at": 5}}',
        HOLD % "2025-03-03T12:00:00",
        HOLD % "yesterday",
        '{"version": 1, "account_key": "' + "x" * 70_000 + '"}',
        "\udcff\udcfe",
    ],
)
def test_a_broken_file_is_set_aside_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str) -> None:
    file = tmp_path / "state.json"
    raw = text.encode(errors="surrogateescape")
    file.write_bytes(raw)
    assert state_file.load(file) is None
    assert not file.exists()
    assert (tmp_path / "state.json.broken").read_bytes() == raw
    assert "set aside" in caplog.text
    state_file.save(file, FULL)
    assert state_file.load(file) == FULL


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("state", "in-a-meeting"),
        ("since", "0001-01-01T00:00:00+14:00"),
        ("since", "0001-01-01T00:00:00Z"),
        ("until", "9999-12-31T23:59:59-05:00"),
        ("until", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_hold_that_cannot_be_is_dropped_and_the_rest_is_kept(tmp_path: Path, key: str, value: str) -> None:
    file = tmp_path / "state.json"
    state_file.save(file, FULL)
    written = json.loads(file.read_text())
    written["hold"][key] = value
    file.write_text(json.dumps(written))
    assert state_file.load(file) == Saved(None, FULL.last_state, FULL.session, FULL.preferred, FULL.account_key)


def test_a_lease_that_cannot_be_is_dropped_and_the_rest_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    state_file.save(file, FULL)
    written = json.loads(file.read_text())
    written["session"]["expires_at"] = "9999-12-31T23:59:59Z"
    written["last_state"] = "of a later version"
    file.write_text(json.dumps(written))
    assert state_file.load(file) == Saved(FULL.hold, None, None, FULL.preferred, FULL.account_key)


def test_a_broken_file_that_cannot_be_set_aside_is_logged_and_written_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "state.json"
    file.write_text("{broken")
    (tmp_path / "state.json.broken" / "in").mkdir(parents=True)
    assert state_file.load(file) is None
    assert "cannot be set aside" in caplog.text
    state_file.save(file, FULL)
    assert state_file.load(file) == FULL


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_whatever_the_umask_only_the_user_can_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        state_file.save(tmp_path / "local" / "state" / "state.json", FULL)
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"local": 0o700, "state": 0o700, "state.json": 0o600}


def test_a_save_that_was_overtaken_leaves_the_newer_one(tmp_path: Path) -> None:
    file = tmp_path / "state.json"

    def overtaken() -> bool:
        state_file.save(file, FULL)  # both write at once
        return False

    state_file.save(file, Saved(account_key="old"), overtaken)
    assert state_file.load(file) == FULL
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_what_killed_writers_left_is_found_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    for name in ("state.json.4711.new", "state.json.0a1b2c3d.new"):
        (tmp_path / name).touch()
    (tmp_path / "state.json.notes").touch()
    files.remove_drafts(file, older_than=60)
    assert len(files.drafts(file)) == 2
    files.remove_drafts(file)
    assert [path.name for path in tmp_path.iterdir()] == ["state.json.notes"]


def test_a_newer_file_is_neither_read_nor_overwritten(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "state.json"
    text = '{"version": 2, "hold": "something new"}'
    file.write_text(text)
    assert state_file.load(file) is None
    state_file.save(file, FULL)
    assert file.read_text() == text
    assert caplog.text.count("of a newer") == 2


def test_an_unknown_key_does_not_lose_the_hold(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    state_file.save(file, FULL)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"later": 1}))
    assert state_file.load(file) == FULL


def test_the_file_without_a_machines_name_is_taken_over_once(tmp_path: Path) -> None:
    nameless, file = tmp_path / "state.json", tmp_path / "state-1.json"
    state_file.save(nameless, FULL)
    state_file.adopt(nameless, file)
    assert state_file.load(file) == FULL
    state_file.save(nameless, Saved(account_key="another machine's, of an older version"))
    state_file.adopt(nameless, file)
    assert state_file.load(file) == FULL
    assert nameless.exists()


def test_where_there_is_nothing_to_take_over_nothing_happens(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    state_file.adopt(tmp_path / "none" / "state.json", tmp_path / "none" / "state-1.json")
    assert caplog.text == ""


def test_a_folder_that_cannot_be_used_is_only_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state.json").mkdir()
    with caplog.at_level(logging.WARNING):
        assert state_file.load(tmp_path / "state.json") is None
        state_file.save(tmp_path / "state.json", FULL)
    assert "cannot be read" in caplog.text
    assert "cannot be written" in caplog.text


def test_it_is_saved_while_another_process_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    state_file.save(file, Saved(account_key="old"))
    reader = file.open()  # on Windows nobody can replace it now
    done = threading.Timer(0.2, reader.close)
    done.start()
    state_file.save(file, FULL)
    done.join()
    assert state_file.load(file) == FULL
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="kills a writer with a signal that Windows does not have")
def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    program = (
        "import itertools, sys\n"
        "from pathlib import Path\n"
        "from tray import state_file\n"
        "from tray.core.events import Saved\n"
        "print('up', flush=True)\n"
        "for number in itertools.count():\n"
        "    state_file.save(Path(sys.argv[1]), Saved(account_key=str(number) * 400))\n"
    )
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", program, file], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            seen = None
            while seen is None:  # the first file is there
                seen = state_file.load(file)
            os.kill(writer.pid, signal.SIGKILL)
        loaded = state_file.load(file)
        assert loaded is not None
        assert not (tmp_path / "state.json.broken").exists()
