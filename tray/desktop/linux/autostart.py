"""Launch at login on Linux, by an entry in an autostart folder.

Source: the Desktop Application Autostart and the Desktop Entry specifications (freedesktop.org). A file in the
user's folder hides one of the same name in the system's folders; `Hidden=true` hides it and stands for none.
"""

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import dropwhile
from pathlib import Path
from typing import Self

from tray import files
from tray.desktop.autostart import Launch
from tray.messages import desktop as words
from tray.paths import home
from tray.runtime_folder import NAME

FILE = f"{NAME}.desktop"
ENTRY = """\
[Desktop Entry]
Type=Application
Name=Presence Tray
Comment={comment}
Icon=presence-tray
Terminal=false
X-GNOME-Autostart-enabled=true
TryExec={try_exec}
Exec={command}
"""
# systemd, which starts the programs of a login in Plasma and GNOME, leaves the specification's escapes as they stand.
_NOT_AT_LOGIN = re.compile(r"[$`\\\x00-\x1f\x7f]")
HIDDEN = "[Desktop Entry]\nType=Application\nName=Presence Tray\nHidden=true\n"


class DesktopEntry:
    """The autostart entry of one user."""

    def __init__(
        self, folders: Sequence[Path], command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> None:
        self._ours, *system = (folder / FILE for folder in folders)
        self._system = system
        self._command = command
        self._environment = environment or {}

    @classmethod
    def of_this_user(cls, command: Sequence[str], environment: Mapping[str, str]) -> Self:
        """Return the entry of this user; the user's folder comes before the system's."""
        user = _absolute([os.environ.get("XDG_CONFIG_HOME", "")]) or [home() / ".config"]
        system = _absolute(os.environ.get("XDG_CONFIG_DIRS", "").split(":")) or [Path("/etc/xdg")]
        return cls([folder / "autostart" for folder in (*user, *system)], command, environment)

    def read(self) -> Launch:
        """Read the entry that counts."""
        entry = next((_keys(file) for file in (self._ours, *self._system) if file.exists()), None)
        if entry is None or _is_switched_off(entry) or not _is_for(os.environ.get("XDG_CURRENT_DESKTOP", ""), entry):
            return Launch.OFF
        program = _program(_unescaped(entry.get("Exec", "")))
        tried = _unescaped(entry.get("TryExec", "")) or program
        return Launch.ON if _is_there(tried) and _is_there(program) else Launch.STALE

    def switch(self, *, on: bool) -> None:
        """Write an entry; or remove ours, and hide the system's if there is one."""
        if on:
            command = [f"{key}={value}" for key, value in self._environment.items()]
            command = ["env", *command, *self._command] if command else list(self._command)
            if odd := _NOT_AT_LOGIN.search("".join(command)):
                raise OSError(words.odd_path(odd[0]))
            text = ENTRY.format(
                comment=words.desktop_entry_comment(),
                try_exec=self._command[0],
                command=" ".join(map(_quoted, command)),
            )
            try:
                files.replace(self._ours, text)
            except UnicodeEncodeError as exc:  # Linux allows any bytes in a path, the specification does not
                raise OSError(words.path_not_utf8()) from exc
        elif any(file.exists() for file in self._system):
            files.replace(self._ours, HIDDEN)
        else:
            self._ours.unlink(missing_ok=True)


def _absolute(folders: Sequence[str]) -> list[Path]:
    """Return the absolute folders: the Base Directory specification tells to ignore relative ones."""
    return [Path(folder) for folder in folders if Path(folder).is_absolute()]


def _keys(file: Path) -> dict[str, str]:
    """Read the main group of a desktop file.

    By hand, because others write there too: `configparser` refuses files that the desktops accept.
    """
    keys: dict[str, str] = {}
    group = ""
    with suppress(OSError):
        for line in file.read_text("utf-8", errors="replace").splitlines():
            if line.startswith("["):
                group = line.strip()
            elif group == "[Desktop Entry]" and "=" in line and not line.startswith("#"):
                key, value = line.split("=", 1)
                keys.setdefault(key.strip(), value.strip())
    return keys


def _is_switched_off(entry: Mapping[str, str]) -> bool:
    """Tell whether the entry is off, by the specification's key or by a desktop's own: X-GNOME-…, X-MATE-…."""
    off = (key for key, value in entry.items() if value == "false" and re.fullmatch(r"X-\w+-Autostart-enabled", key))
    return entry.get("Hidden") == "true" or any(off)


def _is_for(desktop: str, entry: Mapping[str, str]) -> bool:
    """Tell whether an entry counts on this desktop; one desktop may have several names, joined by colons."""
    names = set(desktop.split(":"))
    wanted, unwanted = (set(filter(None, entry.get(key, "").split(";"))) for key in ("OnlyShowIn", "NotShowIn"))
    return not names & unwanted and (not wanted or bool(names & wanted))


def _is_there(program: str) -> bool:
    path = Path(program)
    if path.is_absolute():
        return path.is_file() and os.access(path, os.X_OK)
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return bool(program) and any(os.access(Path(folder) / program, os.X_OK) for folder in folders)


def _quoted(argument: str) -> str:
    """Quote an argument of Exec: reserved characters inside double quotes, % doubled."""
    argument = argument.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./-]+", argument, re.ASCII):
        return argument
    return '"' + argument.replace('"', r'\\"') + '"'


def _unescaped(value: str) -> str:
    return re.sub(r"\\[\\ntr]", lambda found: _UNESCAPES[found[0]], value)


_UNESCAPES = {r"\\": "\\", r"\n": "\n", r"\t": "\t", r"\r": "\r"}


def _program(command: str) -> str:
    """Return the program that a command starts, by itself or through env."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', command)
    words = [re.sub(r"\\(.)", r"\1", quoted or plain).replace("%%", "%") for quoted, plain in found]
    if words[:1] == ["env"]:
        words = list(dropwhile(lambda word: "=" in word, words[1:]))
    return next(iter(words), "")
