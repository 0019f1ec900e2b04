"""The settings: right and wrong values, and who decides between the user and the machine."""

import json
import tomllib
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import for_each
from tray import settings
from tray.core.config import Config
from tray.core.hours import Hours
from tray.core.rules import RuleSettings, WhenLocked
from tray.core.states import APPEAR_OFFLINE, BUSY
from tray.core.values import Message
from tray.errors import BadSettings
from tray.paths import Paths, locate

CLIENT = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    places = locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path)})
    return places._replace(machine_settings_file=tmp_path / "machine.toml")


def test_no_file_at_all_means_the_defaults(paths: Paths) -> None:
    read = settings.load(paths)
    assert read == settings.Settings()
    assert (read.client_id, read.tenant) == (None, None)
    assert read.for_engine == Config()


def made_from_its_type(key: str) -> str | None:
    """Return a right value of a choice, a switch or a whole number, as TOML has it; `None` for other kinds."""
    match msgspec.inspect.type_info(settings.TYPES[key]):
        case msgspec.inspect.BoolType():
            value: object = not getattr(settings.Settings(), key)
        case msgspec.inspect.IntType(le=greatest):
            value = greatest
        case msgspec.inspect.LiteralType(values=choices) | msgspec.inspect.Metadata(extra={"choices": choices}):
            value = next(choice for choice in reversed(choices) if choice != getattr(settings.Settings(), key))
        case _:
            return None
    return json.dumps(value)


RIGHT = {key: value for key in settings.KEYS if (value := made_from_its_type(key))} | {
    "client_id": f'"{CLIENT}"',
    "tenant": '"contoso.onmicrosoft.com"',
    "authority": '"https://login.example.com/contoso"',
    "graph_url": '"http://127.0.0.1:8080"',
    "end_of_day": '"18:30"',
    "language": '"pt-BR"',
    "microphone_ignore": '["obs"]',
    "messages": '["Lunch", " Back at 13:00 ", "Lunch", "昼休み\u300013時まで"]',
    "hours": '[{from = "09:00", to = "17:30", state = "busy"}]',
}


def test_every_key_can_be_set(paths: Paths) -> None:
    paths.settings_file.write_text("\n".join(f"{key} = {value}" for key, value in RIGHT.items()))
    read = settings.load(paths)
    others = {
        "microphone_ignore": ("obs",),
        "messages": ("Lunch", "Back at 13:00", "昼休み\u300013時まで"),
        "hours": (Hours(time(9), time(17, 30), BUSY),),
    }
    assert {key: getattr(read, key) for key in settings.KEYS} == {
        key: tomllib.loads(f"value = {value}")["value"] for key, value in RIGHT.items()
    } | others


def test_the_engine_is_told_what_the_settings_say(paths: Paths) -> None:
    paths.machine_settings_file.write_text(
        '[managed]\nstates = ["busy", "appear-offline"]\noverride = false\nleese = 3\n'
    )
    paths.settings_file.write_text("\n".join(f"{key} = {value}" for key, value in RIGHT.items()))
    engine = settings.load(paths).for_engine
    assert (engine.lease, engine.end_of_day, engine.notices) == (timedelta(hours=4), time(18, 30), False)
    assert engine.managed == ("override", "states")
    assert "managed.leese" in str(engine.mistakes)
    assert engine.rules == RuleSettings(
        microphone=APPEAR_OFFLINE,
        when_locked=WhenLocked.RELEASE,
        has_hours=True,
        has_rule_keys=True,
        microphone_ignore=("obs",),
    )
    assert engine.messages[:2] == (Message("Lunch"), Message("Back at 13:00"))
    as_by_default = {name for name in Config.__struct_fields__ if getattr(engine, name) == getattr(Config(), name)}
    assert as_by_default == {"zone", "offset", "login_until", "foreground", "demo", "speed"}, "not handed on"


