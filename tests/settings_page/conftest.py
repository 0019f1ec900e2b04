"""A settings page, and a browser that has opened it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.settings_page.browser import Browser, Page, visited


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with visited(tmp_path) as served:
        yield served


@pytest.fixture
def browser(page: Page) -> Iterator[Browser]:
    opened = page.browser()
    yield opened
    opened.http.close()
