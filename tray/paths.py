"""Where settings, state, log, lock and control channel lie.

`PRESENCE_TRAY_HOME=DIR` puts everything under DIR. The machine-wide settings are then
`DIR/machine/settings.toml` and the machine's own are not read: managed keys are a policy, not a wall, since
who can set a variable can also start another program.

Several machines may share a home folder, or a folder on a stick. State and log bear the machine in their names, and
lock and channel lie where only this machine sees them.
"""

import os
import socket
import sys
import zlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tray.errors import TrayError
from tray.messages import commands as words
from tray.runtime_folder import HOME_VARIABLE, LONGEST_SOCKET_PATH, NAME, runtime_folder

if sys.platform != "linux":
    import platformdirs


class Paths(NamedTuple):
    """Every place on disk; a channel is a socket's path, on Windows a pipe's name."""

    settings_file: Path
    machine_settings_file: Path
    state_file: Path
    nameless_state_file: Path  # of the versions that did not tell machines apart
    log_file: Path
    nameless_log_file: Path
    page_log_file: Path  # of the settings page, a process of its own; it is there once something has gone wrong
    lock_file: Path
    settings_lock: Path  # held while the settings are read, changed and written
    vault_lock: Path  # the same for every home of the user, because the keyring is; the vault adds its key
    channel: str
    page_channel: str  # of the settings page: how a second one finds the first


class _Folders(NamedTuple):
    config: Path
    machine: Path
    state: Path
    log: Path
    runtime: Path


def locate(*, demo: bool, environment: Mapping[str, str] = os.environ, machine: str | None = None) -> Paths:
    """Find the places of the app, or of its demo, which shares nothing with the app but the settings.

    `machine` names this machine in file names. Raise `TrayError` where the user has no home folder.
    """
    machine = machine or machine_name()
    named = environment.get(HOME_VARIABLE)
    folders = _under(named_home(named)) if named else _of_the_platform(environment)
    own = "demo-" if demo else ""
    return Paths(
        settings_file=folders.config / "settings.toml",
        machine_settings_file=folders.machine / "settings.toml",
        state_file=folders.state / f"{own}state-{machine}.json",
        nameless_state_file=folders.state / f"{own}state.json",
        log_file=folders.log / f"{own}{NAME}-{machine}.log",
        nameless_log_file=folders.log / f"{own}{NAME}.log",
        page_log_file=folders.log / f"{own}settings-page-{machine}.log",
        lock_file=folders.runtime / f"{own}instance.lock",
        settings_lock=folders.runtime / f"{own}settings.lock",
        vault_lock=_runtime_folder(environment, folders.state) / "vault.lock",
        channel=_channel(folders.runtime / f"{own}control.sock", _runtime_folder(environment, folders.state)),
        page_channel=_channel(folders.runtime / f"{own}settings.sock", _runtime_folder(environment, folders.state)),
    )


@cache
def machine_name() -> str:
    """Return eight digits that tell this machine from others: of its id, which itself is nobody's business."""
    return f"{zlib.crc32((_machine_id() or socket.gethostname()).encode(errors='replace')):08x}"


def _machine_id() -> str:
    """Return the id that the system gave this machine, nothing where it has none, as in many containers."""
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415  Windows' own module

        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with (
            suppress(OSError),
            winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography", 0, access) as key,
        ):
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])
        return ""
    if sys.platform == "darwin":
        import ctypes  # noqa: PLC0415  only macOS needs it

        uuid, no_wait = ctypes.create_string_buffer(16), (ctypes.c_long * 2)()
        return uuid.raw.hex() if ctypes.CDLL(None).gethostuuid(uuid, no_wait) == 0 else ""
    for file in ("/etc/machine-id", "/var/lib/dbus/machine-id"):  # machine-id(5)
        with suppress(OSError):
            if (found := Path(file).read_text(encoding="ascii", errors="replace").strip()) not in ("", "uninitialized"):
                return found
    return ""


def home() -> Path:
    """Return the user's home folder; raise `TrayError` where there is none, as for a number without a name."""
    try:
        return Path.home()
    except RuntimeError as exc:
        raise TrayError(*words.no_home()) from exc


def named_home(named: str) -> Path:
    """Return the folder that `PRESENCE_TRAY_HOME` names; raise `TrayError` where `~` stands for nothing."""
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError as exc:
        raise TrayError(*words.no_home(named)) from exc


def _under(home: Path) -> _Folders:
    return _Folders(config=home, machine=home / "machine", state=home, log=home, runtime=home / "run")


def _of_the_platform(environment: Mapping[str, str]) -> _Folders:
    own = home()  # platformdirs would go on below a folder named "~"
    if sys.platform == "linux":
        config = _xdg_folder(environment, "XDG_CONFIG_HOME", own / ".config")
        state = _xdg_folder(environment, "XDG_STATE_HOME", own / ".local" / "state")
        log = state / "log"
    else:
        config = platformdirs.user_config_path(NAME, appauthor=False)
        state = platformdirs.user_state_path(NAME, appauthor=False)
        log = platformdirs.user_log_path(NAME, appauthor=False)
    return _Folders(config, _machine_folder(environment), state, log, _runtime_folder(environment, state))


def _xdg_folder(environment: Mapping[str, str], variable: str, usual: Path) -> Path:
    """Return our folder in one of the user's, which only an absolute path names: the XDG Base Directory Specification.

    By hand: platformdirs loads Python's temporary files and archives, a twentieth of the start.
    """
    named = Path(environment.get(variable, ""))
    return (named if named.is_absolute() else usual) / NAME


def _machine_folder(environment: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        return Path(environment.get("ProgramData", r"C:\ProgramData")) / NAME
    if sys.platform == "darwin":
        return Path("/Library/Application Support") / NAME
    return Path("/etc") / NAME


def _runtime_folder(environment: Mapping[str, str], state: Path) -> Path:
    """Name the folder for lock and channel: this machine's, since several may share a home."""
    if sys.platform != "linux":
        return platformdirs.user_runtime_path(NAME, appauthor=False)
    usual = runtime_folder(environment)
    return Path(usual) if usual else state / f"run-{machine_name()}"


def _channel(socket: Path, runtime: Path) -> str:
    if sys.platform != "win32" and len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return str(socket)
    name = digest(os.fsencode(socket), 16)
    return rf"\\.\pipe\{NAME}-{name}" if sys.platform == "win32" else str(runtime / f"{name}.sock")


def digest(of: bytes, digits: int) -> str:
    """Return a short name for something, in hexadecimal digits."""
    import hashlib  # noqa: PLC0415  it loads OpenSSL, which comes after the icon

    return hashlib.sha256(of).hexdigest()[:digits]
