"""That every text can be translated: whole sentences, looked up when they are said."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tray import messages
from tray.messages.catalogue import ntranslated, ptranslated, translated

MODULES = sorted(Path(messages.__file__).parent.glob("*.py"))
LOOKUPS = {"translated", "ntranslated", "ptranslated"}
MARKED = {*LOOKUPS, "N_"}


def parsed(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_text_is_looked_up_at_import(module: Path) -> None:
    tree = parsed(module)
    inside = {call for function in functions(tree) for call in calls(function, LOOKUPS)}
    assert set(calls(tree, LOOKUPS)) == inside


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_text_is_put_together_before_it_is_translated(module: Path) -> None:
    for call in calls(parsed(module), MARKED):
        for argument in call.args:
            added = isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Add)
            assert not added, ast.unparse(call)
            assert not isinstance(argument, ast.JoinedStr), ast.unparse(call)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_words_stand_outside_the_catalogue(module: Path) -> None:
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.JoinedStr):
            plain = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            assert not re.search(r"[A-Za-z]{2}", plain), ast.unparse(node)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_every_placeholder_is_filled(module: Path) -> None:
    for call in calls(parsed(module), LOOKUPS):
        texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
        wanted = {name for text in texts if isinstance(text, str) for name in re.findall(r"{(\w+)}", text)} - {"count"}
        given = {keyword.arg for keyword in call.keywords}
        if texts:
            assert wanted == given, ast.unparse(call)


def test_a_text_without_values_may_have_braces() -> None:
    assert translated("{not a placeholder}") == "{not a placeholder}"


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows in x"), (1, "1 row in x"), (2, "2 rows in x")])
def test_what_is_counted_has_its_form(count: int, text: str) -> None:
    assert ntranslated("{count} row in {place}", "{count} rows in {place}", count, place="x") == text


def test_a_context_is_not_shown() -> None:
    assert ptranslated("a status", "none") == "none"
