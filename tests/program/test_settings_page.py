"""The settings page of the real program: it opens, reaches the app, and goes when it should."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from tests.desktop.private_bus import PrivateBus
from tests.program.desktop import Desktop, needs_desktop
from tests.program.processes import PATIENCE, Program
from tests.settings_page.browser import Browser, plain_http
from tray.desktop.opener import PAGE
from tray.hours_tables import DAYS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script is the browser")

NOT_RUNNING = 3  # the exit code


def until(condition: Callable[[], object]) -> None:
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, "it never came"
        time.sleep(0.05)


class Opened:
    """A browser that writes down what it is asked to open."""

    def __init__(self, folder: Path, program: Program) -> None:
        self._file = folder / "opened"
        script = folder / "browser"
        script.write_text(f'#!/bin/sh\necho "$1" >> {self._file}\n', encoding="utf-8")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        program.environ["BROWSER"] = f"{script} %s"

    @property
    def links(self) -> list[str]:
        return self._file.read_text(encoding="utf-8").split() if self._file.exists() else []

    def visit(self, count: int = 1) -> Browser:
        """Wait until so many links were opened, and open the last one."""
        until(lambda: len(self.links) >= count)
        origin, _, path = self.links[-1].partition("/open")
        browser = Browser(origin)
        assert browser.http.get(f"/open{path}").status_code == 303
        return browser


@pytest.fixture
def program(tmp_path: Path, bus: PrivateBus) -> Program:
    return Program(tmp_path, bus.environ)


@pytest.fixture
def opened(tmp_path: Path, program: Program) -> Opened:
    return Opened(tmp_path, program)


@pytest.fixture
def demo(program: Program) -> Iterator[Program]:
    with program.running("run", "--demo"):
        program.wait_for(lambda status: status["account"]["signed_in"])
        yield program


def is_gone(origin: str) -> bool:
    try:
        with plain_http(origin) as http:
            http.get("/")
    except httpx.ConnectError:
        return True
    except httpx.TransportError:  # it is about to go
        return False
    return False


@pytest.mark.needs("dbus-daemon")
def test_the_command_opens_the_page_prints_its_link_and_ends_and_a_second_one_shows_the_same_page(
    demo: Program, opened: Opened
) -> None:
    done = demo.run("settings")
    assert done.returncode == 0
    first = opened.visit()
    assert opened.links[0] in done.stdout
    assert "No status set" in first.get("/now")
    demo.run("settings")
    second = opened.visit(2)
    assert first.origin == second.origin
    assert opened.links[0] != opened.links[1]
    assert [each.http.get("/now").status_code for each in (first, second)] == [200, 200]
    for each in (first, second):
        each.http.close()
    assert demo.run("quit").returncode == 0
    until(lambda: is_gone(first.origin))
    assert not Path(demo.paths(demo=True).page_channel).exists()


@pytest.mark.needs("dbus-daemon")
def test_the_page_goes_with_an_app_that_is_killed(program: Program, opened: Opened) -> None:
    with program.running("run", "--demo") as process:
        program.wait_for(lambda status: status["account"]["signed_in"])
        program.run("settings")
        browser = opened.visit()
        assert browser.http.get("/now").status_code == 200
        browser.http.close()
        process.kill()
        process.wait(PATIENCE)
        until(lambda: is_gone(browser.origin))
    assert not Path(program.paths(demo=True).page_channel).exists()


STARTER = "from tray.desktop import opener; opener.start_settings_page(demo=False, by_app=True).wait()"


@pytest.mark.needs("dbus-daemon")
def test_the_page_of_an_app_that_was_killed_before_it_could_be_followed_goes_too(
    program: Program, opened: Opened
) -> None:
    with program.started(sys.executable, "-c", STARTER) as app:
        browser = opened.visit()
        app.kill()
    until(lambda: is_gone(browser.origin))
    browser.http.close()


STRANGER = """
import encodings.idna, http.client, os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
port, cookie, link, token, *private = sys.argv[1:]
origin = f"http://127.0.0.1:{port}"
sent = {"Cookie": cookie, "Origin": origin, "Content-Type": "application/x-www-form-urlencoded"}
for method, path, body in ("GET", link, None), ("GET", "/account", None), ("POST", "/account", token):
    page = http.client.HTTPConnection("127.0.0.1", int(port))
    try:
        page.request(method, path, body, sent)
        print(page.getresponse().status)
    except ConnectionError:
        print("closed")
for path in private:
    try:
        if path.endswith(".sock"):
            socket.socket(socket.AF_UNIX).connect(path)
        else:
            open(path).close()
        print("opened", path)
    except PermissionError:
        print("refused")
