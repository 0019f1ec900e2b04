"""A real gnome-keyring on a bus of its own, for tests that need a Secret Service."""

import os
import signal
import subprocess
import time
from pathlib import Path

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.desktop.private_bus import PrivateBus
from tests.requirements import needs
from tests.signin import deaths
from tray.signin.storage.keyrings import open_store
from tray.signin.storage.vault import VaultError

needs_keyring = needs("dbus-daemon", "gnome-keyring-daemon")


class SecretService:
    """A real gnome-keyring on a bus of its own."""

    def __init__(self, folder: Path, bus: PrivateBus, *, unlocked: bool = True) -> None:
        self.environ = {**os.environ, **bus.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
        self.environ |= {"XDG_DATA_HOME": str(folder / "data"), "GNOME_KEYRING_CONTROL": ""}
        how = ["--unlock"] if unlocked else ["--start"]
        self.process = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--components=secrets", *how],
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdin is not None
        self.process.stdin.write(b"password")
        self.process.stdin.close()
        deaths.running.add(self.process)

    def stop(self) -> None:
        deaths.running.discard(self.process)
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()


def wait_for_store() -> None:
    """Wait until the daemon answers, unlocked."""
    limit = time.monotonic() + 15
    while True:
        try:
            open_store(prompts=False)
        except VaultError:
            assert time.monotonic() < limit, "gnome-keyring did not come up"
            time.sleep(0.1)
        else:
            return


def unlock(bus: PrivateBus) -> None:
    """Unlock the collection as the user does who types its password."""
    service = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
    inside = service.with_interface("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")
    with open_dbus_connection(bus.address) as connection:
        opened = connection.send_and_get_reply(new_method_call(service, "OpenSession", "sv", ("plain", ("s", ""))))
        secret = (opened.body[1], b"", b"password", "text/plain")
        arguments = ("/org/freedesktop/secrets/collection/login", secret)
        done = connection.send_and_get_reply(
            new_method_call(inside, "UnlockWithMasterPassword", "o(oayays)", arguments)
        )
    assert done.header.message_type is MessageType.method_return, done.body
    wait_for_store()
