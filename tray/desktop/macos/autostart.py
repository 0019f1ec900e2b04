"""Launch at login on macOS, by a launch agent.

Source: launchd.plist(5). The file is read at the next login; loading it now would start a second instance.
"""

import plistlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.parsers.expat import ExpatError

from tray.desktop.autostart import Launch
from tray.runtime_folder import NAME

LABEL = f"invalid.{NAME}"  # the project has no domain, and nobody can register one under .invalid (RFC 2606)
FORMER_LABEL = f"io.github.{NAME}"


class LaunchAgent:
    """The launch agent of one user."""

    def __init__(self, folder: Path, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self._file = folder / f"{LABEL}.plist"
        self._former = folder / f"{FORMER_LABEL}.plist"
        self._command = command
        self._environment = environment or {}

    def read(self) -> Launch:
        """Read the agent's file, or the one that an older version wrote."""
        try:
            with (self._file if self._file.exists() else self._former).open("rb") as stream:
                agent = plistlib.load(stream)
        except FileNotFoundError:
            return Launch.OFF
        except (OSError, ValueError, ExpatError):
            return Launch.STALE
        if agent.get("Disabled"):
            return Launch.OFF
        program = next(iter(agent.get("ProgramArguments", [])), "")
        return Launch.ON if program and Path(program).is_file() else Launch.STALE

    def switch(self, *, on: bool) -> None:
        """Write the agent's file, or remove it; an older version's file goes either way."""
        if on:
            self._write()
        else:
            self._file.unlink(missing_ok=True)
        self._former.unlink(missing_ok=True)

    def _write(self) -> None:
        agent = {
            "Label": LABEL,
            "ProgramArguments": list(self._command),
            "RunAtLoad": True,
            "ProcessType": "Interactive",
            "LimitLoadToSessionType": "Aqua",
        }
        if self._environment:
            agent["EnvironmentVariables"] = dict(self._environment)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        draft.write_bytes(plistlib.dumps(agent))
        draft.replace(self._file)
