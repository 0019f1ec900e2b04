"""Signs in with a real headless Chromium as the browser: `python3 -m uv run python -m tests.lanes.browser_sign_in`.

Needs Debian's `chromium gnome-keyring dbus-daemon`. The browser opens the platform's page, which posts its form to the
receiver by itself, as Entra's does.
"""

import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

from tests.desktop.private_bus import PrivateBus
from tests.program.test_real_account import Desktop
from tests.signin.platform import Cloud
from tests.signin.secret_service import wait_for_store

NEEDED = ("chromium", "gnome-keyring-daemon", "dbus-daemon")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --ignore-certificate-errors --virtual-time-budget=8000 --dump-dom"
)


def main() -> int:
    """Sign in, and say what came of it."""
    if missing := [program for program in NEEDED if shutil.which(program) is None]:
        print(f"Not here: {', '.join(missing)}. apt-get install chromium gnome-keyring dbus-daemon")
        return 2
    with tempfile.TemporaryDirectory() as name, PrivateBus() as bus:
        folder = Path(name)
        cloud = Cloud(folder)
        cloud.start()
        desktop = Desktop(folder, bus, cloud)
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        wait_for_store()
        browser = folder / "browser"
        page = folder / "page.html"
        command = f'chromium {FLAGS} --user-data-dir={folder / "profile"} "$1" > {page} 2>/dev/null &\n'
        browser.write_text(f"#!/bin/sh\n{command}", encoding="utf-8")
        browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
        desktop.program.environ |= {"BROWSER": f"{browser} %s", "HOME": name}
        done = desktop.program.run("sign-in")
        shown = page.read_text(encoding="utf-8") if page.exists() else ""
        desktop.keyring.stop()
        cloud.stop()
    print(done.stdout, done.stderr, sep="\n")
    told = "You can close this window" in shown
    print(f"sign-in: exit code {done.returncode}; the page is shown: {told}")
    return 0 if done.returncode == 0 and told else 1


if __name__ == "__main__":
    sys.exit(main())
