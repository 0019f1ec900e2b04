"""GNOME Keyring as the keyring, with its windows: `python -m tests.lanes.keyrings.gnome_keyring FOLDER`.

Locked and unlocked in its window, cancelled, killed and started again by D-Bus, a second collection that is the
default, no keyring yet; a hundred sign-ins, each with a sign-out right after it. It prints what a user reads and
which windows open.
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jeepney import new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.lanes.keyrings.world import SERVICE, World, note, run

PROMPTER = "org.gnome.keyring.SystemPrompter"
ACTIVATABLE = {
    PROMPTER: ["/usr/libexec/gcr-prompter"],
    "org.gnome.keyring.PrivatePrompter": ["/usr/libexec/gcr-prompter"],
    "org.freedesktop.secrets": ["/usr/bin/gnome-keyring-daemon", "--start", "--foreground", "--components=secrets"],
}
DAEMON = ("gnome-keyring-daemon", "--foreground", "--components=secrets")
PASSWORD = "pw"  # noqa: S105  of a keyring that lives for a minute
PAIRS = 100
LOGIN = "/org/freedesktop/secrets/collection/login"


@contextmanager
def logged_in(world: World) -> Iterator["subprocess.Popen[str]"]:
    """Run the daemon with its keyring opened by the login's password."""
    with world.started(*DAEMON, "--unlock", stdin=PASSWORD) as process:
        world.wait_for("no default", lambda: world.default() == LOGIN)
        yield process


def lock(world: World, path: str = LOGIN) -> None:
    """Lock a collection."""
    world.call("Lock", "ao", [path])


def second_collection(world: World) -> str:
    """Make a collection without a window, and make it the default, as Seahorse does."""
    inside = SERVICE.with_interface("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
    with open_dbus_connection(world.address) as connection:
        opened = connection.send_and_get_reply(new_method_call(SERVICE, "OpenSession", "sv", ("plain", ("s", ""))))
        secret = (opened.body[1], b"", PASSWORD.encode(), "text/plain")
        label = {"org.freedesktop.Secret.Collection.Label": ("s", "Second")}
        made = connection.send_and_get_reply(
            new_method_call(inside, "CreateWithMasterPassword", "a{sv}(oayays)", (label, secret))
        )
        path = str(made.body[0])
        connection.send_and_get_reply(new_method_call(SERVICE, "SetAlias", "so", ("default", path)))
    return path


def answers(world: World, *keys: str) -> Callable[[], None]:
    """Answer the daemon's window: with its password, or with keys instead."""

    def answer() -> None:
        world.wait_for("no window", world.windows)
        note(f"window: *{world.windows()[0]}*")
        world.picture("window")
        if keys:
            world.keys(*keys)
        else:
            world.type(PASSWORD)

    return answer


def locked(folder: Path) -> None:
    """Lock the keyring under the app, cancel its window, answer it, kill the daemon."""
    with World(folder, activatable=ACTIVATABLE) as world, logged_in(world) as daemon:
        world.say("sign-in", "--device-code")
        with world.tray():
            note(f"twelve refreshes: {world.refresh(12)}; windows: {world.windows() or 'none'}")
            lock(world)
            note(f"locked: {world.refresh()}")
            world.say("set", "busy")
            note(f"windows: {world.windows() or 'none'}")
            world.say_and_answer("unlock", answers(world, "Escape"))
            world.say_and_answer("unlock", answers(world))
            note(f"unlocked: {world.refresh()}")
            daemon.kill()
            daemon.wait()
            note(f"killed, started again by D-Bus: {world.refresh()}")
            world.say("set", "busy")
            world.say_and_answer("unlock", answers(world))
            note(f"unlocked: {world.refresh()}")
        lock(world)
        with world.tray():
            world.say("set", "busy")
            world.say_and_answer("sign-out", answers(world, "Escape"))
            world.say_and_answer("sign-out", answers(world))
        world.say("doctor")


def second(folder: Path) -> None:
    """Make a second collection the default, and lock it."""
    with World(folder, activatable=ACTIVATABLE) as world, logged_in(world):
        world.say("sign-in", "--device-code")
        path = second_collection(world)
        note(f"default {world.default().rpartition('/')[2]}")
        with world.tray():
            note(f"another default: {world.refresh(2)}")
            lock(world, path)
            note(f"the default locked, ours open: {world.refresh(2)}; windows: {world.windows() or 'none'}")
            world.say("sign-out")
        world.say("doctor")


def none_yet(folder: Path) -> None:
    """Use it before the user has a keyring, cancel the window, answer it."""
    with World(folder, activatable=ACTIVATABLE) as world, world.started(*DAEMON, "--start"):
        world.wait_for("no service", world.default)
        with world.tray():
            world.say("set", "busy")
        world.say_and_answer("sign-in --device-code", answers(world, "Escape"))


def hundred(folder: Path) -> None:
    """Sign in and out a hundred times, each command as soon as the one before has ended."""
    with World(folder, activatable=ACTIVATABLE) as world, logged_in(world), world.tray():
        begun, stored, left = time.monotonic(), 0, 0
        for _ in range(PAIRS):
            assert world.program.run("sign-in", "--device-code").returncode == 0
            stored += len(world.items())
            assert world.program.run("sign-out").returncode == 0
            left += len(world.items())
        took = time.monotonic() - begun
        note(f"{PAIRS} pairs in {took:.0f} s: {stored} entries seen after sign-ins, {left} after sign-outs")
        note(f"windows: {world.windows() or 'none'}")
        assert (stored >= PAIRS, left) == (True, 0)


SITUATIONS: dict[str, Callable[[Path], None]] = {
    "locked, cancelled, killed": locked,
    "a second collection": second,
    "no keyring yet": none_yet,
    "a hundred pairs": hundred,
}


if __name__ == "__main__":
    run("GNOME Keyring", SITUATIONS, {"gnome-keyring-daemon": "gnome-keyring"})
