"""The settings page in a real Chromium, from first run to signed in: `python -m tests.lanes.settings_page FOLDER`.

Needs Debian's `chromium dbus-daemon gnome-keyring npm`; axe-core, which finds what hinders people, comes from npm. The
program signs in to the sandbox over sockets. All of it is done twice, the second time without JavaScript in the page.
The pictures of every part lie in the folder afterwards: light, dark, and 400 pixels wide.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.desktop.private_bus import PrivateBus
from tests.desktop.tray_host import TrayHost
from tests.program.desktop import Desktop
from tests.signin.platform import Cloud
from tests.signin.secret_service import wait_for_store
from tray import settings_file
from tray.settings import PARTS

NEEDED = ("chromium", "dbus-daemon", "gnome-keyring-daemon", "npm")
PATIENCE = 60.0  # seconds
SERIOUS = {"serious", "critical"}
LOOKS = {"light": ("light", 1100), "dark": ("dark", 1100), "narrow": ("light", 400)}
USUAL_WEEK = [  # for the pictures
    {"days": "wed", "from": "13:30", "to": "16:00", "state": "do-not-disturb", "message": "Focus time"},
    {"days": "mon-fri", "from": "12:00", "to": "13:00", "state": "away", "message": "Lunch"},
    {"days": "mon-fri", "from": "09:00", "to": "17:30", "state": "available", "except": ["2026-12-24..2027-01-01"]},
]
STOPS = 80  # presses of Tab that are enough for the longest part
NAME_OF_FOCUS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const labels = [...(at.labels || [])].map((label) => label.innerText);
  const name = at.getAttribute("aria-label") || labels.join(" ") || at.innerText || at.title || "";
  return {tag: at.tagName, name: name.trim(), at: at.name + at.id + at.value + at.href};
}"""
CONTROLS = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((each) => each.checkVisibility() && each.tabIndex >= 0 && !each.disabled && each.type !== "hidden").length"""


class Walk:
    """One walk through the page, and everything that was wrong on it."""

    def __init__(self, browser: Browser, axe: str, pictures: Path | None, *, script: bool) -> None:
        self._browser, self._axe, self._pictures, self.script = browser, axe, pictures, script
        self.wrong: list[str] = []

    def check(self, condition: object, what: str) -> None:
        """Note what is not so."""
        print(f"{'ok  ' if condition else 'BAD '} {what}")
        if not condition:
            self.wrong.append(what)

    def context(self, look: str = "light", *, script: bool | None = None) -> BrowserContext:
        """Return a fresh profile of the browser; one without scripts lets axe-core run none either."""
        scheme, width = LOOKS[look]
        return self._browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 800},
            java_script_enabled=self.script if script is None else script,
            ignore_https_errors=True,
            bypass_csp=script is True,
        )

    def take_picture(self, tab: Page, name: str) -> None:
        """Keep what a tab shows, if pictures are wanted."""
        if self._pictures:
            tab.screenshot(path=self._pictures / f"settings-{name}.png", full_page=True)

    def look_at(self, open_link: Callable[[], str], part: str) -> None:
        """Look at a part with axe-core and by Tab, and take its pictures."""
        for look in LOOKS:
            context = self.context(look, script=True)
            tab = context.new_page()
            tab.goto(open_link())
            tab.goto(tab.url.rpartition("/")[0] + f"/{part}")
            self.take_picture(tab, f"{part}-{look}")
            width = tab.evaluate("document.documentElement.scrollWidth")
            self.check(width <= LOOKS[look][1], f"{part}, {look}: nothing is cut off")
            tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            tab.evaluate(self._axe)
            found = tab.evaluate("axe.run()")["violations"]
            serious = [f"{each['id']}: {each['nodes'][0]['html'][:100]}" for each in found if each["impact"] in SERIOUS]
            self.check(not serious, f"{part}, {look}: axe-core finds nothing serious {serious or ''}")
            if look == "light":
                self._walk_by_tab(tab, part)
            context.close()

    def _walk_by_tab(self, tab: Page, part: str) -> None:
        tab.evaluate("document.activeElement.blur()")
        seen: dict[str, str] = {}
        for _ in range(STOPS):
            tab.keyboard.press("Tab")
            at = tab.evaluate(NAME_OF_FOCUS)
            if at is None:
                break
            seen.setdefault(f"{at['tag']} {at['at']}", at["name"])
        self.check(
            all(seen.values()), f"{part}: every control has a name {[key for key in seen if not seen[key]] or ''}"
        )
        self.check(len(seen) >= tab.evaluate(CONTROLS) - 3, f"{part}: {len(seen)} controls are reached by Tab")


def until(condition: Callable[[], object]) -> bool:
    """Wait for something, and tell whether it came."""
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.1)
    return False


def signed_in(walk: Walk, desktop: Desktop, opened: Path) -> tuple[BrowserContext, Page]:
    """Go from the first start to signed in; return the tab of the page."""
    platform = desktop.cloud.platform

    def links() -> list[str]:
        return opened.read_text(encoding="utf-8").split() if opened.exists() else []

    until(links)
    context = walk.context()
    tab = context.new_page()
    tab.goto(links()[0])
    walk.check("Set up Presence Tray" in tab.content(), "the first start opens the page at its setup")
    walk.take_picture(tab, "first-light")
    tab.fill("#client_id", platform.client_id[:-1])
    tab.locator("form details summary").first.click()
    tab.fill("#authority", platform.authority)
    tab.fill("#graph_url", platform.graph_origin)
    tab.get_by_role("button", name="Save and sign in").click()
    walk.check("That isn't a client ID" in tab.inner_text("body"), "a wrong ID is said beside its field")
    walk.check(not (desktop.home / "settings.toml").exists(), "nothing was written")
    tab.fill("#client_id", platform.client_id)
    tab.get_by_role("button", name="Save and sign in").click()
    walk.check(until(lambda: len(links()) > 1), "the sign-in opens in the browser")
    sign_in = walk.context(script=True)
    microsoft = sign_in.new_page()
    microsoft.goto(links()[-1])
    told = until(lambda: f"signed in as {platform.username}" in tab.inner_text("body"))
    walk.check(told, "the page says by itself who is signed in")
    sign_in.close()
    return context, tab


def set_rules(walk: Walk, tab: Page, panel: TrayHost) -> None:
    """Add hours, switch the microphone rule on, add a message; look into the menu after each."""
    tab.get_by_role("link", name="Automatic").click()
    tab.get_by_role("button", name="Add hours").click()
    tab.fill("[name=hours-0-from]", "00:00")
    tab.fill("[name=hours-0-to]", "23:59")
    for day in ("sat", "sun"):
        tab.check(f"[name=hours-0-days][value={day}]", force=True)
    tab.select_option("[name=hours-0-state]", "busy")
    tab.select_option("#microphone", "in-a-call")
    tab.get_by_role("button", name="Save").last.click()
    walk.check("Saved." in tab.inner_text("main"), "hours and the microphone rule are saved")

    def menu() -> str:
        return "\n".join(node.label for node in panel.layout().walk())

    walk.check(until(lambda: "In a call while the microphone is in use" in menu()), "the menu has the microphone rule")
    walk.check(until(lambda: "Working hours: Busy" in menu()), "the menu has the hours")
    walk.check(until(lambda: "Busy until" in menu()), "the hours set their status")
    tab.get_by_role("link", name="Messages").click()
    tab.fill("#messages", "In the lab\nBack at one")
    tab.get_by_role("button", name="Save").last.click()
    walk.check(until(lambda: "Back at one" in menu()), "the menu has the messages")
    walk.check("Busy" in tab.inner_text("header"), "the page shows on top what is set")


def walked(walk: Walk, folder: Path) -> None:
    """Walk through the page over a fresh program, a fresh desktop and a fresh cloud."""
    with PrivateBus() as bus:
        cloud = Cloud(folder)
        cloud.start()
        desktop = Desktop(folder, bus, cloud)
        opened = folder / "opened"
        script = folder / "browser"
        script.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n', encoding="utf-8")
        script.chmod(0o755)
        desktop.program.environ["BROWSER"] = f"{script} %s"
        (desktop.home / "settings.toml").unlink()
        os.environ["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        wait_for_store()
        try:
            with TrayHost(bus.address) as panel, desktop.program.running("run") as app:
                panel.wait_item(PATIENCE)
                context, tab = signed_in(walk, desktop, opened)
                set_rules(walk, tab, panel)
                context.close()
                settings_file.write(desktop.program.paths(), {"hours": USUAL_WEEK})
                desktop.program.run("set", "available", "--for", "2h")
                for part in PARTS if walk.script else ():
                    walk.look_at(lambda: desktop.program.run("settings").stdout.split()[-1], part)
                walk.check(app.poll() is None, "it was one program all the while")
                desktop.program.run("quit")
        finally:
            desktop.keyring.stop()
            cloud.stop()


def main() -> int:
    """Walk twice and say what was wrong."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if missing := [program for program in NEEDED if shutil.which(program) is None]:
        print(f"Not here: {', '.join(missing)}. apt-get install chromium dbus-daemon gnome-keyring npm")
        return 2
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        subprocess.run(["npm", "install", "--silent", "--prefix", name, "axe-core@4"], check=True)
        axe = (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for script in (True, False):
            print("with JavaScript" if script else "without JavaScript")
            walk = Walk(browser, axe, pictures if script else None, script=script)
            own = folder / ("with" if script else "without")
            own.mkdir()
            walked(walk, own)
            wrong += walk.wrong
        browser.close()
    print("\n".join(["WRONG:", *wrong]) if wrong else "all is well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
