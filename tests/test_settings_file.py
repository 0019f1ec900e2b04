"""The settings file as the program writes it: whatever a user wrote stays."""

import re
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import for_each
from tray import settings, settings_file
from tray.errors import BadSettings
from tray.paths import Paths, locate

CLIENT = "00000000-0000-4000-8000-000000000001"
VALUES = {"client_id": CLIENT, "tenant": "contoso.com"}
EXAMPLES = ("client_id", "tenant", "hours")
TENANT = {"tenant": "contoso.com"}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path / "new")})


def test_a_fresh_file_sets_nothing_and_shows_the_defaults(paths: Paths) -> None:
    file = settings_file.ensure(paths)
    assert settings.load(paths) == settings.Settings()
    shown = tomllib.loads(re.sub(r"(?m)^# (\w+ =)", r"\1", file.read_text()))
    defaults = settings.Settings()
    assert {key: value for key, value in shown.items() if key not in EXAMPLES} == {
        key: list(value) if isinstance(value := getattr(defaults, key), tuple) else value
        for key in shown
        if key not in EXAMPLES
    }
    assert set(settings.KEYS) - set(shown) == {"authority", "graph_url"}


def test_a_file_that_is_there_is_left_alone(paths: Paths) -> None:
    settings_file.ensure(paths).write_text("cloud = 'dod'")
    assert settings_file.ensure(paths).read_text() == "cloud = 'dod'"


def test_values_go_into_a_fresh_file_in_place_of_the_comments(paths: Paths) -> None:
    settings_file.write(paths, VALUES)
    read = settings.load(paths)
    assert (read.client_id, read.tenant) == (CLIENT, "contoso.com")
    text = paths.settings_file.read_text()
    assert len(text.splitlines()) == len(settings_file.fresh().splitlines())
    settings_file.write(paths, VALUES | {"tenant": "other.com"})
    assert paths.settings_file.read_text() == text.replace("contoso.com", "other.com")


KEPT = {
    "an empty file": ("", 'tenant = "contoso.com"\n'),
    "a file without a line end": ("cloud = 'dod'", "tenant = \"contoso.com\"\ncloud = 'dod'"),
    "comments behind values": (
        "tenant='old.com'  # mine\ncloud = 'dod' # ours\n",
        "tenant=\"contoso.com\"  # mine\ncloud = 'dod' # ours\n",
    ),
    "a quoted key": ("\"tenant\" = 'old.com'\n", '"tenant" = "contoso.com"\n'),
    "a value of several lines": (
        "tenant = '''\nold.com'''\ncloud = 'dod'\n",
        "tenant = \"contoso.com\"\ncloud = 'dod'\n",
    ),
    "a comment with the key": ("# tenant = 'old.com'  # mine\n", 'tenant = "contoso.com"  # mine\n'),
    "a comment with the key that is no TOML": ("# tenant = yours\n", 'tenant = "contoso.com"\n# tenant = yours\n'),
    "a comment about the key": ("# tenant, the: see below\n\n", '# tenant, the: see below\n\ntenant = "contoso.com"\n'),
    "a table": ("cloud = 'dod'\n\n[managed]\nx = 1\n", "tenant = \"contoso.com\"\ncloud = 'dod'\n\n[managed]\nx = 1\n"),
    "a comment with the key below a table": (
        "[managed]\n# tenant = 'x'\n",
        "tenant = \"contoso.com\"\n[managed]\n# tenant = 'x'\n",
    ),
    "the key in a table": ("[managed]\ntenant = 'x'\n", "tenant = \"contoso.com\"\n[managed]\ntenant = 'x'\n"),
    "the key in a text": (
        'cloud = """\n# tenant = "x"\n"""\n',
        'tenant = "contoso.com"\ncloud = """\n# tenant = "x"\n"""\n',
    ),
    "dotted keys": ("a.tenant = 1\na.b = 2\n", 'tenant = "contoso.com"\na.tenant = 1\na.b = 2\n'),
    "a header": (
        "# Mine.\n# Really.\n\ncloud = 'dod'\n",
        "# Mine.\n# Really.\n\ntenant = \"contoso.com\"\ncloud = 'dod'\n",
    ),
}


@for_each("line_end", ["\n", "\r\n"])
@for_each("mark", ["", settings_file.BYTE_ORDER_MARK])
@for_each("what", KEPT)
def test_everything_else_in_the_file_stays(what: str, mark: str, line_end: str) -> None:
    before, after = (f"{mark}{text}".replace("\n", line_end) for text in KEPT[what])
    if "\n" not in before:  # it does not show which line ends it has
        after = after.replace("\r\n", "\n")
    assert settings_file.with_values(before, TENANT) == after