# A line of the settings → what is said of it.
MISTAKES: list[tuple[str, list[str]]] = [
    ('client_id = "presence"', ["client_id", "'presence'", "Application (client) ID"]),
    ("client_id = 5", ["client_id", "5", "in quotes"]),
    (f'client_id = "{CLIENT}\\n"', ["client_id", "Application (client) ID"]),
    ('tenant = "common"', ["tenant", "'common'", "directory"]),
    ('tenant = "https://contoso.com"', ["tenant", "directory"]),
    ('cloud = "china"', ["cloud", "'china'", '"gcc-high"']),
    ('authority = "http://login.example.com/contoso"', ["authority", "https://"]),
    ('authority = "https://login.example.com"', ["authority", "names the tenant"]),
    ('authority = "https://login.exa mple.com/contoso"', ["authority", "https://"]),
    ('graph_url = "https://gräph.example.com"', ["graph_url", "https://"]),
    ('authority = "https://user:secret@login.example.com/contoso"', ["authority", "https://"]),
    ('graph_url = "https://graph.microsoft.com/v1.0"', ["graph_url", "no path"]),
    ('graph_url = "https://graph.microsoft.com:x"', ["graph_url", "no path"]),
    ('graph_url = "http://127.0.0.1.example.com"', ["graph_url", "https://"]),
    ('graph_url = "graph.microsoft.com"', ["graph_url", "https://"]),
    ("lease_minutes = 4", ["lease_minutes = 4", "from 5 to 240"]),
    ("lease_minutes = 241", ["lease_minutes = 241", "from 5 to 240"]),
    ('lease_minutes = "30"', ["lease_minutes = '30'", "without quotes"]),
    ("lease_minutes = true", ["lease_minutes = true", "lease_minutes", "from 5 to 240"]),
    ("lease_minutes = 30.5", ["lease_minutes", "whole number"]),
    ('at_launch = "in-a-meeting"', ["at_launch", "presence-tray states"]),
    ('end_of_day = "25:00"', ["end_of_day", '"17:00"']),
    ("end_of_day = 17:00:00", ["end_of_day = 17:00:00", "in quotes"]),
    ('notifications = "all"', ["notifications", '"problems" or "none"']),
    ('log_level = "DEBUG"', ["log_level", '"debug"']),
    ('microphone = "in-a-meeting"', ["microphone", "'in-a-meeting'", "presence-tray states"]),
    ('messages = "Lunch"', ["messages", "list of texts"]),
    ('messages = ["Lunch", 5]', ["messages[2] = 5", "280 characters"]),
    ('messages = ["Lunch", "a\\nb"]', ["messages[2]", "Remove the line break."]),
    ('messages = ["a\\u202eb"]', ["messages[1]", "Remove the character U+202E."]),
    ('messages = ["  "]', ["messages[1]", "one line"]),
    (f'messages = ["{"x" * 281}"]', ["messages[1]", "280 characters"]),
    ('microphone_ignore = "obs"', ["microphone_ignore", "list of programs"]),
    ("microphone_ignore = [1]", ["microphone_ignore", "list of programs"]),
    ('when_locked = "stop"', ["when_locked", '"release"']),
    ('follow_hours = "yes"', ["follow_hours", "without quotes"]),
    ("hours = 5", ["hours = 5", "[[hours]]"]),
    ('[[hours]]\ndays = "mon-fry"\nfrom = "09:00"\nto = "17:00"\nstate = "busy"', ["hours[1].days = 'mon-fry'"]),
    ('[[hours]]\nfrom = "09:00"\nto = "17:00"\nstate = "buzy"', ["hours[1].state = 'buzy'"]),
    ('[[hours]]\nfrom = "9"\nto = "17:00"\nstate = "busy"', ["hours[1].from = '9'", '"09:00"']),
    ('[[hours]]\nto = "17:00"\nstate = "busy"', ["hours[1].from is missing", '"09:00"']),
    (
        '[[hours]]\nfrom = "09:00"\nto = "17:00"\nstate = "busy"\nexcept = [2026-12-24]',
        ["hours[1].except[1] = 2026-12-24 is", '"2026-12-24"'],
    ),
    ('[[hours]]\nform = "9:00"', ["hours[1].form", "Did you mean from?"]),
    ("leese_minutes = 30", ["leese_minutes", "Did you mean lease_minutes?"]),
    ('theme = "red"', ["theme", "no setting", "client_id"]),
    ("bogus = 1", ["bogus", "The settings are client_id"]),
    ("[graph]\nurl = 5", ["graph", "no setting"]),
    ("[managed]\nlease_minutes = 5", ["managed", "for all users"]),
    ("lease_minutes = ", ["TOML"]),
    ("cloud = dod\nlease_minutes = 5", ["TOML", "line 1"]),
    ("lease_minutes = 5\nlease_minutes = 6", ["TOML"]),
    ("cloud = 'global'\x00", ["TOML"]),
    (f"lease_minutes = {'9' * 5000}", ["TOML", "digits"]),
    (f"lease_minutes = {'[' * 5000}", ["TOML", "depth"]),
    ('"a\\nb\\u001b[31m" = 5', [r"'a\nb\x1b[31m'", "no setting"]),
    (f"{'x' * 5000} = 5", ["xxx...", "no setting"]),
]


