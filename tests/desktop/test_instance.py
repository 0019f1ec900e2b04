import subprocess
import sys
from pathlib import Path

import pytest

from tray.desktop import instance
from tray.errors import AlreadyRunning, TrayError

HOLDER = (
    "import sys\nfrom pathlib import Path\nfrom tray.desktop import instance\n"
    "claim = instance.claim(Path(sys.argv[1]))\nprint('up', flush=True)\nsys.stdin.read()\n"
)


def test_a_second_process_is_told_that_the_first_runs_until_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "run" / "instance.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"up"
        with pytest.raises(AlreadyRunning):
            instance.claim(file)
        holder.kill()
        holder.wait()
        instance.claim(file).release()


def test_a_lock_that_cannot_be_is_said(tmp_path: Path) -> None:
    file = tmp_path / "instance.lock"
    file.mkdir()
    with pytest.raises(TrayError, match="cannot be locked"):
        instance.claim(file)


def test_who_releases_can_claim_again(tmp_path: Path) -> None:
    instance.claim(tmp_path / "instance.lock").release()
    instance.claim(tmp_path / "instance.lock").release()