def test_line_ends_and_the_mark_of_windows_editors_reach_the_disk(paths: Paths) -> None:
    settings_file.ensure(paths).write_bytes(b"\xef\xbb\xbflease_minutes = 10\r\n# tenant = 'x'\r\n")
    settings_file.write(paths, {"tenant": "contoso.com", "lease_minutes": 20})
    assert paths.settings_file.read_bytes() == b'\xef\xbb\xbflease_minutes = 20\r\ntenant = "contoso.com"\r\n'


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"lease_minutes = ", "TOML"),
        (b"tenant = 'a'\ntenant = 'b'", "TOML"),
        (b"a = " + b"[" * 5000, "TOML"),
        (b"\xff\xfet\x00", "UTF-8"),
    ],
)
def test_a_file_it_cannot_read_is_left_alone(paths: Paths, raw: bytes, says: str) -> None:
    settings_file.ensure(paths).write_bytes(raw)
    with pytest.raises(BadSettings, match=says):
        settings_file.write(paths, VALUES)
    assert paths.settings_file.read_bytes() == raw


def test_wrong_values_are_not_written(paths: Paths) -> None:
    with pytest.raises(BadSettings, match="client_id"):
        settings_file.write(paths, {"client_id": "presence"})
    assert not paths.settings_file.exists()


def test_a_folder_that_cannot_be_written_is_said(paths: Paths) -> None:
    paths.settings_file.parent.write_text("a file")
    with pytest.raises(BadSettings, match="can't be written"):
        settings_file.write(paths, VALUES)


def test_a_file_that_somebody_made_read_only_is_left_alone(paths: Paths) -> None:
    settings_file.ensure(paths).chmod(0o444)
    before = paths.settings_file.read_bytes()
    with pytest.raises(BadSettings, match="can't be written"):
        settings_file.write(paths, VALUES)
    assert paths.settings_file.read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="where a folder may have no room for others")
def test_a_folder_that_cannot_be_made_is_said() -> None:
    with pytest.raises(BadSettings, match="can't be written: No such file or directory"):
        settings_file.write(locate(demo=False, environment={"PRESENCE_TRAY_HOME": "/proc/none"}), VALUES)


LINES = ["# a comment", "", "lease_minutes = 10  # mine", "cloud = 'dod'", "# tenant = 'x'", "tenant = 'y.com'"]
TABLES = ["[managed]", "# tenant = 'z'", "cloud = 'global'", "a.b = 1"]


