import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tray import settings, settings_file
from tray.errors import BadSettings
from tray.messages import settings as words
from tray.paths import Paths, locate

CLIENT = "00000000-0000-4000-8000-000000000001"
VALUES = {"client_id": CLIENT, "tenant": "contoso.com"}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path / "new")})


def test_a_fresh_file_sets_nothing_and_shows_the_defaults(paths: Paths) -> None:
    file = settings_file.ensure(paths)
    assert settings.load(paths) == settings.Settings()
    shown = tomllib.loads(re.sub(r"(?m)^# (\w+ =)", r"\1", file.read_text()))
    defaults = settings.Settings()
    assert {key: value for key, value in shown.items() if key not in ("client_id", "tenant")} == {
        key: getattr(defaults, key) for key in shown if key not in ("client_id", "tenant")
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
    assert len(text.splitlines()) == len(words.fresh().splitlines())
    settings_file.write(paths, VALUES | {"tenant": "other.com"})
    assert paths.settings_file.read_text() == text.replace("contoso.com", "other.com")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f'tenant = "contoso.com"\nclient_id = "{CLIENT}"\n'),
        ("lease_minutes = 10 # mine\n", f'tenant = "contoso.com"\nclient_id = "{CLIENT}"\nlease_minutes = 10 # mine\n'),
        (
            "# about tenants\ntenant = 'old.com'  # gone\n  client_id='x'",
            f'# about tenants\ntenant = "contoso.com"\nclient_id = "{CLIENT}"',
        ),
    ],
)
def test_other_lines_are_kept(before: str, after: str) -> None:
    assert settings_file.with_values(before, VALUES) == after


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ('cloud = """\ntenant = "x"\n"""', "can't change"),
        ("lease_minutes = ", "TOML"),
    ],
)
def test_a_file_it_does_not_understand_is_left_alone(paths: Paths, before: str, says: str) -> None:
    settings_file.ensure(paths).write_text(before)
    with pytest.raises(BadSettings, match=says):
        settings_file.write(paths, VALUES)
    assert paths.settings_file.read_text() == before


def test_wrong_values_are_not_written(paths: Paths) -> None:
    with pytest.raises(BadSettings, match="client_id"):
        settings_file.write(paths, {"client_id": "presence"})
    assert not paths.settings_file.exists()


def test_a_folder_that_cannot_be_written_is_said(paths: Paths) -> None:
    paths.settings_file.parent.write_text("a file")
    with pytest.raises(BadSettings, match="can't be written"):
        settings_file.write(paths, VALUES)


known = st.sampled_from(
    ["# a comment", "", "lease_minutes = 10", "cloud = 'dod'", "# tenant = 'x'", "tenant = 'y.com'"]
)


@given(lines=st.lists(known, unique=True))
def test_whatever_the_order_all_other_values_stay(lines: list[str]) -> None:
    before = "\n".join(lines)
    assert tomllib.loads(settings_file.with_values(before, VALUES)) == tomllib.loads(before) | VALUES
