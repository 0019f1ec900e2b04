"""The house rules that a machine can check: who may import what, and how large things may be."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tray

TRAY = Path(tray.__file__).parent
MODULES = sorted(TRAY.rglob("*.py"))
# Vendor package → where it may be imported.
IMPORTERS = {
    "httpx": ("graph/", "sandbox/", "signin/"),
    "truststore": ("graph/transport.py",),
    "msal": ("signin/",),
    "keyring": ("signin/storage/"),
    "secretstorage": ("signin/storage/linux_keyrings.py",),
    "pystray": ("desktop/",),
    "PIL": ("desktop/icons/drawing.py",),
    "jeepney": ("desktop/",),
    "msgspec": ("settings.py", "state_file.py", "signin/pipe.py"),
    "tomlkit": ("settings_file.py",),
    "platformdirs": ("paths.py",),
    "filelock": ("signin/",),
}
# Layer → the parts of the program that it may know.
LAYERS = {
    "core": {"core", "messages"},
    "messages": {"core", "messages", "errors"},
    "graph": {"core", "graph", "messages", "errors"},
    "sandbox": {"core", "graph", "sandbox", "signin", "messages", "errors", "clock"},
}


def imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            if node.module == "tray":
                yield from (f"tray.{alias.name}" for alias in node.names)


def name(module: Path) -> str:
    return module.relative_to(TRAY).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_each_vendor_package_has_its_importer(module: Path) -> None:
    for imported in imports(module):
        top = imported.split(".")[0]
        if top in IMPORTERS:
            assert name(module).startswith(IMPORTERS[top]), f"{name(module)} imports {imported}"
        else:
            assert top == "tray" or top in sys.stdlib_module_names or name(module).startswith(("signin/", "desktop/"))


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_each_layer_knows_only_the_layers_below(module: Path) -> None:
    allowed = LAYERS.get(name(module).split("/")[0])
    for imported in imports(module):
        parts = imported.split(".")
        if allowed and parts[0] == "tray" and len(parts) > 1:
            assert parts[1] in allowed | {"__version__"}, f"{name(module)} imports {imported}"


@pytest.mark.parametrize("module", [each for each in MODULES if each.parent.name == "core"], ids=name)
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


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_modules_open_with_a_sentence_and_stay_within_500_lines(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 500
    assert ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_functions_fit_a_screen(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            one_table = any(isinstance(each, ast.Match) and len(each.cases) > 8 for each in ast.walk(node))
            assert lines <= 40 or one_table, f"{node.name} has {lines} lines"
