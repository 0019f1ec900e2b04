"""One instance for each user, and turns for those who write one file."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tray import file_locks
from tray.errors import AlreadyRunning, TrayError

HOLDER = (
    "import sys\nfrom pathlib import Path\nfrom tray import file_locks\n"
    "with file_locks.claim(Path(sys.argv[1])):\n    print('up', flush=True)\n    sys.stdin.read()\n"
)


def test_a_second_process_is_told_that_the_first_runs_until_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "run" / "instance.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"up"
        with pytest.raises(AlreadyRunning), file_locks.claim(file):
            pass
        holder.kill()
        holder.wait()
        with file_locks.claim(file):
            assert file.exists()


def test_while_one_is_claimed_another_cannot_be_and_then_it_can(tmp_path: Path) -> None:
    file = tmp_path / "instance.lock"
    with file_locks.claim(file):
        with pytest.raises(AlreadyRunning), file_locks.claim(file):
            pass
        with pytest.raises(AlreadyRunning), file_locks.claim(file):  # the refused one has let go of nothing
            pass
    with file_locks.claim(file):
        assert file.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no file that is open")
def test_a_lock_that_somebody_removed_is_taken_again(tmp_path: Path) -> None:
    file = tmp_path / "run" / "lock"
    with file_locks.claim(file) as claim:
        for _ in range(2):
            shutil.rmtree(file.parent)
            claim.restore()
            claim.restore()
            with pytest.raises(AlreadyRunning), file_locks.claim(file):
                pass
    with file_locks.claim(file):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no file that is open")
def test_a_lock_that_another_process_has_taken_meanwhile_stays_its_own(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with file_locks.claim(file) as claim:
        file.unlink()
        with file_locks.claim(file):
            claim.restore()
            with pytest.raises(AlreadyRunning), file_locks.claim(file):
                pass


def test_a_child_does_not_keep_the_claim(tmp_path: Path) -> None:
    file = tmp_path / "instance.lock"
    with file_locks.claim(file):
        child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    with child, file_locks.claim(file):
        assert child.poll() is None
        child.kill()


def test_a_lock_that_cannot_be_is_said(tmp_path: Path) -> None:
    file = tmp_path / "instance.lock"
    file.mkdir()
    with pytest.raises(TrayError, match="can't be locked"), file_locks.claim(file):
        pass


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EIO])
def test_a_file_system_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(file_locks, "_lock", refuse)
    with pytest.raises(TrayError) as refused, file_locks.claim(tmp_path / "lock"):
        pass
    assert not isinstance(refused.value, AlreadyRunning)
    assert os.strerror(number) in str(refused.value)


def test_where_nobody_can_lock_there_are_no_turns(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with file_locks.turn(tmp_path / "file" / "settings.lock"):
        pass


def test_a_turn_that_does_not_end_is_not_waited_for(tmp_path: Path) -> None:
    with file_locks.turn(tmp_path / "settings.lock"), file_locks.turn(tmp_path / "settings.lock", 0.05):
        pass
