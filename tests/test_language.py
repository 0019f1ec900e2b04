"""Which language is spoken: the settings' own, else the system's; English wherever something is missing or wrong."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tray import language, paths
from tray.messages import catalogue

BY_VARIABLES = pytest.mark.skipif(sys.platform == "win32", reason="Windows' language is no variable")
THERE_ARE = ["en", "de", "es", "fr", "ja", "pt_BR"]


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    catalogue.speak("en")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["de"], "de"),
        (["de_AT.UTF-8"], "de"),
        (["de_DE@euro"], "de"),
        (["pt-BR"], "pt_BR"),
        (["pt_PT"], "pt_BR"),
        (["es-419"], "es"),
        (["JA-jp"], "ja"),
        (["sv", "fr_CA"], "fr"),
        (["sv", "en_GB", "fr"], "en"),
        (["zh-Hant-TW"], "en"),
        (["C"], "en"),
        (["", ""], "en"),
        (["../../tmp"], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_that_there_is_is_spoken(wanted: list[str], found: str) -> None:
    assert language.best(wanted, THERE_ARE) == found


@pytest.mark.skipif(language.sys.platform != "linux", reason="Windows and macOS have lists of their own")
@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, []),
        ({"LANG": "de_DE.UTF-8"}, ["de_DE.UTF-8"]),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8"}, ["fr_FR.UTF-8"]),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR.UTF-8", "LC_ALL": "es_ES"}, ["es_ES"]),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": ""}, ["de_DE.UTF-8"]),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "ja:fr"}, ["ja", "fr"]),
        ({"LANGUAGE": "ja"}, ["ja"]),
        ({"LC_ALL": "C", "LANGUAGE": "ja", "LANG": "de_DE.UTF-8"}, ["en"]),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ja"}, ["en"]),
        ({"LC_ALL": "POSIX"}, ["en"]),
    ],
)
def test_the_environment_is_read_as_gettext_reads_it(environment: dict[str, str], wanted: list[str]) -> None:
    assert language.of_system(environment) == wanted


@pytest.mark.parametrize(
    ("setting", "environment", "spoken"),
    [
        pytest.param("system", {"LANG": "de_DE.UTF-8"}, "de", marks=BY_VARIABLES),
        ("fr", {"LANG": "de_DE.UTF-8"}, "fr"),
        ("pt-BR", {"LANG": "de_DE.UTF-8"}, "pt_BR"),
        ("en", {"LANG": "de_DE.UTF-8"}, "en"),
        ("klingon", {"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_setting_comes_before_the_system(setting: str, environment: dict[str, str], spoken: str) -> None:
    language.speak(setting, environment)
    assert catalogue.language() == spoken


@pytest.mark.parametrize(
    ("machine", "user", "setting"),
    [
        ("", "", "system"),
        ("", 'language = "de"', "de"),
        ('language = "fr"', "", "fr"),
        ('language = "fr"', 'language = "de"', "de"),
        ('[managed]\nlanguage = "ja"', 'language = "de"', "ja"),
        ("managed = 1", '"language" = "de"', "de"),
        ("", '# language = "de"\nlog_level = "info"', "system"),
        ("", "language = 1", "system"),
        ("", 'language = "de"\n=', "system"),
        ("", "\ufefflanguage = 'de'", "de"),
    ],
)
def test_the_setting_is_found_before_all_settings_are_read(
    tmp_path: Path, machine: str, user: str, setting: str
) -> None:
    places = paths.locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path)})
    for file, text in ((places.machine_settings_file, machine), (places.settings_file, user)):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert language.of_settings(places) == setting


def test_without_settings_the_system_decides(tmp_path: Path) -> None:
    assert language.of_settings(paths.locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path)})) == "system"


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_a_locale_without_a_language_has_24_hours_on_every_system(locale: str) -> None:
    assert not language.has_twelve_hours({"LC_TIME": locale, "LANG": "en_US.UTF-8"})


@pytest.mark.skipif(language.sys.platform != "linux", reason="Windows and macOS have formats of their own")
@pytest.mark.parametrize("locale", ["", "xx_YY.UTF-8", "klingon"])
def test_a_locale_that_there_is_not_has_24_hours(locale: str) -> None:
    assert not language.has_twelve_hours({"LC_TIME": locale})