"""


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can become another user")
@pytest.mark.needs("dbus-daemon")
def test_another_user_of_the_machine_gets_nothing_even_with_the_link_the_cookie_and_a_forms_token(
    demo: Program, opened: Opened, tmp_path: Path
) -> None:
    for folder in (tmp_path, *tmp_path.parents[:-2]):  # below /tmp; the program's own folders stay as it made them
        folder.chmod(0o755)
    demo.run("settings")
    browser = opened.visit()
    browser.get("/account")
    form = urlencode(browser.fields("settings") | {"client_id": "00000000-0000-4000-8000-000000000009"})
    demo.run("settings")
    until(lambda: len(opened.links) == 2)
    origin, _, path = opened.links[-1].partition("/open")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    paths = demo.paths(demo=True)
    private = [paths.channel, paths.page_channel, paths.log_file, paths.state_file]
    assert all(Path(file).exists() for file in private)
    known = [origin.rpartition(":")[2], cookie, f"/open{path}", form]
    command = [sys.executable, "-c", STRANGER, *known, *map(str, private)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["closed"] * 3 + ["refused"] * len(private), done.stderr
    assert not paths.settings_file.exists()
    opened.visit(2).http.close()  # its secret was not used up
    assert browser.http.get("/now").status_code == 200
    browser.http.close()
    assert demo.run("quit").returncode == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGUSR1"])
def test_the_end_of_the_session_and_an_upgrade_end_the_page_and_leave_no_socket(
    program: Program, opened: Opened, name: str
) -> None:
    with program.started(*PAGE.command()) as page:
        browser = opened.visit()
        page.send_signal(signal.Signals[name])
        assert page.wait(PATIENCE) == 0
    assert is_gone(browser.origin)
    assert not Path(program.paths().page_channel).exists()
    browser.http.close()


def test_quit_closes_a_page_without_an_app_so_that_an_installer_can_replace_it(
    program: Program, opened: Opened
) -> None:
    with program.started(*PAGE.command()) as page:
        browser = opened.visit()
        assert program.run("quit").returncode == NOT_RUNNING
        assert page.wait(PATIENCE) == 0
    assert is_gone(browser.origin)
    browser.http.close()


@pytest.mark.needs("dbus-daemon")
def test_a_first_start_with_nothing_set_up_opens_the_page_and_a_login_does_not(
    program: Program, opened: Opened
) -> None:
    with program.running("run", "--at-login"):
        program.wait_for(lambda status: bool(status["trouble"]))
        program.run("quit")
    assert opened.links == []
    with program.running("run"):
        browser = opened.visit()
        assert "Set up Presence Tray" in browser.get("/")
        browser.http.close()
        program.run("quit")


@needs_desktop
def test_first_run_to_signed_in_through_the_page(desktop: Desktop, tmp_path: Path) -> None:
    program, platform = desktop.program, desktop.cloud.platform
    opened = Opened(tmp_path, program)
    program.paths().settings_file.unlink()
    with program.running("run"):
        browser = opened.visit()
        browser.get("/account")
        where = {"authority": platform.authority, "graph_url": platform.graph_origin}
        browser.send("/account", client_id=platform.client_id, action="save", **where)
        assert "Saved." in browser.text
        program.wait_for(lambda status: status["trouble"] is None)
        browser.get("/account")
        browser.send("/account", "sign-in", action="sign-in-code")
        program.wait_for(lambda status: status["account"]["signed_in"])
        assert f"signed in as {platform.username}" in browser.get("/account")
        browser.get("/automatic")
        browser.send("/automatic", action="add-hours")
        hours = {"hours-0-days": DAYS, "hours-0-from": "00:00", "hours-0-to": "00:00", "hours-0-state": "busy"}
        browser.send("/automatic", microphone="in-a-call", **hours)
        program.wait_for(lambda status: bool(status["hold"]) and status["hold"]["origin"] == "hours")
        browser.http.close()
        assert program.run("quit").returncode == 0


@needs_desktop
def test_another_registration_starts_the_app_again_and_the_page_stays(desktop: Desktop, tmp_path: Path) -> None:
    program = desktop.program
    opened = Opened(tmp_path, program)
    desktop.sign_in()
    with ExitStack() as running:
        process = running.enter_context(program.running("run"))
        program.wait_for(lambda status: status["version"] == 1)
        assert program.run("set", "busy").returncode == 0
        watching = running.enter_context(program.running("watch", "--json"))
        assert watching.stdout is not None
        assert watching.stdout.readline()
        program.run("settings")
        browser = opened.visit()
        browser.get("/account")
        browser.send("/account", client_id="00000000-0000-4000-8000-000000000009")
        assert watching.wait(PATIENCE) == NOT_RUNNING
        program.wait_for(lambda status: status["version"] == 1)
        assert process.poll() is None
        assert "Presence Tray isn" not in browser.get("/account")
        browser.http.close()
        assert program.run("quit").returncode == 0
