"""Opens the sign-in page in the user's browser; must not know what is on it."""

import os
import sys
import webbrowser
from threading import Thread

from tray.desktop.opener import outside


def browse(link: str) -> None:
    """Open the user's browser; on a thread, because some browsers only return when they are closed."""
    if getattr(sys, "frozen", False):  # a packaged program's libraries are not the browser's; this process ends soon
        plain = outside(os.environ, packaged=True)
        for name in set(os.environ) - set(plain):
            del os.environ[name]
        os.environ.update(plain)
    Thread(target=webbrowser.open, args=(link,), name="browser", daemon=True).start()
