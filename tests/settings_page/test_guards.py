"""Nobody but one person's browser gets anything of the page."""

import os
import re
import socket
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.settings_page.browser import CLIENT, Browser, Page, plain_http, visited
from tray.settings import PARTS
from tray.settings_page.server import CONNECTIONS
from tray.settings_page.visitors import LINK_LASTS, SESSIONS, Visitors, is_of_this_user

EVERYTHING = ("/", "/style.css", "/page.js", "/icon.svg", "/now", *(f"/{part}" for part in PARTS))
SENT = {"client_id": CLIENT, "tenant": "contoso.com", "form": "settings", "action": "save"}


def stranger(page: Page, path: str, **headers: str) -> httpx.Response:
    with plain_http(page.origin) as http:
        return http.get(path, headers=headers)


def is_unwritten(page: Page) -> bool:
    return not page.paths.settings_file.exists()


# ------------------------------------------------------------------- the link and the cookie


@pytest.mark.parametrize("path", EVERYTHING)
def test_without_the_secret_there_is_nothing(page: Page, path: str) -> None:
    answer = stranger(page, path)
    assert answer.status_code == 403
    assert "Status" not in answer.text
    assert "client" not in answer.text


def test_a_wrong_secret_opens_nothing_and_leaves_the_right_one_good(page: Page) -> None:
    secret = page.visitors.invite()
    assert stranger(page, f"/open/{secret[:-1]}x").status_code == 403
    assert stranger(page, f"/open/{secret}").status_code == 303


def test_a_link_works_once(page: Page) -> None:
    secret = page.visitors.invite()
    assert stranger(page, f"/open/{secret}").status_code == 303
    second = stranger(page, f"/open/{secret}")
    assert second.status_code == 403
    assert "set-cookie" not in second.headers


def test_a_newer_link_voids_the_one_before() -> None:
    visitors = Visitors()
    first, second = visitors.invite(), visitors.invite()
    assert visitors.admit(first) is None
    assert visitors.admit(second) is not None


def test_a_link_that_nobody_used_in_time_is_void() -> None:
    clock = [0.0]
    visitors = Visitors(lambda: clock[0])
    secret = visitors.invite()
    clock[0] = LINK_LASTS + 1
    assert visitors.admit(secret) is None


def test_the_oldest_of_many_sessions_ends() -> None:
    visitors = Visitors()
    sessions = [visitors.admit(visitors.invite()) for _ in range(SESSIONS + 1)]
    assert [visitors.knows(each) for each in sessions] == [False] + [True] * SESSIONS


def test_the_cookie_is_for_this_page_alone_and_no_script_reads_it(page: Page) -> None:
    cookie = stranger(page, f"/open/{page.visitors.invite()}").headers["set-cookie"]
    assert re.fullmatch(r"presence-tray-\d+=[\w-]{43}; HttpOnly; Path=/; SameSite=Strict", cookie)


def test_a_cookie_that_is_nobodys_opens_nothing(page: Page, browser: Browser) -> None:
    name = next(iter(browser.http.cookies))
    assert stranger(page, "/account", Cookie=f"{name}=guessed").status_code == 403


# ------------------------------------------------------------------- other sites


