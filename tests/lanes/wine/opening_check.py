"""Opening documents as Windows does it (here Wine), by what the user chose for their kind; run by Windows' Python."""

import ctypes
import sys
import winreg
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lanes.wine.desk_check import wait
from tray.core.values import Document
from tray.desktop.opener import open_target, target_of

KIND = "presence-tray-test"
WM_CLOSE = 0x10
user32 = ctypes.windll.user32


class Files:
    """The documents, and a program that reports what it was given to open."""

    def __init__(self, folder: Path) -> None:
        self.settings_file, self.log_file = folder / "a b é" / "settings.toml", folder / "a b é" / "presence-tray.log"
        self.settings_file.parent.mkdir()
        for file in (self.settings_file, self.log_file):
            file.touch()
        self._report = folder / "report"
        program = folder / "program.py"
        program.write_text(
            f"import sys, pathlib\npathlib.Path({str(self._report)!r}).write_text(sys.argv[1], 'utf-8')\n"
        )
        self.command = f'"{sys.executable}" "{program}" "%1"'

    def open(self, document: Document) -> None:
        target = target_of(document, settings_file=self.settings_file, log_file=self.log_file, automatic_replies="")
        self.opening = open_target(document, target)

    def opened(self) -> str:
        """Return what the program was given."""
        wait(lambda: self._report.exists() and self._report.read_text("utf-8"))
        return self._report.read_text("utf-8")


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    """Let the program be what opens logs; Wine looks only where a machine has its kinds, not at the user's own."""
    files = Files(tmp_path)
    values = {".log": KIND, rf"{KIND}\shell\open\command": files.command}
    for key, value in values.items():
        winreg.SetValue(winreg.HKEY_CLASSES_ROOT, key, winreg.REG_SZ, value)
    yield files
    winreg.SetValue(winreg.HKEY_CLASSES_ROOT, ".log", winreg.REG_SZ, "txtfile")


def test_a_document_is_opened_by_what_opens_its_kind(files: Files) -> None:
    files.open(Document.LOG)
    assert files.opened() == str(files.log_file)
    files.opening.join(20)
    assert not files.opening.is_alive()


def test_settings_that_no_program_claims_are_opened_in_notepad(files: Files) -> None:
    files.open(Document.SETTINGS)
    window = wait(lambda: user32.FindWindowW("Notepad", None))
    title = ctypes.create_unicode_buffer(200)
    wait(lambda: user32.GetWindowTextW(window, title, 200) and "settings" in title.value)
    user32.PostMessageW(window, WM_CLOSE, 0, 0)
    files.opening.join(20)
    assert not files.opening.is_alive()
