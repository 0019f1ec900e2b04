"""The house rules that a machine can check: who may import what, and how large things may be."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import tray
from tests.lanes.wine import left_out
from tests.rows import for_each
from tray.core.calls import Calls, TokenRetry
from tray.core.model import Desktop, Identity, Phase, Wish
from tray.core.record import fields
from tray.core.schedule import Retry
from tray.core.service import Ours, Service
from tray.core.status_message import StatusMessage

TRAY = Path(tray.__file__).parent
MODULES = sorted(TRAY.rglob("*.py"))
# Vendor package → where it may be imported.
IMPORTERS = {
    "httpcore": ("graph/transport.py", "graph/network_errors.py"),
    "truststore": ("graph/transport.py",),
    "msal": ("signin/",),
    "keyring": ("signin/storage/",),
    "secretstorage": ("signin/storage/linux_keyrings.py",),
    "pystray": ("desktop/",),
    "PIL": ("desktop/icons/drawing.py",),
    "jeepney": ("desktop/", "signin/storage/linux_keyrings.py"),
    "msgspec": ("core/record.py", "settings.py", "settings_page/fields.py", "state_file.py", "signin/pipe.py"),
    "werkzeug": ("settings_page/",),
    "jinja2": ("settings_page/application.py",),
    "waitress": ("settings_page/server.py",),
    "tomlkit": ("toml_text.py",),
    "platformdirs": ("paths.py",),
    "filelock": ("signin/",),
}
# From the ground up: a module imports what stands on its own floor or below. The longest name that fits decides.
FLOORS = (
    ("tray", "tray.errors", "tray.core", "tray.messages"),
    (
        *("tray.clock", "tray.columns", "tray.durations", "tray.files", "tray.hours_tables", "tray.logs", "tray.paths"),
        *("tray.language", "tray.preferred_languages", "tray.processes", "tray.runtime_folder", "tray.toml_text"),
    ),
    ("tray.settings", "tray.settings_file", "tray.state_file", "tray.trace", "tray.file_locks"),
    ("tray.graph", "tray.signin", "tray.control", "tray.desktop", "tray.sandbox", "tray.runtime"),
    ("tray.backend", "tray.effects_runner"),
    ("tray.program",),
    ("tray.commands", "tray.settings_page"),
    ("tray.cli", "tray.key_press"),
    ("tray.__main__",),
)
FLOOR_OF = {part: number for number, floor in enumerate(FLOORS) for part in floor}
# Part → the parts of its own floor and of the ones below that it may know, where that is not all of them.
NEIGHBOURS = {
    "core": {"core", "messages"},
    "messages": {"core", "messages", "errors"},
    "graph": {"core", "graph", "messages", "errors"},
    "sandbox": {"core", "graph", "sandbox", "signin", "messages", "errors", "clock"},
    "runtime": {"core", "messages", "clock", "trace"},
}
# Of the core: what the messages may know.
VALUES = {"record", "states", "values", "view_model", "events", "model", "config", "effects"}
# Folder of tests/ without a counterpart in tray/ → what it tests.
OTHER_TESTS = {
    "benchmarks": "that the benchmarks run",
    "days": "the core over simulated days",
    "packaging": "packaging/",
    "program": "the installed program, from outside",
}
LOCAL_IMPORTS = 40  # inside functions, at the seams: another system's module, a stack that comes after the icon


@cache
def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


@cache
def nodes(module: Path) -> list[ast.AST]:
    return list(ast.walk(parsed(module)))


def imports(module: Path) -> Iterator[str]:
    for node in nodes(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "tray":
                yield from (f"tray.{alias.name}" for alias in node.names)


def name(module: Path) -> str:
    return module.relative_to(TRAY).as_posix()


@for_each("module", MODULES)
def test_each_vendor_package_has_its_importer(module: Path) -> None:
    for imported in imports(module):
        top = imported.split(".")[0]
        if top in IMPORTERS:
            assert name(module).startswith(IMPORTERS[top]), f"{name(module)} imports {imported}"
        else:
            assert top == "tray" or top in sys.stdlib_module_names or name(module).startswith(("signin/", "desktop/"))


def dotted(module: Path) -> str:
    parts = module.relative_to(TRAY.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(module): module for module in MODULES}


@cache
def known(module: Path) -> set[str]:
    """Return the modules of ours that a module imports, wherever in it and for whatever purpose."""
    found = set[str]()
    for node in nodes(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                member = f"{node.module}.{alias.name}"
                found.add(member if member in NAMES else node.module)
    return (found & NAMES.keys()) - {dotted(module)}


def floor_of(module: str) -> int:
    part = max((each for each in FLOOR_OF if f"{module}.".startswith(f"{each}.")), key=len)
    assert part != "tray" or module == "tray", f"{module} stands on no floor"
    return FLOOR_OF[part]


@for_each("module", MODULES)
def test_no_module_imports_what_stands_above_it(module: Path) -> None:
    above = [each for each in known(module) if floor_of(each) > floor_of(dotted(module))]
    assert not above, f"{name(module)} imports {above}"


@for_each("module", MODULES)
def test_each_part_knows_only_its_neighbours(module: Path) -> None:
    allowed = NEIGHBOURS.get(name(module).removesuffix(".py").split("/")[0])
    if allowed:
        strangers = [each for each in known(module) - {"tray"} if each.split(".")[1] not in allowed]
        assert not strangers, f"{name(module)} imports {strangers}"


@for_each("module", [each for each in MODULES if "messages" in each.parts])
def test_the_messages_know_only_the_values_of_the_core(module: Path) -> None:
    of_the_core = {each.removeprefix("tray.core.") for each in known(module) if each.startswith("tray.core.")}
    assert of_the_core <= VALUES, f"{name(module)} imports {of_the_core - VALUES}"


def test_no_module_imports_itself_by_way_of_others() -> None:
    try:
        TopologicalSorter({each: known(module) for each, module in NAMES.items()}).prepare()
    except CycleError as exc:
        pytest.fail(" → ".join(reversed(exc.args[1])))


def test_imports_inside_functions_are_few() -> None:
    found = {
        node
        for module in MODULES
        for function in nodes(module)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert len(found) <= LOCAL_IMPORTS


@for_each("module", [each for each in MODULES if each.parent.name == "core"])
def test_the_core_has_no_clock_thread_logging_randomness_or_files(module: Path) -> None:
    impure = {
        "time",
        "threading",
        "logging",
        "random",
        "os",
        "io",
        "pathlib",
        "socket",
        "subprocess",
        "queue",
        "asyncio",
    }
    assert not impure & {imported.split(".")[0] for imported in imports(module)}
    assert not any(
        call in module.read_text(encoding="utf-8") for call in ("datetime.now(", "datetime.utcnow(", "open(")
    )


@for_each("module", MODULES)
def test_modules_open_with_a_sentence_and_stay_within_500_lines(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 500
    assert ast.get_docstring(parsed(module))


@for_each("module", MODULES)
def test_functions_fit_a_screen(module: Path) -> None:
    for node in nodes(module):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= 40 or has_one_table(node), f"{node.name} has {lines} lines"


def has_one_table(function: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Match) and len(each.cases) > 8 for each in ast.walk(function))


def test_the_tests_lie_as_what_they_test_does() -> None:
    tests = Path(__file__).parent
    folders = {test.parent.relative_to(tests).as_posix() for test in tests.rglob("test_*.py")}
    assert {folder for folder in folders if not (TRAY / folder).is_dir()} == OTHER_TESTS.keys()


def test_what_wine_leaves_out_is_there() -> None:
    root = Path(__file__).parents[1]
    files = [each for each in left_out.LEFT_OUT | left_out.NOT_COLLECTED if each.startswith("tests/")]
    assert [each for each in files if not (root / each).exists()] == []
    source = "".join(test.read_text("utf-8") for test in (root / "tests").rglob("test_*.py"))
    parts = [each.partition("[")[0] for each in left_out.LEFT_OUT.keys() - set(files)]
    assert [each for each in parts if f"def {each}" not in source and f"class {each}" not in source] == []


RECORDS = {  # each is changed by its own methods alone
    "model.py": (Wish, Identity, Phase, Desktop),
    "service.py": (Service, Ours),
    "calls.py": (Calls, TokenRetry),
    "schedule.py": (Retry,),
    "status_message.py": (StatusMessage,),
}


@for_each("module", [each for each in MODULES if each.parent.name == "core"])
def test_records_of_the_engine_are_changed_by_their_own_methods(module: Path) -> None:
    def names(homes: set[str]) -> set[str]:
        return {field.name for home in homes for record in RECORDS[home] for field in fields(record)}

    own = RECORDS.keys() & {module.name}
    others = names(RECORDS.keys() - own) - names(own)
    for node in nodes(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "replace":
            changed = {keyword.arg for keyword in node.keywords} & others
            assert not changed, f"line {node.lineno} changes {changed}"
