"""A real screen locker, MATE's, locks a screen and unlocks it by password, and the status follows.

    sudo uv run python -m tests.lanes.screen_locker FOLDER

No locker guards root's screen. The screen, its bus and the locker therefore belong to a user whom the lane makes and
removes again; the program is root's and joins that bus. Pictures of the screen are left in the folder.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.desktop.panel import screen
from tests.desktop.private_bus import PrivateBus, as_user
from tests.program.desktop import Desktop, running
from tests.program.processes import PATIENCE
from tests.signin.platform import Cloud
from tests.signin.secret_service import wait_for_store

USER, PASSWORD = "presence-tray-lane", "correct-horse"  # of a user who is removed again
LOCKER, COMMAND, DIALOG = "mate-screensaver", "mate-screensaver-command", "mate-screensaver-dialog"
HIDDEN, SHOWN = "Offline / Offline", "Available / Available"
DRAWN = 1.0  # seconds: a window that has just come takes no keys yet, and nothing tells when it does


@contextlib.contextmanager
def user(home: Path) -> Iterator[None]:
    """Make a user with a password, whose home is empty."""
    made = ["useradd", "--no-create-home", "--home-dir", str(home), USER]
    subprocess.run(made, check=True)
    try:
        subprocess.run(["chpasswd"], input=f"{USER}:{PASSWORD}\n", text=True, check=True)
        home.mkdir()
        shutil.chown(home, USER)
        yield
    finally:
        subprocess.run(["userdel", USER], check=True)


class Session:
    """The user's screen with its locker."""

    def __init__(self, bus: PrivateBus, home: Path, pictures: Path) -> None:
        self.pictures = pictures
        kept = {name: os.environ[name] for name in ("PATH", "DISPLAY") if name in os.environ}
        of_user = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "GSETTINGS_BACKEND": "memory", "NO_AT_BRIDGE": "1"}
        self.environ = {**kept, **bus.environ, **of_user}

    @contextlib.contextmanager
    def started(self, *command: str) -> Iterator[None]:
        """Run a program of the user's and end it."""
        quiet = subprocess.DEVNULL
        process = subprocess.Popen([*as_user(USER), *command], env=self.environ, stdout=quiet, stderr=quiet)
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)

    def locker(self, argument: str) -> str:
        """Tell the locker something, as its user; return what it says."""
        command = [*as_user(USER), COMMAND, argument]
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False)
        return done.stdout

    def lock(self) -> None:
        """Lock the screen, and see that it is locked."""
        self.locker("--lock")
        until("the locker covers the screen", lambda: "is active" in self.locker("--query"))

    def unlock(self, password: str) -> None:
        """Type a password into the locker's dialog, which comes with the first key."""
        self._x("mousemove", "100", "100", "key", "Shift_L")
        until("the locker asks for the password", lambda: runs(DIALOG))
        time.sleep(DRAWN)
        self._x("type", password)
        self.picture(password)
        self._x("key", "Return")

    def picture(self, name: str) -> None:
        """Leave a picture of the screen."""
        subprocess.run(["import", "-window", "root", str(self.pictures / f"{name}.png")], env=self.environ, check=True)

    def _x(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self.environ, check=True)


def runs(program: str) -> bool:
    """Tell whether a program of the user's runs."""
    return subprocess.run(["pgrep", "-u", USER, "-f", program], capture_output=True, check=False).returncode == 0


def until(what: str, condition: Callable[[], bool]) -> None:
    """Wait until something is so, and say it; raise `TimeoutError`."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > limit:
            raise TimeoutError(what)
        time.sleep(0.1)
    print(what, flush=True)


def check(desktop: Desktop, session: Session) -> None:
    """Lock and unlock while a status is set, and start while the screen is locked."""
    program = desktop.program

    def is_shown(pair: str) -> Callable[[], bool]:
        return lambda: desktop.shown == pair

    def is_met() -> bool:
        return any(rule["met"] for rule in program.status().get("rules", ()) if rule["name"] == "screen-lock")

    with running(desktop, []):
        assert program.run("set", "available").returncode == 0
        until("Teams shows Available", is_shown(SHOWN))
        session.lock()
        until("locked: Teams shows nothing of ours", is_shown(HIDDEN))
        session.unlock("wrong-password")
        time.sleep(3 * DRAWN)  # PAM makes whoever fails wait
        until("a wrong password unlocks nothing", lambda: is_met() and desktop.shown == HIDDEN)
        session.unlock(PASSWORD)
        until("unlocked: Teams shows Available again", is_shown(SHOWN))
    session.lock()
    with running(desktop, []):
        until("started behind the lock: the program knows it", is_met)
        session.unlock(PASSWORD)
        until("and it knows when it is unlocked", lambda: not is_met())


def main() -> int:
    """Run the lane."""
    pictures = Path(sys.argv[1])
    pictures.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="locker-")))
        folder.chmod(0o711)
        stack.enter_context(user(folder / "user"))
        os.environ["DISPLAY"] = stack.enter_context(screen())
        bus = stack.enter_context(PrivateBus(user=USER))
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        cloud = Cloud(folder)
        cloud.start()
        stack.callback(cloud.stop)
        desktop = Desktop(folder, bus, cloud)
        stack.callback(desktop.keyring.stop)
        wait_for_store()
        assert desktop.program.run("sign-in", "--device-code").returncode == 0
        desktop.write_settings(when_locked="release")
        session = Session(bus, folder / "user", pictures)
        stack.enter_context(session.started(LOCKER, "--no-daemon"))
        until("the locker runs", lambda: "inactive" in session.locker("--query"))
        check(desktop, session)
    return 0


if __name__ == "__main__":
    sys.exit(main())
