"""KeePassXC as the keyring: `python -m tests.lanes.keyrings.keepassxc FOLDER`.

Its defaults, its confirmations switched off, no recycle bin, two databases, no shared group, a locked database, an end
by SIGKILL. It prints what a user reads and which windows open.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.lanes.keyrings.world import World, end, note, run

CONFIG = """[General]
ConfigVersion=2
UpdateCheckMessageShown=true
[GUI]
CheckForUpdates=false
[FdoSecrets]
Enabled=true
ConfirmAccessItem={asks}
"""
DATABASE = """<?xml version="1.0" encoding="UTF-8"?>
<KeePassFile><Meta><Generator>lane</Generator><RecycleBinEnabled>{bin}</RecycleBinEnabled><CustomData>{shared}</CustomData>
</Meta><Root><Group><UUID>AAAAAAAAAAAAAAAAAAAAAQ==</UUID><Name>Passwords</Name>
<Group><UUID>AAAAAAAAAAAAAAAAAAAAAg==</UUID><Name>secrets</Name></Group></Group></Root></KeePassFile>
"""
SHARED = "<Item><Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{00000000-0000-0000-0000-000000000002}</Value></Item>"
PASSWORD = "pw"  # noqa: S105  of a database that lives for a minute
DELETE = (717, 459)
ALLOW_SELECTED = (356, 540)  # of 1280 by 900 under openbox


class KeePassXC:
    """KeePassXC with databases in a session."""

    def __init__(self, world: World, *, asks: bool) -> None:
        self.world = world
        self.databases: list[Path] = []
        config = world.folder / "home/.config/keepassxc/keepassxc.ini"
        config.parent.mkdir(parents=True)
        config.write_text(CONFIG.format(asks=str(asks).lower()), encoding="utf-8")

    def add(self, name: str, *, shared: bool = True, bin: bool = True) -> None:  # noqa: A002  KeePassXC's word
        """Make a database."""
        source = self.world.folder / f"{name}.xml"
        source.write_text(DATABASE.format(bin=bin, shared=SHARED if shared else ""), encoding="utf-8")
        target = self.world.folder / f"home/{name}.kdbx"
        subprocess.run(
            ["keepassxc-cli", "import", "-q", "-p", "-t", "100", str(source), str(target)],
            input=f"{PASSWORD}\n{PASSWORD}\n",
            text=True,
            check=True,
            env=self.world.environ,
            stdout=subprocess.DEVNULL,
        )
        self.databases.append(target)

    @contextmanager
    def running(self) -> Iterator["subprocess.Popen[str]"]:
        """Run it with its databases open, until it is a Secret Service."""
        passwords = f"{PASSWORD}\n" * len(self.databases)
        with self.world.started("keepassxc", "--pw-stdin", *map(str, self.databases), stdin=passwords) as process:
            self.world.wait_for("no Secret Service", self.world.default)
            self.world.wait_for("no window", lambda: any("KeePassXC" in each for each in self.world.windows()))
            yield process

    def lock(self) -> None:
        """Lock all databases."""
        subprocess.run(["keepassxc", "--lock"], env=self.world.environ, check=True)

    def stored(self) -> None:
        """Note what the databases hold, the recycle bin included."""
        for database in self.databases:
            listed = subprocess.run(
                ["keepassxc-cli", "ls", "-Rfq", str(database)],
                input=f"{PASSWORD}\n",
                capture_output=True,
                text=True,
                check=True,
                env=self.world.environ,
            )
            entries = [line for line in listed.stdout.splitlines() if not line.endswith(("/", "[empty]"))]
            there, binned = (
                [each for each in entries if each.startswith("Recycle Bin/") is wanted] for wanted in (False, True)
            )
            size = database.stat().st_size // 1000
            note(f"{database.name}: {len(there)} entries, {len(binned)} in the recycle bin, {size} kB")

    def other_windows(self) -> None:
        """Note what is on the screen besides the main window."""
        found = [each for each in self.world.windows() if not each.endswith("KeePassXC") or "request" in each.lower()]
        note(f"windows besides the main one: {found or 'none'}")

    def allow(self) -> None:
        """Allow what the program asks to read."""
        self.world.wait_for_window("Access Request")
        self.world.picture("access-request")
        self.world.click(*ALLOW_SELECTED)

    def delete_for_good(self) -> None:
        """Agree to the end of an entry."""
        self.world.wait_for_window("Delete")
        self.world.picture("delete")
        self.world.click(*DELETE)
        self.world.wait_for("the window stays", lambda: not any("Delete" in each for each in self.world.windows()))

    def type_password(self) -> None:
        """Unlock a database."""
        self.world.wait_for_window("Unlock Database")
        self.world.picture("unlock-database")
        self.world.type(PASSWORD)


def trusting(folder: Path, *, has_bin: bool) -> None:
    """Use it with its confirmations off."""
    with World(folder) as world:
        keyring = KeePassXC(world, asks=False)
        keyring.add("Passwords", bin=has_bin)
        with keyring.running() as process:
            world.say("sign-in", "--device-code")
            with world.tray():
                note(f"twelve refreshes: {world.refresh(12)}")
                keyring.other_windows()
                keyring.stored()
            with world.tray():
                note(f"after a restart of the app: {world.refresh()}")
                keyring.lock()
                world.wait_for("not locked", lambda: world.program.run("doctor").returncode == 7)
                note(f"database locked: {world.refresh()}")
                world.say("set", "busy")
                keyring.other_windows()
                world.say_and_answer("unlock", keyring.type_password)
                note(f"unlocked: {world.refresh()}")
                world.say_and_answer("sign-out", *([] if has_bin else [keyring.delete_for_good] * 2))
            end(process)  # it may ignore SIGTERM
        keyring.stored()


def defaults(folder: Path) -> None:
    """Use it as it is installed."""
    with World(folder) as world:
        keyring = KeePassXC(world, asks=True)
        keyring.add("Passwords")
        with keyring.running() as process:
            world.say("sign-in", "--device-code")
            keyring.other_windows()
            with world.tray():
                note(f"the next process: {world.refresh()}")
                world.say("set", "busy")
                keyring.other_windows()
                world.say_and_answer("unlock", keyring.allow)
                note(f"twelve refreshes: {world.refresh(12)}")
                keyring.other_windows()
                keyring.lock()
                note(f"database locked: {world.refresh(2)}")
            with world.tray():
                world.say("set", "busy")
                world.say_and_answer("unlock", keyring.type_password, keyring.allow)
                note(f"unlocked and allowed: {world.refresh()}")
                world.say_and_answer("sign-out", keyring.allow)
            end(process)
        keyring.stored()


def nothing_shared(folder: Path) -> None:
    """Use it without a shared group."""
    with World(folder) as world:
        keyring = KeePassXC(world, asks=False)
        keyring.add("Passwords", shared=False)
        with keyring.running():
            world.say("sign-in", "--device-code")
            with world.tray():
                world.say("unlock")
            keyring.other_windows()


def two_databases(folder: Path, *, first_is_shared: bool) -> None:
    """Use it with two databases, and change the tab in front."""
    with World(folder) as world:
        keyring = KeePassXC(world, asks=False)
        keyring.add("First", shared=first_is_shared)
        keyring.add("Second")
        with keyring.running() as process:
            world.say("sign-in", "--device-code")
            with world.tray():
                note(f"refresh: {world.refresh()}; default {world.default().rpartition('/')[2]}")
                world.keys("ctrl+Tab")
                note(f"the other tab in front: {world.refresh(2)}; default {world.default().rpartition('/')[2]}")
                keyring.other_windows()
                world.say("sign-out")
            end(process)
        keyring.stored()


def killed(folder: Path) -> None:
    """Kill it, and start it again."""
    with World(folder) as world:
        keyring = KeePassXC(world, asks=False)
        keyring.add("Passwords")
        with world.tray():
            with keyring.running() as process:
                world.say("sign-in", "--device-code")
                note(f"refresh: {world.refresh()}")
                process.kill()
                process.wait()
                note(f"killed: {world.refresh()}")
                world.say("set", "busy")
            with keyring.running():
                note(f"started again: {world.refresh()}")


SITUATIONS: dict[str, Callable[[Path], None]] = {
    "confirmations off": partial(trusting, has_bin=True),
    "confirmations off, no recycle bin": partial(trusting, has_bin=False),
    "as it is installed": defaults,
    "no shared group": nothing_shared,
    "two databases, both shared": partial(two_databases, first_is_shared=True),
    "two databases, the second shared": partial(two_databases, first_is_shared=False),
    "killed and started again": killed,
}


if __name__ == "__main__":
    run("KeePassXC", SITUATIONS, {"keepassxc": "keepassxc"})
