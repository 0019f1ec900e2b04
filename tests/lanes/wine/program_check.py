"""The frozen program on a Windows desktop (here Wine's): icon, menu, click, notice, second start, quit."""

import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest

from tests.lanes.wine.desktop import FOLDER, MENU, Desktop, run, wait, windows_path

PROGRAM = FOLDER / "frozen" / "presence-tray"
COMMAND, WINDOW = PROGRAM / "presence-tray.exe", PROGRAM / "presence-tray-window.exe"
BY_DOUBLE_CLICK = ("start", "/wait", windows_path(WINDOW))  # without the streams that Wine's own start would give it


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with Desktop() as desktop:
        yield desktop


@pytest.fixture
def empty_tray(desktop: Desktop) -> str:
    return desktop.tray()


@pytest.fixture
def app(desktop: Desktop, empty_tray: str) -> Iterator[Any]:
    """The demo, with its icon seen."""
    home = FOLDER / "home" / "demo"
    shutil.rmtree(home, ignore_errors=True)
    os.environ["PRESENCE_TRAY_HOME"] = windows_path(home)
    with desktop.start(WINDOW, "--demo") as app:
        wait(lambda: status().get("account", {}).get("signed_in"), "the running demo")
        wait(lambda: desktop.tray() != empty_tray, "the icon")
        yield app
        run(COMMAND, "quit")


def status() -> dict[str, Any]:
    done = run(COMMAND, "status", "--json")
    return json.loads(done.stdout[done.stdout.index("{") :]) if done.returncode == 0 else {}


def held() -> str | None:
    return (status().get("hold") or {}).get("state")


@pytest.mark.parametrize("button", [1, 3])
def test_either_button_opens_the_menu_and_escape_closes_it(desktop: Desktop, app: Any, button: int) -> None:
    desktop.click_icon(button)
    menu = desktop.menu()
    time.sleep(1)  # until it is painted
    desktop.picture(f"menu-{button}")
    desktop.press(menu, "Escape")
    wait(lambda: not desktop.windows(MENU), "the end of the menu")
    assert app.poll() is None


@pytest.mark.usefixtures("app")
def test_a_state_is_picked_by_keyboard_and_the_icon_shows_it(desktop: Desktop) -> None:
    idle = desktop.tray()
    desktop.click_icon()
    desktop.press(desktop.menu(), *["Down"] * 5, "Return")  # past the lines on top: there keys stop, on Windows
    wait(held, "one of the states")
    wait(lambda: desktop.tray() != idle, "another icon")
    wait(lambda: (status()["teams_shows"] or {}).get("activity") == "InACall", "what Teams shows")
    desktop.click_icon()
    menu = desktop.menu()
    time.sleep(1)  # until it is painted
    desktop.corner("menu-windows", menu)
    desktop.press(menu, "Escape")


def test_a_second_start_ends_at_once_and_the_first_says_so(desktop: Desktop, app: Any) -> None:
    assert run(*BY_DOUBLE_CLICK, "--demo").returncode == 8
    desktop.balloon()
    desktop.picture("second-start")
    assert app.poll() is None


def test_quit_in_the_menu_ends_it_and_takes_the_icon_away(desktop: Desktop, app: Any, empty_tray: str) -> None:
    desktop.click_icon()
    desktop.press(desktop.menu(), "Up", "Return")
    wait(lambda: app.poll() is not None, "the end of the program")
    assert app.returncode == 0
    wait(lambda: desktop.tray() == empty_tray, "an empty tray")


def test_it_can_be_ended_from_outside_while_its_menu_is_open(desktop: Desktop, app: Any) -> None:
    desktop.click_icon()
    desktop.menu()
    assert run(COMMAND, "quit").returncode == 0
    wait(lambda: app.poll() is not None, "the end of the program")
    assert not desktop.windows(MENU)


def test_a_wrong_settings_file_is_said_in_a_window(desktop: Desktop) -> None:
    home = FOLDER / "home" / "wrong"
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text("tennant = 1\n")
    os.environ["PRESENCE_TRAY_HOME"] = windows_path(home)
    with desktop.start(*BY_DOUBLE_CLICK) as program:
        box = wait(lambda: next(iter(desktop.windows("#32770")), None), "a message box")
        assert box["title"] == "Presence Tray"
        time.sleep(1)  # until it is painted
        desktop.picture("wrong-settings")
        desktop.press(box, "Return")
        assert program.wait(30) == 6


def test_the_settings_page_opens_without_an_app_and_saves() -> None:
    home = FOLDER / "home" / "page"
    shutil.rmtree(home, ignore_errors=True)
    os.environ["PRESENCE_TRAY_HOME"] = windows_path(home)
    said = run(COMMAND, "settings").stdout
    found = re.search(r"(http://127\.0\.0\.1:\d+)/open/[\w-]+", said)
    assert found, said
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor())
    page = browser.open(found[0], timeout=60).read().decode()
    assert "Set up Presence Tray" in page
    form = next(each for each in re.findall(r"(?s)<form.*?</form>", page) if 'name="form" value="settings"' in each)
    sent = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form))
    sent |= {"client_id": "11111111-2222-3333-4444-555555555555", "tenant": "contoso.example", "action": "save"}
    sent |= {"authority": "", "graph_url": "", "cloud": "global"}
    request = Request(f"{found[1]}/account", urlencode(sent).encode(), {"Origin": found[1]})  # noqa: S310  our own
    assert "Saved." in browser.open(request, timeout=60).read().decode()
    assert 'tenant = "contoso.example"' in (home / "settings.toml").read_text("utf-8")


def test_the_token_child_of_either_program_reaches_the_credential_manager(desktop: Desktop) -> None:
    home = FOLDER / "home" / "account"
    shutil.rmtree(home, ignore_errors=True)
    os.environ["PRESENCE_TRAY_HOME"] = windows_path(home)
    registration = ("--client-id", "11111111-2222-3333-4444-555555555555", "--tenant", "contoso.example")
    assert run(COMMAND, "setup", *registration).returncode == 0
    assert run(COMMAND, "sign-out").returncode == 0  # it can only say so when the vault was looked into
    with desktop.start(*BY_DOUBLE_CLICK):  # `sign-out` has written no log
        wait(
            lambda: any("ReadAccount → AccountRead" in log.read_text("utf-8") for log in home.glob("*.log")),
            "the answer of the token child",
        )
        assert run(COMMAND, "quit").returncode == 0
