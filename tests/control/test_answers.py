"""Watchers of the app: told at each change, and no burden to anybody."""

import threading
import time
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tray import paths
from tray.clock import Clock
from tray.control.answers import Answers
from tray.control.client import ask, connect, follow
from tray.control.protocol import encoded
from tray.control.server import WATCHERS, serve
from tray.core.record import replace
from tray.core.view_model import Icon, Shape, View
from tray.errors import NotRunning

VIEW = View(Icon(Shape.IDLE), "Presence Tray", "idle", (), {"hold": None})
MANY = 50


class App:
    """A runtime that shows one view after another."""

    def __init__(self) -> None:
        self.view = VIEW
        self.answers = Answers(self, lambda _event: None, Clock(), demo=True)

    def show(self, **status: Any) -> None:
        self.view = replace(self.view, status=status)
        self.answers.view_changed()

    def trace(self, _after: int) -> list[str]:
        return []


@pytest.fixture
def address(tmp_path: Path) -> str:
    return paths.locate(demo=False, environment={"PRESENCE_TRAY_HOME": str(tmp_path)}).channel


def test_fifty_watchers_hear_each_change_and_one_that_reads_nothing_holds_up_nobody(address: str) -> None:
    app, wide = App(), ["x" * 500] * 60  # 30 kB
    server = serve(address, app.answers.answer)
    with ExitStack() as stack:
        stack.callback(server.stop)
        stalled = stack.enter_context(closing(connect(address, 5)))
        stalled.send(encoded({"do": "watch"}), 5)
        watchers = [stack.enter_context(closing(follow(address, {"do": "watch"}))) for _ in range(MANY)]
        for number in range(20):
            assert [next(watcher)["status"] for watcher in watchers] == [dict(app.view.status)] * MANY
            app.show(hold=number, wide=wide)
        began = time.monotonic()
        assert ask(address, {"do": "trace", "after": 0})["ok"]
        assert time.monotonic() - began < 5


def test_the_end_of_the_app_ends_its_watchers(address: str) -> None:
    server = serve(address, App().answers.answer)
    watcher = follow(address, {"do": "watch"})
    next(watcher)
    server.stop()
    with pytest.raises(NotRunning):
        next(watcher)


def test_of_too_many_watchers_the_oldest_is_broken_off_though_nothing_changes(address: str) -> None:
    server = serve(address, App().answers.answer)
    with ExitStack() as stack:
        stack.callback(server.stop)
        watchers = [stack.enter_context(closing(follow(address, {"do": "watch"}))) for _ in range(WATCHERS + 1)]
        assert [next(watcher)["ok"] for watcher in watchers] == [True] * (WATCHERS + 1)
        with pytest.raises(NotRunning):
            next(watchers[0])


def test_of_several_changes_at_once_a_watcher_hears_the_last_and_of_none_nothing() -> None:
    app = App()
    heard = app.answers.answer({"do": "watch"})
    assert next(heard)["status"] == {"hold": None}
    for number in range(3):
        app.show(hold=number)
    app.answers.view_changed()
    assert next(heard)["status"] == {"hold": 2}
    app.view = replace(app.view, headline="Starting…")
    app.answers.view_changed()
    assert next(heard)["said"] == {"headline": "Starting…"}
    threading.Timer(0.1, lambda: app.show(hold=3)).start()
    assert [each["status"] for each in islice(heard, 1)] == [{"hold": 3}]
