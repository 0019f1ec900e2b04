"""What the Linux package is made of, as far as it can be checked without freezing the program."""

import gzip
import hashlib
import os
import re
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.requirements import needs, require
from tray import __version__, cli

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Debian's tools")

PROJECT = Path(__file__).parents[2]
PACKAGING = PROJECT / "packaging"
EPOCH = 1_767_225_600
SCRIPTS = ("prerm", "postinst", "postrm")


@pytest.fixture(scope="module")
def linux() -> Iterator[SimpleNamespace]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PACKAGING))
        patch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
        from linux import deb, manual, tree  # noqa: PLC0415  scripts, not a package

        yield SimpleNamespace(deb=deb, manual=manual, tree=tree)


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory, linux: SimpleNamespace) -> Path:
    """The tree, with a shell script for the frozen program; made once, for no test writes there."""
    folder = tmp_path_factory.mktemp("laid")
    frozen = folder / "frozen"
    (frozen / "_internal").mkdir(parents=True)
    (frozen / "presence-tray").write_text("#!/bin/sh\necho started\n")
    (frozen / "third-party-licences.txt").write_text("theirs")
    previous = os.umask(0o077)
    try:
        linux.tree.lay_out(folder / "tree", frozen, Path(sys.executable), __version__, EPOCH)
    finally:
        os.umask(previous)
    return folder / "tree"


def said_by(*command: str | Path) -> str:
    """Run a checker; return everything it said."""
    require(str(command[0]))
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    return done.stdout + done.stderr if done.returncode else done.stderr


def test_the_desktop_entries_and_the_metainfo_are_valid(laid: Path) -> None:
    entries = [str(path) for path in laid.rglob("*.desktop")]
    assert len(entries) == 2
    assert said_by("desktop-file-validate", *entries) == ""
    assert said_by("appstreamcli", "validate", "--no-net", *laid.glob("share/metainfo/*.xml")) == ""


def test_menus_software_centres_man_page_and_help_speak_every_language(laid: Path) -> None:
    entry = (laid / "share/applications/presence-tray.desktop").read_text("utf-8")
    assert "\nComment[fr]=Définir votre statut Microsoft Teams" in entry
    (told,) = laid.glob("share/metainfo/*.xml")
    assert '<summary xml:lang="pt_BR">Defina seu status' in told.read_text("utf-8")
    with gzip.open(laid / "share/man/fr/man1/presence-tray.1.gz", "rt", encoding="utf-8") as manual:
        assert ".SH NOM\n" in manual.read()
    assert '<html lang="ja">' in (laid / "share/doc/presence-tray/help.ja.html").read_text("utf-8")


def test_the_installer_has_its_texts_in_every_language(tmp_path: Path) -> None:
    script = tmp_path / "words.nsh"
    environment = {**os.environ, "PYTHONPATH": f"{PROJECT}{os.pathsep}{PACKAGING}"}
    subprocess.run([sys.executable, PACKAGING / "windows" / "installer_words.py", script], check=True, env=environment)
    lines = script.read_text("utf-8").splitlines()
    assert 'LangString SignOut ${LANG_FRENCH} "Se déconnecter"' in lines
    assert sum(line.startswith("!insertmacro MUI_LANGUAGE") for line in lines) == 6
    asked = set(re.findall(r"\$\((\w+)\)", (PACKAGING / "windows" / "installer.nsi").read_text("utf-8")))
    assert asked - {"Name"} == {line.split()[1] for line in lines if line.startswith("LangString")}


def test_the_tree_starts_from_bin_and_is_readable_for_all_whatever_the_umask(laid: Path) -> None:
    told = subprocess.run([laid / "bin" / "presence-tray"], capture_output=True, text=True, check=True)
    assert told.stdout == "started\n"
    for path in laid.rglob("*"):
        mode = stat.S_IMODE(path.lstat().st_mode)
        runs = path.is_dir() or path == laid / "lib" / "presence-tray" / "presence-tray"
        assert path.is_symlink() or mode == (0o755 if runs else 0o644), path
    assert "<h1>Presence Tray</h1>" in (laid / "share" / "doc" / "presence-tray" / "help.html").read_text("utf-8")
    sizes = {path.parts[-3] for path in laid.glob("share/icons/hicolor/*/apps/*")}
    assert {"16x16", "48x48", "256x256", "scalable"} <= sizes


def test_the_man_page_has_every_command_option_and_exit_code_and_no_errors(
    tmp_path: Path, linux: SimpleNamespace
) -> None:
    page = tmp_path / "presence-tray.1"
    page.write_text(linux.manual.page(datetime.fromtimestamp(EPOCH, UTC)))
    assert said_by("man", "--warnings", "--local-file", "--encoding=UTF-8", page) == ""
    read = subprocess.run(["man", "--local-file", page], capture_output=True, text=True, check=True).stdout
    for name, command in linux.manual.commands(cli.parser()).items():
        assert f"\n   {name}\n" in read
        for action in linux.manual.told(command):
            assert [option for option in action.option_strings if option not in read] == []
    assert "7 no usable keyring" in read
    assert "take-up" not in read


