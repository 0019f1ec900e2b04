"""Opens a document in the user's own program for it; must not know what is in it."""

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Thread

from tray.core.values import Document

LOG = logging.getLogger("tray.desktop")
PROJECT = "https://github.com/presence-tray/presence-tray"


def open_document(document: Document, *, settings_file: Path, log_file: Path) -> None:
    """Have a document opened; returns at once, what fails is logged."""
    open_target(document, target_of(document, settings_file=settings_file, log_file=log_file))


def target_of(document: Document, *, settings_file: Path, log_file: Path) -> str:
    """Return what is opened: a file, its folder while it is not there, or an address."""
    target = {Document.SETTINGS: settings_file, Document.LOG: log_file}.get(document)
    if target and not target.exists():
        target = target.parent
    return str(target or PROJECT)


def open_target(document: Document, target: str) -> Thread:
    """Have something opened; returns the thread that goes with the opener until it ends.

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
            _run(document, [*_opener(target), target])
    except OSError as exc:
        LOG.warning("The %s could not be opened (%s): open %s yourself.", document, exc.strerror, target)


def _opener(target: str) -> list[str]:
    if sys.platform == "darwin":
        return ["open", "-t"] if Path(target).is_file() else ["open"]  # -t: few programs claim .toml
    return ["xdg-open"]


def _run(document: Document, command: list[str]) -> None:
    """Run an opener to its end, free of our terminal and of our files; raise `OSError` when there is none."""
    done = subprocess.run(  # noqa: S603  a fixed program, one argument of ours
        command,
        check=False,
        env=outside(os.environ, packaged=getattr(sys, "frozen", False)),
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


def outside(environ: Mapping[str, str], *, packaged: bool) -> dict[str, str]:
    """Return the environment for a program that is not ours: a packaged program's libraries are for itself only.

    See https://pyinstaller.org/en/stable/runtime-information.html, on LD_LIBRARY_PATH.
    """
    before = environ.get("LD_LIBRARY_PATH_ORIG") if packaged else environ.get("LD_LIBRARY_PATH")
    ours = ("LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG")
    plain = {name: value for name, value in environ.items() if name not in ours}
    return plain if before is None else {**plain, "LD_LIBRARY_PATH": before}


def _start_file(target: str) -> None:
    """Open as a double click would, and a file that no program claims (.toml) in Notepad."""
    try:
        os.startfile(target)  # type: ignore[attr-defined,unused-ignore]  # noqa: S606  on Windows only
    except OSError:
        if not Path(target).is_file():
            raise
        subprocess.run(["notepad.exe", target], check=False)  # noqa: S603, S607  Windows' own
