"""Everything that is kept for a user, removed by one command and no sooner than the user agrees."""

from pathlib import Path

from tests.program.desktop import Desktop, needs_desktop
from tests.program.processes import PATIENCE, Program
from tests.signin.secret_service import needs_keyring, unlock
from tests.signin.storage.test_keyrings import lock_collection

pytestmark = needs_desktop


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_it_asks_first_then_gives_back_signs_out_ends_the_app_and_leaves_no_file(desktop: Desktop) -> None:
    program, home = desktop.program, desktop.home
    program.environ["HOME"] = str(home.parent / "user")
    desktop.sign_in()
    assert program.run("autostart", "on").returncode == 0
    with program.running("run") as process:
        program.wait_for(lambda status: status["account"]["signed_in"])
        assert program.run("set", "in-a-call").returncode == 0
        before = files(home.parent)

        asked = program.run("forget")
        assert (asked.returncode, "--yes" in asked.stderr) == (2, True)
        assert str(home / "settings.toml") in asked.stdout
        assert files(home.parent) == before
        assert desktop.shown == "Busy / InACall"

        done = program.run("forget", "--yes")
        assert (done.returncode, done.stderr) == (0, "")
        assert process.wait(PATIENCE) == 0
    assert desktop.shown == "Offline / Offline"
    assert not home.exists()
    assert not any(Path(program.environ["HOME"]).rglob("*.desktop"))

    home.mkdir()
    desktop.write_settings()
    with program.running("run"):
        program.wait_for(lambda status: not status["account"]["signed_in"])
        assert program.run("set", "busy").returncode == 4


def test_what_others_put_into_the_folders_stays_and_nothing_to_remove_is_no_error(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "notes.txt").write_text("mine")
    program = Program(home, {"HOME": str(tmp_path)})
    program.paths().page_log_file.write_text("of the settings page")
    for _ in range(2):
        done = program.run("forget", "--yes")
        assert (done.returncode, done.stderr) == (0, "")
        assert files(home) == ["notes.txt"]


@needs_keyring
def test_a_locked_keyring_stops_it_before_anything_is_removed(desktop: Desktop) -> None:
    program = desktop.program
    program.environ["HOME"] = str(desktop.home.parent / "user")
    desktop.sign_in()
    lock_collection(desktop.keyring)
    before = files(desktop.home)
    refused = program.run("forget", "--yes")
    assert (refused.returncode, "locked" in refused.stderr) == (7, True)
    assert files(desktop.home) == before
    unlock(desktop.bus)
    assert program.run("forget", "--yes").returncode == 0
    assert not desktop.home.exists()


def test_a_broken_settings_file_keeps_nothing_but_the_sign_in_which_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text("client_id = ")
    program = Program(home, {"HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"})
    done = program.run("forget", "--yes")
    assert (done.returncode, "Presence Tray: sign-in" in done.stderr) == (7, True)
    assert not home.exists()


def test_where_there_is_no_keyring_it_says_so_and_removes_the_rest(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text('client_id = "00000000-0000-4000-8000-000000000001"\ntenant = "contoso.com"\n')
    program = Program(home, {"HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"})
    done = program.run("forget", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "No keyring is running in this session" in done.stdout
    assert not home.exists()


def test_what_cannot_be_removed_is_named_and_the_rest_goes_the_next_time(tmp_path: Path) -> None:
    home = tmp_path / "home"
    program = Program(home, {"HOME": str(tmp_path)})
    state = program.paths().state_file
    state.mkdir(parents=True)
    (home / "settings.toml").touch()
    refused = program.run("forget", "--yes")
    assert (refused.returncode, str(state) in refused.stderr) == (1, True)
    assert "yourself" in refused.stderr
    state.rmdir()
    assert program.run("forget", "--yes").returncode == 0
    assert not home.exists()
