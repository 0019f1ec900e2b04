"""The documents, as far as a machine can compare them with the program."""

import json
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import tray
from tests.core.driver import holding
from tests.rows import for_each
from tests.test_structure import FLOORS
from tray.cli import COMMANDS
from tray.core.model import TroubleCode
from tray.core.states import BUSY, STATES
from tray.core.values import Difference
from tray.messages import help as words
from tray.messages.presence import label
from tray.settings import KEYS

PROJECT = Path(__file__).parent.parent
TRAY = Path(tray.__file__).parent
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md")])
README = (PROJECT / "README.md").read_text("utf-8")
SCRIPTING = (PROJECT / "docs" / "scripting.md").read_text("utf-8")


def prose(text: str) -> str:
    """Return a document without its blocks of code."""
    return re.sub(r"(?ms)^```.*?^```", "", text)


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"(?m)^#+ (.+)$", prose(document.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@for_each("document", DOCUMENTS)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", prose(document.read_text("utf-8"))):
        file, _, anchor = target.partition("#")
        there = document.parent / file if file else document
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


FOLDERS = ("tray", "tests", "assets", "packaging", "docs", *(path.name for path in TRAY.iterdir() if path.is_dir()))
PLACE = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]+|[\w/]+\.py)`")
PLACES = [
    f"/{path.relative_to(PROJECT).as_posix()}" for folder in FOLDERS[:5] for path in (PROJECT / folder).rglob("*")
]


@for_each("document", DOCUMENTS)
def test_files_and_folders_that_are_named_exist(document: Path) -> None:
    named = PLACE.findall(prose(document.read_text("utf-8")))
    assert [each for each in named if not any(place.endswith(f"/{each.rstrip('/')}") for place in PLACES)] == []


def test_the_documents_have_every_command_state_setting_and_code() -> None:
    commands = README.partition("| command | does |")[2].partition("\n\n")[0]
    missing = [command for command in words.COMMANDS if not re.search(rf"`[^`]*\b{command}\b", commands)]
    missing += [label(state) for state in STATES if f"| {label(state)} |" not in README]
    missing += [key for key in KEYS if f"`{key}`" not in README]
    missing += [code for code in (*Difference, *TroubleCode) if f"`{code}`" not in SCRIPTING]
    assert missing == []


def test_the_table_of_commands_has_every_option() -> None:
    rows = README.partition("| command | does |")[2].partition("\n\n")[0].splitlines()
    missing = []
    for name, command in COMMANDS.items():
        parser = ArgumentParser()
        for option in command.options:
            option(parser)
        told = " ".join(row for row in rows if re.search(rf"`presence-tray [^|]*\b{name}\b", row))
        options = re.findall(r"--[a-z][\w-]+", parser.format_usage())
        missing += [f"{name} {option}" for option in options if not re.search(rf"{option}\b(?!-)", told)]
    assert missing == []


def test_the_page_for_scripts_shows_the_status_document_with_all_its_fields() -> None:
    shown = json.loads(SCRIPTING.partition("```json\n")[2].partition("```")[0])
    made: dict[str, Any] = holding(BUSY).status
    assert shown.keys() == made.keys()
    for field in ("account", "hold", "session"):
        assert shown[field].keys() == made[field].keys(), field


def test_the_architecture_lists_every_module_and_no_other() -> None:
    text = (PROJECT / "ARCHITECTURE.md").read_text("utf-8")
    listed = {
        f"{folder}{module}"
        for folder, table in re.findall(r"(?ms)^\*\*(tray/\S*)\*\*(.*?)(?=^\*\*|^## )", text)
        for module in re.findall(r"(?m)^\| `(\S+\.py)`", table)
    }
    modules = {path.relative_to(TRAY.parent).as_posix() for path in TRAY.rglob("*.py") if path.name != "__init__.py"}
    assert listed == modules


def test_the_architecture_names_what_stands_on_each_floor() -> None:
    layers = (PROJECT / "ARCHITECTURE.md").read_text("utf-8").partition("## Layers")[2].partition("## Parts")[0]
    floors = re.split(r"(?m)^\d\. ", layers.partition("\n`core`")[0])[1:]
    listed = [set(re.findall("`([a-z_]+)`", floor)) for floor in floors]
    assert listed == [{part.removeprefix("tray.") for part in floor} - {"tray"} for floor in FLOORS]
