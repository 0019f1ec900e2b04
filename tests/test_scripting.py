"""The page for scripts: its examples run as they stand there, against a demo, and print what the page says."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.program.processes import Program
from tray import errors
from tray.core.rules import Unknown
from tray.core.values import Origin

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")

PAGE = (Path(__file__).parent.parent / "docs" / "scripting.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", PAGE)


DOCUMENT, WAYBAR = map(json.loads, blocks("json"))
BUSYLIGHT, MODULE = blocks("sh")
(SENSOR,) = blocks("yaml")


def fields(of: Any, name: str = "") -> set[str]:
    """Return the name of each field of a document, as the table of the page writes it."""
    match of:
        case list():
            return set().union(*(fields(each, name) for each in of))
        case dict():
            return set().union(*({name + key} | fields(within, f"{name}{key}.") for key, within in of.items()))
        case _:
            return set()


def rows(head: str) -> dict[str, str]:
    table = PAGE.partition(f"| {head} |")[2].partition("\n\n")[0]
    return dict(re.findall(r"(?m)^\| `?([\w.]+)`? \| (.*) \|$", table))


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """Start a demo; its commands are on the path of what the examples start."""
    program = Program(tmp_path)
    program.environ["PATH"] = f"{Path(sys.executable).parent}:{program.environ['PATH']}"
    machine = program.paths(demo=True).machine_settings_file
    machine.parent.mkdir()
    machine.write_text("lease_minutes = 1\n")
    with program.running("run", "--demo"):
        program.wait_for(lambda status: bool(status["account"]["signed_in"]))
        yield program
        program.run("quit")


def has(field: str, status: dict[str, Any]) -> bool:
    return bool(status[field])


def test_the_table_has_exactly_the_fields_of_the_real_document(program: Program) -> None:
    seen = fields(program.status())
    story = (
        ("why", ("set", "available", "--message", "Lunch")),
        ("then", ("demo", "microphone")),
        ("hold", ("demo", "network")),
        ("trouble", ("set", "away")),
        ("clearing", ("stop",)),
    )
    assert program.run("rules", "microphone", "on").returncode == 0
    assert program.run("demo", "teams-meeting").returncode == 0
    for field, command in story:
        program.run(*command)
        seen |= fields(program.wait_for(partial(has, field)))
    assert rows("field").keys() == seen
    assert fields(DOCUMENT) <= seen
    assert DOCUMENT.keys() == program.status().keys()


def test_the_page_has_every_code_and_exit_code() -> None:
    table = rows("field")
    for field, codes in (("rules.why", Unknown), ("hold.origin", Origin)):
        assert [code.value for code in codes if f"`{code.value}`" not in table[field]] == []
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.TrayError)]
    assert {int(code) for code in rows("code")} == {0, *(kind.exit_code for kind in kinds)}


def printed_until(process: subprocess.Popen[str], is_it: Callable[[str], bool]) -> str:
    """Return the first line that is the one waited for."""
    assert process.stdout is not None
    for line in process.stdout:
        if is_it(line):
            return line
    raise AssertionError("the example ended too soon")


def test_the_light_follows_teams_and_goes_off_with_the_app(program: Program) -> None:
    with program.started("sh", "-c", BUSYLIGHT) as light:
        for command, colour in (
            (("set", "busy"), "red"),
            (("set", "available"), "green"),
            (("set", "away"), "yellow"),
            (("quit",), "off"),
        ):
            assert program.run(*command).returncode == 0
            printed_until(light, lambda line, colour=colour: line == f"{colour}\n")  # type: ignore[misc]


def test_the_module_for_waybar_prints_what_the_page_says(program: Program) -> None:
    click = WAYBAR["custom/presence-tray"]["on-click"]
    (said,) = (json.loads(line) for line in re.findall(r"(?m)^It prints `(\{.*?\})`", PAGE))
    with program.started("sh", "-c", MODULE) as module:
        printed_until(module, lambda line: json.loads(line)["class"] == "idle")
        with program.started("sh", "-c", click) as clicked:
            printed_until(module, lambda line: json.loads(line) == said)
            assert clicked.wait() == 0
        program.run("demo", "network")
        program.run("set", "away")
        printed_until(module, lambda line: bool(json.loads(line)["class"] == "problem" and json.loads(line)["tooltip"]))
        program.run("quit")
        printed_until(module, lambda line: json.loads(line) == {"text": "", "class": "stopped"})


def test_the_sensor_for_home_assistant_reads_what_teams_shows(program: Program) -> None:
    (command,) = re.findall(r"(?m)^ +command: (.*)$", SENSOR)
    (template,) = re.findall(r'(?m)^ +value_template: "\{\{ (.*) \}\}"$', SENSOR)
    (attributes,) = re.findall(r"(?m)^ +json_attributes: \[(.*)\]$", SENSOR)
    assert set(attributes.split(", ")) <= DOCUMENT.keys()

    def state(text: str) -> object:
        value = json.loads(text, object_hook=lambda each: SimpleNamespace(**each))
        return eval(template, {"value_json": value})  # noqa: S307  the page's own words

    assert state(json.dumps(DOCUMENT | {"teams_shows": None})) == "unknown"
    program.run("set", "busy")
    program.wait_for(partial(has, "teams_shows"))
    with program.started("sh", "-c", command) as sensor:
        out, _ = sensor.communicate()
    assert (sensor.returncode, state(out)) == (0, "Busy")
