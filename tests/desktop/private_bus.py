"""A bus of the test's own, started as a child process."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.requirements import require

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  {services}
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="root"/>
    <allow user="{owner}"/>
  </policy>
</busconfig>
"""


def as_user(name: str) -> list[str]:
    """Return the words before a command that root runs as a user."""
    return ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups", "--"] if name else []


class PrivateBus:
    """`dbus-daemon`; `address` is for DBUS_SESSION_BUS_ADDRESS.

    With an environment it starts the machine's session services in it when they are called; with `activatable`, names
    and the command for each, these instead. With a socket's path another one can take its place there. With a user's
    name it is that user's, whose programs may join it, and root's.
    """

    def __init__(
        self,
        services_environ: dict[str, str] | None = None,
        socket: Path | None = None,
        *,
        activatable: Mapping[str, list[str]] | None = None,
        user: str = "",
    ) -> None:
        self._services_environ = services_environ
        self._socket = socket
        self._activatable = activatable or {}
        self._user = user

    def __enter__(self) -> Self:
        require("dbus-daemon")
        self._folder = tempfile.TemporaryDirectory(prefix="bus-")
        socket = self._socket or Path(self._folder.name) / "bus"
        services = "" if self._services_environ is None else "<standard_session_servicedirs/>"
        if self._activatable:
            services = f"<servicedir>{self._folder.name}</servicedir>"
        for name, command in self._activatable.items():
            text = f"[D-BUS Service]\nName={name}\nExec={' '.join(map(shlex.quote, command))}\n"
            (Path(self._folder.name) / f"{name}.service").write_text(text, encoding="utf-8")
        config = Path(self._folder.name) / "bus.conf"
        config.write_text(
            CONFIG.format(socket=socket, services=services, owner=self._user or os.getuid()), encoding="utf-8"
        )
        if self._user:
            shutil.chown(self._folder.name, self._user)
        self.process = subprocess.Popen(
            [
                *as_user(self._user),
                "dbus-daemon",
                f"--config-file={config}",
                "--nofork",
                "--print-address=1",
                "--nosyslog",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self._services_environ,
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        return self

    @property
    def environ(self) -> dict[str, str]:
        return {"DBUS_SESSION_BUS_ADDRESS": self.address}

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._folder.cleanup()
