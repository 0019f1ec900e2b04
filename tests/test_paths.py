"""Where settings, state, log and lock lie."""

import os
import stat
import sys
from pathlib import Path

import platformdirs
import pytest

from tray import files, paths
from tray.errors import TrayError


def test_a_home_holds_everything(tmp_path: Path) -> None:
    found = paths.locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path)})
    places = [
        found.settings_file,
        found.machine_settings_file,
        found.state_file,
        found.log_file,
        found.lock_file,
    ]
    assert [place for place in places if not place.is_relative_to(tmp_path)] == []
    assert found.settings_file == tmp_path / "settings.toml"
    assert list(tmp_path.iterdir()) == []


def test_a_demo_shares_the_settings_and_nothing_else(tmp_path: Path) -> None:
    environment = {"PRESENCE_TRAY_HOME": str(tmp_path)}
    real, demo = (paths.locate(demo=demo, environment=environment) for demo in (False, True))
    assert real.settings_file == demo.settings_file
    assert real.state_file != demo.state_file
    assert real.log_file != demo.log_file
    assert real.lock_file != demo.lock_file
    assert real.channel != demo.channel


def test_two_machines_that_share_a_home_share_the_settings_alone(tmp_path: Path) -> None:
    environment = {"PRESENCE_TRAY_HOME": str(tmp_path)}
    one, other = (paths.locate(demo=False, environment=environment, machine=name) for name in ("1", "2"))
    assert one.settings_file == other.settings_file
    assert one.state_file != other.state_file
    assert one.log_file != other.log_file


def test_a_machine_is_named_by_digits_that_stay_and_do_not_show_its_id() -> None:
    assert paths.machine_name() == paths.machine_name()
    assert len(paths.machine_name()) == 8
    if Path("/etc/machine-id").exists():
        assert paths.machine_name() not in Path("/etc/machine-id").read_text()


def test_two_homes_have_two_channels(tmp_path: Path) -> None:
    channels = {
        paths.locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path / name)}).channel
        for name in ("a", "b", "x" * 100, "y" * 100)
    }
    assert len(channels) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="where things lie on Linux")
def test_on_linux_the_lock_and_the_channel_are_the_machines(tmp_path: Path) -> None:
    found = paths.locate(demo=False, environment={"XDG_RUNTIME_DIR": str(tmp_path)})
    assert found.channel == str(tmp_path / "presence-tray" / "control.sock")
    assert found.lock_file == tmp_path / "presence-tray" / "instance.lock"
    assert found.machine_settings_file == Path("/etc/presence-tray/settings.toml")


@pytest.mark.skipif(sys.platform != "linux", reason="where things lie on Linux")
@pytest.mark.parametrize("named", [None, "", "/somewhere/else", "/with a space/", "~/mine"])
def test_on_linux_everything_else_lies_where_platformdirs_has_it(
    named: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
        if named is not None:
            monkeypatch.setenv(variable, named)
    found = paths.locate(demo=False, environment=dict(os.environ))
    assert found.settings_file.parent == platformdirs.user_config_path("presence-tray", appauthor=False)
    assert found.state_file.parent == platformdirs.user_state_path("presence-tray", appauthor=False)
    assert found.log_file.parent == platformdirs.user_log_path("presence-tray", appauthor=False)


@pytest.mark.skipif(sys.platform != "linux", reason="where things lie on Linux")
def test_a_relative_folder_does_not_count() -> None:
    found = paths.locate(demo=False, environment={"XDG_CONFIG_HOME": "here", "XDG_STATE_HOME": "here"})
    assert found.settings_file == Path.home() / ".config" / "presence-tray" / "settings.toml"


@pytest.mark.skipif(sys.platform != "linux", reason="where things lie on Linux")
class TestRuntimeFolder:
    @pytest.fixture
    def tmp(self, tmp_path: Path) -> Path:
        (tmp_path / "tmp").mkdir()
        return tmp_path / "tmp"

    def lock(self, **environment: Path) -> Path:
        return paths.locate(demo=False, environment={name: str(path) for name, path in environment.items()}).lock_file

    @pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can give a folder away")
    def test_somebody_elses_is_passed_over(self, tmp: Path) -> None:
        theirs = tmp / "1000"
        theirs.mkdir(mode=0o700)
        os.chown(theirs, 1000, 1000)
        lock = self.lock(XDG_RUNTIME_DIR=theirs, TMPDIR=tmp)
        assert lock == tmp / f"presence-tray-{os.getuid()}" / "instance.lock"
        assert list(theirs.iterdir()) == []

    def test_one_that_is_not_there_is_passed_over(self, tmp: Path) -> None:
        assert self.lock(XDG_RUNTIME_DIR=tmp / "none", TMPDIR=tmp).is_relative_to(tmp)

    def test_where_somebody_has_taken_the_name_in_tmp_it_lies_beside_the_state(self, tmp: Path) -> None:
        (tmp / f"presence-tray-{os.getuid()}").symlink_to(tmp)
        found = paths.locate(demo=False, environment={"XDG_RUNTIME_DIR": str(tmp / "none"), "TMPDIR": str(tmp)})
        assert found.lock_file.parent.parent == found.state_file.parent
        assert paths.machine_name() in found.lock_file.parent.name


@pytest.mark.skipif(sys.platform == "win32", reason="Windows takes the folder beside the user's own for it")
def test_a_home_that_names_nobody_is_said() -> None:
    with pytest.raises(TrayError, match="~nosuchuser"):
        paths.locate(demo=False, environment={"PRESENCE_TRAY_HOME": "~nosuchuser/x"})


@pytest.mark.skipif(sys.platform != "win32", reason="where things lie on Windows")
def test_on_windows_all_but_the_machines_settings_lies_in_the_users_local_folder() -> None:
    found = paths.locate(demo=False, environment={"ProgramData": r"D:\Data"})
    places = [found.settings_file, found.state_file, found.log_file, found.lock_file]
    own = Path(os.environ["LOCALAPPDATA"])
    assert [place for place in places if not place.is_relative_to(own)] == []
    assert found.machine_settings_file == Path(r"D:\Data\presence-tray\settings.toml")
    assert found.channel.startswith("\\\\.\\pipe\\presence-tray-")


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe's name has no such limit")
def test_a_path_too_long_for_a_socket_becomes_a_hashed_name_in_the_runtime_folder(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30)
    found = paths.locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(home), "XDG_RUNTIME_DIR": "/run/user/1000"})
    assert not Path(found.channel).is_relative_to(home)
    assert len(found.channel.encode()) <= paths.LONGEST_SOCKET_PATH


@pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")
class TestPrivateFolder:
    def test_it_is_made_for_this_user_alone(self, tmp_path: Path) -> None:
        files.private_folder(tmp_path / "run")
        assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700

    def test_one_that_others_can_enter_is_closed(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir(mode=0o777)
        (tmp_path / "run").chmod(0o777)
        files.private_folder(tmp_path / "run")
        assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700

    @pytest.mark.skipif(sys.platform != "linux", reason="a folder of Linux that takes no modes")
    def test_one_on_a_file_system_without_modes_is_used_as_it_is(self) -> None:
        folder = Path("/proc/self/task")
        with pytest.raises(PermissionError):
            folder.chmod(0o700)
        files.private_folder(folder)

    def test_a_link_in_its_place_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(TrayError, match="belongs to somebody else"):
            files.private_folder(tmp_path / "run")


@pytest.mark.skipif(sys.platform != "linux", reason="a folder of Linux that cannot be written through to the disk")
def test_a_file_system_that_settles_no_renames_is_no_failure() -> None:
    folder = Path("/proc/self/task")
    descriptor = os.open(folder, os.O_RDONLY)
    with pytest.raises(OSError, match="Invalid argument"):
        os.fsync(descriptor)
    os.close(descriptor)
    files._settle_folder(folder)


def test_a_file_that_was_replaced_is_settled_later_and_one_that_is_gone_cannot_be(tmp_path: Path) -> None:
    files.replace(tmp_path / "state.json", "new", settles=False)
    files.settle(tmp_path / "state.json")
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]
    with pytest.raises(FileNotFoundError):
        files.settle(tmp_path / "gone.json")


@pytest.mark.skipif(sys.platform == "win32", reason="making a link takes a privilege there")
def test_a_link_to_a_file_stays_a_link_when_the_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link.toml").symlink_to(tmp_path / "kept" / "settings.toml")
    files.replace(tmp_path / "link.toml", "new")
    assert (tmp_path / "link.toml").is_symlink()
    assert (tmp_path / "kept" / "settings.toml").read_text() == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")
class TestWhatIsNoFile:
    def test_a_pipe_that_nobody_writes_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        assert files.read(tmp_path / "pipe", 10) == b""

    def test_a_pipe_that_says_nothing_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        writer = os.open(tmp_path / "pipe", os.O_RDWR)
        assert files.read(tmp_path / "pipe", 10) == b""
        os.close(writer)

    def test_what_never_ends_is_refused(self) -> None:
        with pytest.raises(OSError, match="File too large"):
            files.read_whole(Path("/dev/zero"))

    def test_a_device_is_not_replaced_by_a_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "device")
        (tmp_path / "settings.toml").symlink_to(tmp_path / "device")
        with pytest.raises(OSError, match="File exists"):
            files.replace(tmp_path / "settings.toml", "text")
        assert stat.S_ISFIFO((tmp_path / "device").stat().st_mode)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["device", "settings.toml"]
