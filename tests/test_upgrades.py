"""Files of older versions are read for ever: they lie in goldens/versions and are never changed."""

import json
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.program.processes import PATIENCE, Program
from tray import settings, state_file
from tray.core.states import BUSY, Pair
from tray.paths import locate

FROZEN = "import sys; sys.frozen = True; from tray import __main__; __main__.main()"
VERSIONS = sorted((Path(__file__).parent / "goldens" / "versions").iterdir())


@pytest.mark.parametrize("version", VERSIONS, ids=lambda folder: folder.name)
def test_every_key_of_an_older_versions_settings_is_read(version: Path, tmp_path: Path) -> None:
    shutil.copy(version / "settings.toml", tmp_path)
    read = settings.load(locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path)}))
    written = tomllib.loads((version / "settings.toml").read_text())
    assert {key: getattr(read, key) for key in written} == written


@pytest.mark.parametrize("version", VERSIONS, ids=lambda folder: folder.name)
def test_an_older_versions_state_is_read(version: Path) -> None:
    saved = state_file.load(version / "state.json")
    assert saved is not None
    assert saved.hold is not None
    assert (saved.hold.state, saved.hold.pinned, saved.last_state) == (BUSY, True, BUSY)
    assert saved.hold.until == datetime(2026, 1, 5, 11, 30, tzinfo=UTC)
    assert (saved.session and saved.session.pair, saved.preferred and saved.preferred.pair) == (
        Pair("Away", "Away"),
        BUSY.preferred,
    )
    assert saved.account_key is not None


def test_a_newer_versions_state_is_left_alone(tmp_path: Path) -> None:
    newer = {"version": state_file.VERSION + 1, "hold": {"whatever": ["it", "means"]}}
    program = Program(tmp_path, {"HOME": str(tmp_path)})
    demo, real = program.paths(demo=True), program.paths()
    file = demo.state_file
    file.write_text(json.dumps(newer))
    shutil.copy(file, real.state_file)
    with program.running("hold", "busy", "--demo", "--for", "1h"):
        program.wait_for(lambda status: status["hold"] is not None and status["hold"]["held_by"] != "nothing")
    assert json.loads(file.read_text()) == newer
    assert "newer Presence Tray: left alone" in demo.log_file.read_text()
    told = program.run("doctor").stdout
    assert "The saved data is from a newer Presence Tray" in told
    assert "Update Presence Tray, or delete the file." in told


@pytest.mark.skipif(sys.platform != "linux", reason="packages of other systems send no signal")
@pytest.mark.parametrize(
    "arguments", [("-c", FROZEN, "token-child"), ("-m", "tray.signin.child")], ids=["frozen", "module"]
)
def test_an_upgrade_ends_no_token_child(arguments: tuple[str, ...]) -> None:
    ignored = 1 << signal.SIGUSR1 - 1
    with subprocess.Popen([sys.executable, *arguments], stdin=subprocess.PIPE) as child:
        limit = time.monotonic() + PATIENCE
        while not signals_of(child.pid, "SigIgn") & ignored:
            assert time.monotonic() < limit
            time.sleep(0.01)
        child.send_signal(signal.SIGUSR1)
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.2)
        child.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="packages of other systems send no signal")
def test_no_command_has_loaded_anything_before_it_is_safe_from_an_upgrade() -> None:
    program = "import sys\nfrom tray import __main__\nprint(sorted(m for m in sys.modules if m.startswith('tray.')))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout == "['tray.__main__']\n"


def signals_of(pid: int, kind: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith(f"{kind}:")).split()[1], 16)


def test_an_older_versions_timed_hold_is_set_again(tmp_path: Path) -> None:
    written = json.loads((VERSIONS[0] / "state.json").read_text())
    now = datetime.now(UTC)
    written["hold"] |= {"since": now.isoformat(), "until": (now + timedelta(hours=1)).isoformat()}
    written |= {"session": None, "preferred": None, "account_key": None}
    (tmp_path / "demo-state.json").write_text(json.dumps(written))
    program = Program(tmp_path, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"})
    with program.running("run", "--demo"):
        status = program.wait_for(lambda status: status["hold"] is not None)
        assert status["hold"]["state"] == "busy"
        assert program.run("quit").returncode == 0
