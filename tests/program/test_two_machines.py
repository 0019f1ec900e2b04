"""Two machines that share a home folder, played by two machine ids and two runtime folders."""

import os
import sys
from pathlib import Path

import pytest

from tests.program.desktop import Desktop, needs_desktop
from tests.program.processes import PROGRAM, Program

pytestmark = [
    needs_desktop,
    pytest.mark.skipif(
        sys.platform != "linux" or os.getuid() != 0, reason="only root can give a process another machine id"
    ),
]


class Machine(Program):
    """The program on a machine of its own, whose home another one has as well."""

    def __init__(self, desktop: Desktop, folder: Path) -> None:
        super().__init__(desktop.home, desktop.program.environ)
        folder.mkdir(mode=0o700)
        (folder / "id").write_text(f"{folder.name:0>32}\n")
        self.environ |= {"XDG_RUNTIME_DIR": str(folder), "HOME": str(desktop.home)}
        del self.environ["PRESENCE_TRAY_HOME"]  # which would share lock and channel as well
        bound = f'mount --bind {folder}/id /etc/machine-id && exec "$0" "$@"'
        self.command = ["unshare", "--mount", "sh", "-c", bound, PROGRAM]


@pytest.fixture
def machines(desktop: Desktop, tmp_path: Path) -> tuple[Machine, Machine]:
    settings = desktop.home / ".config" / "presence-tray" / "settings.toml"
    settings.parent.mkdir(parents=True)
    (desktop.home / "settings.toml").rename(settings)
    one, other = Machine(desktop, tmp_path / "a"), Machine(desktop, tmp_path / "b")
    desktop.sign_in()
    return one, other


def test_one_that_holds_nothing_leaves_alone_what_the_other_holds(
    desktop: Desktop, machines: tuple[Machine, Machine]
) -> None:
    one, other = machines
    with one.running("run"):
        one.wait_for(lambda status: status["account"]["signed_in"])
        assert one.run("set", "in-a-call", "--for", "2h").returncode == 0
        with other.running("run"):
            status = other.wait_for(lambda status: status["account"]["signed_in"])
            assert status["hold"] is None
            assert desktop.shown == "Busy / InACall"
            other.quit()
        assert desktop.shown == "Busy / InACall"
        assert one.run("stop").returncode == 0
    assert len(list(desktop.home.rglob("state-*.json"))) == 2
    assert len(list(desktop.home.rglob("presence-tray-*.log"))) == 2
