"""A CPython for Windows comes out of an archive that is known by its sum."""

import hashlib
import io
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

WINDOWS = Path(__file__).parents[2] / "packaging" / "windows"
TOLD = "ProductVersion".encode("utf-16-le") + b"\0\0\0\0" + "3.14.5".encode("utf-16-le") + b"\0\0"


@pytest.fixture
def fetch(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(WINDOWS))
    import fetch  # noqa: PLC0415  a script, not a package

    return fetch


def packed(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


EMBEDDABLE = {
    "python.exe": b"MZ",
    "python3.dll": b"MZ",
    "python314.dll": b"MZ" + TOLD,
    "_ssl.pyd": b"MZ",
    "python314.zip": packed({"os.pyc": b"code", "json/__init__.pyc": b"code"}),
    "python314._pth": b"python314.zip",
}
FOR_NUGET = {
    "python.nuspec": b"<package/>",
    "tools/python.exe": b"MZ",
    "tools/python314.dll": b"MZ" + TOLD,
    "tools/Lib/os.py": b"",
    "tools/Lib/json/__init__.py": b"",
}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (EMBEDDABLE, {"python.exe", "python3.dll", "python314.dll", "_ssl.pyd", "Lib/os.pyc", "Lib/json/__init__.pyc"}),
        (FOR_NUGET, {"python.exe", "python314.dll", "Lib/os.py", "Lib/json/__init__.py"}),
    ],
)
def test_what_python_org_offers_is_unpacked_as_it_installs_itself(
    fetch: ModuleType, tmp_path: Path, files: dict[str, bytes], expected: set[str]
) -> None:
    archive = tmp_path / "python.zip"
    archive.write_bytes(packed(files))
    (tmp_path / "python" / "Lib" / "of-another").mkdir(parents=True)
    fetch.unpack_python(archive, hashlib.sha256(archive.read_bytes()).hexdigest().upper(), tmp_path)
    python = tmp_path / "python"
    assert {each.relative_to(python).as_posix() for each in python.rglob("*") if each.is_file()} == expected
    assert not (python / "Lib" / "of-another").exists()
    assert fetch.version_of(python) == "3.14.5"


def test_another_file_is_refused(fetch: ModuleType, tmp_path: Path) -> None:
    archive = tmp_path / "python.zip"
    archive.write_bytes(packed(EMBEDDABLE))
    with pytest.raises(SystemExit, match="is another file"):
        fetch.unpack_python(archive, "0" * 64, tmp_path)
    archive.write_bytes(packed({"readme.txt": b""}))
    with pytest.raises(SystemExit, match="holds no CPython"):
        fetch.unpack_python(archive, hashlib.sha256(archive.read_bytes()).hexdigest(), tmp_path)
    assert not (tmp_path / "python").exists()


def test_a_sum_alone_and_an_archive_alone_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(WINDOWS))
    import build  # noqa: PLC0415  a script, not a package

    for arguments in (["--python", "a.zip"], ["--sha256", "0"]):
        monkeypatch.setattr("sys.argv", ["build.py", *arguments])
        with pytest.raises(SystemExit):
            build.main()
        assert "go together" in capsys.readouterr().err
