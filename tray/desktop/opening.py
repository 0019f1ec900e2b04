"""Opens a document in the user's own program for it; must not know what is in it."""

import logging
import os
import subprocess
import sys
from pathlib import Path

from tray.core.things import Document

LOG = logging.getLogger("tray.desktop")
OPENING = 5.0  # seconds an opener takes to find the program; some become it, and stay
PROJECT = "https://github.com/presence-tray/presence-tray"


def open_document(document: Document, *, settings_file: Path, log_file: Path) -> None:
    """Open a document; what is not there yet is shown by its folder. Never raises: there is a log line instead."""
    places = {Document.SETTINGS: settings_file, Document.LOG: log_file}
    target = PROJECT
    if document in places:
        place = places[document]
        place.parent.mkdir(parents=True, exist_ok=True)
        target = str(place if place.exists() else place.parent)
    try:
        if sys.platform == "win32":
            os.startfile(target)  # noqa: S606  the user's own program for it
        else:
            opener = "open" if sys.platform == "darwin" else "xdg-open"
            subprocess.Popen(  # noqa: S603  a fixed program, one argument of ours
                [opener, target], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ).wait(OPENING)
    except subprocess.TimeoutExpired:
        LOG.debug("%s is still at it", document)
    except OSError as exc:
        LOG.warning("%s cannot be opened: %s", target, exc.strerror)
