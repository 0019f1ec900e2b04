"""Opens the user's browser, and notices where there is none."""

import os
import shutil
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable
from threading import Thread

from tray.processes import plain_environment

NO_OPENER_TAKES = 20  # seconds to find that there is no browser; one that ends later was open


def browse(link: str, failed: Callable[[], object]) -> None:
    """Open the user's browser, on a thread: some browsers return only when they are closed."""
    if getattr(sys, "frozen", False):  # the browser must not load a packaged program's libraries
        plain = plain_environment(os.environ, packaged=True)
        for name in set(os.environ) - set(plain):
            del os.environ[name]
        os.environ.update(plain)

    def run() -> None:
        opened = False
        try:
            opened = has_opened(link)
        finally:  # a defect opens no browser either
            if not opened:
                failed()

    Thread(target=run, name="browser", daemon=True).start()


def has_opened(link: str) -> bool:
    """Tell whether something opened; `webbrowser` itself does not wait for what xdg-open says."""
    opener = shutil.which("xdg-open") if sys.platform == "linux" and not os.environ.get("BROWSER") else None
    began = time.monotonic()
    try:
        if opener is None:
            return webbrowser.open(link)
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        done = subprocess.run([opener, link], check=False, start_new_session=True, **quiet)  # type: ignore[call-overload]  # noqa: S603  an address that was checked
    except (OSError, webbrowser.Error):
        return False
    return done.returncode == 0 or time.monotonic() - began > NO_OPENER_TAKES
