"""Opening documents with a stand-in for the desktop's opener; what it does is in the test's hands."""

import html
import json
import logging
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.driver import START, Drive, holding, knowing
from tray.core.model import Trouble, TroubleCode
from tray.core.states import BUSY
from tray.core.values import Document, KeyringState, SignInNeeded
from tray.core.view_model import View, flat
from tray.desktop.opener import HELP, help_page, open_document

# Reports through one pipe how it was called, then stays until the other lets it go.
OPENER = """#!/usr/bin/env python3
import json, os, sys
files = {int(number): f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd")}
files = {number: os.readlink(file) for number, file in files.items() if os.path.exists(file)}
with open(os.environ["REPORT"], "w") as report:
    json.dump({"arguments": sys.argv[1:], "files": files, "process": os.getpid(), "session": os.getsid(0)}, report)
with open(os.environ["GO"]) as go:
    sys.exit(int(go.read()))
"""
REPLIES = "https://outlook.office.com/mail/options/mail/automaticReplies"


class Desktop:
    """An `xdg-open` that can be asked and let go, and the files to open."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings_file = folder / "config" / "settings.toml"
        self.log_file = folder / "logs" / "presence-tray.log"
        for file in (self.settings_file, self.log_file):
            file.parent.mkdir()
            file.touch()
        opener = folder / "xdg-open"
        opener.write_text(OPENER)
        opener.chmod(0o755)
        self._report, self._go = folder / "report", folder / "go"
        for pipe, name in ((self._report, "REPORT"), (self._go, "GO")):
            os.mkfifo(pipe)
            monkeypatch.setenv(name, str(pipe))
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def open(self, document: Document) -> None:
        files = {"settings_file": self.settings_file, "log_file": self.log_file}
        open_document(document, **files, automatic_replies=REPLIES)

    def report(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self._report.read_text())
        return found

    def let_go(self, code: int = 0) -> None:
        self._go.write_text(str(code))
        wait_for_end()


def wait_for_end() -> None:
    for thread in threading.enumerate():
        if thread.name == "opening":
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    return Desktop(tmp_path, monkeypatch)


@pytest.mark.parametrize("document", Document)
def test_a_document_is_opened_while_the_program_goes_on(desktop: Desktop, document: Document) -> None:
    targets = {
        Document.SETTINGS: str(desktop.settings_file),
        Document.LOG: str(desktop.log_file),
        Document.AUTOMATIC_REPLIES: REPLIES,
    }
    desktop.open(document)
    report = desktop.report()
    assert report["arguments"] == [targets.get(document, str(HELP))]
    desktop.let_go()
    assert not Path(f"/proc/{report['process']}").exists()  # not even dead


def test_what_is_not_there_yet_is_shown_by_its_folder(desktop: Desktop) -> None:
    desktop.log_file.unlink()
    desktop.open(Document.LOG)
    assert desktop.report()["arguments"] == [str(desktop.log_file.parent)]
    desktop.let_go()


def test_the_opener_gets_nothing_of_ours(desktop: Desktop, tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as secret:
        os.set_inheritable(secret.fileno(), True)
        desktop.open(Document.HELP)
        report = desktop.report()
        desktop.let_go()
    assert report["files"] == dict.fromkeys("012", "/dev/null")
    assert report["session"] == report["process"]


def test_an_opener_that_fails_leaves_a_line_that_says_what_to_do(
    desktop: Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    desktop.open(Document.SETTINGS)
    desktop.report()
    desktop.let_go(3)
    (line,) = caplog.messages
    assert "ended with 3" in line
    assert str(desktop.settings_file) in line


def test_a_missing_opener_leaves_a_line_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    open_document(Document.HELP, settings_file=tmp_path, log_file=tmp_path, automatic_replies=REPLIES)
    wait_for_end()
    (line,) = caplog.messages
    assert str(HELP) in line


def test_the_packaged_copy_of_the_help_comes_first_where_there_is_one(tmp_path: Path) -> None:
    program = tmp_path / "lib" / "presence-tray" / "presence-tray"
    copy = tmp_path / "share" / "doc" / "presence-tray" / "help.html"
    assert help_page(program, packaged=True) == HELP
    copy.parent.mkdir(parents=True)
    copy.touch()
    assert help_page(program, packaged=True) == copy
    assert help_page(program, packaged=False) == HELP


def test_the_help_loads_nothing_and_names_only_rows_that_the_menu_has() -> None:
    text = HELP.read_text("utf-8")
    assert re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?!#)[^\s\"']+", text) == []
    named = {html.unescape(row) for row in re.findall(r'<b class="row">(.*?)</b>', text)}
    assert named <= {row.label for view in menus() for row in flat(view.rows)}


def menus() -> Iterator[View]:
    """Menus in which, taken together, every row that the help names is there."""
    drive = holding(BUSY)
    drive.engine = knowing(drive.engine, trouble=Trouble(TroubleCode.KEYRING, START, keyring=KeyringState.LOCKED))
    yield drive.view
    drive = Drive()
    drive.start(granted=False)
    drive.token(SignInNeeded("", setup=True))
    yield drive.view