@for_each(("line", "says"), MISTAKES)
def test_a_mistake_is_named_with_file_key_and_cure(paths: Paths, line: str, says: list[str]) -> None:
    paths.settings_file.write_text(line)
    with pytest.raises(BadSettings) as caught:
        settings.load(paths)
    told = str(caught.value)
    assert "\n" not in told
    assert [word for word in [str(paths.settings_file), *says] if word not in told] == []


def test_a_long_value_is_not_repeated_whole(paths: Paths) -> None:
    paths.settings_file.write_text(f'client_id = "{"x" * 5000}"')
    with pytest.raises(BadSettings) as caught:
        settings.load(paths)
    assert len(str(caught.value)) < 400


@given(st.text(alphabet="managedlease_minutes.=\"'[]{}\\#-+0159eTZ: \n\r\x00\x1bé") | st.text())
def test_any_file_is_read_or_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    home = tmp_path_factory.getbasetemp() / "any"
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(text, "utf-8", errors="replace")
    told = ""
    try:
        settings.load(locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(home)}))
    except BadSettings as exc:
        told = str(exc)
    assert told.isprintable()


@pytest.mark.parametrize("raw", [b"\xff\xfec\x00", b'cloud = "gl\xf6bal"'])
def test_a_file_in_another_encoding_is_refused(paths: Paths, raw: bytes) -> None:
    paths.settings_file.write_bytes(raw)
    with pytest.raises(BadSettings, match="UTF-8"):
        settings.load(paths)


def test_a_byte_order_mark_is_no_error(paths: Paths) -> None:
    paths.settings_file.write_bytes(b'\xef\xbb\xbfcloud = "dod"\r\n')
    assert settings.load(paths).cloud == "dod"


def test_a_file_that_cannot_be_opened_is_refused(paths: Paths) -> None:
    paths.settings_file.mkdir()
    with pytest.raises(BadSettings, match=r"can't be opened.*you can read it"):
        settings.load(paths)


def test_a_machine_file_that_cannot_be_opened_stops_nobody_and_is_for_the_administrator(paths: Paths) -> None:
    paths.machine_settings_file.mkdir()
    paths.settings_file.write_text("lease_minutes = 10")
    read = settings.load(paths)
    ((title, message),) = read.mistakes
    assert ("can't be opened" in title, "IT department" in message, read.lease_minutes) == (True, True, 10)


def test_the_machine_gives_defaults_and_decides_managed_keys(paths: Paths) -> None:
    paths.machine_settings_file.write_text(
        'tenant = "contoso.com"\ncloud = "dod"\n[managed]\nlease_minutes = 10\nat_launch = "nothing"\n'
    )
    paths.settings_file.write_text('cloud = "global"\nlease_minutes = 200\nend_of_day = "16:00"\n')
    read = settings.load(paths)
    assert (read.tenant, read.cloud, read.lease_minutes, read.end_of_day) == (
        "contoso.com",
        "global",
        10,
        "16:00",
    )
    assert read.managed == {"lease_minutes", "at_launch"}


