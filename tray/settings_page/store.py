"""The settings as the page shows and saves them: each key by itself, right or wrong, and never over somebody's edit."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tray import language, settings_file
from tray.errors import BadSettings
from tray.hours_tables import DAYS
from tray.messages import account as account_words
from tray.messages import settings_page as words
from tray.messages.catalogue import listed
from tray.messages.times import typed
from tray.paths import Paths
from tray.settings import KEYS, Settings, checked, is_message, load, users_values
from tray.settings_page.fields import (
    FIELDS,
    Field,
    FieldKind,
    Form,
    as_they_were,
    padded,
    shown_rows,
    value_of,
    wrong_row,
)

ASKED = ("client_id", "tenant")  # what `setup` asks for, with words of its own for a wrong answer


class Read:
    """The settings at one moment: what is in force, what the user's own file says, and what is wrong in it."""

    def __init__(self, paths: Paths) -> None:
        self.raw: dict[str, Any] = {}
        self.broken: BadSettings | None = None  # the file cannot be read at all
        self.wrong: dict[str, str] = {}
        try:
            self.raw = users_values(paths)
        except BadSettings as exc:
            self.broken = exc
        right = {}
        for key, value in self.raw.items():
            if key in KEYS:
                try:
                    checked(paths.settings_file, key, value)
                    right[key] = value
                except BadSettings as exc:
                    self.wrong[key] = said_of(key, value, exc)
        self.settings = self._load(paths, right)
        self.defaults = self._load(paths, {})
        language.speak(self.settings.language)

    def _load(self, paths: Paths, users: Mapping[str, Any]) -> Settings:
        try:
            return load(paths, users)
        except BadSettings as exc:  # the file for all users of this computer
            self.broken = self.broken or exc
            return Settings()

    def value(self, key: str) -> Any:
        """Return what a form shows for a key: the user's own value, even a wrong one, or what is in force."""
        if key in self.raw and key not in self.settings.managed:
            return self.raw[key]
        value = getattr(self.settings, key)
        if key == "hours":
            return [_table(each) for each in value]
        return list(value) if isinstance(value, tuple) else value

    def seen(self, part: str) -> str:
        """Return what tells whether the file has changed what a form is about."""
        own = {field.key: self.raw.get(field.key) for field in FIELDS[part]}
        return hashlib.sha256(json.dumps(own, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _table(hours: Any) -> dict[str, Any]:
    """Write hours of the file for all users as a table again."""
    table = {
        "days": [DAYS[day] for day in sorted(hours.days)],
        "from": f"{hours.begins:%H:%M}",
        "to": f"{hours.ends:%H:%M}",
        "state": hours.state.key if hours.state else "nothing",
    }
    if hours.exceptions:
        table["except"] = [f"{each.first}..{each.last}" for each in hours.exceptions]
    return table | ({"message": hours.message} if hours.message else {})


class Draft:
    """What a browser sent for a part: its values, and what is wrong with them."""

    def __init__(self, part: str, form: Form, now: Read, paths: Paths) -> None:
        self.values: dict[str, Any] = {}
        self.wrong: dict[str, str] = {}
        self.wrong_row: tuple[int, str] | None = None
        for field in FIELDS[part]:
            if field.key in now.settings.managed:
                continue
            value = value_of(field, form)
            if field.kind is FieldKind.HOURS and value:
                value = as_they_were(value, now.value(field.key))
                self.wrong_row = wrong_row(value)
            if field.kind is FieldKind.TIME and value == padded(before := now.value(field.key)):
                value = before  # browsers write 9:00 as 09:00
            self.values[field.key] = value
            if value is None:
                continue
            try:
                checked(paths.settings_file, field.key, value)
            except BadSettings as exc:
                self.wrong[field.key] = said_of(field.key, value, exc)

    def changes(self, part: str, now: Read) -> dict[str, Any]:
        """Return what is to be written: what differs from what is in force, `None` for a key that goes."""
        return {
            field.key: value
            for field in FIELDS[part]
            if field.key in self.values
            and (value := _to_write(field, self.values[field.key], now)) != now.raw.get(field.key)
            and (field.key in now.raw or value != now.value(field.key))
        }


def _to_write(field: Field, value: Any, now: Read) -> Any:
    """Return an empty list, not nothing, where the file for all users has one that is to be empty here."""
    if value is None and field.kind in {FieldKind.LINES, FieldKind.HOURS} and getattr(now.defaults, field.key):
        return []
    if value is None and field.kind in {FieldKind.LINES, FieldKind.HOURS} and not now.raw.get(field.key):
        return now.raw.get(field.key)
    return value


def save(part: str, draft: Draft, now: Read, paths: Paths) -> bool:
    """Write what has changed; tell whether anything was; raise `BadSettings`."""
    changes = draft.changes(part, now)
    if changes:
        settings_file.write(paths, changes)
    return bool(changes)


def said_of(key: str, value: Any, exc: BadSettings) -> str:
    """Say beside a field what would be right there."""
    if key in ASKED:
        return account_words.wrong_answer(key)
    place, line = key, 0
    if key == "hours" and isinstance(value, list) and (found := wrong_row(value)):
        place = f"hours.{found[1]}"
    if key == "messages" and isinstance(value, list):
        line = next((number for number, each in enumerate(value, 1) if not is_message(each)), 0)
    return words.right(place, line) or exc.message


def as_text(field: Field, value: Any) -> str:
    """Return a value as its form shows it."""
    if field.kind is FieldKind.LINES:
        return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")
    if field.kind is FieldKind.SWITCH:
        return "on" if value is True else ""
    if field.kind is FieldKind.TIME:
        return padded(value)
    return "" if value is None else str(value)


def in_words(field: Field, value: Any) -> str:
    """Say a value, for somebody who compares two."""
    match field.kind:
        case FieldKind.HOURS:
            return listed(words.row_in_words(row) for row in shown_rows(value)) or words.text("none")
        case FieldKind.LINES:
            return listed(as_text(field, value).splitlines()) or words.text("none")
        case FieldKind.SWITCH:
            return words.text("on" if value else "off")
        case FieldKind.CHOICE:
            return words.choice(field.key, str(value))
        case FieldKind.TIME:
            return typed(padded(value))
    return as_text(field, value) or words.text("none")
