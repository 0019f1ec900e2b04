"""The settings, read from settings.toml and checked key by key.

There are three sources, of which the later one wins: the top level of the machine-wide file (defaults), the user's
file, and the machine-wide file's `[managed]` table, which users cannot override. A mistake in the user's file is an
error. One in the machine-wide file would stop everybody at once: what has it is left out, and the mistake is kept to be
named.

A key is a field of `Settings`, has its place on the settings page in `PARTS`, and its words in
`messages/settings.py`.
"""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from tray import files, hours_tables, language
from tray.core.config import LAST, NOTHING, Config
from tray.core.hours import Hours
from tray.core.presence_rules import LONGEST_LEASE, SHORTEST_LEASE
from tray.core.rules import RuleSettings, WhenLocked
from tray.core.states import AWAY, BY_KEY
from tray.core.status_message import is_sendable
from tray.core.values import Message
from tray.errors import BadSettings, nearest
from tray.language import SYSTEM
from tray.messages import settings as words
from tray.paths import Paths

MINUTE = timedelta(minutes=1)
LEASE_MINUTES = Meta(ge=SHORTEST_LEASE // MINUTE, le=LONGEST_LEASE // MINUTE)
MANAGED = "managed."  # before a key, in words
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_GUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
LANGUAGE = r"[A-Za-z]+([_-][A-Za-z0-9]+)*"
_DOMAIN = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"


def _one_of(*choices: str) -> Meta:
    return Meta(pattern=rf"^({'|'.join(choices)})\Z", extra={"choices": choices})


ClientId = Annotated[str, Meta(pattern=rf"^{_GUID}\Z")]
Tenant = Annotated[str, Meta(pattern=rf"^({_GUID}|{_DOMAIN}|organizations)\Z")]
StateKey = Annotated[str, _one_of(*BY_KEY)]
States = Annotated[tuple[StateKey, ...], Meta(min_length=1)]
LogLevel = Literal["debug", "info", "warning", "error"]
TimeOfDay = Annotated[str, Meta(pattern=r"^([01]?[0-9]|2[0-3]):[0-5][0-9]\Z")]


Mistake = tuple[str, str]  # what is wrong, and what would be right


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings; `client_id` and `tenant` have no default, because only signing in needs them."""

    client_id: ClientId | None = None
    tenant: Tenant | None = None
    cloud: Literal["global", "gcc-high", "dod"] = "global"
    authority: str | None = None
    graph_url: str | None = None
    lease_minutes: Annotated[int, LEASE_MINUTES] = 30
    at_launch: Annotated[str, _one_of(NOTHING, LAST, *BY_KEY)] = NOTHING
    end_of_day: TimeOfDay = "17:00"
    notifications: Literal["problems", "none"] = "problems"
    log_level: LogLevel = "info"
    language: Annotated[str, Meta(pattern=rf"^{LANGUAGE}\Z")] = SYSTEM
    microphone: Annotated[str, _one_of(NOTHING, *BY_KEY)] = NOTHING
    microphone_ignore: tuple[Annotated[str, Meta(min_length=1)], ...] = ()
    when_locked: Literal["keep", "release", "away"] = "keep"
    follow_hours: bool = True
    hours: tuple[Hours, ...] = ()
    messages: tuple[str, ...] = ()
    states: States | None = None  # the only ones that can be set; a managed key
    override: bool = True  # whether users may override Teams; a managed key
    has_rule_keys: bool = False  # whether a file sets a rule up, on or off; no key itself
    managed: frozenset[str] = frozenset()  # the keys that the machine-wide file decides; no key itself
    mistakes: tuple[Mistake, ...] = ()  # in the machine-wide file; no key itself

    def allows(self, state: str) -> bool:
        """Tell whether a state may be set."""
        return self.states is None or state in self.states

    @property
    def for_engine(self) -> Config:
        """Return what the engine reads of the settings."""
        return Config(
            lease=timedelta(minutes=self.lease_minutes),
            at_launch=self.at_launch,
            end_of_day=time.fromisoformat(self.end_of_day.zfill(len("HH:MM"))),
            notices=self.notifications == "problems",
            managed=tuple(sorted(self.managed)),
            states=self.states,
            override=self.override,
            mistakes=self.mistakes,
            rules=self._rules,
            messages=tuple(map(Message, self.messages)),
        )

    @property
    def _rules(self) -> RuleSettings:
        """Return what sets a status by itself."""
        locked, hours = WhenLocked(self.when_locked), self.hours if self.follow_hours else ()
        return RuleSettings(
            microphone=BY_KEY.get(self.microphone) if self.allows(self.microphone) else None,
            when_locked=WhenLocked.KEEP if locked is WhenLocked.AWAY and not self.allows(AWAY.key) else locked,
            hours=tuple(span for span in hours if span.state is None or self.allows(span.state.key)),
            has_hours=bool(self.hours),
            has_rule_keys=self.has_rule_keys,
            microphone_ignore=self.microphone_ignore,
        )


MANAGED_ONLY = frozenset({"states", "override"})  # they limit users, who cannot set them
KEYS: tuple[str, ...] = tuple(
    name for name in Settings.__struct_fields__ if name not in {*MANAGED_ONLY, "has_rule_keys", "managed", "mistakes"}
)
# The settings page: what it shows together, in which order, and what it folds away.
PARTS: dict[str, tuple[str, ...]] = {
    "account": ("client_id", "tenant", "cloud", "authority", "graph_url"),
    "automatic": ("microphone", "microphone_ignore", "when_locked", "follow_hours", "hours"),
    "messages": ("messages",),
    "general": ("at_launch", "end_of_day", "notifications", "language", "lease_minutes", "log_level"),
    "problems": (),
}
RARE = frozenset({"cloud", "authority", "graph_url", "microphone_ignore", "lease_minutes", "log_level"})
RULE_KEYS = frozenset({"microphone", "when_locked", "hours"})
# The keys that are managed along with a managed key: an address would overrule it, a switch would turn it off.
DECIDED_WITH: dict[str, frozenset[str]] = {
    "tenant": frozenset({"authority"}),
    "cloud": frozenset({"authority", "graph_url"}),
    "hours": frozenset({"follow_hours"}),
}
TYPES: dict[str, Any] = {field.name: field.type for field in msgspec.structs.fields(Settings)}


def users_values(paths: Paths) -> dict[str, Any]:
    """Read the user's own file as it stands, right or wrong; raise `BadSettings` where it is no TOML."""
    return _read(paths.settings_file, words.make_readable())


def load(paths: Paths, users: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings; a file that does not exist sets nothing. `users` stands for what the user's own file says.

    Raise `BadSettings`, which names the file, the key and what would be right.
    """
    machine = read_machine_wide(paths.machine_settings_file)
    decided = frozenset(machine.managed).union(*(DECIDED_WITH.get(key, ()) for key in machine.managed))
    users = users_values(paths) if users is None else users
    own = {
        key: checked(paths.settings_file, key, value)
        for key, value in users.items()
        if key not in decided and not _is_unknown_language(key, value)
    }
    values = machine.defaults | own | machine.managed
    has_rule_keys = not RULE_KEYS.isdisjoint(values)
    return Settings(**values, has_rule_keys=has_rule_keys, managed=decided, mistakes=machine.mistakes)


def _is_unknown_language(key: str, value: object) -> bool:
    """Tell whether a language is named that there is not: English is spoken, `doctor` and the settings page name it."""
    is_one = key == "language" and isinstance(value, str) and re.fullmatch(LANGUAGE, value)
    return bool(is_one) and not language.is_known(str(value))


class MachineWide(msgspec.Struct, frozen=True):
    """What is right in the machine-wide file, and what is not."""

    defaults: dict[str, Any]
    managed: dict[str, Any]
    mistakes: tuple[Mistake, ...]


def read_machine_wide(file: Path) -> MachineWide:
    """Read the machine-wide file without what is wrong in it; one that does not exist says nothing."""
    try:
        table = _read(file, words.make_readable_for_all())
    except BadSettings as exc:
        return MachineWide({}, {}, ((exc.title, exc.message),))
    mistakes: list[Mistake] = []
    managed = table.pop("managed", {})
    if not isinstance(managed, dict):
        mistakes.append(words.wrong_value(file, "managed", "managed", managed))
        managed = {}

    def right(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
        for key, value in table.items():
            try:
                yield key, checked(file, key, value, prefix=prefix)
            except BadSettings as exc:
                mistakes.append((exc.title, exc.message))

    right_defaults, right_managed = dict(right(table, "")), dict(right(managed, MANAGED))
    for prefix, values in (("", right_defaults), (MANAGED, right_managed)):
        for key, path, state in list(_ruled_out(values, right_managed.get("states", BY_KEY))):
            if key == "hours":  # the other hours stay
                values[key] = tuple(span for span in values[key] if not span.state or span.state.key != state)
            else:
                values.pop(key, None)
            mistakes.append(words.not_allowed(file, f"{prefix}{path}", state, right_managed["states"]))
    return MachineWide(right_defaults, right_managed, tuple(mistakes))


def _ruled_out(values: Mapping[str, Any], allowed: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Yield each key that sets a state which is not allowed, with its path and that state."""
    for key in ("at_launch", "microphone", "when_locked"):
        if (state := values.get(key)) in BY_KEY and state not in allowed:
            yield key, key, state
    for number, span in enumerate(values.get("hours", ()), 1):
        if span.state and span.state.key not in allowed:
            yield "hours", f"hours[{number}].state", span.state.key


def checked(file: Path, key: str, value: object, *, prefix: str = "") -> Any:
    """Return a value if it is right for its key, else raise `BadSettings`; `prefix` is the key's table in the file."""
    path = f"{prefix}{key}"
    if key in MANAGED_ONLY and prefix != MANAGED:
        raise BadSettings(*words.only_managed(file, key))
    if key not in KEYS and key not in MANAGED_ONLY:
        raise BadSettings(*_unknown(file, path, key))
    if key == "hours":
        return _hours(file, prefix, value)
    if key == "messages" and isinstance(value, list):
        return _messages(file, path, value)
    try:
        right = msgspec.convert(value, TYPES[key])
    except msgspec.ValidationError as exc:
        raise BadSettings(*words.wrong_value(file, path, key, value)) from exc
    if key in _CHECKS and not _CHECKS[key](right):
        raise BadSettings(*words.wrong_value(file, path, key, value))
    return right


def _hours(file: Path, prefix: str, value: object) -> tuple[Hours, ...]:
    try:
        return hours_tables.parse(value)
    except hours_tables.WrongHours as exc:
        raise BadSettings(*words.wrong_hours(file, f"{prefix}{exc.path}", exc.value, exc.right)) from exc
    except hours_tables.UnknownKey as exc:
        raise BadSettings(
            *words.unknown_key(file, f"{prefix}{exc.path}", nearest(exc.key, hours_tables.KEYS), hours_tables.KEYS)
        ) from exc


def is_message(text: object) -> bool:
    """Tell whether a value can be a status message."""
    return isinstance(text, str) and bool(text.strip()) and is_sendable(text.strip())


def _messages(file: Path, path: str, value: list[Any]) -> tuple[str, ...]:
    for number, text in enumerate(value, 1):
        if not is_message(text):
            raise BadSettings(*words.wrong_message(file, f"{path}[{number}]", text))
    return tuple(dict.fromkeys(text.strip() for text in value))


def _unknown(file: Path, path: str, key: str) -> tuple[str, str]:
    if key == "managed":
        return words.misplaced_table(file)
    known = KEYS if path == key else (*KEYS, *sorted(MANAGED_ONLY))
    near = nearest(key, [*KEYS, *MANAGED_ONLY, "managed"])
    shown = path if path.replace(".", "").isidentifier() else repr(path)  # it has a line break or an escape
    return words.unknown_key(file, shown, near, known)


def _read(file: Path, cure: str) -> dict[str, Any]:
    """Read a file; `cure` says what helps if it cannot be opened."""
    try:
        return tomllib.loads(files.read_text(file))
    except FileNotFoundError:
        return {}
    except OSError as exc:
        raise BadSettings(*words.not_readable(file, exc.strerror or str(exc), cure)) from exc
    except UnicodeDecodeError as exc:
        raise BadSettings(*words.not_text(file)) from exc
    except (ValueError, RecursionError) as exc:  # not TOML, or thousands of digits or brackets
        raise BadSettings(*words.not_toml(file, str(exc))) from exc


def _is_authority(address: str) -> bool:
    """Tell whether tokens may be asked for at an address: a tenant, encrypted or on this machine."""
    return _is_safe(address) and bool(urlsplit(address).path.strip("/"))


def _is_origin(address: str) -> bool:
    return _is_safe(address) and urlsplit(address).path in ("", "/")


def _is_safe(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port  # reading a port that is no number raises
    except ValueError:
        return False
    plain_is_fine = parts.scheme == "http" and host in LOOPBACK
    extras = parts.query or parts.fragment or parts.username or parts.password
    names_a_server = host is not None and re.fullmatch(r"[\w.-]+|[\w.:%]*:[\w.:%]*", host, re.ASCII)
    return bool(names_a_server) and (parts.scheme == "https" or plain_is_fine) and not extras


# What a value of the right type must be besides.
_CHECKS: dict[str, Callable[[str], bool]] = {
    "authority": _is_authority,
    "graph_url": _is_origin,
    "language": language.is_known,
}