@needs("dpkg-deb")
def test_the_package_is_the_same_bytes_twice_and_its_scripts_are_sound(
    tmp_path: Path, laid: Path, linux: SimpleNamespace
) -> None:
    digests = []
    for number in range(2):
        work = tmp_path / str(number)
        work.mkdir()
        previous = os.umask(0o077 if number else 0o022)
        try:
            linux.deb.pack(laid, work, work / "presence-tray.deb", __version__)
        finally:
            os.umask(previous)
        digests.append(hashlib.sha256((work / "presence-tray.deb").read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    control = tmp_path / "0" / "deb" / "DEBIAN"
    assert {file.name for file in control.iterdir()} == {"control", "md5sums", *SCRIPTS}
    assert f"Version: {__version__}\n" in (control / "control").read_text()
    for script in SCRIPTS:
        subprocess.run(["sh", "-n", control / script], check=True)


def test_the_changelog_is_of_the_version_that_stands_in_one_place() -> None:
    newest = re.search(r"(?m)^## (\S+)", (PROJECT / "CHANGELOG.md").read_text())
    assert newest is not None
    assert newest[1] == __version__
    told = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert "version" in told["project"]["dynamic"]


def test_the_changelog_is_ours_as_debian_writes_it(linux: SimpleNamespace) -> None:
    ours = "# Changelog\n\n## 0.2.0\n\n- One\n  line.\n- " + "Two " * 40 + "\n\n## 0.1.0\n\n- Old.\n"
    told = linux.tree.changelog(ours, "0.2.0", datetime.fromtimestamp(EPOCH, UTC)).splitlines()
    assert told[0] == "presence-tray (0.2.0) stable; urgency=medium"
    assert told[2] == "  * One line."
    assert max(map(len, told[:-1])) <= 80
    assert "Old" not in "".join(told)


@pytest.mark.parametrize(
    ("name", "group"), [("runtime.txt", None), ("freezing.txt", "freezing"), ("tools.txt", "release")]
)
def test_what_is_built_from_is_pinned_with_hashes_and_names_no_registry(name: str, group: str | None) -> None:
    text = (PACKAGING / name).read_text()
    assert not re.search(r"://|--(extra-)?index", text)
    blocks = re.split(r"(?m)^(?=\S)", text)[1:]
    assert all(re.match(r"\S+==\S+", block) and "--hash=sha256:" in block for block in blocks)
    told = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    wanted = told["dependency-groups"][group] if group else told["project"]["dependencies"]
    pinned = {block.partition("==")[0] for block in blocks}
    assert {re.split(r"[<>=;]", each)[0].strip() for each in wanted} <= pinned


def test_the_newest_c_library_that_anything_asks_for_is_what_the_package_asks_for(
    tmp_path: Path, linux: SimpleNamespace
) -> None:
    old, new, text = tmp_path / "old.so", tmp_path / "new.so", tmp_path / "text"
    old.write_bytes(b"\x7fELF\0GLIBC_2.9\0GLIBC_2.17\0")
    new.write_bytes(b"\x7fELF\0GLIBC_2.34\0GLIBC_2.4\0")
    text.write_bytes(b"GLIBC_2.99")
    assert linux.deb.least_glibc([old, new, text]) == "2.34"
    assert linux.deb.least_glibc([old]) == "2.17"


@needs("xz")
def test_the_archive_is_unpacked_and_removed_by_the_documented_commands_and_touches_nothing_else(
    tmp_path: Path, laid: Path
) -> None:
    local = tmp_path / "home" / ".local"
    (local / "share" / "icons").mkdir(parents=True, mode=0o700)
    (local / "share" / "icons" / "theirs.png").touch()
    (local / "share").chmod(0o700)
    archive = tmp_path / f"presence-tray-{__version__}-linux-x86_64.tar.xz"
    subprocess.run(["tar", "-cJf", archive, "-C", laid, "--transform=s/^[.]/presence-tray/S", "."], check=True)
    documented = (PROJECT / "docs" / "deploy.md").read_text().partition("### The archive")[2].split("```")
    unpack, remove = (text.removeprefix("sh\n").replace("VERSION", __version__) for text in documented[1:4:2])
    environ = {**os.environ, "HOME": str(tmp_path / "home")}
    before = told_of(local)
    subprocess.run(["sh", "-ec", unpack], cwd=tmp_path, env=environ, check=True)
    subprocess.run([local / "bin" / "presence-tray"], check=True, capture_output=True)
    assert (local / "share" / "man" / "man1" / "presence-tray.1.gz").exists()
    assert (local / "share").stat().st_mode & 0o777 == 0o700
    subprocess.run(["sh", "-ec", remove], cwd=tmp_path, env=environ, check=True)
    assert told_of(local) == before


def told_of(folder: Path) -> list[tuple[str, int]]:
    """Return the files, with their modes; an empty folder is nobody's."""
    return sorted((str(path), path.stat().st_mode) for path in folder.rglob("*") if path.is_file() or path.is_symlink())
