"""KWallet as the keyring: `python -m tests.lanes.keyrings.kwallet FOLDER`.

Opened by the login as PAM does it, in the first session and in later ones; closed by hand; stopped right after a save;
not started. It prints what a user reads and which windows open.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jeepney import DBusAddress, MessageFlag, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.lanes.keyrings.world import World, end, note, run

NAME = "org.kde.kwalletd5"
WALLET = DBusAddress("/modules/kwalletd5", NAME, "org.kde.KWallet")
PASSWORD = b"pw"
ATTEMPTS = 5
SAVED_AFTER = 6.0  # seconds; KWallet writes secrets five seconds after a change


@contextmanager
def logged_in(world: World) -> Iterator["subprocess.Popen[bytes]"]:
    """Run KWallet as a login starts it, with its wallet open."""
    process = start(world)
    try:
        world.wait_for("the wallet does not open", lambda: is_open(world), 10)
        yield process
    finally:
        end(process)


def start(world: World) -> "subprocess.Popen[bytes]":
    """Start KWallet as pam_kwallet5 does: with the key on a pipe and the environment over a socket."""
    folder = world.folder / "home/.local/share/kwalletd"
    folder.mkdir(parents=True, exist_ok=True)
    config = world.folder / "home/.config/kwalletrc"
    config.parent.mkdir(exist_ok=True)
    if not config.exists():
        config.write_text("[Wallet]\nEnabled=true\nFirst Use=false\n", encoding="utf-8")
    salt = folder / "kdewallet.salt"
    if not salt.exists():
        salt.write_bytes(os.urandom(56))
    key = hashlib.pbkdf2_hmac("sha512", PASSWORD, salt.read_bytes(), 50_000, 56)
    path = world.folder / "run/kwallet5.socket"
    path.unlink(missing_ok=True)
    environ = {**world.environ, "PAM_KWALLET5_LOGIN": str(path)}
    read, write = os.pipe()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(5)
        process = subprocess.Popen(
            ["kwalletd5", "--pam-login", str(read), str(listener.fileno())],
            env=environ,
            pass_fds=(read, listener.fileno()),
            stderr=subprocess.DEVNULL,
        )
    os.close(read)
    os.write(write, key)
    os.close(write)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall("".join(f"{name}={value}\n" for name, value in environ.items()).encode())
    return process


def is_open(world: World) -> bool | None:
    """Return whether the wallet is open by its own word; `None` while nobody answers."""
    asked = new_method_call(WALLET, "isOpen", "s", ("kdewallet",))
    asked.header.flags = MessageFlag.no_auto_start  # else D-Bus starts a second KWallet while the first is starting
    with open_dbus_connection(world.address) as connection:
        reply = connection.send_and_get_reply(asked, timeout=10)
    return bool(reply.body[0]) if isinstance(reply.body[0], bool) else None


def close(world: World) -> None:
    """Close the wallet, as its manager does."""
    with open_dbus_connection(world.address) as connection:
        connection.send_and_get_reply(new_method_call(WALLET, "close", "sb", ("kdewallet", True)), timeout=10)


def windows(world: World) -> None:
    """Note what is on the screen."""
    note(f"windows: {world.windows() or 'none'}")


def type_password(world: World) -> Callable[[], None]:
    """Open the wallet in its window."""

    def answer() -> None:
        world.wait_for("no window", world.windows)
        note(f"window: *{world.windows()[0]}*")
        world.picture("wallet")
        world.type(PASSWORD.decode())

    return answer


def used_before(world: World) -> None:
    """Let a first session make the wallet, and see that the next login opens it; else another one is made."""
    folder = world.folder / "home/.local/share/kwalletd"
    for _ in range(ATTEMPTS):
        with logged_in(world):
            world.wait_for("no wallet", (folder / "kdewallet.kwl").exists)
            time.sleep(SAVED_AFTER)
        with suppress(TimeoutError), logged_in(world):
            return
        shutil.rmtree(folder)
    raise TimeoutError("no login opens the wallet")


def first_session(folder: Path) -> None:
    """Use it while the wallet has just been made, and no collection stands for it yet."""
    with World(folder) as world, logged_in(world):
        note(f"wallet open by its own word: {is_open(world)}; default {world.default()}")
        world.say("sign-in", "--device-code")
        windows(world)
        world.picture("first-session")
        with world.tray():
            world.say("doctor")
            world.say("unlock")
        windows(world)


def later_sessions(folder: Path) -> None:
    """Use it as the second and each later login opens it, and close it by hand."""
    with World(folder) as world:
        used_before(world)
        with logged_in(world):
            note(f"wallet open by its own word: {is_open(world)}; default {world.default()}")
            world.say("sign-in", "--device-code")
            with world.tray():
                note(f"twelve refreshes: {world.refresh(12)}")
            with world.tray():
                note(f"after a restart of the app: {world.refresh()}")
            windows(world)
            time.sleep(SAVED_AFTER)
        with logged_in(world), world.tray():
            note(f"the next login: {world.refresh()}")
            windows(world)
            close(world)
            world.say("doctor")
            note(f"closed by hand: {world.refresh()}")
            world.say("set", "busy")
            windows(world)
            world.say_and_answer("unlock", type_password(world))
            note(f"opened again: {world.refresh()}")
            world.say("sign-out")
            world.say("doctor")


def stopped_after_a_save(folder: Path) -> None:
    """Stop it within the seconds in which secrets are not on the disk yet."""
    with World(folder) as world:
        used_before(world)
        with logged_in(world) as process, world.tray():
            world.say("sign-in", "--device-code")
            note(f"refreshes: {world.refresh(2)}")
            time.sleep(SAVED_AFTER)
            note(f"a refresh, and the end of KWallet at once: {world.refresh()}")
            process.terminate()
            process.wait()
            note(f"without it: {world.refresh()}")
            with logged_in(world):
                note(f"with it again: {world.refresh()}")
        with logged_in(world), world.tray():
            note(f"after a restart of both: {world.refresh()}")


def not_started(folder: Path) -> None:
    """Use it where nobody has logged in by PAM, and D-Bus can start it."""
    with World(folder, activatable={NAME: ["/usr/bin/kwalletd5"]}) as world:
        used_before(world)
        with world.tray():
            world.say("set", "busy")
            windows(world)
            world.say_and_answer("sign-in --device-code", type_password(world))
            note(f"refresh: {world.refresh()}")
            windows(world)
            world.say("sign-out")


SITUATIONS: dict[str, Callable[[Path], None]] = {
    "opened by the login, closed by hand": later_sessions,
    "the first session": first_session,
    "stopped right after a save": stopped_after_a_save,
    "not started": not_started,
}


if __name__ == "__main__":
    run("KWallet", SITUATIONS, {"kwalletd5": "libkf5wallet-bin"})
