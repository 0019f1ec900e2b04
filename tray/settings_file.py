"""The settings file as text: a fresh one, and one in which values are set and all else stays as it was."""

import errno
import json
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tray import file_locks, files
from tray.core.rules import SWITCHES
from tray.core.values import Origin
from tray.errors import BadSettings
from tray.messages import settings as words
from tray.paths import Paths
from tray.settings import KEYS, Settings, checked

WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
LONE_RETURN = re.compile(r"\r(?!\n)")
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # Windows editors begin UTF-8 with it

HOURS = 'hours = [{days = "mon-fri", from = "09:00", to = "17:30", state = "available"}]'  # or [[hours]] tables
Value = str | int | list[str] | list[dict[str, Any]] | None  # `None` removes the key


def rule_values(rule: Origin, *, on: bool) -> dict[str, Value]:
    """Return what is written to switch a rule."""
    switch = SWITCHES[rule]
    return {switch.key: switch.on if on else switch.off}


def ensure(paths: Paths) -> Path:
    """Make the settings file, all comments, if there is none, and return it; raise `OSError`."""
    if not paths.settings_file.exists():
        files.replace(paths.settings_file, fresh())
    return paths.settings_file


def fresh() -> str:
    """Return the text of a fresh file: every key as a comment, with its default or an example."""
    defaults = Settings()
    paragraphs = [words.head()]
    for key in (key for key in KEYS if key != "hours"):
        shown = words.SETTINGS[key].example or getattr(defaults, key)
        if shown is None:
            continue
        line = f"{key} = {json.dumps(shown)}"  # TOML writes our texts and numbers as JSON does
        if comment := words.comment(key):
            paragraphs.append(f"{comment}\n{line}")
        else:
            paragraphs[-1] += f"\n{line}"
    paragraphs.append(f"{words.comment('hours')}\n{HOURS}")
    return re.sub(r"(?m)^(?=.)", "# ", "\n\n".join(paragraphs)) + "\n"


def write(paths: Paths, values: Mapping[str, Value]) -> None:
    """Set values in the settings file, or remove them; raise `BadSettings` where the file or a value is wrong."""
    file = paths.settings_file
    for key, value in values.items():
        if value is not None:
            checked(file, key, value)
    try:
        if file.exists() and not file.stat().st_mode & WRITABLE:  # its folder would let it be replaced
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        with file_locks.turn(paths.settings_lock):
            before = files.read_whole(file).decode() if file.exists() else fresh().replace("\n", os.linesep)
            before = LONE_RETURN.sub("\n", before)  # which TOML does not know
            files.replace(file, with_values(before, values), newline="")
    except UnicodeDecodeError as exc:
        raise BadSettings(*words.not_text(file)) from exc
    except (ValueError, RecursionError) as exc:
        raise BadSettings(*words.not_toml(file, str(exc))) from exc
    except OSError as exc:
        raise BadSettings(*words.not_writable(file, exc.strerror or str(exc))) from exc


def with_values(text: str, values: Mapping[str, Value]) -> str:
    """Return the text of a settings file with values set; no other line changes.

    A key that is not set yet takes the line where it stands commented out, else a new line near the top. Raise
    `ValueError` where the text is not TOML.
    """
    from tray import toml_text  # noqa: PLC0415  loaded only when something is written

    body = text.removeprefix(BYTE_ORDER_MARK)
    mark = text[: len(text) - len(body)]
    for key, value in reversed(list(values.items())):
        body = toml_text.with_value(body, key, value)
    return mark + body
