"""Opens the settings page, the log, the help and Outlook's automatic replies, each in its own program."""

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from tray import processes
from tray.core.values import Document
from tray.messages.catalogue import language
from tray.processes import Part
from tray.runtime_folder import NAME

LOG = logging.getLogger("tray.desktop")
PAGE = Part("settings-page", "tray.settings_page")
HELP = Path(__file__).with_name("help") / "index.html"
UNOPENED = "unopened"


def open_document(document: Document, *, settings_file: Path, log_file: Path, automatic_replies: str) -> None:
    """Open a document and return at once; a failure is logged."""
    target = target_of(document, settings_file=settings_file, log_file=log_file, automatic_replies=automatic_replies)
    open_target(document, target)


def start_settings_page(*, demo: bool, by_app: bool = False) -> subprocess.Popen[str]:
    """Start the process of the settings page; it says `link ADDRESS`, and `unopened ADDRESS` if no browser opens it.

    One that the app starts hears by its standard input that the app has ended, however early that is.
    """
    options = [*(["--demo"] if demo else []), *(["--by-app"] if by_app else [])]
    return subprocess.Popen(  # noqa: S603  our own program
        [*PAGE.command(), *options],
        stdin=subprocess.PIPE if by_app else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="ascii",
        cwd=processes.folder(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        start_new_session=os.name == "posix",
    )


def open_settings_page(*, demo: bool, unopened: Callable[[str], None]) -> None:
    """Open the settings page and return at once; `unopened` is told the link if no browser opens it."""
    Thread(target=_follow_page, args=(demo, unopened), name="settings-page", daemon=True).start()


def _follow_page(demo: bool, unopened: Callable[[str], None]) -> None:  # noqa: FBT001  a thread's argument
    """Read what the page's process says, to its end."""
    try:
        process = start_settings_page(demo=demo, by_app=True)
    except OSError as exc:
        LOG.warning("The settings page could not be started: %s", exc.strerror)
        return
    with process:
        for line in process.stdout or ():
            word, _, link = line.strip().partition(" ")
            if word == UNOPENED:
                unopened(link)
    if process.returncode:
        LOG.warning("The settings page ended with %d.", process.returncode)


def target_of(document: Document, *, settings_file: Path, log_file: Path, automatic_replies: str) -> str:
    """Return the page's address, or the document's file, or its folder as long as there is no such file."""
    if document is Document.AUTOMATIC_REPLIES:
        return automatic_replies
    target = {Document.SETTINGS: settings_file, Document.LOG: log_file, Document.HELP: help_page()}[document]
    return str(target if target.exists() else target.parent)


def help_page(program: Path = Path(sys.executable), *, packaged: bool = getattr(sys, "frozen", False)) -> Path:
    """Return the help that came with the program.

    A browser that runs in a sandbox, as Ubuntu's does, may read /usr/share/doc but not the program's own folder: the
    copy that a Linux package puts there comes first. Where there is none in the user's language, it is in English.
    """
    documents = program.parent.parent.parent / "share" / "doc" / NAME
    places = [(documents, "help"), (HELP.parent, "index")] if packaged else [(HELP.parent, "index")]
    pages = [folder / f"{name}{tail}" for folder, name in places for tail in (f".{language()}.html", ".html")]
    return next((page for page in pages if page.is_file()), HELP)


def open_target(document: Document, target: str) -> Thread:
    """Open something; return the thread that waits for the opener.

    Some openers become the program and stay for hours.
    """
    thread = Thread(target=_open, args=(document, target), name="opening", daemon=True)
    thread.start()
    return thread


def _open(document: Document, target: str) -> None:
    try:
        if sys.platform == "win32":
            _start_file(target)
        else:
            _run(document, [*_opener(document, target), target])
    except OSError as exc:
        LOG.warning("The %s could not be opened (%s): open %s yourself.", document, exc.strerror, target)


def _opener(document: Document, target: str) -> list[str]:
    if sys.platform == "darwin":
        is_text = document is not Document.HELP and Path(target).is_file()
        return ["open", "-t"] if is_text else ["open"]  # -t: in the text editor, since few programs claim .toml
    return ["xdg-open"]


def _run(document: Document, command: list[str]) -> None:
    """Run an opener to its end, apart from our terminal and our files; raise `OSError` when there is none."""
    done = subprocess.run(  # noqa: S603  a fixed program, one argument of ours
        command,
        check=False,
        env=processes.plain_environment(os.environ, packaged=getattr(sys, "frozen", False)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    if done.returncode:
        LOG.warning(
            "The %s could not be opened (%s ended with %d): open %s yourself.",
            document,
            command[0],
            done.returncode,
            command[-1],
        )


def _start_file(target: str) -> None:
    """Open as a double click does; a file that no program claims (.toml) opens in Notepad."""
    try:
        os.startfile(target)  # type: ignore[attr-defined,unused-ignore]  # noqa: S606  on Windows only
    except OSError:
        if not Path(target).is_file():
            raise
        # Windows' own, by its whole path: without one a notepad.exe in the current folder would come first.
        notepad = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "notepad.exe"
        subprocess.run([notepad, target], check=False)  # noqa: S603