def test_the_end_of_the_day_is_a_time_as_people_write_it(paths: Paths) -> None:
    paths.settings_file.write_text('end_of_day = "9:05"\n')
    assert settings.load(paths).for_engine.end_of_day == time(9, 5)


def test_a_users_value_for_a_managed_key_is_not_read(paths: Paths) -> None:
    paths.machine_settings_file.write_text("[managed]\nlease_minutes = 10\n")
    paths.settings_file.write_text('lease_minutes = "for ever"\n')
    assert settings.load(paths).lease_minutes == 10


@pytest.mark.parametrize(
    ("managed", "users"),
    [
        ('tenant = "contoso.com"', {"authority": "https://login.example.com/other"}),
        (
            'cloud = "gcc-high"',
            {"authority": "https://login.example.com/other", "graph_url": "https://graph.example.com"},
        ),
        ('hours = [{days = "mon-fri", from = "09:00", to = "17:00", state = "busy"}]', {"follow_hours": False}),
    ],
)
def test_a_users_value_cannot_overrule_a_managed_key(paths: Paths, managed: str, users: dict[str, Any]) -> None:
    paths.machine_settings_file.write_text(f"[managed]\n{managed}\n")
    paths.settings_file.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in users.items()))
    read = settings.load(paths)
    assert {getattr(read, key) for key in users} == {getattr(settings.Settings(), key) for key in users}
    assert set(users) < read.managed


def test_an_administrators_own_address_stands_beside_a_managed_tenant(paths: Paths) -> None:
    paths.machine_settings_file.write_text(
        'graph_url = "https://graph.example.com"\n[managed]\ntenant = "contoso.com"\n'
        'authority = "https://login.example.com/contoso"\n'
    )
    paths.settings_file.write_text('authority = "https://login.example.com/other"\n')
    read = settings.load(paths)
    assert (read.authority, read.graph_url) == ("https://login.example.com/contoso", "https://graph.example.com")


def test_a_wrong_list_of_allowed_statuses_says_where_their_names_are(paths: Paths) -> None:
    paths.machine_settings_file.write_text('[managed]\nstates = ["busy", "meeting"]')
    ((_, message),) = settings.load(paths).mistakes
    assert "`presence-tray states`" in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lease_minutes = 3", "lease_minutes = 3"),
        ("[managed]\nlease_minutes = 3", "managed.lease_minutes = 3"),
        ("[managed]\nleese = 3", "managed.leese"),
        ("managed = 3", "managed = 3"),
        ("[managed]\nstates = []", "managed.states = []"),
        ('[managed]\nstates = ["busy", "in-a-meeting"]', "managed.states = ['busy', 'in-a-meeting']"),
        ('[managed]\noverride = "no"', "managed.override = 'no'"),
        ('states = ["busy"]', "states doesn't work here"),
        ('[managed]\nlanguage = "klingon"', "managed.language = 'klingon'"),
        ("lease_minutes = ", "TOML"),
    ],
)
def test_a_mistake_in_the_machine_file_is_left_out_and_named_and_stops_nobody(
    paths: Paths, text: str, says: str
) -> None:
    paths.machine_settings_file.write_text(f'end_of_day = "18:00"\n{text}')
    paths.settings_file.write_text("lease_minutes = 20")
    read = settings.load(paths)
    ((title, message),) = read.mistakes
    assert str(paths.machine_settings_file) in title
    assert says in title
    assert message
    assert read.lease_minutes == 20, "the user's own value counts where the organisation's is wrong"
    assert read.end_of_day == ("17:00" if says == "TOML" else "18:00")
    assert read.managed == set()


