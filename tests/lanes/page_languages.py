"""Takes pictures of the settings page in each language, wide and narrow, and says which text has too little room.

`uv run --group page python -m tests.lanes.page_languages FOLDER`. Needs Debian's `chromium fonts-noto-cjk`. The page is
served in this process over an engine that a test drives. It ends with 1 where something is cut off.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.core.driver import Drive, holding
from tests.settings_page import visiting
from tests.settings_page.test_languages import signed_out, signing_in
from tray import settings_file
from tray.core.states import BUSY
from tray.messages.catalogue import languages

WIDTHS = (1100, 400)
PATIENCE = 120_000.0  # milliseconds: the doctor waits for a network that may not be there
SET_UP = {"client_id": visiting.CLIENT, "tenant": "contoso.com"}
HOURS = [
    {"days": "mon-fri", "from": "09:00", "to": "17:30", "state": "available"},
    {"days": "fri", "from": "22:00", "to": "02:00", "state": "in-a-conference-call", "message": "…"},
]
RULES = {"microphone": "in-a-conference-call", "when_locked": "away", "hours": HOURS}
MANAGED = '[managed]\nend_of_day = "18:00"\n'
# Whose text needs more room than it has, and what lies outside the window.
CUT = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const skipped = each.closest("svg, .hidden, .skip") || each.matches("option, textarea, br");
  if (skipped || !each.checkVisibility()) return false;
  const box = each.getBoundingClientRect();
  const outside = box.right > document.documentElement.clientWidth + 1 || box.left < -1;
  return outside || each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== "inline";
}).map((each) => `${each.tagName} ${each.className} ${each.name || ""} ${(each.innerText || "").slice(0, 60)}`)"""
# Buttons and names of parts that do not stand on one line.
BROKEN = """() => [...document.querySelectorAll("button, .button, nav a, .day span")].filter((each) => {
  const range = document.createRange();
  range.selectNodeContents(each);
  const lines = range.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight);
  return each.checkVisibility() && lines > 1.5;
}).map((each) => each.innerText)"""


class Visit:
    """A visit to the page in one language and one width: pictures, and what is wrong on them."""

    def __init__(self, browser: Browser, language: str, width: int, folder: Path) -> None:
        self.wrong: list[str] = []
        self._name, self._folder = f"{language}-{width}", folder
        locale = language.replace("_", "-")
        self._context = browser.new_context(viewport={"width": width, "height": 800}, locale=locale, bypass_csp=True)
        self._context.set_default_timeout(PATIENCE)
        self.tab: Page = self._context.new_page()

    def look(self, what: str) -> None:
        """Take a picture of what the tab shows, with all that can be unfolded."""
        self.tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        self.tab.screenshot(path=self._folder / f"{self._name}-{what}.png", full_page=True)
        for how, script in (("is cut off", CUT), ("has two lines", BROKEN)):
            self.wrong += [f"{self._name}-{what} {how}: {each}" for each in self.tab.evaluate(script)]

    def end(self) -> None:
        """Close the tab."""
        self._context.close()


@contextmanager
def served(language: str, values: dict[str, object], app: Callable[[], Drive] | None) -> Iterator[visiting.Page]:
    """Serve the page with settings, over a running app if there is one."""
    with tempfile.TemporaryDirectory() as name, visiting.visited(Path(name)) as page:
        settings_file.write(page.paths, {"language": language.replace("_", "-"), **values})
        if app is None:
            yield page
        else:
            with visiting.app_at(page.paths, app()):
                yield page


def open_part(visit: Visit, page: visiting.Page, part: str) -> None:
    """Open the link, then a part."""
    visit.tab.goto(f"{page.origin}/open/{page.visitors.invite()}")
    visit.tab.goto(f"{page.origin}/{part}")


def save(visit: Visit) -> None:
    """Press the last of the main buttons."""
    visit.tab.locator("button.main").last.click()


def first_run(visit: Visit, page: visiting.Page) -> None:
    """See the setup, and what is said about wrong answers."""
    open_part(visit, page, "account")
    visit.look("first")
    visit.tab.fill("#client_id", "1")
    visit.tab.fill("#tenant", "2")
    save(visit)
    visit.look("first-wrong")


def account(what: str) -> Callable[[Visit, visiting.Page], None]:
    """See the account."""

    def seen(visit: Visit, page: visiting.Page) -> None:
        open_part(visit, page, "account")
        visit.look(what)

    return seen


def parts(visit: Visit, page: visiting.Page) -> None:
    """See the other parts; save a wrong value, save over somebody's change."""
    for part in ("automatic", "messages", "general", "problems"):
        open_part(visit, page, part)
        visit.look(part)
    open_part(visit, page, "automatic")
    visit.tab.fill("[name=hours-0-except]", "24.12.")
    save(visit)
    visit.look("automatic-wrong")
    open_part(visit, page, "general")
    settings_file.write(page.paths, {"at_launch": "last"})
    visit.tab.select_option("#at_launch", "do-not-disturb")
    save(visit)
    visit.look("general-changed")
    page.paths.machine_settings_file.parent.mkdir(parents=True, exist_ok=True)
    page.paths.machine_settings_file.write_text(MANAGED, encoding="utf-8")
    open_part(visit, page, "general")
    visit.look("general-managed")


VISITS: tuple[tuple[dict[str, object], Callable[[], Drive] | None, Callable[[Visit, visiting.Page], None]], ...] = (
    ({}, None, first_run),
    (SET_UP, signed_out, account("signed-out")),
    (SET_UP, signing_in, account("signing-in")),
    (SET_UP, lambda: holding(BUSY), account("signed-in")),
    ({**SET_UP, **RULES}, lambda: holding(BUSY), parts),
)


def main() -> int:
    """Visit the page in all languages and widths."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    wrong = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language in sys.argv[2:] or languages():
            for width in WIDTHS:
                for values, app, visited in VISITS:
                    visit = Visit(browser, language, width, folder)
                    with served(language, values, app) as page:
                        visited(visit, page)
                    visit.end()
                    wrong += visit.wrong
            print(language, flush=True)
        browser.close()
    print("\n".join(wrong) or "nothing is cut off")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
