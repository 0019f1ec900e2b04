"""The installer removes what it installed, and nothing else."""

import re
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"


def test_the_list_of_what_is_installed_names_each_folder_after_what_lies_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(PACKAGING / "windows"))
    import build  # noqa: PLC0415  a script, not a package

    for name in ("a.dll", "inner/b.pyd", "inner/deep/c d.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert build.installed(tmp_path) == [r"inner\deep\c d.txt", r"inner\b.pyd", "a.dll", r"inner\deep", "inner"]


def test_no_folder_is_removed_whole_but_those_of_settings_and_log() -> None:
    script = (PACKAGING / "windows" / "installer.nsi").read_text("utf-8")
    whole = re.findall(r'RMDir /r "([^"]+)"', script)
    assert whole == [r"$LOCALAPPDATA\${NAME}", r"$LOCALAPPDATA\Temp\${NAME}"]