@for_each(
    ("text", "left_out"),
    [
        ('[managed]\nmicrophone = "in-a-call"', "managed.microphone = 'in-a-call'"),
        ('microphone = "in-a-call"\n[managed]', "microphone = 'in-a-call'"),
        ('[managed]\nat_launch = "presenting"', "managed.at_launch = 'presenting'"),
        ('[managed]\nwhen_locked = "away"', "managed.when_locked = 'away'"),
    ],
)
def test_what_an_organisation_sets_and_rules_out_is_left_out_and_named(paths: Paths, text: str, left_out: str) -> None:
    paths.machine_settings_file.write_text(f'{text}\nstates = ["busy", "be-right-back"]\n')
    read = settings.load(paths)
    ((title, message),) = read.mistakes
    assert title == f"{paths.machine_settings_file}: {left_out} is not valid."
    assert message.endswith(": busy, be-right-back.")
    assert read.managed == {"states"}
    unset = settings.Settings(states=("busy", "be-right-back"), managed=read.managed, mistakes=read.mistakes)
    assert read == unset


def test_what_an_organisation_sets_and_allows_is_no_mistake(paths: Paths) -> None:
    paths.machine_settings_file.write_text(
        'at_launch = "last"\n[managed]\nmicrophone = "busy"\nwhen_locked = "release"\nstates = ["busy"]\n'
    )
    read = settings.load(paths)
    assert (read.microphone, read.at_launch, read.mistakes) == ("busy", "last", ())


@for_each("tag", ["system", "en", "EN", "de-AT", "de_CH", "pt-BR", "pt-PT", "ja", "es-419", "fr-CA"])
def test_a_language_of_another_country_is_right(paths: Paths, tag: str) -> None:
    paths.settings_file.write_text(f'language = "{tag}"')
    assert settings.load(paths).language == tag


def test_an_organisation_limits_what_can_be_set(paths: Paths) -> None:
    paths.machine_settings_file.write_text('[managed]\nstates = ["available", "busy"]\noverride = false\n')
    paths.settings_file.write_text(
        'microphone = "in-a-call"\nwhen_locked = "away"\nhours = [{from = "09:00", to = "12:00", state = "available"},'
        ' {from = "13:00", to = "17:00", state = "presenting"}]'
    )
    read = settings.load(paths)
    assert ((read.allows("busy"), read.allows("away")), read.override) == ((True, False), False)
    rules = read.for_engine.rules
    assert (rules.microphone, rules.when_locked.value) == (None, "keep")
    assert [span.state.key for span in rules.hours if span.state] == ["available"]
    assert read.managed == {"states", "override"}


def test_a_language_that_there_is_not_is_no_reason_not_to_run(paths: Paths) -> None:
    paths.settings_file.write_text('language = "klingon"\nlease_minutes = 20\n')
    read = settings.load(paths)
    assert (read.language, read.lease_minutes) == ("system", 20)
    with pytest.raises(BadSettings, match="'klingon'") as refused:
        settings.checked(paths.settings_file, "language", "klingon")
    assert '"system" or one of these languages: en, de,' in refused.value.message


def test_one_of_the_organisations_hours_that_it_rules_out_itself_leaves_the_others(paths: Paths) -> None:
    paths.machine_settings_file.write_text(
        '[managed]\nstates = ["busy"]\n[[managed.hours]]\nfrom = "09:00"\nto = "12:00"\nstate = "busy"\n'
        '[[managed.hours]]\nfrom = "12:00"\nto = "13:00"\nstate = "away"\n'
    )
    read = settings.load(paths)
    assert [span.state for span in read.hours] == [BUSY]
    assert "hours" in read.managed
    assert "managed.hours[2].state" in str(read.mistakes)


@pytest.mark.parametrize("line", ['states = ["busy"]', "override = true"])
def test_a_limit_is_nothing_for_a_users_own_file(paths: Paths, line: str) -> None:
    paths.settings_file.write_text(line)
    with pytest.raises(BadSettings, match=r"doesn't work here.*\[managed\]"):
        settings.load(paths)


def test_every_key_has_its_words_and_a_right_value_here() -> None:
    assert set(settings.words.SETTINGS) == {*settings.KEYS, *settings.MANAGED_ONLY, "managed"}
    assert set(RIGHT) == set(settings.KEYS)
