"""The settings file as text: a fresh one, and one with a value changed and all else kept, comments included."""

import json
import re
import tomllib
from pathlib import Path

from tray import files
from tray.errors import BadSettings
from tray.messages import settings as words
from tray.paths import Paths
from tray.settings import checked


def ensure(paths: Paths) -> Path:
    """Make the settings file, all comments, if there is none; return it. Raise `OSError`."""
    if not paths.settings_file.exists():
        files.replace(paths.settings_file, words.fresh())
    return paths.settings_file


def write(paths: Paths, values: dict[str, str]) -> None:
    """Set some values in the settings file; raise `BadSettings` where that cannot be done safely."""
    file = paths.settings_file
    for key, value in values.items():
        checked(file, key, value)
    try:
        before = file.read_text("utf-8-sig") if file.exists() else words.fresh()
        after = with_values(before, values)
        if tomllib.loads(after) != tomllib.loads(before) | values:
            raise BadSettings(*words.cannot_change(file, values))
        files.replace(file, after)
    except tomllib.TOMLDecodeError as exc:
        raise BadSettings(*words.not_toml(file, str(exc))) from exc
    except UnicodeDecodeError as exc:
        raise BadSettings(*words.not_text(file)) from exc
    except OSError as exc:
        raise BadSettings(*words.not_writable(file, exc.strerror or str(exc))) from exc


def with_values(text: str, values: dict[str, str]) -> str:
    """Return the text with each value in the line of its key, a commented-out one if need be, else at the top."""
    for key, value in values.items():
        line = f"{key} = {json.dumps(value)}"  # for the characters our values are made of, TOML writes as JSON does
        for pattern in (rf"(?m)^[ \t]*{key}[ \t]*=.*$", rf"(?m)^[ \t]*#[ \t]*{key}[ \t]*=.*$"):
            text, changed = re.subn(pattern, line.replace("\\", r"\\"), text, count=1)
            if changed:
                break
        else:
            text = f"{line}\n{text}"
    return text
