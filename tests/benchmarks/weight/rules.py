"""The program with every rule on and a watcher of its status, beside a real sound server, with nobody signed in."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.sensors import ALL_ON
from tests.benchmarks.weight.desk import Started, plain_environ, started
from tests.desktop.linux.logind import Logind
from tests.desktop.linux.sound import PulseAudio
from tests.desktop.private_bus import PrivateBus


@contextmanager
def with_rules_and_a_watcher(command: str) -> Iterator[Started]:
    """Start an installed program's tray, and `watch` beside it."""
    with (
        tempfile.TemporaryDirectory(prefix="rules-") as home,
        PulseAudio() as sound,
        PrivateBus() as bus,
        Logind(bus.address),
    ):
        sound.start()
        settings = Path(home) / ".config" / "presence-tray" / "settings.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text(ALL_ON, encoding="utf-8")
        more = {"DBUS_SYSTEM_BUS_ADDRESS": bus.address, "PULSE_SERVER": f"unix:{sound.folder}/pulse/native"}
        environ = plain_environ(home, {**bus.environ, **more})
        with (
            started([command, "run", "--at-login"], bus, environ) as program,
            subprocess.Popen([command, "watch", "--json"], env=environ, stdout=subprocess.PIPE) as watcher,
        ):
            try:
                assert watcher.stdout is not None
                assert watcher.stdout.readline(), "the watcher hears nothing"
                yield program
            finally:
                watcher.kill()