@given(
    lines=st.lists(st.sampled_from(LINES), unique=True),
    tables=st.lists(st.sampled_from(TABLES), unique=True),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_the_order_all_other_lines_stay(lines: list[str], tables: list[str], line_end: str) -> None:
    before = [*lines, "[table]", *tables]
    after = settings_file.with_values(line_end.join(before) + line_end, VALUES)
    assert tomllib.loads(after) == tomllib.loads("\n".join(before)) | VALUES
    others = [line for line in after.split(line_end)[:-1] if "tenant" not in line and "client_id" not in line]
    assert others == [line for line in before if "tenant" not in line]


HOURS = {"days": "mon-fri", "from": "09:00", "to": "17:30", "state": "available"}
NIGHT = {"days": ["sat", "sun"], "from": "22:00", "to": "02:00", "state": "nothing"}
TABLES = {
    "tables with comments": "# A.\n[[hours]] # a\nfrom = '9:00' # early\nto = '17:00'\nstate = 'busy'\n",
    "a list": "hours = [\n  {from = '9:00', to = '17:00', state = 'busy'}, # a\n]\ncloud = 'dod' # ours\n",
    "an empty list": "hours = []\ncloud = 'dod' # ours\n",
    "something else": "hours = 5\ncloud = 'dod' # ours\n",
    "nothing": "cloud = 'dod' # ours\n",
    "a table of another name": "cloud = 'dod' # ours\n\n[managed]\nx = 1\n",
}


@for_each("line_end", ["\n", "\r\n"])
@for_each("rows", [[HOURS], [HOURS, NIGHT], [NIGHT, HOURS, NIGHT]])
@for_each("before", TABLES)
def test_tables_are_set_among_what_stays(before: str, rows: list[dict[str, object]], line_end: str) -> None:
    text = TABLES[before].replace("\n", line_end)
    after = settings_file.with_values(text, {"hours": rows})  # type: ignore[dict-item]
    assert tomllib.loads(after)["hours"] == rows
    assert [each for each in re.findall(r"# \w+", text) if each not in after] == []
    assert "\n" not in after.replace("\r\n", "") if line_end == "\r\n" else "\r" not in after
    back = settings_file.with_values(after, {"hours": None})
    assert "hours" not in tomllib.loads(back)


OFFICE = {"days": "mon-wed", "from": "09:00", "to": "17:00", "state": "available"}
HOME = {"days": "thu-fri", "from": "10:00", "to": "16:00", "state": "busy"}
TWO_TABLES = """\
tenant = "contoso.com"

# Office days
[[hours]]
days = "mon-wed"
from = "09:00" # early
to = "17:00"
state = "available"

# Home office
[[hours]]
days = "thu-fri"
from = "10:00"
to = "16:00"
state = "busy"

# the wiki says
# log_level = "debug"
"""
HEAD, OFFICE_TEXT, HOME_TEXT, FOOT = TWO_TABLES.split("\n\n")


@for_each("line_end", ["\n", "\r\n"])
@for_each(
    ("rows", "paragraphs"),
    [
        ([OFFICE], [HEAD, OFFICE_TEXT, FOOT]),
        ([HOME], [HEAD, HOME_TEXT, FOOT]),
        ([HOME, OFFICE], [HEAD, HOME_TEXT, OFFICE_TEXT, FOOT]),
        ([OFFICE | {"to": "18:00"}, HOME], [HEAD, OFFICE_TEXT.replace("17:00", "18:00"), HOME_TEXT, FOOT]),
        ([HOME | {"to": "18:00"}], [HEAD, HOME_TEXT.replace("16:00", "18:00"), FOOT]),
        ([HOME | {"to": "18:00"}, OFFICE], [HEAD, HOME_TEXT.replace("16:00", "18:00"), OFFICE_TEXT, FOOT]),
        ([OFFICE, HOME, HOURS], [HEAD, OFFICE_TEXT, HOME_TEXT, "[[hours]]\n" + tomlkit.dumps(HOURS).strip(), FOOT]),
        ([], ["hours = []\n" + HEAD, FOOT]),
        (None, [HEAD, FOOT]),
    ],
)
def test_a_table_takes_its_comments_along_and_no_others(
    rows: list[dict[str, object]] | None, paragraphs: list[str], line_end: str
) -> None:
    after = settings_file.with_values(TWO_TABLES.replace("\n", line_end), {"hours": rows})  # type: ignore[dict-item]
    assert after == "\n\n".join(paragraphs).replace("\n", line_end)


@for_each(
    ("messages", "lines"),
    [
        (["Lunch", "Home", "Late"], ["# for lunch", '"Lunch", # daily', '"Home",', '"Late",']),
        (["Home", "Lunch"], ["# for lunch", '"Home",', '"Lunch", # daily']),
        (["Home"], ["# for lunch", '"Home",']),
        (["Dinner", "Home"], ["# for lunch", '"Dinner", # daily', '"Home",']),
    ],
)
def test_a_list_keeps_its_comments_and_its_lines(messages: list[str], lines: list[str]) -> None:
    before = 'messages = [\n  # for lunch\n  "Lunch", # daily\n  "Home",\n]\ncloud = "dod"\n'
    after = settings_file.with_values(before, {"messages": messages})
    assert after == "\n  ".join(["messages = [", *lines]) + '\n]\ncloud = "dod"\n'


@for_each(
    "text",
    [
        'hours = [{from = "1:00"}, # a\n  {from = "2:00"}]\n',
        'x = """\n[[hours]]\n"""\n[[hours]]\nfrom = "1:00"\n[[ hours ]]\nfrom = "2:00"\n',
        '[[hours]]\nfrom = "1:00"\n[managed]\ncloud = "dod"\n[[hours]]\nfrom = "2:00"\n',
        '[["hours"]]\nfrom = "1:00"\n[[hours]]\nfrom = "2:00"\n',
        '[["hours"]]\nfrom = "1:00"\n[["hours"]]\nfrom = "2:00"\n',
        'hours = ["mon-fri 9-17", 5]\n',
        '[[hours]]\nfrom = "1:00"\nexcept = [\n["a"],\n[[1]],\n]\n[[hours]]\nfrom = "2:00"\n',
    ],
)
def test_however_tables_are_written_they_become_what_they_should_and_nothing_else_changes(text: str) -> None:
    others = {key: value for key, value in tomllib.loads(text).items() if key != "hours"}
    for rows in ([{"from": "2:00"}], [{"from": "2:00"}, {"from": "3:00"}, {"from": "1:00"}]):
        after = settings_file.with_values(text, {"hours": rows})  # type: ignore[dict-item]
        assert tomllib.loads(after) == others | {"hours": rows}
    assert tomllib.loads(settings_file.with_values(text, {"hours": None})) == others


def test_a_file_whose_lines_end_as_in_no_toml_can_be_changed(paths: Paths) -> None:
    settings_file.ensure(paths).write_bytes(b'cloud = "dod"\rlease_minutes = 20\r')
    settings_file.write(paths, {"log_level": "debug"})
    read = settings.load(paths)
    assert (read.cloud, read.lease_minutes, read.log_level) == ("dod", 20, "debug")


def test_those_who_write_at_once_lose_nothing_of_each_other(paths: Paths) -> None:
    values = {"microphone": "busy", "when_locked": "release", "follow_hours": False, "log_level": "debug", **VALUES}
    with ThreadPoolExecutor(len(values)) as writers:
        list(writers.map(lambda each: settings_file.write(paths, dict([each])), values.items()))
    assert {key: getattr(settings.load(paths), key) for key in values} == values
