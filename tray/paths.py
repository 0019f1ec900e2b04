"""Where settings, state, log, lock and control channel lie.

`PRESENCE_TRAY_HOME=DIR` puts everything under DIR. The machine-wide settings are then
`DIR/machine/settings.toml` and the machine's own are not read: managed keys are a policy, not a wall, since
who can set a variable can also start another program.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import platformdirs

NAME = "presence-tray"
HOME_VARIABLE = "PRESENCE_TRAY_HOME"

# sockaddr_un.sun_path: 108 bytes on Linux, 104 on macOS, the closing NUL included.
LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107


class Paths(NamedTuple):
    """Every place on disk; `channel` is a socket's path, on Windows a pipe's name."""

    settings_file: Path
    machine_settings_file: Path
    state_file: Path
    log_file: Path
    lock_file: Path
    channel: str


class _Folders(NamedTuple):
    config: Path
    machine: Path
    state: Path
    log: Path
    runtime: Path


def locate(*, demo: bool, environment: Mapping[str, str] = os.environ) -> Paths:
    """Find the places of the app, or of its demo, which shares nothing with the app but the settings."""
    home = environment.get(HOME_VARIABLE)
    folders = _under(_home(home)) if home else _of_the_platform(environment)
    own = "demo-" if demo else ""
    return Paths(
        settings_file=folders.config / "settings.toml",
        machine_settings_file=folders.machine / "settings.toml",
        state_file=folders.state / f"{own}state.json",
        log_file=folders.log / f"{own}{NAME}.log",
        lock_file=folders.runtime / f"{own}instance.lock",
        channel=_channel(folders.runtime / f"{own}control.sock", _runtime_folder(environment)),
    )


def _home(named: str) -> Path:
    return Path(named).expanduser().absolute()


def _under(home: Path) -> _Folders:
    return _Folders(config=home, machine=home / "machine", state=home, log=home, runtime=home / "run")


def _of_the_platform(environment: Mapping[str, str]) -> _Folders:
    return _Folders(
        config=platformdirs.user_config_path(NAME, appauthor=False),
        machine=_machine_folder(environment),
        state=platformdirs.user_state_path(NAME, appauthor=False),
        log=platformdirs.user_log_path(NAME, appauthor=False),
        runtime=_runtime_folder(environment),
    )


def _machine_folder(environment: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        return Path(environment.get("ProgramData", r"C:\ProgramData")) / NAME
    if sys.platform == "darwin":
        return Path("/Library/Application Support") / NAME
    return Path("/etc") / NAME


def _runtime_folder(environment: Mapping[str, str]) -> Path:
    """Name the folder for lock and channel: this machine's, since several may share a home.

    Linux by hand: platformdirs warns on stderr when XDG_RUNTIME_DIR is not set, as under `su` and cron.
    """
    if sys.platform != "linux":
        return platformdirs.user_runtime_path(NAME, appauthor=False)
    ours = Path(environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    if ours.is_dir():
        return ours / NAME
    return Path(environment.get("TMPDIR") or "/tmp") / f"{NAME}-{os.getuid()}"  # noqa: S108  made private


def _channel(socket: Path, runtime: Path) -> str:
    if sys.platform != "win32" and len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return str(socket)
    import hashlib  # noqa: PLC0415  it loads OpenSSL, which comes after the icon

    digest = hashlib.sha256(os.fsencode(socket)).hexdigest()[:16]
    return rf"\\.\pipe\{NAME}-{digest}" if sys.platform == "win32" else str(runtime / f"{digest}.sock")