@pytest.mark.parametrize("host", ["evil.test", "localhost:{port}", "127.0.0.1", "127.0.0.1:1", "evil.test:{port}", ""])
def test_a_name_that_was_made_to_lead_here_is_refused(page: Page, browser: Browser, host: str) -> None:
    named = host.format(port=page.application.port)
    assert browser.http.get("/account", headers={"Host": named}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {},
        {"Origin": "{origin}", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "{origin}", "Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_changes_nothing(page: Page, browser: Browser, headers: dict[str, str]) -> None:
    browser.get("/account")
    sent = {name: value.format(origin=page.origin) for name, value in headers.items()}
    answer = browser.http.post("/account", data=browser.fields("settings") | SENT, headers=sent)
    assert answer.status_code == 403
    assert is_unwritten(page)


def test_a_link_on_another_site_leads_nowhere(browser: Browser) -> None:
    assert browser.http.get("/account", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def post(browser: Browser, page: Page, path: str, **changes: str) -> httpx.Response:
    data = browser.fields("settings") | SENT | changes
    return browser.http.post(path, data=data, headers={"Origin": page.origin})


def test_the_form_itself_is_accepted(page: Page, browser: Browser) -> None:
    browser.get("/account")
    assert post(browser, page, "/account").status_code == 303
    assert not is_unwritten(page)


def test_a_form_without_its_token_changes_nothing(page: Page, browser: Browser) -> None:
    browser.get("/account")
    assert post(browser, page, "/account", token="").status_code == 403
    assert post(browser, page, "/account", token="ä" * 64).status_code == 403
    assert is_unwritten(page)


def test_a_token_of_another_session_is_worth_nothing(page: Page, browser: Browser) -> None:
    other = page.browser()
    other.get("/account")
    browser.get("/account")
    assert post(browser, page, "/account", token=other.fields("settings")["token"]).status_code == 403
    other.http.close()
    assert is_unwritten(page)


def test_a_token_of_another_form_is_worth_nothing(page: Page, browser: Browser) -> None:
    browser.get("/general")
    token = browser.fields("settings")["token"]
    browser.get("/account")
    assert post(browser, page, "/account", token=token).status_code == 403
    assert is_unwritten(page)


def test_nothing_is_changed_by_a_link(page: Page, browser: Browser) -> None:
    browser.get("/account")
    sent = browser.fields("settings") | SENT
    assert browser.http.get("/account", params=sent).status_code == 200
    assert is_unwritten(page)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "HEAD"])
def test_other_methods_change_nothing(page: Page, browser: Browser, method: str) -> None:
    headers = {"Origin": page.origin}
    assert browser.http.request(method, "/account", headers=headers).status_code in {200, 403, 405}
    assert is_unwritten(page)


@pytest.mark.parametrize("path", EVERYTHING)
def test_browsers_keep_nothing_frame_nothing_and_load_nothing_from_elsewhere(browser: Browser, path: str) -> None:
    for answer in (browser.http.get(path), stranger_of(browser, path)):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert not re.findall(r'(?:src|href|action)="(?!/|#)', answer.text), "it leads elsewhere"


def stranger_of(browser: Browser, path: str) -> httpx.Response:
    with plain_http(browser.origin) as http:
        return http.get(path)


def test_what_is_shown_is_text_and_no_markup(page: Page, browser: Browser) -> None:
    page.paths.settings_file.parent.mkdir(parents=True, exist_ok=True)
    page.paths.settings_file.write_text("""tenant = '"><script>alert(1)</script>'\n""", encoding="utf-8")
    assert "<script>alert" not in browser.get("/account")
    assert "&lt;script&gt;alert" in browser.text


# ------------------------------------------------------------------- another user, and rough clients


@pytest.mark.skipif(sys.platform != "linux", reason="where the kernel tells whose a connection is")
def test_a_connection_of_another_user_gets_nothing_whatever_it_knows(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as connected:
            peer = connected.getsockname()
            table = Path("/proc/net/tcp").read_text(encoding="ascii")
            assert is_of_this_user(peer, port)
            others = tmp_path / "tcp"
            others.write_text(
                re.sub(rf"(?m)^((?:\s*\S+){{7}}\s+){os.getuid()}\b", r"\g<1>4321", table), encoding="ascii"
            )
            assert not is_of_this_user(peer, port, others)
        assert not is_of_this_user(("127.0.0.1", 1), port), "a connection that is not there is nobody's"
    assert is_of_this_user(peer, port, tmp_path / "hidden")


GARBAGE = [
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"\x16\x03\x01\x02\x00" + os.urandom(64) + b"\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: \xff\xfe\r\n\r\n",
    b"GET /%00%ff%c0 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /account HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    b"POST /account HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999\r\n\r\n",
    b"POST /account HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000,
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\nCookie: " + b"a=b;" * 200 + b"\r\n\r\n",
]


def test_two_hundred_garbage_requests_change_nothing(page: Page, browser: Browser) -> None:
    page.server.is_ours = lambda _peer, _port: True  # asking whose each connection is would take most of the time
    for garbage in GARBAGE * 20:
        with socket.create_connection(("127.0.0.1", page.application.port), timeout=20) as connected:
            try:
                connected.sendall(garbage)
                connected.shutdown(socket.SHUT_WR)
                said = connected.recv(65536)
            except OSError:
                continue
        assert b" 200 " not in said.partition(b"\r\n")[0]
    assert "Set up Presence Tray" in browser.get("/account")
    assert is_unwritten(page)


def test_a_form_that_is_too_large_is_refused(page: Page, browser: Browser) -> None:
    browser.get("/account")
    assert post(browser, page, "/account", authority="x" * (1 << 20)).status_code == 413
    assert is_unwritten(page)


def test_slow_clients_hold_up_nobody(page: Page, browser: Browser) -> None:
    slow = [socket.create_connection(("127.0.0.1", page.application.port)) for _ in range(20)]
    try:
        for each in slow:
            each.sendall(b"GET /account HTTP/1.1\r\nHost:")
        assert "Set up Presence Tray" in browser.get("/account")
    finally:
        for each in slow:
            each.close()


def test_connections_of_another_user_leave_room_for_ours(page: Page, browser: Browser) -> None:
    others: dict[int, socket.socket] = {}
    page.server.is_ours = lambda peer, _port: peer[1] not in others
    try:
        for _ in range(2 * CONNECTIONS):
            connection = socket.socket()
            connection.bind(("127.0.0.1", 0))
            others[connection.getsockname()[1]] = connection
            connection.connect(("127.0.0.1", page.application.port))
        assert "Set up Presence Tray" in browser.get("/account")
        assert {each.recv(1) for each in others.values()} == {b""}
    finally:
        for each in others.values():
            each.close()


# ------------------------------------------------------------------- secrets, and the end


def test_no_secret_of_ours_is_in_any_page(browser: Browser) -> None:
    session = next(iter(browser.http.cookies.values()))
    for path in EVERYTHING:
        answer = browser.http.get(path, follow_redirects=True)
        assert session not in answer.text
        assert session not in str(answer.url)


def test_it_ends_when_nobody_uses_it_any_more(tmp_path: Path) -> None:
    with visited(tmp_path, idle=0.2) as page:
        page.thread.join(20)
        assert not page.thread.is_alive()
        with pytest.raises(httpx.ConnectError):
            stranger(page, "/")


def test_a_page_that_only_asks_for_the_status_is_not_used(page: Page, browser: Browser) -> None:
    used: list[float] = []
    page.application.used = lambda: used.append(time.monotonic())
    assert browser.http.get("/now").status_code == 200
    assert stranger(page, "/account").status_code == 403
    assert used == []
    browser.get("/account")
    assert used != []
