"""That every text can be translated: whole sentences, looked up when they are said."""

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from tests.rows import for_each
from tray import messages
from tray.messages.account import is_yes
from tray.messages.catalogue import (
    CATALOGUE,
    again,
    in_english,
    language,
    languages,
    ntranslated,
    own_name,
    ptranslated,
    speak,
    translated,
)

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


@for_each("module", MODULES)
def test_no_text_is_looked_up_at_import(module: Path) -> None:
    tree = parsed(module)
    inside = {call for function in functions(tree) for call in calls(function, LOOKUPS)}
    assert set(calls(tree, LOOKUPS)) == inside


@for_each("module", MODULES)
def test_no_text_is_put_together_before_it_is_translated(module: Path) -> None:
    for call in calls(parsed(module), MARKED):
        for argument in call.args:
            added = isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Add)
            assert not added, ast.unparse(call)
            assert not isinstance(argument, ast.JoinedStr), ast.unparse(call)


@for_each("module", MODULES)
def test_no_words_stand_outside_the_catalogue(module: Path) -> None:
    for node in ast.walk(parsed(module)):
        if isinstance(node, ast.JoinedStr):
            plain = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            assert not re.search(r"[A-Za-z]{2}", plain), ast.unparse(node)


def unspoken(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what is no text for a user: docstrings, keys, and what is marked for translation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            yield node.value
        if isinstance(node, ast.Dict):
            yield from filter(None, node.keys)
    for call in calls(tree, {*MARKED, "text"}):  # `text` takes the key of a table
        yield from (each for argument in call.args for each in ast.walk(argument))


@for_each("module", MODULES)
def test_no_plain_text_has_words(module: Path) -> None:
    tree = parsed(module)
    skipped = set(unspoken(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skipped:
            words = node.value != messages.APP_NAME and re.search(r"[A-Za-z]{2} [a-z]{2}|^[A-Z][a-z]+$", node.value)
            assert not words, node.value


@for_each("module", MODULES)
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


# --- in another language ---------------------------------------------------------------------------------------------


@pytest.fixture
def german() -> Iterator[None]:
    speak("de")
    yield
    speak("en")


def write(folder: Path, language: str, content: bytes) -> None:
    file = folder / language / CATALOGUE
    file.parent.mkdir(parents=True)
    file.write_bytes(content)


def compiled(**texts: str) -> bytes:
    made = Catalog(locale="de")
    for text, translation in texts.items():
        made.add(text.replace("_", " "), translation)
    written = BytesIO()
    write_mo(written, made)
    return written.getvalue()


@pytest.mark.usefixtures("german")
def test_a_text_is_said_in_the_language_and_knows_its_english() -> None:
    said = translated("{status} until {time}", status=translated("Busy"), time="17:00")
    assert said == "Beschäftigt bis 17:00"
    assert in_english(said) == "Busy until 17:00"
    assert in_english([said]) == [said]


@pytest.mark.usefixtures("german")
def test_a_text_that_was_said_in_english_is_said_again() -> None:
    assert again("Busy") == "Beschäftigt"
    assert again("Microsoft says so.") == "Microsoft says so."
    assert again("") == ""


def test_a_text_that_was_said_in_another_language_is_said_again_in_english(german: None) -> None:  # noqa: ARG001
    said = translated("Busy")
    speak("en")
    assert again(said) == "Busy"


@pytest.mark.parametrize("content", [b"", b"no catalogue", compiled()[:30], compiled(Busy="x")[:-9]])
def test_a_damaged_catalogue_is_english(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "de", content)
    speak("de", tmp_path)
    assert (language(), translated("Busy")) == ("en", "Busy")


def test_a_language_is_called_by_its_own_name(tmp_path: Path) -> None:
    assert {own_name("en"), own_name("de"), own_name("ja")} == {"English", "Deutsch", "日本語"}
    assert own_name("nl", tmp_path) == "nl"


def test_a_missing_catalogue_is_english(tmp_path: Path) -> None:
    speak("de", tmp_path)
    assert language() == "en"
    assert languages(tmp_path) == ["en"]


@pytest.mark.parametrize("wrong", ["{stat} bis", "{status.x}", "{status", "{0}", "{status:d}"])
def test_a_translation_with_a_wrong_placeholder_is_not_used(tmp_path: Path, wrong: str) -> None:
    made = Catalog(locale="de")
    made.add("{status}!", wrong)
    written = BytesIO()
    write_mo(written, made)
    write(tmp_path, "de", written.getvalue())
    speak("de", tmp_path)
    try:
        assert translated("{status}!", status="Busy") == "Busy!"
    finally:
        speak("en")


@pytest.mark.usefixtures("german")
def test_what_is_counted_and_what_has_a_context_is_translated() -> None:
    one = ntranslated("Set by your organisation: {settings}, {count} more", "", 1, settings="x")
    assert in_english(one) == "Set by your organisation: x, 1 more"
    assert ptranslated("language tag", "en") == "de"


def test_yes_is_typed_in_the_users_language_or_in_english(german: None) -> None:  # noqa: ARG001
    assert [answer for answer in ("j", "Ja ", "y", "YES", "n", "", "nein", "oui") if is_yes(answer)] == [
        "j",
        "Ja ",
        "y",
        "YES",
    ]
