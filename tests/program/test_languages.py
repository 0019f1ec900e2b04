"""The program in another language: what people read is translated, what programs read is the same in every language."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.program.processes import Program
from tray.control.client import ask

TRIES = 20  # statuses asked for until the settings are read
TRANSLATED = {("status",), ("set", "nonsense"), ("states",)}


@pytest.fixture
def german(tmp_path: Path) -> Program:
    program = Program(tmp_path, {"LANG": "de_DE.UTF-8", "LANGUAGE": ""})
    if sys.platform == "win32":  # its language is no variable
        program.paths().settings_file.write_text('language = "de"\n', "utf-8")
    return program


@pytest.fixture
def english(tmp_path: Path) -> Program:
    home = tmp_path / "english"
    home.mkdir()
    return Program(home)


def in_trouble(program: Program) -> Iterator[Any]:
    """Run the demo without a tray; yield once its network is gone and a status waits for it."""
    with program.running("--demo"):
        program.wait_for(lambda status: status["account"]["signed_in"])
        program.run("demo", "network")
        program.run("set", "busy")
        yield program.wait_for(lambda status: status["trouble"] is not None)


def shape(value: Any) -> Any:
    """Return what stays of a document without what differs from run to run: times."""
    match value:
        case dict():
            return {key: shape(each) for key, each in value.items() if not key.endswith(("_at", "since", "until"))}
        case list():
            return [shape(each) for each in value]
    return value


def test_people_read_german_or_french_once_the_settings_say_so_and_programs_read_english(
    german: Program, english: Program
) -> None:
    for expected in in_trouble(english):
        for document in in_trouble(german):
            assert shape(document) == shape(expected)
            assert document["trouble"]["title"] == "No connection."
            read = german.run("status")
            assert read.stdout.startswith("Status ")
            assert "Beschäftigt" in read.stdout
            assert "Keine Verbindung" in read.stdout
            assert "No connection" not in read.stdout
            watched = json.dumps(german.status())
            assert "Beschäftigt" not in watched
            traced = json.dumps(ask(german.paths(demo=True).channel, {"do": "trace", "after": 0}))
            assert "Picked" in traced
            assert not any(word in traced for word in ("Beschäftigt", "Besch\\u00e4ftigt", "Verbindung", "Mikrofon"))
            reads_french_once_the_settings_say_so(german)
    log = german.paths(demo=True).log_file.read_text("utf-8")
    assert "Verbindung" not in log
    assert not any(letter in log for letter in "äöüß")


def reads_french_once_the_settings_say_so(program: Program) -> None:
    file = program.paths().settings_file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('language = "fr"\n', "utf-8")
    assert "Compte connecté" in program.run("status").stdout, "the command reads them; the sentences are the app's"
    ask(program.paths(demo=True).channel, {"do": "settings-written"})
    for _ in range(TRIES):
        if "Keine Verbindung" not in (read := program.run("status").stdout):
            break
    assert "connexion" in read
    assert "Occupé(e)" in read


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("status",), 3), (("set", "nonsense"), 2), (("nonsense",), 2), (("states",), 0), (("--version",), 0)],
)
def test_exit_codes_are_the_same_in_every_language(
    german: Program, english: Program, arguments: tuple[str, ...], code: int
) -> None:
    original, translated = english.run(*arguments), german.run(*arguments)
    assert (original.returncode, translated.returncode) == (code, code)
    if arguments in TRANSLATED:
        assert original.stdout + original.stderr != translated.stdout + translated.stderr


@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C", "LANGUAGE": "de"},
        {"LANGUAGE": "xx_YY", "LANG": "xx_YY.UTF-8"},
        {"LANGUAGE": ":", "LC_ALL": "tlh"},
    ],
    ids=["C", "unknown", "strange"],
)
def test_a_language_that_there_is_not_is_english_without_a_word(tmp_path: Path, environ: dict[str, str]) -> None:
    done = Program(tmp_path, environ).run("states")
    assert (done.returncode, done.stderr) == (0, "")
    assert "when it shows" in done.stdout


# ------------------------------------------------------------------- how times are written


WRITTEN = [  # the environment, whether times have twelve hours
    ({"LANG": "en_US.UTF-8"}, True),
    ({"LANG": "de_DE.UTF-8"}, False),
    ({"LANG": "de_DE.UTF-8", "LC_TIME": "en_US.UTF-8"}, True),
    ({"LANG": "en_US.UTF-8", "LC_TIME": "de_DE.UTF-8"}, False),
    ({"LANG": "en_US.UTF-8", "LC_TIME": "C"}, False),
    ({"LANG": "en_US.UTF-8", "LC_TIME": "xx_YY.UTF-8"}, False),
    ({"LANG": "de_DE.UTF-8", "LC_TIME": "de_DE.UTF-8", "LC_ALL": "en_US.UTF-8"}, True),
]
OTHER_CATEGORIES = [
    *("LC_TIME", "LC_NUMERIC", "LC_MONETARY", "LC_MESSAGES", "LC_IDENTIFICATION"),
    *("LC_PAPER", "LC_NAME", "LC_ADDRESS", "LC_TELEPHONE", "LC_MEASUREMENT"),
]


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make locales that write times as their countries do; the rest of a locale takes seconds, and nothing reads it."""
    folder = tmp_path_factory.mktemp("locales")
    for name in ("de_DE", "en_US"):
        copied = dict.fromkeys(OTHER_CATEGORIES, name) | {"LC_CTYPE": "POSIX", "LC_COLLATE": "POSIX"}
        parts = [f'{category}\ncopy "{origin}"\nEND {category}\n' for category, origin in copied.items()]
        source = folder / name
        source.write_text("comment_char %\nescape_char /\n" + "".join(parts))
        subprocess.run(["localedef", "-i", source, "-f", "UTF-8", folder / f"{name}.UTF-8"], check=True)
    return folder


@pytest.mark.needs("locale-gen")
def test_the_locale_of_times_tells_how_they_are_written(locales: Path) -> None:
    asks = "import sys; from tray.language import has_twelve_hours; print(*map(has_twelve_hours, eval(sys.argv[1])))"
    command = [sys.executable, "-c", asks, repr([environ for environ, _ in WRITTEN])]
    environ = {"PATH": os.environ["PATH"], "LOCPATH": str(locales)}
    told = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [str(twelve) for _, twelve in WRITTEN]


@pytest.mark.needs("locale-gen")
def test_who_has_twelve_hours_reads_and_types_them(tmp_path: Path, locales: Path) -> None:
    program = Program(tmp_path, {"LANG": "en_US.UTF-8", "LC_TIME": "", "LOCPATH": str(locales)})
    with program.running("--demo"):
        program.wait_for(lambda status: status["account"]["signed_in"])
        assert "until 11:59 PM" in program.run("busy", "until", "11:59", "pm").stdout
        assert "Busy until 11:59 PM" in program.run("status").stdout
        shown = ask(program.paths(demo=True).channel, {"do": "look"})
        assert shown["lines"][0] == "Busy until 11:59 PM"
        assert "PM" not in json.dumps(program.status())
