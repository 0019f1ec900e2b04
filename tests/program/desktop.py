"""A desktop for the real program: a bus, a real keyring and a loopback cloud; must not know what is done there."""

from pathlib import Path

from tests.desktop.private_bus import PrivateBus
from tests.program.running import Program
from tests.signin.platform import Cloud
from tests.signin.secret_service import SecretService


class Desktop:
    """A bus, a keyring, a cloud and the program set up for it."""

    def __init__(self, folder: Path, bus: PrivateBus, cloud: Cloud) -> None:
        self.cloud, self.bus, self.home = cloud, bus, folder / "home"
        self.home.mkdir()
        self.keyring = SecretService(folder, bus)
        environ = {"SSL_CERT_FILE": str(cloud.ca_file), "DBUS_SESSION_BUS_ADDRESS": bus.address}
        self.program = Program(self.home, environ)
        self.write_settings(cloud.platform.authority)

    def write_settings(self, authority: str) -> None:
        lines = {
            "client_id": self.cloud.platform.client_id,
            "authority": authority,
            "graph_url": self.cloud.platform.origin,
            "log_level": "debug",
        }
        text = "".join(f'{key} = "{value}"\n' for key, value in lines.items())
        (self.home / "settings.toml").write_text(text, encoding="utf-8")

    @property
    def shown(self) -> str:
        """Return what colleagues see."""
        pair = self.cloud.graph.model.effective(self.cloud.graph.now())
        return f"{pair.availability} / {pair.activity}"
