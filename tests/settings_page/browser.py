"""A settings page on a loopback port, and a browser for it without a screen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import httpx

from tests.core.driver import Drive
from tests.program.processes import PATIENCE
from tests.pseudo import english
from tray.control import requests
from tray.control import server as control
from tray.core.events import Event
from tray.paths import Paths, locate
from tray.settings_page.application import Application
from tray.settings_page.pages import Pages
from tray.settings_page.running_app import RunningApp
from tray.settings_page.server import IDLE_SECONDS, Server
from tray.settings_page.visitors import Visitors

CLIENT = "00000000-0000-4000-8000-000000000001"


def places(folder: Path) -> Paths:
    return locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)})


class Page:
    """The page, served on a thread, and its visitors."""

    def __init__(self, paths: Paths, idle: float = IDLE_SECONDS) -> None:
        self.paths = paths
        self.visitors = Visitors()
        self.application = Application(Pages(paths, RunningApp(paths, demo=False), demo=False), self.visitors)
        self.server = Server(self.application, paths.channel, idle=idle)
        self.thread = Thread(target=self.server.run, name="page")

    @property
    def origin(self) -> str:
        return self.application.origin

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.server.end()
        self.thread.join()

    def browser(self) -> "Browser":
        """Return a browser that has opened the link."""
        browser = Browser(self.origin)
        assert browser.http.get(f"/open/{self.visitors.invite()}").status_code == 303
        return browser


class Answer(NamedTuple):
    """What a browser got for a form."""

    status_code: int
    text: str


def plain_http(origin: str, **options: Any) -> httpx.Client:
    """Return an HTTP client for a page, which needs no authorities: to read them would take longer than most tests."""
    return httpx.Client(
        base_url=origin,
        timeout=PATIENCE,
        trust_env=False,
        verify=False,  # noqa: S501  nothing is encrypted
        **options,
    )


class Browser:
    """Fills in forms as a browser does, with all that it read in the page."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.http = plain_http(origin)
        self.raw = self.text = ""  # the page as it was sent; the page in English

    def get(self, path: str) -> str:
        answer = self.http.get(path, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        self.raw, self.text = answer.text, english(answer.text)
        return self.text

    def fields(self, form: str) -> dict[str, Any]:
        """Return what a form of the page would send, without its buttons."""
        forms = re.findall(r"(?s)<form.*?</form>", self.text)
        text = next(each for each in forms if f'name="form" value="{form}"' in each)
        found: dict[str, Any] = {}
        for tag in re.findall(r"<input[^>]*>", text):
            told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            if "name" not in told or " disabled" in tag or (told.get("type") == "checkbox" and " checked" not in tag):
                continue
            value = unescape(told.get("value", ""))
            if told.get("type") == "checkbox":
                found.setdefault(told["name"], []).append(value)
            else:
                found[told["name"]] = value
        for name, inside in re.findall(r'(?s)<select name="([\w-]+)"[^>]*>(.*?)</select>', text):
            chosen = re.search(r'value="([^"]*)" selected', inside)
            found[name] = chosen[1] if chosen else ""
        for name, inside in re.findall(r'(?s)<textarea name="([\w-]+)"[^>]*>(.*?)</textarea>', text):
            found[name] = unescape(inside)
        return found

    def send(self, path: str, form: str = "settings", **changes: Any) -> Answer:
        """Send a form of the page that is open, with changes; keys have `_` where fields have `-`."""
        data = self.fields(form) | changes
        answer = self.http.post(path, data=data, headers={"Origin": self.origin}, follow_redirects=True)
        self.raw, self.text = answer.text, english(answer.text)
        return Answer(answer.status_code, self.text)


def write(page: Page, text: str) -> None:
    """Write a page's settings file."""
    page.paths.settings_file.parent.mkdir(parents=True, exist_ok=True)
    page.paths.settings_file.write_text(text, encoding="utf-8")


def manage(page: Page, text: str) -> None:
    """Write what an organisation has set for a page."""
    page.paths.machine_settings_file.parent.mkdir(parents=True, exist_ok=True)
    page.paths.machine_settings_file.write_text(text, encoding="utf-8")


@contextmanager
def visited(folder: Path, idle: float = IDLE_SECONDS) -> Iterator[Page]:
    """Serve a page over a folder."""
    page = Page(places(folder), idle)
    page.start()
    try:
        yield page
    finally:
        page.stop()


@contextmanager
def app_at(paths: Paths, drive: Drive) -> Iterator[list[Event]]:
    """Run an engine behind the control channel; yield what it is told."""
    told: list[Event] = []

    def post(event: Event) -> None:
        told.append(event)
        drive.post(event)

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return requests.answer(
            request, view=lambda: drive.view, post=post, trace=lambda _after: [], now=lambda: drive.now
        )

    server = control.serve(paths.channel, answer)
    try:
        yield told
    finally:
        server.stop()
