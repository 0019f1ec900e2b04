"""Nothing English shines through on any part of the page, whatever its state: all is said in the tests' language."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests import pseudo
from tests.core.driver import Drive, holding
from tests.messages.test_pseudo import english_in
from tests.settings_page.browser import CLIENT, Browser, Page, app_at, manage, visited, write
from tray import settings_file
from tray.core.events import SignInAsked
from tray.core.states import AVAILABLE
from tray.core.values import AccountRead
from tray.messages.catalogue import languages, own_name
from tray.settings_page.fields import PARTS

SPOKEN = {"alt", "aria-label", "data-copied", "data-copy", "data-ended", "placeholder", "title"}  # attributes in words
# What nobody translates: names and tags of languages, addresses, paths, and what Python's reader of TOML says.
NOT_WORDS = re.compile(
    "|".join(re.escape(own_name(each)) for each in languages())
    + rf"|\b({'|'.join(each.replace('_', '-') for each in languages())})\b"
    + r"|https?://[\w./-]*|(?:/[\w.-]+)+"
    r"|Invalid value \(at line \d+, column \d+\)"
)
HOURS = {"days": "mon-fri", "from": "09:00", "to": "17:30", "state": "available", "message": "777"}


class Words(HTMLParser):
    """What a reader of a page sees and hears; not what the user has typed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = [*self.inside, tag] if tag in {"script", "style"} or self._is_typed(tag, attrs) else self.inside
        self.found += [value or "" for name, value in attrs if name in SPOKEN]

    def _is_typed(self, tag: str, attrs: list[tuple[str, str | None]]) -> bool:
        return tag == "textarea" and "code" in (dict(attrs).get("class") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.inside[-1:] == [tag]:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with pseudo.spoken(), visited(tmp_path) as served:
        yield served


def assert_translated(text: str) -> None:
    seen = Words(text).found
    assert any(pseudo.LONGER in each for each in seen), "the page is not in the language"
    shining = {each.strip(): found for each in seen if (found := english_in(NOT_WORDS.sub("", each)))}
    assert shining == {}


SET_UP = f'client_id = "{CLIENT}"\ntenant = "contoso.com"\n'


@pytest.mark.parametrize("part", PARTS)
def test_nothing_english_is_on_a_part(browser: Browser, part: str) -> None:
    browser.get(f"/{part}")
    assert_translated(browser.raw)


def signed_in() -> Drive:
    return holding(AVAILABLE)


def signed_out() -> Drive:
    drive = Drive()
    drive.start(granted=False)
    drive.token(AccountRead(None))
    return drive


def signing_in() -> Drive:
    drive = signed_out()
    drive.post(SignInAsked())
    return drive


@pytest.mark.parametrize("app", [signed_in, signed_out, signing_in])
def test_nothing_english_is_on_the_page_of_a_running_app(
    page: Page, browser: Browser, app: Callable[[], Drive]
) -> None:
    write(page, SET_UP)
    with app_at(page.paths, app()):
        for part in ("account", "general"):
            browser.get(f"/{part}")
            assert_translated(browser.raw)


def test_nothing_english_is_on_the_working_hours(page: Page, browser: Browser) -> None:
    settings_file.write(page.paths, {"hours": [HOURS, HOURS | {"from": "22:00", "to": "02:00", "state": "nothing"}]})
    browser.get("/automatic")
    assert_translated(browser.raw)


@pytest.mark.parametrize(
    ("part", "sent"),
    [
        ("account", {"client_id": "1", "tenant": "2", "cloud": "3", "authority": "4", "graph_url": "5"}),
        ("automatic", {"microphone": "1", "when_locked": "2"}),
        ("automatic", {"hours-0-from": "1"}),
        ("automatic", {"hours-0-to": "1"}),
        ("automatic", {"hours-0-state": "1"}),
        ("automatic", {"hours-0-except": "1"}),
        ("automatic", {"hours-0-days": []}),
        ("automatic", {"hours-0-message": "7" * 281}),
        ("messages", {"messages": "7" * 281}),
        ("general", {"at_launch": "1", "end_of_day": "2", "notifications": "3", "language": "4", "lease_minutes": "5"}),
        ("general", {"log_level": "1"}),
    ],
)
def test_nothing_english_is_beside_a_wrong_value(
    page: Page, browser: Browser, part: str, sent: dict[str, object]
) -> None:
    settings_file.write(page.paths, {"hours": [HOURS]})
    browser.get(f"/{part}")
    assert browser.send(f"/{part}", **sent).status_code == 422
    assert_translated(browser.raw)


CHANGED = {
    "general": 'end_of_day = "16:00"\nlanguage = "ja"\nat_launch = "last"\nnotifications = "none"\n',
    "automatic": '[[hours]]\nfrom = "09:00"\nto = "17:00"\nstate = "busy"\n',
    "messages": 'messages = ["77", "88"]\n',
}


@pytest.mark.parametrize("part", CHANGED)
def test_nothing_english_is_between_what_two_have_changed(page: Page, browser: Browser, part: str) -> None:
    browser.get(f"/{part}")
    write(page, CHANGED[part].replace('language = "ja"\n', ""))
    answer = browser.send(
        f"/{part}", **{"general": {"end_of_day": "12:00"}, "messages": {"messages": "99"}}.get(part, {"switched": "1"})
    )
    assert answer.status_code == 422
    assert_translated(browser.raw)


def test_nothing_english_is_beside_what_an_organisation_has_set_or_a_broken_file(page: Page, browser: Browser) -> None:
    manage(page, '[managed]\nend_of_day = "18:00"\n')
    browser.get("/general")
    assert_translated(browser.raw)
    write(page, "tenant = \n")
    for part in ("account", "automatic", "general"):
        browser.get(f"/{part}")
        assert_translated(browser.raw)


def test_nothing_english_is_said_to_a_stranger(page: Page, browser: Browser) -> None:
    browser.http.cookies.clear()
    answer = browser.http.get(page.origin + "/account")
    assert answer.status_code == 403
    assert_translated(answer.text)


def test_what_shines_through_is_found() -> None:
    with pytest.raises(AssertionError, match="Nothing"):
        assert_translated(f"<p>{pseudo.marked('Nothing was changed.')}</p><p title='Nothing'>1</p>")
