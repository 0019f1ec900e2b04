"""A desktop for the real program: a bus, a real keyring and a loopback cloud."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.desktop.private_bus import PrivateBus
from tests.program.processes import PATIENCE, Program
from tests.requirements import needs
from tests.signin.platform import Cloud, sign_in
from tests.signin.secret_service import SecretService

needs_desktop = needs(*() if sys.platform == "win32" else ("dbus-daemon", "gnome-keyring-daemon"))


class Desktop:
    """A bus, a keyring, a cloud and the program set up for it; Windows has its own keyring, and no bus."""

    def __init__(self, folder: Path, bus: PrivateBus | None, cloud: Cloud) -> None:
        self.cloud, self.bus, self.home = cloud, bus, folder / "home"
        self.home.mkdir()
        environ = {"SSL_CERT_FILE": str(cloud.ca_file)}
        if bus:
            self.keyring = SecretService(folder, bus)
            environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        self.program = Program(self.home, environ)
        self.write_settings()

    def write_settings(self, **others: str) -> None:
        lines = {
            "client_id": self.cloud.platform.client_id,
            "authority": self.cloud.platform.authority,
            "graph_url": self.cloud.platform.graph_origin,
            "log_level": "debug",
        } | others
        text = "".join(f'{key} = "{value}"\n' for key, value in lines.items())
        (self.home / "settings.toml").write_text(text, encoding="utf-8")

    def sign_in(self) -> None:
        """Sign in as the command does, with less work: in this process, whose bus must be the desktop's."""
        sign_in(self.cloud.platform, self.program.paths().vault_lock)

    @property
    def shown(self) -> str:
        """Return what colleagues see."""
        pair = self.cloud.graph.model.effective(self.cloud.graph.now())
        return f"{pair.availability} / {pair.activity}"


@contextmanager
def running(desktop: Desktop, errors: list[str]) -> Iterator[None]:
    """Run the tray, quit it, and keep what it said."""
    with desktop.program.running("run") as process:
        desktop.program.wait_for(lambda status: status["version"] == 1)
        yield
        desktop.program.quit()
        assert process.wait(PATIENCE) == 0
        out, err = process.communicate()
        errors.extend((out, err))
